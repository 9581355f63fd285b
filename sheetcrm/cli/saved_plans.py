"""Plans saved for `apply`: a file each, numbered, the latest fifty kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sheetcrm.errors import PlanRefused
from sheetcrm.plan import Plan, from_json, to_json
from sheetcrm.run import with_id

KEPT = 50


@dataclass(frozen=True)
class SavedPlans:
    """The plans of one workbook in its state folder."""

    folder: Path
    workbook: str

    def save(self, plan: Plan) -> Path:
        """Saves a plan under the next number, and gives the file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        saved = self._numbered()
        path = self.folder / f"{max(saved, default=0) + 1:04}.json"
        path.write_text(to_json(plan, indent=1), encoding="utf-8")
        for number in sorted(saved)[: -KEPT + 1]:
            saved[number].unlink(missing_ok=True)
        return path

    def find(self, name: str = "") -> Plan:
        """A plan by number or file; the latest without a name. Raises PlanRefused."""
        saved = self._numbered()
        if not name:
            path = saved.get(max(saved, default=0))
        else:
            path = (saved.get(int(name)) if name.isdecimal() else None) or Path(name)
        if path is None or not path.is_file():
            raise PlanRefused(f"There is no plan {name}".rstrip() + ".", "Make one: sheetcrm plan.")
        try:
            plan = from_json(path.read_text("utf-8"))
            is_as_made = with_id(plan).id == plan.id
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise PlanRefused(f"{path} is no plan.", "Make a new one: sheetcrm plan.") from error
        if not is_as_made:
            # A hand that slips would leave a run that no later one could finish.
            raise PlanRefused(f"{path} was edited since it was made.", "Make a new one: sheetcrm plan.")
        if plan.workbook != self.workbook:
            raise PlanRefused(f"The plan is for {plan.workbook}.", "Give it that workbook.")
        return plan

    def _numbered(self) -> dict[int, Path]:
        return {int(path.stem): path for path in self.folder.glob("*.json") if path.stem.isdecimal()}
