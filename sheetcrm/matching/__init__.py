"""Which records are the same person or company, with a score and a reason. Knows nothing of workbooks or CRM.

`find_matches` gives pairs, `clusters` groups. Inside: normalise, block, score, cluster, explain.
"""

from sheetcrm.matching.cluster import clusters
from sheetcrm.matching.find import find_matches
from sheetcrm.matching.record import Match, Record

__all__ = ["Match", "Record", "clusters", "find_matches"]
