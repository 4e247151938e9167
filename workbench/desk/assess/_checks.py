"""What is wrong with an assessment while it is written: what the pull will set aside, what is advised."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

from workbench import analysis
from workbench.analysis.tradecraft import BOTTOM_LINE_WORDS
from workbench.config.tradecraft import likelihood_words
from workbench.desk.assess._document import Written
from workbench.desk.assess._week import Assessment
from workbench.desk.assess._writing import arranged, order_of, written
from workbench.errors import UserError
from workbench.pull import label
from workbench.records import record_type, validate
from workbench.sources import assessment_rows
from workbench.view import View

_ADVICE = {
    "without_likelihood": "says no likelihood of the office's scale",
    "without_confidence": "says no confidence",
    "without_because": "says no reason for its confidence",
    "situation_with_likelihood": "has a word of likelihood in what should be facts",
    f"over_{BOTTOM_LINE_WORDS}_words": f"has more than {BOTTOM_LINE_WORDS} words",
    "without_owner_or_day": "lacks an owner or a due date",
    "unknown_basis": "names a record in its basis that this page does not know",
    "unexplained": "differs in likelihood or confidence from last week's, and change does not say why",
    "without_state": "has no state",
}
"""What the checklist finds in a single statement, in words that follow its name."""

_PARTS_ADVISED = {
    "judgement": ("without_likelihood", "without_confidence", "without_because", "unknown_basis",
                  "unexplained"),
    "outlook": ("unexplained",),
    "situation": ("situation_with_likelihood",),
    "focus": ("situation_with_likelihood",),
    "bottom_line": (f"over_{BOTTOM_LINE_WORDS}_words",),
    "recommendation": ("without_owner_or_day",),
    "indicator": ("without_state",),
}  # fmt: skip


@dataclass(frozen=True)
class Checked:
    """
    What is wrong with one statement.

    `place`: among the statements that were asked about. `set_aside`: "column: reason" for which the pull
    will not take it; `advised`: what it lacks all the same.
    """

    place: int
    statement: Written
    set_aside: tuple[str, ...]
    advised: tuple[str, ...]


@dataclass(frozen=True)
class Review:
    """The statements in the order of the file, with what is wrong, and the nine standards for the whole."""

    statements: tuple[Checked, ...]
    standards: pd.DataFrame = field(repr=False)
    problem: str = ""

    @property
    def set_aside(self) -> int:
        """How many statements the pull will set aside."""
        return sum(bool(one.set_aside) for one in self.statements)


class Checker:
    """
    Checks an assessment by the rules of its reader, of the pull and of the nine standards.

    `known`: every record id that a basis may name, None if that is not known; `seen`: the week's rows. Made
    once, asked at every change: a statement that did not change is not looked at again for advice.
    """

    def __init__(self, opened: Assessment, *, seen: View | None, known: Collection[str] | None) -> None:
        self._seen = seen
        scale = likelihood_words(opened.office.likelihood_scale)
        log = None if seen is None else seen.known("liaison_entry")
        self._single = analysis.Evidence(likelihoods=scale, known_ids=known)
        self._whole = analysis.Evidence(
            likelihoods=scale,
            sources=None if seen is None else seen.sources,
            incidents=None if seen is None else _of_week(seen),
            liaison=None if seen is None or log is None else analysis.within(log, seen.week),
            known_ids=known,
        )
        self._last = statement_rows(opened.last.statements if opened.last else ())
        self._advice: dict[tuple[object, ...], tuple[str, ...]] = {}

    def review(
        self, opened: Assessment, statements: Sequence[Written], keys: Mapping[str, str], *, at: datetime
    ) -> Review:
        """Return what is wrong now; `problem` says what keeps it from being written at all."""
        order = order_of(opened.document, statements)
        told = arranged(opened.document, statements)
        problem, wrong = "", {}
        try:
            wrong = _set_aside(opened, written(opened.document, statements, keys=keys), at=at)
        except UserError as fault:
            problem = str(fault)
        rows = statement_rows(told)
        checked = tuple(
            Checked(order[n], one, tuple(wrong.get(n, ())), self._advised(one, rows.iloc[[n]]))
            for n, one in enumerate(told)
        )
        return Review(checked, analysis.checklist(rows, self._last, self._whole), problem)

    def _advised(self, one: Written, row: pd.DataFrame) -> tuple[str, ...]:
        codes = _PARTS_ADVISED.get(one.part, ())
        if not codes or not one.text:
            return ()
        key = (one.part, int(row["position"].iloc[0]), *sorted(one.values.items()))
        if key not in self._advice:
            told = ";".join(analysis.checklist(row, self._last, self._single)["told"])
            found = dict(part.split("=") for part in told.split(";") if part)
            self._advice[key] = tuple(_ADVICE[code] for code in codes if found.get(code, "0") != "0")
        return self._advice[key]


def statement_rows(statements: Sequence[Written]) -> pd.DataFrame:
    """Return statements as rows of the record type assessment, those columns that the checks read."""
    names = ("text", "likelihood", "confidence", "because", "change", "basis", "scenario", "horizon_days",
             "indicator_state", "owner", "due_on")  # fmt: skip
    counted: dict[str, int] = {}
    rows = []
    for one in statements:
        counted[one.part] = counted.get(one.part, 0) + 1
        rows.append(
            {
                "part": one.part,
                "position": counted[one.part],
                **{name: one.values.get(name) or None for name in names},
            }
        )
    frame = pd.DataFrame(rows, columns=["part", "position", *names])
    horizon = pd.to_numeric(frame["horizon_days"], errors="coerce").astype("Float64")
    whole = horizon.where(horizon.mod(1).eq(0)).astype("Int64")
    texts = {name: "str" for name in ("part", *names) if name != "horizon_days"}
    return frame.assign(horizon_days=whole, position=frame["position"].astype("Int64")).astype(texts)


def words_of(text: str) -> int:
    """Return how many words a text has, as the checklist counts them."""
    return len(text.split())


def _set_aside(opened: Assessment, text: str, *, at: datetime) -> dict[int, list[str]]:
    """Return, by the place of each statement, why a pull of this text would set it aside."""
    source, office = opened.source, opened.office
    rows = assessment_rows(text, file=opened.name, source=source, office=office)
    found: dict[int, list[str]] = {}
    for n, problem in enumerate(rows["reader_problem"]):
        if not pd.isna(problem):
            found[n] = str(problem).split("\n")
    rows = rows.drop(columns="reader_problem").assign(row=range(len(rows)), **source.constants)
    rows = label(source, rows)
    today = at.astimezone(office.zone).date()
    faults = validate(record_type("assessment"), rows, today=today).rejected
    for place, column, reason in zip(faults["row"], faults["column"], faults["reason"], strict=True):
        told = found.setdefault(int(place), [])
        # what is missing its reader has told already
        if not any(one.startswith(f"{column}:") for one in told):
            told.append(f"{column}: {reason}")
    return found


def _of_week(seen: View) -> pd.DataFrame:
    rows = seen.counted
    first, last = pd.Timestamp(seen.week.first_day), pd.Timestamp(seen.week.last_day)
    return rows[rows["occurred_on"].between(first, last)]
