"""What stops a run: one class per thing a caller can do about it.

    SheetcrmError                 exit 1    something else went wrong; the message says what
    ├── ConfigError               exit 2    a setting is wrong: correct it
    │   ├── FormulaError                    a formula cannot be read or worked out: correct it
    │   └── TemplateMissing                 a rule names a template that is not there: its mail is skipped
    ├── Refused                   exit 3    refused on purpose, nothing was written
    │   ├── EditRefused                     the workbook cannot take this edit unharmed
    │   ├── PlanRefused                     the plan was applied already, or is out of date: plan again
    │   ├── GuardRefused                    the plan touches too much: read it, then allow it
    │   └── MessageRefused                  a mail could forge a header or reach somebody else: correct its cell
    ├── WorkbookBusy              exit 4    open in Excel, locked, or changing: close it or try later
    ├── WorkbookUnreadable        exit 5    missing, encrypted, corrupt, or no workbook at all
    └── NotFound                  exit 6    no such run, plan, tab or row: ask for another

Bad *data* never stops a run: it becomes an `Issue` (see `sheetcrm.table`).
"""


class SheetcrmError(Exception):
    """What went wrong and where (`what`), and what to do about it (`remedy`)."""

    exit_code = 1

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}".strip()


class ConfigError(SheetcrmError):
    """A setting in `sheetcrm.toml`, the environment or a flag is wrong."""

    exit_code = 2


class FormulaError(ConfigError):
    """A formula cannot be read, names what is not there, or asks for too much; `position` counts its characters."""

    def __init__(self, what: str, remedy: str = "", position: int | None = None) -> None:
        super().__init__(what, remedy)
        self.position = position


class TemplateMissing(ConfigError):  # noqa: N818 -- says what it is
    """There is no template of that name in any of the folders."""


class Refused(SheetcrmError):  # noqa: N818 -- refused on purpose: the name says so
    """Nothing was written, on purpose."""

    exit_code = 3


class EditRefused(Refused):
    """The workbook cannot take this edit without harm; `what` names cell and reason."""


class PlanRefused(Refused):
    """The plan was applied already, was overtaken by another run, or belongs to another workbook."""


class GuardRefused(Refused):
    """The plan touches a larger share of a tab than the settings allow."""


class MessageRefused(Refused):
    """One mail is not sent: not exactly one recipient, or a header that a cell could have forged."""


class WorkbookBusy(SheetcrmError):  # noqa: N818 -- a state that passes, not a fault
    """Somebody else has the workbook: open in Excel, locked by another run, or it changed while writing."""

    exit_code = 4


class WorkbookUnreadable(SheetcrmError):  # noqa: N818 -- names the workbook's state
    """The file is missing, no permission, encrypted, corrupt, or not a workbook."""

    exit_code = 5


class NotFound(SheetcrmError):  # noqa: N818 -- as Python's own FileNotFound
    """No such run, plan, tab, column or row."""

    exit_code = 6
