"""What a statement rests on: records of the week, searched by their words and ticked."""

from __future__ import annotations

from workbench.config import Office
from workbench.desk import assess as desk_assess
from workbench.desk.assess import Candidate, Written
from workbench.errors import UserError
from workbench.store import Store
from workbench.view import View
from workbench.widgets._assess import _fields

_OFFERED = 14
"""How many records a search shows at a time."""


class Basis:
    """The records of a view that a statement may rest on; readers see codes of them, files hold their ids."""

    def __init__(self, office: Office, store: Store, view: View | None) -> None:
        self._office, self._store, self._view = office, store, view
        self._candidates = desk_assess.candidates(view) if view else ()
        self._code_of: dict[str, str] = {}

    def record(self, one: Written, code: str) -> str:
        """Return the true record_id of what was ticked: a code of the view, or what the file has already."""
        if code in _fields.split(one.values.get("basis", "")):
            return code
        if self._view is None:
            raise UserError("There are no records to pick from.")
        found = desk_assess.true_id(self._office, self._store, self._view, code)
        self._code_of[found] = code
        return found

    def options(self, one: Written, asked: str) -> list[tuple[str, str]]:
        """Return what can be ticked, as words and code: what is chosen, then what the search finds."""
        by_code = {candidate.code: candidate for candidate in self._candidates}
        chosen = _fields.split(one.values.get("basis", ""))
        taken = {self._code_of.get(name, name) for name in chosen}
        told = [(_told_of(by_code.get(self._code_of.get(name, name)), name), name) for name in chosen]
        terms = asked.casefold().split()
        found = [
            (candidate.told, candidate.code)
            for candidate in self._candidates
            if candidate.code not in taken and all(term in candidate.told.casefold() for term in terms)
        ]
        return [*told, *found[: _OFFERED if terms else 5]]


def _told_of(candidate: Candidate | None, name: str) -> str:
    return candidate.told if candidate else name
