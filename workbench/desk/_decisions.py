"""What was decided at this desk, newest first, and how each decision is undone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from workbench.config import LEVELS
from workbench.desk._duplicates import required
from workbench.desk._register import Entered, lines, register_of, take_back
from workbench.desk._seat import Seat
from workbench.errors import ConfigurationError, ParameterError

DECIDED = ("duplicate_decision", "correction", "label_change")
"""The registers that triage writes into."""


@dataclass(frozen=True, repr=False)
class Decision:
    """
    One standing line of a register, or one that took a record back (`taken_back`).

    `what` says what was decided as far as those at the desk may know; `reason` is "" for who may not read it.
    """

    record: str
    record_id: str
    at: datetime
    by: str
    what: str
    reason: str
    taken_back: bool


def decisions(seat: Seat, *, records: Sequence[str] = DECIDED, most: int = 50) -> list[Decision]:
    """
    Return the standing decisions of this desk, newest first, at most `most`; registers not kept are left out.

    Those of a register, or held more closely, that those at the desk may not know of are left out too.
    """
    found: list[Decision] = []
    for record in records:
        try:
            register = register_of(seat.office, record)
        except ConfigurationError:
            continue
        if not seat.may_name(register):
            continue
        # the books of corrections and acts are in no view, and so no rule lets anybody read their reasons
        told = seat.reads_everything or seat.reads(record, "reason")
        for line in lines(seat.office, record).to_dict("records"):
            row: Mapping[str, str] | None = line["row"] if isinstance(line["row"], dict) else None
            if line["standing"] and (row is None or _open(seat, row)):
                found.append(
                    Decision(
                        record=record,
                        record_id=str(line["record_id"]),
                        at=line["at"].to_pydatetime(),
                        by=str(line["by"]),
                        what=_what(seat, record, row),
                        reason=str(line["reason"]) if told else "",
                        taken_back=row is None,
                    )
                )
    return sorted(found, key=lambda one: (one.at, one.record_id), reverse=True)[:most]


def undo(
    seat: Seat, record: str, record_ids: Iterable[str], *, by: str, reason: str, at: datetime
) -> Entered:
    """
    Take decisions of one register back: each to what stood before it; the rows they were about are pulled.

    What was taken back so comes again if it is undone in turn. A label that was raised stays raised in the
    store, as any label does until an act on record lowers it, and this is said. Raises ParameterError without
    author or reason, or for a number that the register has not.
    """
    seat.require_deciding()
    signed, because = required(by, reason)
    chosen = list(dict.fromkeys(record_ids))
    if not chosen:
        raise ParameterError("Choose the decision to undo.")
    own = lines(seat.office, record)
    rows = [row for row in own.loc[own["record_id"].isin(chosen), "row"] if isinstance(row, dict)]
    touched = {row.get("corrected_source", "") for row in rows} - {""}
    sources = tuple(one.slug for one in seat.office.source if one.slug in touched)
    made = [
        take_back(
            seat.office, seat.store, record, name, by=signed, reason=because, at=at,
            also=sources if name == chosen[-1] else (),
        )
        for name in chosen
    ]  # fmt: skip
    told = made[-1].told if len(made) == 1 else f"{len(made)} decisions are taken back. {made[-1].told}"
    if any(row.get("column") in ("level", "compartments") for row in rows):
        told += " The row itself keeps the stricter label: only an act on record lowers it, under Labels."
    return replace(
        made[-1],
        record_ids=tuple(chosen),
        reports=tuple(report for one in made for report in one.reports),
        failures=tuple(problem for one in made for problem in one.failures),
        told=told,
    )


def _open(seat: Seat, row: Mapping[str, str]) -> bool:
    """Whether a decision is held no more closely than those at the desk may read."""
    level = row.get("level", "")
    named = {one for one in row.get("compartments", "").split(";") if one}
    return (level in LEVELS and LEVELS.index(level) <= seat.audience.clearance) and named <= set(
        seat.audience.compartments
    )


def _what(seat: Seat, record: str, row: Mapping[str, str] | None) -> str:
    """Return a decision in words; ids and values only to those who read everything."""
    if row is None:
        return "taken back"
    if record == "duplicate_decision":
        pair = " and ".join(
            f"{row.get(f'{side}_source', '')} {row.get(f'{side}_id', '')}" for side in ("left", "right")
        )
        verdict = row.get("verdict", "")
        return f"{verdict}: {pair}" if seat.reads_everything else verdict
    if record == "correction":
        about = f"{row.get('corrected_source', '')} {row.get('corrected_id', '')}"
        column, was, to = (row.get(name, "") for name in ("column", "value_was", "value_to"))
        if not seat.reads_everything:
            return f"{column} corrected"
        return f"{about}: {column} {f'from {_short(was)} ' if column != 'district' else ''}to {_short(to)}"
    source, name, before, after = (
        row.get(name, "") for name in ("changed_source", "changed_id", "from_level", "to_level")
    )
    done = f"lowered from {before} to {after}".replace("_", " ")
    return f"{source} {name}: {done}" if seat.reads_everything else done


def _short(value: str) -> str:
    if not value:
        return "nothing"
    return f'"{value}"' if len(value) <= 60 else f'"{value[:59].rstrip()}…"'
