"""The form of places that matched no district: which district is meant by a name."""

from __future__ import annotations

from typing import Any

from workbench import desk
from workbench.desk import LostPlace, Seat
from workbench.errors import ParameterError
from workbench.widgets._form import form
from workbench.widgets.triage._parts import PAUSE, Chooser, Deciding, facts, held, quiet

REASONS = (
    "The place lies in this district by the office's map",
    "Another spelling of the district's name",
    "Told so by the publisher",
)
_IDS = 8


class Places:
    """The places to decide, and the districts they may be."""

    def __init__(self, seat: Seat, *, pause: float) -> None:
        import ipywidgets

        from workbench.sources.places import Gazetteer

        self.seat, self.places = seat, tuple[LostPlace, ...]()
        self.gazetteer = Gazetteer.load(seat.office)
        frame = self.gazetteer.districts
        self.names = {
            str(code): f"{name} ({province})"
            for code, name, province in zip(
                frame["district"], frame["district_name"], frame["admin1_name"], strict=True
            )
        }
        self.detail, self.left = ipywidgets.HTML(), ipywidgets.HTML()
        self.district = ipywidgets.Dropdown(
            description="Lies in",
            style={"description_width": "8rem"},
            layout={"width": "34rem", "max_width": "96%"},
        )
        self.deciding = Deciding(seat, "correction", after=self._look, reasons=REASONS, pause=pause)
        self.store = self.deciding.button("Store this district", self._decide)
        self.chooser = Chooser("Place as given", chosen=self._chosen, rows=6, filtered=False)
        self._look()
        self.box = form(
            *self.chooser.parts, self.detail, self.district, *self.deciding.rows(self.store), self.left,
            name="places",
        )  # fmt: skip

    def _look(self) -> None:
        rows, unread = held(self.seat)
        found = desk.lost_places(self.seat, rows, gazetteer=self.gazetteer)
        self.places = found.places
        self.left.value = unread + "".join(
            quiet(text)
            for text in (
                _count(found.coarse, "known to a province or country only, so in no one district"),
                _count(found.closed, "not for the readers of this page, or not to be listed by its licence"),
                _count(found.elsewhere, "without an id, or of a register: mended where it is kept"),
            )
            if text
        )
        self.chooser.show(map(self._line, self.places), at=0)

    def _line(self, place: LostPlace) -> str:
        province = f" (province given: {place.province})" if place.province else ""
        rows = f"{len(place.rows)} row{'s' if len(place.rows) > 1 else ''}"
        titles = [self.seat.office.source_called(slug).title for slug in place.sources]
        return f"{place.name or 'no name'}{province} · {rows} of {', '.join(titles)}"

    def _chosen(self, at: int | None) -> None:
        for part in (self.chooser.list, self.district):
            part.layout.display = "" if self.places else "none"
        self.store.disabled = not self.places or bool(self.deciding.problem)
        if at is None:
            self.detail.value = "<p>Every place that may be shown here lies in a known district.</p>"
            self.district.options = []
            return
        place = self.places[at]
        ids = [name for _, name in place.rows] if self.seat.reads_everything else []
        more = f" and {len(ids) - _IDS} more" if len(ids) > _IDS else ""
        self.detail.value = facts(
            (
                ("Rows", f"{len(place.rows)}: one choice sets the district of all of them"),
                *([("Records", ", ".join(ids[:_IDS]) + more)] if ids else []),
                ("Newest day", self.seat.words.day(place.newest) if place.newest else "not told"),
                (
                    "Names like it",
                    ", ".join(self.names[code] for code in place.suggestions) or "none of the office's",
                ),
            )
        )
        rest = [code for code in self.names if code not in place.suggestions]
        rest.sort(key=lambda code: self.names[code])
        self.district.options = [
            ("choose a district", ""),
            *((f"{self.names[code]}, by its name", code) for code in place.suggestions),
            *((self.names[code], code) for code in rest),
        ]
        # the browser does not show the first of new options by itself
        self.district.index = None
        self.district.index = 0

    def _decide(self) -> str:
        if self.chooser.value is None:
            raise ParameterError("No place waits for a decision.")
        by, reason = self.deciding.signed()
        place, code = self.places[self.chooser.value], self.district.value or ""
        at = self.seat.office.now()
        entered = desk.place_in(self.seat, place, code, by=by, reason=reason, at=at)
        rows = f"{len(place.rows)} row{'s' if len(place.rows) > 1 else ''}"
        return f"{rows} now lie{'s' if len(place.rows) == 1 else ''} in {self.names[code]}.\n" + (
            self.deciding.stored(entered)
        )


def places(seat: Seat, *, pause: float = PAUSE) -> Any:
    """Return the form in which places that matched no district are given one."""
    return Places(seat, pause=pause).box


def _count(rows: int, told: str) -> str:
    return f"{rows} more row{'s' if rows > 1 else ''}: {told}." if rows else ""
