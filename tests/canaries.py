"""An office of canaries: every word, number, place and day that people wrote is known again everywhere."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from tests.leaks.readers import FLOORS, REFERRING, Canary, configured, may_read
from tests.leaks.readings import readings
from workbench import sample
from workbench.config import COMPARTMENTS, LEVELS
from workbench.records import Column, RecordType, record_names, record_type

BY_THE_PULL = {"delivery", "rejected_row"}
"""Record types that no file holds: the pull writes them."""

PARTS = (
    "bottom_line", "judgement", "situation", "focus", "outlook", "indicator", "implication",
    "recommendation", "assumption", "alternative",
)  # fmt: skip
SIDES = {"left_source", "left_id", "right_source", "right_id"}
BY_US = {"area", "week", "compartments", *SIDES, "changed_record", "changed_source"}
# set by the pull itself or by the boundaries, or the office's own words: nobody wrote them
NOT_WRITTEN = {"source", "flags", "admin1", "district", "district_name", *BY_US}

CANARY = re.compile("zqx[a-z]{5}vj")
_PLACE = re.compile(r"\d{1,3}\.\d{5}")
_NUMBER = re.compile(r"(?<![\w.#])1\d{4}(?=(?:\.0+)?(?![\w]|\.\d))")
_GROUPS = re.compile(r"(?<=\d)[ ,'’](?=\d{3}(?!\d))")
_ISO_DAY = re.compile(r"(?<!\d)(\d{4})-?(\d\d)-?(\d\d)(?!\d)")
_DAY = re.compile(r"(?<!\d)(\d{1,2})\s+([A-Z][a-z]{2})[a-z]*\.?\s+(\d{4})(?!\d)")
_EPOCH = re.compile(r"(?<![\w.])-?\d{12,13}(?![\w.])")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

LOWEST, STEP, HIGHEST_ONE = 10_001, 7, 19_999
"""Canary numbers: any two of them together are more than the highest, so that no sum is one."""

PAST, FUTURE = date(1905, 1, 1), date(2101, 1, 1)
"""Canary days: no page has a reason to name these years, and days since then are no canary numbers."""
LATER = {"valid_to", "next_review_on", "reported_to_rr_at"}
"""Days that would hide or spoil their row if they lay in the past."""

FIXED: Mapping[str, Mapping[str, str]] = {
    "incident": {
        "occurred_on": "2026-11-11", "occurred_to": "2026-11-12", "date_precision": "days",
        "event_type": "attack_on_civilians", "threat_category": "armed_conflict", "aid_affected": "yes",
        "verification": "confirmed", "source_grade": "B2", "civilian_targeting": "yes",
    },
    "liaison_entry": {
        "occurred_on": "2026-11-12", "organisation_kind": "police", "channel": "phone", "info_grade": "C3",
        "consent_to_quote": "yes",
    },
    "commitment": {"made_on": "2026-11-10", "state": "open"},
    "programme_site": {"state": "suspended", "state_since": "2026-11-10", "criticality": "PC1"},
    "alert": {
        "occurred_on": "2026-11-10", "raised_by_kind": "community", "outcome": "occurred",
        "horizon_days": "7",
    },
    "assessment": {
        "occurred_on": "2026-11-09", "area": "kestara", "week": "2026-W46", "confidence": "low",
        "horizon_days": "14", "scenario": "most_likely", "indicator_state": "seen", "state": "open",
    },
    "district_assessment": {
        "assessed_on": "2026-11-13", "rating": "4", "direction": "deteriorated", "access": "limited",
        "confidence": "low",
    },
    "duplicate_decision": {"decided_on": "2026-11-13", "verdict": "unsure"},
    "risk_line": {"valid_from": "2026-11-01", "threat_category": "crime"},
    "risk_measure": {"recorded_on": "2026-11-02", "kind": "control", "state": "agreed"},
    "headcount": {"counted_on": "2026-11-13", "category": "national"},
    "support": {
        "recorded_on": "2026-11-10", "support_type": "training", "risk_rating": "high",
        "decision": "approved", "mitigation": "open 2026-11-11: {}",
    },
    "violation": {
        "occurred_on": "2026-11-11", "act": "torture", "grave": "yes", "source_grade": "B2",
        "victim_consent": "yes", "government_response": "denied",
    },
    "interlocutor": {"recorded_on": "2026-11-02", "organisation_kind": "police"},
    "correction": {
        "corrected_record": "incident", "corrected_source": "incident_second", "column": "notes",
        "corrected_on": "2026-11-12",
    },
    "label_change": {
        "changed_record": "incident", "changed_source": "incident_second", "from_level": "internal",
        "to_level": "public", "changed_on": "2026-11-12",
    },
}  # fmt: skip
"""What a row of each type needs to be a row of the week; {} stands for its canary."""

OFFICE_ENDS = "# ---- Incidents, from two publishers"
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


@dataclass
class Aviary:
    """Every canary handed out, by its word."""

    known: dict[str, Canary] = field(default_factory=dict)
    ids: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """record_id of the first row that a source has with a level and a compartment of its own."""
    files: dict[str, Path] = field(default_factory=dict)
    """The file of each source."""
    _numbers: int = 0
    _days: int = 0
    _coordinates: int = 0

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
        """
        Return a coordinate so many degrees from zero whose first five decimals no other has.

        Each row takes two; rows lie in all four quadrants in turn.
        """
        row, which = divmod(self._coordinates, 2)
        self._coordinates += 1
        sign = "-" if (row >> which) & 1 == 0 else ""
        value = f"{sign}{at + len(self.known) * 0.00003:.5f}"
        assert value.lstrip("-") not in self.known
        self.known[value.lstrip("-")] = canary
        return value + "7"

    def number(self, canary: Canary) -> str:
        """Return a number of five digits that no other has."""
        value = LOWEST + STEP * self._numbers
        assert value <= HIGHEST_ONE, "too many numbers: let their steps be smaller"
        self._numbers += 1
        self.known[str(value)] = canary
        return str(value)

    def day(self, canary: Canary, *, first: date) -> str:
        """Return a day that no other has."""
        self._days += 1
        value = (first + timedelta(days=self._days)).isoformat()
        self.known[value] = canary
        return value

    def heard(self, *contents: bytes | str) -> set[str]:
        """Return every canary that is in these contents, however it is written, set, broken or encoded."""
        found: set[str] = set()
        for content in contents:
            for text in readings(content):
                found |= set(CANARY.findall(re.sub("[^a-z]+", "", text.casefold())))
                found |= set(_PLACE.findall(text))
                found |= set(_NUMBER.findall(_GROUPS.sub("", text)))
                found |= set(_days(text))
        return found & set(self.known)


def _days(text: str) -> Iterable[str]:
    for year, month, day in _ISO_DAY.findall(text):
        yield f"{year}-{month}-{day}"
    for day, month, year in _DAY.findall(text):
        if month in _MONTHS:
            yield f"{year}-{_MONTHS.index(month) + 1:02}-{int(day):02}"
    for milliseconds in _EPOCH.findall(text):
        yield (date(1970, 1, 1) + timedelta(milliseconds=int(milliseconds))).isoformat()


def make(folder: Path) -> Aviary:
    """Make the office in `folder` with its files; nothing is pulled yet."""
    sample.make(folder)
    shipped, _, _ = (folder / "workbench.toml").read_text(encoding="utf-8").partition(OFFICE_ENDS)
    text, changed = re.subn(
        r"(?m)^counts_from = .*$", 'counts_from = ["incident_open", "incident_protection"]', shipped
    )
    assert changed == 1
    # on the last evening of the week, so that rows rejected by this very pull belong to it
    text = text.replace("2026-11-16T07:00:00Z", "2026-11-15T23:00:00Z")
    text = configured(text)
    aviary = Aviary()
    text += _source(folder, aviary, "incident_second")
    for name in _types():
        text += _source(folder, aviary, f"{name}_open", of=name, labels=LABELS)
    for level in LEVELS[1:]:
        text += _source(folder, aviary, f"incident_{level}", held=Held(level=level))
    for one in COMPARTMENTS:
        text += _source(folder, aviary, f"incident_{one}", held=Held(compartments=(one,)))
    text += _source(folder, aviary, "incident_closed", held=Held(listable=False))
    # lowered by an act on record; and, once `relabel` has been at work, by nobody
    closest = [("strictly_confidential", "")]
    text += _source(folder, aviary, "incident_lowered", labels=closest, now=("public", ""))
    act = {"changed_source": "incident_lowered", "changed_id": "", "from_level": "strictly_confidential"}
    text += _source(folder, aviary, "label_change_act", of="label_change", also=act)
    text += _source(folder, aviary, "incident_relabelled", labels=closest)
    # words that are no label: the highest level, and all compartments
    text += _source(
        folder, aviary, "incident_odd_level", labels=[("restricted", "")], now=("strictly_confidential", "")
    )
    every = ";".join(COMPARTMENTS)
    text += _source(folder, aviary, "incident_odd_group", labels=[("public", "press")], now=("public", every))
    (folder / "workbench.toml").write_text(text, encoding="utf-8")
    return aviary


def relabel(aviary: Aviary) -> str:
    """Label a row that is held most closely as public in its file, and return its source."""
    file = aviary.files["incident_relabelled"]
    said = file.read_text(encoding="utf-8")
    assert "strictly_confidential" in said
    file.write_text(said.replace("strictly_confidential", "public"), encoding="utf-8")
    return "incident_relabelled"


def _types() -> list[str]:
    """Return the record types that files hold; first those whose ids others name."""
    names = [name for name in record_names() if name not in BY_THE_PULL]
    untold = [name for name in names if name not in FIXED]
    assert not untold, f"no canaries of {untold}: say in FIXED of tests/canaries.py what their rows need"
    named = list(dict.fromkeys(["incident", *REFERRING.values()]))
    return sorted(names, key=lambda name: named.index(name) if name in named else len(named))


LABELS = list(itertools.product(LEVELS, ("", *COMPARTMENTS)))
MOST_CLOSELY = ("strictly_confidential", "human_rights")


@dataclass(frozen=True)
class Held:
    """How closely a source is held."""

    level: str = "public"
    compartments: tuple[str, ...] = ()
    listable: bool = True


@dataclass(frozen=True)
class Row:
    """Whose row it is, and how closely it is held in the end."""

    source: str
    about: str
    level: str
    compartments: frozenset[str]
    listable: bool
    part: str = ""

    def canary(self, record: RecordType, column: Column) -> Canary:
        """Return what is to be known of a canary in a column of the row."""
        return Canary(
            record.name, column.name, self.level, self.compartments, self.listable,
            column.kind == "free_text" or column.unreleased, column.level.slug,
            frozenset(column.compartments), self.about, self.source, self.part,
        )  # fmt: skip


OPENLY = Held()


def _source(  # noqa: PLR0913  # each says one thing of the source
    folder: Path,
    aviary: Aviary,
    slug: str,
    *,
    of: str = "incident",
    labels: Sequence[tuple[str, str]] = (("", ""),),
    held: Held = OPENLY,
    now: tuple[str, str] | None = None,
    also: Mapping[str, str] | None = None,
) -> str:
    """Write a source of a row for each label, and return its entry; `now` is what the label became."""
    record = record_type(of)
    columns = [c.name for c in record.columns if c.name not in NOT_WRITTEN - BY_US]
    columns += ["district_given"] if "district" in record.names and of != "assessment" else []
    if not any(level for level, _ in labels):
        columns.remove("level")  # a blank cell would be a label left out, and the highest
    written = []
    for label in labels:
        for part in PARTS if of == "assessment" else ("",):
            row = Row(slug, of, *_held_at(of, held, *(now or label)), held.listable, part)
            written.append(
                {"level": label[0], "compartments": label[1], "part": part, "district_given": "Kuro"}
                | {"place_precision": "place"}
                | _values(aviary, record, row, label)
                | (also or {})
            )
            aviary.ids.setdefault((slug, *label), written[-1]["record_id"])
    # one row that cannot be read: what stood there, and the name of the file, are canaries too
    rejected = record_type("rejected_row")
    aside = Row(slug, of, *_held_at(of, held, "internal"), held.listable)
    faulty = aviary.word(aside.canary(rejected, rejected.column("value")))
    file = aviary.word(aside.canary(rejected, rejected.column("file")))
    written.append({**written[0], "record_id": "faulty", record.dated_by: faulty})
    aviary.files[slug] = folder / "data" / f"{file}.csv"
    _write(aviary.files[slug], columns, written)

    level, compartments = _held_at(of, held, "public")
    of_source = Canary(
        "source", "", level, compartments, listable=True, free_text=False, column_level="public",
        column_compartments=frozenset(), about=of, source=slug,
    )  # fmt: skip
    return SOURCE.format(
        slug=slug, record=of, file=file, level=held.level, compartments=list(held.compartments),
        listable=str(held.listable).lower(), columns=", ".join(f'{one} = "{one}"' for one in columns),
        **{one: aviary.word(of_source) for one in ("title", "licence", "attribution")},
    )  # fmt: skip


def _held_at(of: str, held: Held, level: str, compartments: str = "") -> tuple[str, frozenset[str]]:
    """Return how closely a row is held: as it says itself, and its source and its record type at least."""
    least, closed = FLOORS.get(of, ("public", frozenset()))
    highest = max(held.level, level or held.level, least, key=LEVELS.index)
    return highest, frozenset(held.compartments) | closed | (set(compartments.split(";")) - {""})


def _write(file: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    table = io.StringIO()
    writer = csv.DictWriter(table, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    file.write_text(table.getvalue(), encoding="utf-8")


def _values(aviary: Aviary, record: RecordType, row: Row, label: tuple[str, str]) -> dict[str, str]:
    """Return what stands in a row: what FIXED says, ids of rows held as closely, canaries in all the rest."""
    values = dict(FIXED[record.name])
    for column in sorted(record.columns, key=_rank):
        said = values.get(column.name, "{}")
        canary = row.canary(record, column)
        if "{}" not in said or column.name in NOT_WRITTEN:
            continue
        if (record.name, column.name) in REFERRING:
            values[column.name] = _named(aviary, record, column, label)
        elif column.name in {"latitude", "longitude"}:
            values[column.name] = aviary.place(canary, 31.61 if column.name == "latitude" else 23.31)
        elif column.kind in {"integer", "number"} and (column.maximum or HIGHEST_ONE) >= HIGHEST_ONE:
            values[column.name] = aviary.number(canary)
        elif column.kind in {"date", "instant"}:
            values[column.name] = aviary.day(canary, first=FUTURE if column.name in LATER else PAST)
        elif column.kind in {"text", "free_text", "code", "codes"} and not column.vocabulary:
            values[column.name] = said.format(aviary.word(canary))
    if record.name == "duplicate_decision":  # of a row held as closely, and one that all may read
        values |= {"left_source": "incident_open", "right_source": "incident_second"}
        values |= {"left_id": aviary.ids["incident_open", *label]}
        values |= {"right_id": aviary.ids["incident_second", "", ""]}
    return values


def _named(aviary: Aviary, record: RecordType, column: Column, label: tuple[str, str]) -> str:
    of = REFERRING[record.name, column.name] + "_open"
    closest = aviary.ids[of, *MOST_CLOSELY]
    if column.name == "reason_incident":  # a row that many may read names one that few may
        return closest
    same = aviary.ids.get((of, *label), "")
    return f"{same};{closest}" if column.kind == "codes" else same


def _rank(column: Column) -> int:
    """Numbers are given out from small to large: an estimate lies between its bounds."""
    ranks = {"civilians_killed": 0, "low": 1, "best": 2, "high": 3}
    return ranks.get(column.name, ranks.get(column.name.rpartition("_")[2], 0))


def allowed(aviary: Aviary, audience: str) -> set[str]:
    """Return the canaries that an audience may read."""
    return {word for word, canary in aviary.known.items() if may_read(canary, audience)}


def texts(frame: pd.DataFrame) -> str:
    """Return every cell of a table as one text."""
    return "\n".join(str(value) for name in frame.columns for value in frame[name].dropna())
