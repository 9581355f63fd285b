"""How long, deep and large a formula may be: what nobody writes by hand is refused before it costs time."""

LONGEST_FORMULA = 8192
"""Characters, as in Excel."""
DEEPEST_NESTING = 64
"""Brackets and functions within each other, as in Excel."""
TALLEST_TREE = 150
"""Operations that wait for each other, `1+1+1+…` included."""
MOST_ARGUMENTS = 255
"""Arguments of one function, as in Excel."""
