"""Which rows of a table are the same person, company or thing: no labels, no configuration, any columns.

`find` takes a table as columns and gives `Found`: pairs with a score and a reason, groups. `find_in` takes several
tables. Inside: tell the columns' roles, normalise, block, compare, learn the weights, score, cluster, explain. Knows
nothing of workbooks or CRM.
"""

from sheetcrm.matching.find import REVIEW, SURE, Found, find, find_matches
from sheetcrm.matching.record import Match, Record
from sheetcrm.matching.roles import Role
from sheetcrm.matching.stack import Stack, find_in
from sheetcrm.matching.verdict import Verdicts, unsure, verdicts

__all__ = [
    "REVIEW", "SURE", "Found", "Match", "Record", "Role", "Stack", "Verdicts", "find", "find_in", "find_matches",
    "unsure", "verdicts",
]  # fmt: skip
