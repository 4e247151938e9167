"""What a row tells, in words: in one line, in full, and two rows side by side."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from workbench.desk._seat import Seat

_ABOUT = 70
"""Letters of a headline in a list."""

DIFFERS, ONE_SAYS = "differs", "only one says"

_COMPARED = {
    "Day", "Until", "Day known to", "Type", "District", "Place", "Parties", "Killed", "Civilians killed",
    "Injured", "Abducted", "Civilians targeted", "Aid affected",
}  # fmt: skip
"""What two rows of one incident agree on; texts, ids and who reported it are each publisher's own."""

_NAMES = {
    "source": "Source",
    "occurred_on": "Day",
    "occurred_to": "Until",
    "date_precision": "Day known to",
    "event_type": "Type",
    "sub_type": "Own type",
    "channel": "How",
    "organisation": "Organisation",
    "organisation_kind": "Kind",
    "interlocutor_role": "Role",
    "topics": "Topics",
    "district_name": "District",
    "place_name": "Place",
    "place_precision": "Place known to",
    "parties": "Parties",
    "killed": "Killed",
    "civilians_killed": "Civilians killed",
    "injured": "Injured",
    "abducted": "Abducted",
    "civilian_targeting": "Civilians targeted",
    "aid_affected": "Aid affected",
    "verification": "Verification",
    "source_grade": "Grade",
    "info_grade": "Grade",
    "headline": "Headline",
    "narrative": "Narrative",
    "summary": "What was said",
    "releasable_text": "Text for release",
    "sources": "Reported by",
    "reported_at": "First reported",
    "source_definition": "Definition",
    "level": "Level",
    "compartments": "Compartments",
    "record_id": "Record",
}
"""What is told of a row, in the order of a report: column, or several columns as one, -> its label."""

_CODES = {
    "date_precision", "event_type", "channel", "organisation_kind", "topics", "place_precision",
    "verification", "level", "compartments",
}  # fmt: skip


def in_full(seat: Seat, row: pd.Series) -> dict[str, str]:
    """Return what a row of a view tells: label -> text, in the order of a report; blank ones left out."""
    found: dict[str, str] = {}
    for name, label in _NAMES.items():
        said = _said(seat, row, name)
        if said:
            found[label] = said
    return found


def in_one_line(seat: Seat, row: pd.Series) -> str:
    """Return a row as one line of a list: day, district, the start of its headline, type, deaths, its id."""
    about = _text(row.get("headline")) or _text(row.get("organisation")) or _text(row.get("text"))
    killed = _said(seat, row, "killed")
    dated = row.get("occurred_on")
    parts = (
        seat.words.short_day(dated.date()) if isinstance(dated, pd.Timestamp) else "",
        _said(seat, row, "district_name"),
        about if len(about) <= _ABOUT else about[: _ABOUT - 1].rstrip() + "…",
        _said(seat, row, "event_type") or _said(seat, row, "organisation_kind"),
        f"{killed} killed" if killed else "",
        " ".join(filter(None, (_said(seat, row, "source"), _text(row.get("record_id"))))),
    )
    return " · ".join(part for part in parts if part)


def compared(seat: Seat, left: pd.Series, right: pd.Series) -> pd.DataFrame:
    """
    Return what two rows tell, one line for each thing that either does: `what`, `left`, `right`, `mark`.

    All text, "" where a row says nothing. `mark` is "differs", "only one says" or ""; texts, ids and who
    reported it are never marked. Parties are the same in either order and case, numbers by the best estimate.
    """
    one, other = in_full(seat, left), in_full(seat, right)
    told = []
    for what in dict.fromkeys(_NAMES.values()):
        said = one.get(what, ""), other.get(what, "")
        if any(said):
            told.append((what, *said, _mark(*said) if what in _COMPARED else ""))
    return pd.DataFrame(told, columns=["what", "left", "right", "mark"], dtype="str")


def _mark(one: str, other: str) -> str:
    if bool(one) != bool(other):
        return ONE_SAYS
    return "" if _bare(one) == _bare(other) else DIFFERS


def _bare(said: str) -> list[str]:
    """Return what is compared: parties in order, an estimate without its range."""
    best, _, span = said.partition(" (")
    known = best if span and best.isdigit() else said
    return sorted(part.strip().casefold() for part in known.split(" / "))


def _said(seat: Seat, row: pd.Series, name: str) -> str:
    if name in _READ:
        return _READ[name](seat, row)
    value = row.get(name)
    text = _text(value)
    if isinstance(value, pd.Timestamp) and text:
        moment = value.to_pydatetime()
        return seat.words.day(moment.date()) if moment.tzinfo is None else seat.words.instant(moment)
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    return text.replace("_", " ").replace(";", ", ") if name in _CODES else text


def _source(seat: Seat, row: pd.Series) -> str:
    titles = dict(zip(seat.view.sources["source"], seat.view.sources["title"], strict=True))
    return str(titles.get(row.get("source"), row.get("source")))


def _parties(_: Seat, row: pd.Series) -> str:
    return " / ".join(filter(None, (_text(row.get("actor1")), _text(row.get("actor2")))))


def _district(_: Seat, row: pd.Series) -> str:
    return _text(row.get("district_name")) or _text(row.get("district"))


def _until(seat: Seat, row: pd.Series) -> str:
    last = row.get("occurred_to")
    return (
        ""
        if not _text(last) or last == row.get("occurred_on")
        else seat.words.day(pd.Timestamp(str(last)).date())
    )


def _estimate(row: pd.Series, what: str) -> str:
    """Return an estimate with its range, "3 (1–4)"; the range alone where there is no best number."""
    best, low, high = (_text(row.get(f"{what}_{bound}")) for bound in ("best", "low", "high"))
    span = f"{low}–{high}" if low and high and low != high else ""
    if not best:
        return span or low or high
    return f"{best} ({span})" if span else best


def _harm(what: str) -> Callable[[Seat, pd.Series], str]:
    return lambda _, row: _estimate(row, what)


def _text(value: object) -> str:
    return "" if value is None or pd.isna(value) else str(value)  # type: ignore[call-overload]  # a cell is a scalar


_READ: dict[str, Callable[[Seat, pd.Series], str]] = {
    "source": _source,
    "occurred_to": _until,
    "district_name": _district,
    "parties": _parties,
    **{what: _harm(what) for what in ("killed", "injured", "abducted")},
}
"""What is not simply a column of the row."""
