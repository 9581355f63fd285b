"""splink on DuckDB over a CSV file of leads, for `bench/matching.py`: `python matching_splink.py IN.csv OUT.csv`."""

# mypy: ignore-errors
from __future__ import annotations

import sys

import pandas as pd
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

SETTINGS = SettingsCreator(
    link_type="dedupe_only",
    comparisons=[
        cl.NameComparison("first"),
        cl.NameComparison("last"),
        cl.JaroWinklerAtThresholds("company", [0.92, 0.8]).configure(term_frequency_adjustments=True),
        cl.EmailComparison("email"),
        cl.ExactMatch("phone"),
        cl.LevenshteinAtThresholds("street", 2),
        cl.ExactMatch("postcode"),
        cl.ExactMatch("city").configure(term_frequency_adjustments=True),
    ],
    blocking_rules_to_generate_predictions=[
        block_on("email"), block_on("phone", "last"), block_on("last", "first"), block_on("last", "company"),
        block_on("postcode", "last"),
    ],
)  # fmt: skip


def main(table: str, out: str) -> None:
    leads = pd.read_csv(table, dtype=str).rename(columns={"row_id": "unique_id"})
    leads[["first", "last"]] = leads.pop("name").str.lower().str.split(" ", n=1, expand=True)
    api = DuckDBAPI()
    try:
        linker = Linker(leads, SETTINGS, db_api=api)
    except TypeError:  # from version 5 on
        linker = Linker(api.register(leads), SETTINGS)
    training = linker.training
    exact = [block_on("email", "last"), block_on("first", "last", "company")]
    training.estimate_probability_two_random_records_match(exact, recall=0.6)
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (block_on("email"), block_on("last", "first")):
        training.estimate_parameters_using_expectation_maximisation(rule)
    pairs = linker.inference.predict(threshold_match_probability=0.5)
    groups = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, 0.9).as_pandas_dataframe()
    groups[["unique_id", "cluster_id"]].rename(columns={"unique_id": "row_id"}).to_csv(out, index=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
