"""Functions of Excel that rules cannot have, each with its reason."""

from __future__ import annotations

_ADDRESS = "rules know rows and columns by name, not by address"
_CHANCE = "a rule must say the same each time it is asked"
_OUTSIDE = "a rule knows nothing but the workbook's cells"
_MAKING = "rules cannot make functions of their own"
_PATTERN = "regular expressions are left out; SEARCH and COUNTIF take * and ?"

REFUSED = {
    **dict.fromkeys(
        ("INDIRECT", "OFFSET", "ADDRESS", "ROW", "COLUMN", "CELL", "AREAS", "SHEET", "SHEETS", "FORMULATEXT",
         "ISFORMULA", "TRIMRANGE", "ANCHORARRAY", "SINGLE"), _ADDRESS),
    **dict.fromkeys(("RAND", "RANDBETWEEN", "RANDARRAY"), _CHANCE),
    **dict.fromkeys(
        ("WEBSERVICE", "FILTERXML", "RTD", "CALL", "REGISTER.ID", "STOCKHISTORY", "IMAGE", "INFO", "GETPIVOTDATA",
         "CUBEVALUE", "CUBEMEMBER", "CUBESET", "CUBERANKEDMEMBER", "CUBESETCOUNT", "CUBEKPIMEMBER",
         "CUBEMEMBERPROPERTY", "TRANSLATE", "DETECTLANGUAGE", "PY", "COPILOT", "SQL.REQUEST"), _OUTSIDE),
    **dict.fromkeys(
        ("LAMBDA", "MAP", "REDUCE", "SCAN", "MAKEARRAY", "BYROW", "BYCOL", "ISOMITTED", "GROUPBY", "PIVOTBY"), _MAKING),
    **dict.fromkeys(("REGEXTEST", "REGEXEXTRACT", "REGEXREPLACE"), _PATTERN),
}  # fmt: skip
"""Name to reason."""
