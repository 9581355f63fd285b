"""The currency of amounts that name none."""

import pytest
from drawn_tables import grid, understood


@pytest.mark.parametrize(
    ("amounts", "currencies"),
    [
        pytest.param(["1.200,50 €", "300", "7,5"], ["EUR", "EUR", "EUR"], id="one currency is the column's"),
        pytest.param(["1,200.50 €", "300", "$5"], ["EUR", "", "USD"], id="of several none is"),
        pytest.param(["1200", "300"], ["", ""], id="none is none"),
    ],
)
def test_a_column_that_names_one_currency_means_it_everywhere(amounts, currencies):
    rows = "\n".join(f"L-{i} | Firm {i} | New | {amount}" for i, amount in enumerate(amounts))
    table = understood(grid("Leads", f"Lead ID | Company | Status | Amount\n{rows}")).tables["Leads"]
    assert [money.currency for money in table.values["amount"]] == currencies
