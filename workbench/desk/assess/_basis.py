"""What a statement may rest on: the week's records as the desk may see them, by their true ids."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pandas as pd

from workbench.config import Office
from workbench.errors import ParameterError
from workbench.records import record_names, record_type
from workbench.store import Store
from workbench.view import View, records_of

_SHOWN = ("headline", "releasable_text", "summary", "text", "threat", "event_type", "topics")
_KINDS = {
    "incident": ("incident", 7),
    "liaison_entry": ("contact", 14),
    "alert": ("alert", 30),
    "commitment": ("commitment", 60),
}
"""Record types that are offered: what each is called, and from how many days before the week's end."""

_LONGEST = 140
_END = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Candidate:
    """A record that a statement may rest on; `code` is its id as the desk's readers see it."""

    code: str
    kind: str
    day: date | None
    place: str
    what: str

    @property
    def told(self) -> str:
        """Return it in one line."""
        day = self.day.isoformat() if self.day else ""
        return " · ".join(part for part in (day, self.kind, self.place, self.what, self.code) if part)


def candidates(seen: View) -> tuple[Candidate, ...]:
    """
    Return the records of a view that a statement of its week may rest on, newest first within each kind.

    Incidents of the week; contacts of the last two weeks, alerts of 30 days and commitments of 60 or still
    open. Texts are those the view holds, cut to 140 letters.
    """
    found: list[Candidate] = []
    for record, (kind, days) in _KINDS.items():
        rows = seen.known(record)
        if rows is None or rows.empty or "record_id" not in rows:
            continue
        dated = rows["made_on" if record == "commitment" else "occurred_on"]
        last = pd.Timestamp(seen.week.last_day)
        kept = dated.between(last - timedelta(days=days - 1), last)
        if "state" in rows:
            kept |= rows["state"].eq("open") & dated.le(last)
        rows = rows[kept].assign(_day=dated[kept]).sort_values("_day", ascending=False, kind="stable")
        for row in rows.to_dict("records"):
            found.append(
                Candidate(
                    code=str(row["record_id"]),
                    kind=kind,
                    day=None if pd.isna(row["_day"]) else row["_day"].date(),
                    place=_text(row.get("district_name")),
                    what=next((text for name in _SHOWN if (text := _text(row.get(name)))), ""),
                )
            )
    return tuple(found)


def known_ids(store: Store) -> frozenset[str]:
    """Return the id of every record that the store ever held and a basis may name, of whatever label."""
    found: set[str] = set()
    for record in map(record_type, record_names()):
        if not record.sealed:
            rows = store.revisions(record, as_of=_END, sources=None, columns=())
            found.update(map(str, rows["record_id"].unique()))
    return frozenset(found)


def true_id(office: Office, store: Store, seen: View, code: str) -> str:
    """
    Return the record_id that stands behind a code of the view: what a basis is stored as.

    Raises ParameterError if no record has it, or several do.
    """
    if code in seen.own_ids:
        return code
    ids = {one.record_id for one in records_of(office, store, seen.audience.slug, code) if one.source}
    if len(ids) != 1:
        raise ParameterError(
            f"{'No record' if not ids else 'More than one record'} has the code that was picked. Search "
            "again, or write the record's own number into the file with a text editor."
        )
    return ids.pop()


def _text(value: object) -> str:
    if not isinstance(value, str):
        return ""
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
