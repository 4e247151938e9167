"""An office in which every text is a canary: a unique word by which it is known again wherever it gets to."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from workbench import sample
from workbench.config import COMPARTMENTS, LEVELS
from workbench.records import Column, RecordType, record_type

TYPES = (
    "incident", "liaison_entry", "commitment", "programme_site", "alert", "assessment",
    "district_assessment", "duplicate_decision", "risk_line", "risk_measure", "headcount",
)  # fmt: skip
PARTS = (
    "bottom_line", "judgement", "situation", "focus", "outlook", "indicator", "implication",
    "recommendation", "assumption", "alternative",
)  # fmt: skip
SIDES = {"left_source", "left_id", "right_source", "right_id"}
# set by the pull itself, by the boundaries, or by the office, or an id of another row: nobody's own words
NOT_WRITTEN = {"source", "flags", "admin1", "district", "district_name", "area", "week", *SIDES}
CANARY = re.compile("zqx[a-z]{5}vj")

FIXED = {
    "incident": {
        "occurred_on": "2026-11-11", "occurred_to": "2026-11-12", "date_precision": "days",
        "event_type": "attack_on_civilians", "threat_category": "armed_conflict", "killed_best": "4",
        "killed_low": "3", "killed_high": "6", "civilians_killed": "2", "aid_affected": "yes",
        "verification": "confirmed", "source_grade": "B2", "civilian_targeting": "yes",
    },
    "liaison_entry": {
        "occurred_on": "2026-11-12", "organisation_kind": "police", "channel": "phone", "info_grade": "C3",
        "consent_to_quote": "yes", "follow_up_due": "2026-11-13",
    },
    "commitment": {"made_on": "2026-11-10", "due_on": "2026-11-12", "state": "open"},
    "programme_site": {"state": "suspended", "state_since": "2026-11-10", "criticality": "PC1"},
    "alert": {
        "occurred_on": "2026-11-10", "raised_by_kind": "community", "outcome": "occurred",
        "verified_at": "2026-11-11T10:00Z", "horizon_days": "7",
    },
    "assessment": {
        "occurred_on": "2026-11-09", "area": "kestara", "week": "2026-W46", "confidence": "low",
        "horizon_days": "14", "scenario": "most_likely", "indicator_state": "seen", "state": "open",
        "due_on": "2026-11-20",
    },
    "district_assessment": {
        "assessed_on": "2026-11-13", "rating": "4", "direction": "deteriorated", "access": "limited",
        "confidence": "low",
    },
    "duplicate_decision": {"decided_on": "2026-11-13", "verdict": "unsure"},
    "risk_line": {
        "valid_from": "2026-11-01", "valid_to": "2027-04-30", "threat_category": "crime",
        "decided_on": "2026-11-02",
    },
    "risk_measure": {
        "recorded_on": "2026-11-02", "kind": "control", "state": "agreed", "due_on": "2026-12-01",
    },
    "headcount": {"counted_on": "2026-11-13", "category": "national", "ceiling": "9", "present": "8"},
}  # fmt: skip

OFFICE_ENDS = "# ---- Incidents, from two publishers"
PUBLIC = """
[[audience]]
slug = "public"
name = "Public"
level = "public"
compartments = []
place_precision = "area"
free_text = "releasable"
briefings = ["weekly_conflict", "district_profile", "data_quality"]
marking = "PUBLIC"
release = "automatic"

"""
SOURCE = """
[[source]]
slug = "{slug}"
title = "{title}"
record = "{record}"
reader = "table"
path = "data/{file}.csv"
licence = "{licence}"
attribution = "{attribution}"
level = "{level}"
compartments = {compartments}
listable = {listable}
columns = {{ {columns} }}
"""


@dataclass(frozen=True)
class Canary:
    """Where a canary was put: record type and column, and the labels of its row or of its source."""

    record: str
    column: str
    level: str
    compartments: frozenset[str]
    listable: bool
    free_text: bool
    column_level: str
    column_compartments: frozenset[str]


@dataclass
class Aviary:
    """Every canary handed out, by its word."""

    known: dict[str, Canary] = field(default_factory=dict)
    ids: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """record_id of the first row that a source has with a level and a compartment of its own."""

    def word(self, canary: Canary) -> str:
        """Return a new word for a canary: letters only, so that no normalisation changes it."""
        letters, number = "", len(self.known)
        for _ in range(5):
            number, digit = divmod(number, 26)
            letters += chr(ord("a") + digit)
        word = f"zqx{letters}vj"
        self.known[word] = canary
        return word.capitalize()

    def place(self, canary: Canary, at: float) -> str:
        """Return a coordinate near `at` whose first five decimals no other has."""
        value = f"{at - len(self.known) * 0.00003:.5f}"
        assert value.lstrip("-") not in self.known
        self.known[value.lstrip("-")] = canary
        return value + "7"

    def heard(self, *contents: bytes | str) -> set[str]:
        """Return every canary that is in these contents, however its letters are set or broken."""
        found: set[str] = set()
        for content in contents:
            text = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
            found |= set(CANARY.findall(re.sub("[^a-z0-9]", "", text.casefold()))) & set(self.known)
            found |= set(re.findall(r"\d{1,3}\.\d{5}", text)) & set(self.known)
        return found


def make(folder: Path) -> Aviary:
    """Make the office in `folder` with its files; nothing is pulled yet."""
    sample.make(folder)
    text = (folder / "workbench.toml").read_text(encoding="utf-8").partition(OFFICE_ENDS)[0]
    text, changed = re.subn(
        r"(?m)^counts_from = .*$", 'counts_from = ["incident_open", "incident_protection"]', text
    )
    assert changed == 1
    every = 'briefings = ["weekly_conflict", "district_profile", "data_quality"]'
    text = re.sub(r"(?m)^briefings = .*$", every, text)
    # on the last evening of the week, so that rows rejected by this very pull belong to it
    text = text.replace("2026-11-16T07:00:00Z", "2026-11-15T23:00:00Z")
    aviary = Aviary()
    text += PUBLIC
    text += _source(folder, aviary, "incident_second")
    for name in TYPES:
        text += _source(folder, aviary, f"{name}_open", of=name, rows=_labels())
    for level in LEVELS[1:]:
        text += _source(folder, aviary, f"incident_{level}", held=Held(level=level))
    for one in COMPARTMENTS:
        text += _source(folder, aviary, f"incident_{one}", held=Held(compartments=(one,)))
    text += _source(folder, aviary, "incident_closed", held=Held(listable=False))
    (folder / "workbench.toml").write_text(text, encoding="utf-8")
    return aviary


def _labels() -> list[tuple[str, str]]:
    return list(itertools.product(LEVELS, ("", *COMPARTMENTS)))


@dataclass(frozen=True)
class Held:
    """How closely a source is held."""

    level: str = "public"
    compartments: tuple[str, ...] = ()
    listable: bool = True


OPENLY = Held()
UNLABELLED = (("", ""),)


def _source(
    folder: Path,
    aviary: Aviary,
    slug: str,
    *,
    of: str = "incident",
    rows: Iterable[tuple[str, str]] = UNLABELLED,
    held: Held = OPENLY,
) -> str:
    record, level, listable = record_type(of), held.level, held.listable
    label = level, frozenset(held.compartments)
    columns = [c.name for c in record.columns if c.name not in NOT_WRITTEN - {"area", "week", *SIDES}]
    columns += [] if record.name == "assessment" else ["district_given"]
    written = []
    for row_level, row_compartment in rows:
        row_label = max(level, row_level or level, key=LEVELS.index), label[1] | {row_compartment} - {""}
        for part in PARTS if record.name == "assessment" else ("",):
            row = {"level": row_level, "compartments": row_compartment, "part": part, "position": "1"}
            row |= FIXED[record.name] | {"district_given": "Kuro", "place_precision": "place"}
            if record.name == "duplicate_decision":  # of a row held as closely, and one that all may read
                row |= {"left_source": "incident_open", "right_source": "incident_second"}
                row |= {"left_id": aviary.ids["incident_open", row_level, row_compartment]}
                row |= {"right_id": aviary.ids["incident_second", "", ""]}
            written.append(row | _texts(aviary, record, row_label, listable=listable))
            aviary.ids.setdefault((slug, row_level, row_compartment), written[-1]["record_id"])
    # one row that cannot be read: what stood there, and the name of the file, are canaries too
    rejected = record_type("rejected_row")
    at_least = max("internal", level, key=LEVELS.index), label[1]
    faulty = _canary(rejected, rejected.column("value"), at_least, listable=listable)
    file = aviary.word(_canary(rejected, rejected.column("file"), at_least, listable=listable))
    written.append({**written[0], "record_id": "faulty", record.dated_by: aviary.word(faulty)})

    table = io.StringIO()
    writer = csv.DictWriter(table, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(written)
    (folder / "data" / f"{file}.csv").write_text(table.getvalue(), encoding="utf-8")
    of_source = Canary(
        "source", "", level, label[1], listable=True, free_text=False, column_level="public",
        column_compartments=frozenset(),
    )  # fmt: skip
    return SOURCE.format(
        slug=slug, record=record.name, file=file, level=level, compartments=list(held.compartments),
        listable=str(listable).lower(), columns=", ".join(f'{one} = "{one}"' for one in columns),
        **{one: aviary.word(of_source) for one in ("title", "licence", "attribution")},
    )  # fmt: skip


def _texts(
    aviary: Aviary, record: RecordType, label: tuple[str, frozenset[str]], *, listable: bool
) -> dict[str, str]:
    row = {}
    for column in record.columns:
        canary = _canary(record, column, label, listable=listable)
        if column.name in {"latitude", "longitude"}:
            row[column.name] = aviary.place(canary, -31.61 if column.name == "latitude" else -23.31)
        elif written(column):
            row[column.name] = aviary.word(canary)
    return row


def written(column: Column) -> bool:
    """Whether people write the values of a column: text of any length, and lists without a vocabulary."""
    return column.kind in {"text", "free_text", "code", "codes"} and not (
        column.vocabulary or column.name in NOT_WRITTEN | {"compartments"}
    )


def _canary(
    record: RecordType, column: Column, label: tuple[str, frozenset[str]], *, listable: bool
) -> Canary:
    return Canary(
        record.name, column.name, label[0], label[1], listable, column.kind == "free_text",
        column.level.slug, frozenset(column.compartments),
    )  # fmt: skip


# The policy once more, in the plainest words, so that a slip in the workbench's own is seen. ------------

AUDIENCES = {
    "leadership": ("strictly_confidential", set(COMPARTMENTS), "exact", "full"),
    "internal": ("confidential", set(), "district", "full"),
    "partners": ("public", set(), "district", "releasable"),
    "public": ("public", set(), "area", "releasable"),
}  # fmt: skip


def may_read(canary: Canary, audience: str) -> bool:
    """Whether an audience may read a canary, by the labels of its row and of its column."""
    level, compartments, precision, free_text = AUDIENCES[audience]
    if LEVELS.index(canary.level) > LEVELS.index(level):
        return False
    if LEVELS.index(canary.column_level) > LEVELS.index(level):
        return False
    if (canary.compartments | canary.column_compartments) - compartments:
        return False
    if precision != "exact" and canary.column in {"place_name", "latitude", "longitude"}:
        return False
    # which rows are one incident, a view says in words of its own
    if canary.column == "dup_group" or (canary.free_text and free_text != "full"):
        return False
    return canary.listable or canary.record == "source" or canary.column in {"record_id", "source_definition"}


def allowed(aviary: Aviary, audience: str) -> set[str]:
    """Return the canaries that an audience may read."""
    return {word for word, canary in aviary.known.items() if may_read(canary, audience)}


def texts(frame: pd.DataFrame) -> str:
    """Return every cell of a table as one text."""
    return "\n".join(str(value) for name in frame.columns for value in frame[name].dropna())
