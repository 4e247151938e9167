"""Labels of single rows: raised at once, lowered by an act on record; who reads a row before and after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from workbench.audience import labelled, may_read, standing_acts
from workbench.config import COMPARTMENTS, HIGHEST, LEVELS
from workbench.desk._duplicates import required
from workbench.desk._gradings import set_values
from workbench.desk._register import Entered, enter, next_id, register_of
from workbench.desk._seat import Seat
from workbench.errors import ParameterError
from workbench.records import record_type

_END = datetime.max.replace(tzinfo=UTC)
ACT = "label_change"


@dataclass(frozen=True, order=True)
class Label:
    """How closely a row is held: a level and compartments, in the office's order."""

    level: str
    compartments: tuple[str, ...] = ()

    @classmethod
    def of(cls, level: str, compartments: Iterable[str]) -> Label:
        """Return a label of known words; raises ParameterError."""
        named = set(compartments)
        if level not in LEVELS or not named <= set(COMPARTMENTS):
            raise ParameterError("Choose a level and compartments of the office's list.")
        return cls(level, tuple(one for one in COMPARTMENTS if one in named))

    def __str__(self) -> str:
        """Return the label in words: `confidential, protection`."""
        return ", ".join(one.replace("_", " ") for one in (self.level, *self.compartments))

    def lower_than(self, other: Label) -> bool:
        """Whether anything is held less closely by this label than by the other."""
        lower = LEVELS.index(self.level) < LEVELS.index(other.level)
        return lower or not set(other.compartments) <= set(self.compartments)


@dataclass(frozen=True, repr=False)
class Reach:
    """
    What a new label of a row would do: the label `stored`, the one that holds `now`, and the one asked for.

    `before`, `after`: names of the audiences that read the row now, and would then. `lowers`: whether that
    takes an act on record. `opened`, `closed`: who is in only one of the two.
    """

    stored: Label
    now: Label
    asked: Label
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def lowers(self) -> bool:
        """Whether the label asked for is lower than the stored one: then it takes an act on record."""
        return self.asked.lower_than(self.stored)

    @property
    def opened(self) -> tuple[str, ...]:
        """Those who do not read the row now, and would."""
        return tuple(one for one in self.after if one not in self.before)

    @property
    def closed(self) -> tuple[str, ...]:
        """Those who read the row now, and would no more."""
        return tuple(one for one in self.before if one not in self.after)


def label_of(row: pd.Series) -> Label:
    """Return the label of a row of a view or of the store; what is missing or unknown is the highest."""
    level = str(row["level"])
    said = row["compartments"]
    named = {one.strip() for one in said.split(";") if one.strip()} if isinstance(said, str) else set()
    known = named if named <= set(COMPARTMENTS) else set(COMPARTMENTS)
    return Label(
        level if level in LEVELS else HIGHEST.slug, tuple(one for one in COMPARTMENTS if one in known)
    )


def reach(seat: Seat, record: str, row: pd.Series, asked: Label) -> Reach:
    """
    Return who reads a row of the view now, and who would if it had the label `asked`; nothing is stored.

    By the row's label alone, as the office's audiences, acts and sources are now; which columns each reads
    is another matter. Raises ParameterError where the label asked for would not hold: because its source or
    record type is held more closely, or because it is lower in one thing and higher in another.
    """
    source, record_id = seat.stored(record, str(row["source"]), str(row["record_id"]))
    known = record_type(record)
    held = seat.store.history(known, source=source, record_id=record_id).tail(1).reset_index(drop=True)
    if held.empty or bool(held.iloc[0]["retracted"]):
        raise ParameterError("This row is no longer there: run this page again.")
    acts = _acts(seat)
    stored = label_of(held.iloc[0])
    now = labelled(held, seat.office.source, known, changes=acts)
    if asked.lower_than(stored):
        if stored.lower_than(asked):
            raise ParameterError(
                "This raises the label in one thing and lowers it in another. Do one after the other: raise "
                "first. Nothing was stored."
            )
        act = _act(record, source, record_id, stored, asked)
        then = labelled(held, seat.office.source, known, changes=_with(acts, act))
    else:
        level, named = asked.level, ";".join(asked.compartments) or None
        raised = held.assign(level=level, compartments=pd.Series([named], dtype="str"))
        then = labelled(raised, seat.office.source, known, changes=acts)
    if asked.lower_than(label_of(then.iloc[0])):
        raise ParameterError(
            f"The label would stay {label_of(then.iloc[0])}: all rows of this source, or kind, are held so. "
            "Nothing was stored."
        )
    return Reach(stored, label_of(now.iloc[0]), asked, before=_readers(seat, now), after=_readers(seat, then))


def relabel(  # noqa: PLR0913  (which row, what was agreed to, who, why and when)
    seat: Seat, record: str, row: pd.Series, seen: Reach, *, by: str, reason: str, at: datetime
) -> Entered:
    """
    Store the label of a row that was asked for, as it was shown in `seen`: who reads it then is agreed to.

    A higher one as a correction (in a register: the row anew), a lower one as an act on record, from the
    label that is stored. Raises ParameterError without author or reason, where it has that label already,
    and if who reads it, or its label, is another matter by now.
    """
    seat.require_deciding()
    signed, because = required(by, reason)
    if seen.asked == seen.now:
        raise ParameterError("That is the label the row has. Nothing was stored.")
    again = reach(seat, record, row, seen.asked)
    if (again.stored, again.now, again.before, again.after) != (
        seen.stored, seen.now, seen.before, seen.after,
    ):  # fmt: skip
        raise ParameterError("The row's label, or who reads it, has changed meanwhile. Look at it again.")
    if not seen.lowers:
        values = {"level": seen.asked.level, "compartments": ";".join(seen.asked.compartments)}
        was = {"level": seen.stored.level, "compartments": ";".join(seen.stored.compartments)}
        values = {name: value for name, value in values.items() if value != was[name]}
        if not values:
            raise ParameterError(
                "The row was stored with this label, and an act on record lowered it: take that act back in "
                "the list of decisions. Nothing was stored."
            )
        return set_values(seat, record, row, values, was=was, by=signed, reason=because, at=at)
    source, record_id = seat.stored(record, str(row["source"]), str(row["record_id"]))
    act = _act(record, source, record_id, seen.stored, seen.asked) | {
        "changed_by": signed, "changed_on": seat.day(at).isoformat(), "reason": because,
        "level": register_of(seat.office, ACT).held_at.slug,
    }  # fmt: skip
    number = next_id(seat.office, ACT, at=at)
    return enter(seat.office, seat.store, ACT, {number: act}, by=signed, reason=because, at=at)


def _acts(seat: Seat) -> pd.DataFrame:
    """Return the acts on labels that stand now, of the sources configured now."""
    known = record_type(ACT)
    slugs = [one.slug for one in seat.office.source if one.record == ACT]
    return standing_acts(seat.store.revisions(known, as_of=_END, sources=slugs, columns=known.names))


def _act(record: str, source: str, record_id: str, before: Label, after: Label) -> dict[str, str]:
    return {
        "changed_record": record,
        "changed_source": source,
        "changed_id": record_id,
        "from_level": before.level,
        "to_level": after.level,
        "from_compartments": ";".join(before.compartments),
        "to_compartments": ";".join(after.compartments),
    }


def _with(acts: pd.DataFrame, act: dict[str, str]) -> pd.DataFrame:
    """Return the acts and one more, taken last."""
    last = pd.Timestamp(_END.replace(year=2199)).as_unit("us")
    one = pd.DataFrame([{name: text or None for name, text in act.items()}])
    one = one.reindex(columns=acts.columns).assign(changed_on=last.tz_localize(None), recorded_at=last)
    return pd.concat([acts, one.astype(acts.dtypes.to_dict())], ignore_index=True)


def _readers(seat: Seat, row: pd.DataFrame) -> tuple[str, ...]:
    """Return the names of the audiences that read a row, by its label; those given counts are said to be."""
    return tuple(
        f"{one.name} (in counts only)" if one.count_threshold > 1 else one.name
        for one in seat.office.audience
        if bool(may_read(row, one).iloc[0])
    )
