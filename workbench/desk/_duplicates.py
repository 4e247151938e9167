"""Duplicates: pairs of rows that may be one incident, side by side, and what a person decides about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd

from workbench.config import COMPARTMENTS, HIGHEST, LEVELS
from workbench.desk._register import Entered, enter, lines, next_id, register_of, signature
from workbench.desk._seat import Seat
from workbench.desk._told import compared
from workbench.errors import ParameterError
from workbench.records.duplicate_decision import VERDICTS

WEEKS = 4
"""How many weeks, the page's own included, pairs are looked for in unless it is said otherwise."""

RECORD = "duplicate_decision"


@dataclass(frozen=True, repr=False)
class Pair:
    """
    Two rows of a view that may be one incident.

    Ids as the view has them. `score` from 0 to 1 and `reasons` (codes) as of `analysis.candidates`; `unsure`
    where somebody looked already and could not tell.
    """

    left: tuple[str, str]
    right: tuple[str, str]
    score: float
    reasons: tuple[str, ...]
    unsure: bool

    def left_unsure(self) -> Pair:
        """Return the pair as one that somebody looked at and could not tell."""
        return replace(self, unsure=True)


def pairs(seat: Seat, *, weeks: int = WEEKS) -> list[Pair]:
    """
    Return the pairs of counted incidents of the last `weeks` weeks that wait for a decision, likeliest first.

    Those looked at without result come last. None for readers without rows or without ids.
    """
    from workbench import analysis  # it loads what most forms never need

    view = seat.view
    if seat.counts_only or weeks < 1 or "record_id" not in view.table("incident"):
        return []
    lately = analysis.of_weeks(view.counted, first_day=view.week.back(weeks - 1).first_day, weeks=weeks)
    found = analysis.candidates(analysis.listable(lately))
    waiting = analysis.undecided(found, view.table(RECORD))
    made = [
        Pair(
            left=(str(row.left_source), str(row.left_id)),
            right=(str(row.right_source), str(row.right_id)),
            score=float(str(row.score)),
            reasons=tuple(one for one in str(row.reasons).split(";") if one),
            unsure=str(row.verdict) == "unsure",
        )
        for row in waiting.itertuples()
    ]
    return sorted(made, key=lambda pair: pair.unsure)


def reasons_in_words(seat: Seat, pair: Pair) -> list[str]:
    """Return why two rows are a pair, as the pages say it: "same day", "within 5 km"."""
    return [seat.words.term("duplicate_reason", code) for code in pair.reasons]


def side_by_side(seat: Seat, pair: Pair) -> pd.DataFrame:
    """Return what both rows of a pair tell, as `_told.compared` has it; ParameterError if one is gone."""
    return compared(seat, row_of(seat, pair.left), row_of(seat, pair.right))


def row_of(seat: Seat, key: tuple[str, str]) -> pd.Series:
    """Return the incident of a view by source and id; raises ParameterError."""
    rows = seat.view.table("incident")
    found = rows[rows["source"].eq(key[0]) & rows["record_id"].eq(key[1])]
    if found.empty:
        raise ParameterError("One of the two rows is no longer there: run this page again.")
    return found.iloc[0]


def decide_pair(seat: Seat, pair: Pair, verdict: str, *, by: str, reason: str, at: datetime) -> Entered:
    """
    Store that the rows of a pair are the "same" incident, "different" ones, or that one is "unsure".

    By their stored ids, held as closely as the stricter of the two rows. A pair that this desk decided before
    keeps its number: the new verdict takes the place of the old, and taking it back brings that one again.
    Raises ParameterError without author or reason, and if a row cannot be told for certain.
    """
    if verdict not in VERDICTS:
        raise ParameterError(f'"{verdict[:40]}" is no verdict. Known: {", ".join(VERDICTS)}.')
    seat.require_deciding()
    register = register_of(seat.office, RECORD)
    seat.require_register(register)
    signed, because = required(by, reason)
    left = seat.stored("incident", *pair.left)
    right = seat.stored("incident", *pair.right)
    level, compartments = _label(row_of(seat, pair.left), row_of(seat, pair.right))
    row = {
        "left_source": left[0], "left_id": left[1], "right_source": right[0], "right_id": right[1],
        "verdict": verdict, "decided_on": seat.day(at).isoformat(), "decided_by": signed, "reason": because,
        "level": LEVELS[max(LEVELS.index(level), register.held_at)],
        "compartments": ";".join(dict.fromkeys([*register.compartments, *compartments])),
    }  # fmt: skip
    number = _number_of(seat, left, right) or next_id(seat.office, RECORD, at=at)
    return enter(seat.office, seat.store, RECORD, {number: row}, by=signed, reason=because, at=at)


def required(by: str, reason: str) -> tuple[str, str]:
    """Return who decides and why, blanks folded; raises ParameterError where one of them is not said."""
    signed, because = signature(by), " ".join(reason.split())
    if not because:
        raise ParameterError("Say why: the reason is kept with the decision. Nothing was stored.")
    return signed, because


def _number_of(seat: Seat, left: tuple[str, str], right: tuple[str, str]) -> str | None:
    """Return the number that a pair has in this desk's register already; None if it has none."""
    own = lines(seat.office, RECORD)
    for line in own.to_dict("records"):
        row: Mapping[str, str] = line["row"] if isinstance(line["row"], dict) else {}
        sides = {(row.get(f"{side}_source"), row.get(f"{side}_id")) for side in ("left", "right")}
        if line["standing"] and sides == {left, right}:
            return str(line["record_id"])
    return None


def _label(*rows: pd.Series) -> tuple[str, tuple[str, ...]]:
    """Return the higher level and all compartments of rows; what is missing or unknown is the highest."""
    words = [str(row.get("level")) for row in rows]
    height = max(LEVELS.index(word) if word in LEVELS else int(HIGHEST) for word in words)
    said = [row.get("compartments") for row in rows]
    named = {part for one in said if isinstance(one, str) for part in one.split(";") if part}
    known = named if named <= set(COMPARTMENTS) else set(COMPARTMENTS)
    return LEVELS[height], tuple(one for one in COMPARTMENTS if one in known)
