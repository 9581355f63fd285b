"""Two workers of a Dask cluster score the pairs as one process does."""

from __future__ import annotations

import warnings

import pytest
from made_people import made_people

from sheetcrm.matching import find
from sheetcrm.matching.distributed import DaskScorer


@pytest.mark.slow
def test_two_workers_find_the_same_as_one_process():
    distributed = pytest.importorskip("distributed", reason="needs the extra sheetcrm[cluster]")
    table, _ = made_people(3000, duplicates=True)
    alone = find(table)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Dask's own, about ports and files of this machine
        cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None)
        with cluster, distributed.Client(cluster) as client:
            together = find(table, scorer=DaskScorer(client))
    assert together.score.tolist() == alone.score.tolist()
    assert together.clusters() == alone.clusters()
