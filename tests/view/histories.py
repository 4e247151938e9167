"""Small invented histories of a store, who may read what of them, and changes that some may not notice."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa

from tests.pull_office import features
from workbench.audience import COUNTED, policy
from workbench.config import COMPARTMENTS, LEVELS, Audience, Office, load
from workbench.records import Column, record_type
from workbench.store._frames import schema

Row = dict[str, Any]
Key = tuple[str, str]

AREAS = {"north": ["XA0101", "XA0102"], "south": ["XA0103", "XB0201"]}
MONDAYS = [datetime(2026, 3, 2, 6, tzinfo=UTC) + timedelta(weeks=week) for week in range(4)]
WEEK = "2026-W12"
LAST = MONDAYS[-1]
SEALED, HELD = "names", ("support", "violation", "interlocutor")

SOURCES: dict[str, tuple[str, str, tuple[str, ...], bool]] = {
    "open": ("incident", "public", (), True),
    "archive": ("incident", "public", (), False),
    "log": ("incident", "internal", (), True),
    "closed": ("incident", "strictly_confidential", ("protection",), True),
    "contacts": ("liaison_entry", "internal", (), True),
    "contacts_held": ("liaison_entry", "confidential", ("source_identity",), True),
    "promises": ("commitment", "internal", (), True),
    "sites": ("programme_site", "internal", (), True),
    "sites_held": ("programme_site", "strictly_confidential", ("personnel",), True),
    "alerts": ("alert", "internal", (), True),
    "notes": ("assessment", "public", (), True),
    "notes_held": ("assessment", "strictly_confidential", (), True),
    "ratings": ("district_assessment", "public", (), True),
    "ratings_held": ("district_assessment", "confidential", (), True),
    "risks": ("risk_line", "confidential", (), True),
    "risks_held": ("risk_line", "strictly_confidential", ("protection",), True),
    "measures": ("risk_measure", "confidential", (), True),
    "staff": ("headcount", "internal", (), True),
    "pairs": ("duplicate_decision", "internal", (), True),
    "acts": ("label_change", "strictly_confidential", (), True),
    "mended": ("correction", "internal", (), True),
    "help": ("support", "strictly_confidential", ("human_rights",), True),
    "wrongs": ("violation", "strictly_confidential", ("human_rights",), True),
    SEALED: ("interlocutor", "strictly_confidential", ("source_identity",), True),
}
"""Slug -> record type, level, compartments, listable."""

READERS: dict[str, tuple[str, tuple[str, ...], str, str, int]] = {
    "leadership": ("strictly_confidential", COMPARTMENTS, "exact", "full", 1),
    "field": ("strictly_confidential", ("protection", "exact_location"), "exact", "full", 1),
    "internal": ("confidential", (), "district", "full", 1),
    "unct": ("internal", (), "district", "releasable", 1),
    "partners": ("public", (), "area", "releasable", 1),
    "public": ("public", (), "area", "releasable", 3),
}
"""Slug -> level, compartments, place precision, free text, count threshold; each reads what the next does."""


def office_in(folder: Path) -> Office:
    """Write the invented office into `folder`."""
    folder.mkdir(parents=True)
    collection = {"type": "FeatureCollection", "features": features()}
    (folder / "boundaries.geojson").write_text(json.dumps(collection), encoding="utf-8")
    parts = [
        'name = "Office of histories"\nprepared_by = "Desk"\ntime_zone = "Africa/Maputo"\n'
        'week_starts = "monday"\nlanguages = ["en"]\nlikelihood_scale = "icd203"\nfictional = true\n'
        f"fixed_clock = {LAST + timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}\n\n[geography]\n"
        'boundaries = "boundaries.geojson"\ncode = "code"\nname = "name"\nparent_code = "parent_code"\n'
        'parent_name = "parent_name"\nattribution = "Invented"\n\n'
        '[[briefing]]\nslug = "counts"\ntitle = "Counts"\nnotebook = "counts.ipynb"\ncounts_only = true\n'
    ]
    for slug, codes in AREAS.items():
        parts.append(
            f'[[area]]\nslug = "{slug}"\nname = "{slug}"\ndistricts = {json.dumps(codes)}\n'
            'counts_from = ["open", "log", "closed"]\n'
        )
    for slug, (level, compartments, precision, text, threshold) in READERS.items():
        parts.append(
            f'[[audience]]\nslug = "{slug}"\nname = "{slug}"\nlevel = "{level}"\nmarking = "{slug}"\n'
            f'compartments = {json.dumps(compartments)}\nplace_precision = "{precision}"\n'
            f'free_text = "{text}"\ncount_threshold = {threshold}\nbriefings = []\nrelease = "automatic"\n'
        )
    for slug, (record, level, compartments, listable) in SOURCES.items():
        parts.append(
            f'[[source]]\nslug = "{slug}"\ntitle = "{slug}"\nrecord = "{record}"\nreader = "table"\n'
            f'path = "{slug}.csv"\nlicence = "None"\nattribution = "Invented"\nlevel = "{level}"\n'
            f"compartments = {json.dumps(compartments)}\nlistable = {str(listable).lower()}\n"
        )
    (folder / "workbench.toml").write_text("\n".join(parts), encoding="utf-8")
    return load(folder)


@dataclass
class Delivery:
    """One delivery of one source: all rows it holds, what was rejected, and what the book says of it."""

    source: str
    at: datetime
    rows: dict[str, Row]
    rejected: dict[str, Row] = field(default_factory=dict)
    book: Row = field(default_factory=dict)


@dataclass
class History:
    """Deliveries in their order; `copy` before changing one."""

    deliveries: list[Delivery]

    def copy(self) -> History:
        """Return a copy that shares nothing."""
        return copy.deepcopy(self)

    def sources(self) -> list[str]:
        """Return the slugs of the sources that delivered."""
        return list(dict.fromkeys(one.source for one in self.deliveries))

    def states(self, source: str, record_id: str) -> Iterator[Row]:
        """Give every state in which a source delivered a record, oldest first."""
        for one in self.deliveries:
            if one.source == source and record_id in one.rows:
                yield one.rows[record_id]

    def ids(self, source: str) -> list[str]:
        """Return the ids that a source ever delivered."""
        return sorted({name for one in self.deliveries if one.source == source for name in one.rows})


# --- Drawn ---------------------------------------------------------------------------------------


def drawn(draw: Random, *, place: int = 0) -> History:
    """
    Draw a history: some sources, four Mondays, rows that come, change, go and change their label.

    Four sources besides those that are in all follow from `place`: five places in a row have all.
    """
    slugs = ["open", "log", "closed", "pairs", SEALED]
    rest = [slug for slug in SOURCES if slug not in slugs]
    slugs += [rest[(4 * place + number) % len(rest)] for number in range(4)]
    known: dict[str, dict[str, Row]] = {slug: {} for slug in slugs}
    deliveries = []
    for monday in MONDAYS:
        for slug in draw.sample(slugs, len(slugs)):
            if slug != "open" and draw.random() < 0.3 and monday != MONDAYS[-1]:
                continue
            moved = dict(known[slug])
            for name, row in known[slug].items():
                if draw.random() < 0.25:
                    moved[name] = changed(draw, slug, row)
                elif draw.random() < 0.05:
                    del moved[name]
            for _ in range(draw.randint(0, 3)):
                name = fresh_id(draw)
                moved[name] = new_row(draw, slug, name, known)
            known[slug] = moved
            at = monday if draw.random() < 0.7 else monday + timedelta(seconds=draw.randint(1, 5))
            deliveries.append(
                Delivery(slug, at, copy.deepcopy(moved), rejected_rows(draw, slug), book(draw, len(moved)))
            )
    deliveries.sort(key=lambda one: one.at)
    closed_for_a_while(draw, [one for one in deliveries if one.source == "open"], known)
    return History(deliveries)


def closed_for_a_while(draw: Random, deliveries: list[Delivery], known: dict[str, dict[str, Row]]) -> None:
    """Give each area an incident that all may read, then only some, then all again."""
    for codes in AREAS.values():
        name, code = fresh_id(draw), draw.choice(codes)
        row = new_row(draw, "open", name, known)
        row |= {"district": code, "district_name": code, "admin1": code[:4], "verification": "reported"}
        row |= {"date_precision": "day", "occurred_to": row["occurred_on"], "compartments": None}
        for one, level in zip(
            deliveries, ("public", "strictly_confidential", "public", "public"), strict=True
        ):
            if draw.random() < 0.5:
                row = changed(draw, "open", row)
            row |= {"level": level, "compartments": None}
            one.rows[name] = dict(row)


def fresh_id(draw: Random) -> str:
    """Return an id that nothing else has; its order says nothing."""
    return f"{draw.choice('abcxyz')}{draw.getrandbits(40):010x}"


def new_row(draw: Random, slug: str, name: str, known: dict[str, dict[str, Row]]) -> Row:
    """Draw a row of a source, with references to what is `known`."""
    record = record_type(SOURCES[slug][0])
    row = {column.name: value(draw, column) for column in record.columns}
    row |= {"record_id": name, "source": slug, "listable": True} | label(draw)
    district = draw.choice([None, *(code for codes in AREAS.values() for code in codes)])
    if "district" in row:
        row |= {"district": district, "district_name": district}
        row |= {"admin1": draw.choice([None, "XA01"]) if district is None else district[:4]}
    day = date(2026, 1, 5) + timedelta(days=draw.randint(0, 77))
    row[record.dated_by] = day
    if record.name == "incident":
        precision = draw.choice(["day", "day", "days", "week", "month"])
        row |= {"occurred_to": day + timedelta(days=draw.randint(0, 3)), "date_precision": precision}
        row["dup_group"] = draw.choice([None, None, "one", "two"])
    if record.name == "assessment":
        row |= {"area": draw.choice(list(AREAS)), "week": draw.choice([WEEK, "2026-W11"])}
        row["position"] = draw.randint(1, 9)
    incidents = [(s, one) for s in known for one in known[s] if SOURCES[s][0] == "incident"]
    for column in record.columns:
        if column.refers_to in {"incident", "record"}:
            row[column.name] = draw.choice([None, *(one for _, one in incidents)])
    if record.name == "duplicate_decision":
        if len(incidents) < 2:
            incidents = [("open", "nothing"), ("log", "nobody")]
        left, right = draw.sample(incidents, 2)
        row |= {"left_source": left[0], "left_id": left[1], "right_source": right[0], "right_id": right[1]}
    if record.name == "risk_measure":
        lines = [one for s in known for one in known[s] if SOURCES[s][0] == "risk_line"]
        row["risk"] = draw.choice(lines) if lines else "no line"
    if record.name == "liaison_entry":
        row["name_ref"] = draw.choice([None, *known[SEALED]])
    if record.name == "label_change":
        row |= act(draw, known)
    return row


def act(draw: Random, known: dict[str, dict[str, Row]]) -> Row:
    """Draw an act that lowers the label of some row."""
    rows = [(s, one) for s in known for one in known[s] if s != "acts"]
    source, name = draw.choice(rows) if rows else ("open", "nothing")
    high = draw.randint(1, 3)
    return {
        "changed_record": SOURCES[source][0], "changed_source": source, "changed_id": name,
        "from_level": LEVELS[high], "to_level": LEVELS[draw.randint(0, high - 1)],
        "from_compartments": None, "to_compartments": None,
    }  # fmt: skip


def label(draw: Random) -> Row:
    """Draw a row's own label."""
    named = draw.choice([None, None, None, None, "protection", "human_rights;personnel", "odd"])
    return {"level": draw.choices(LEVELS, weights=(5, 2, 2, 2))[0], "compartments": named}


def changed(draw: Random, slug: str, row: Row) -> Row:
    """Return the row with one to three columns drawn anew, its label now and then."""
    record = record_type(SOURCES[slug][0])
    free = [column for column in record.columns if column.name not in fixed(slug)]
    fresh = {column.name: value(draw, column) for column in draw.sample(free, min(3, len(free)))}
    return row | fresh | (label(draw) if draw.random() < 0.3 else {})


def value(draw: Random, column: Column) -> Any:
    """Draw a value that a column may hold."""
    if not column.required and draw.random() < 0.4:
        return None
    if column.vocabulary:
        return draw.choice(column.vocabulary)
    low, high = int(column.minimum or 0), int(min(column.maximum or 9, 9))
    moment = datetime(2026, 1, 5, tzinfo=UTC) + timedelta(hours=draw.randint(0, 1800))
    kinds: dict[str, Any] = {
        "integer": draw.randint(low, max(low, high)), "number": draw.randint(-90, 90) / 7,
        "boolean": draw.random() < 0.5, "date": moment.date(), "instant": moment,
    }  # fmt: skip
    return kinds.get(column.kind, f"word{draw.randint(0, 9999)}")


def fixed(slug: str) -> set[str]:
    """Return the columns of a source that decide where its rows belong, whoever reads them."""
    record = record_type(SOURCES[slug][0])
    where = {
        "record_id", "source", "level", "compartments", "listable", "district", "district_name", "admin1",
        "area", "week", "part", "position", "occurred_to", "date_precision", "dup_group", "verification",
        "left_source", "left_id", "right_source", "right_id", "verdict", "decided_on", record.dated_by,
    }  # fmt: skip
    linked = {column.name for column in record.columns if column.refers_to}
    acts = set(record.names) - {"changed_by", "reason", "notes"} if record.name == "label_change" else set()
    return where | linked | acts


def rejected_rows(draw: Random, slug: str) -> dict[str, Row]:
    """Draw what a delivery of a source set aside."""
    return {
        row["record_id"]: row
        for row in (rejected_row(draw, slug) for _ in range(draw.choice([0, 0, 0, 1, 2])))
    }


def rejected_row(draw: Random, slug: str) -> Row:
    """Draw one row that was set aside."""
    record = record_type("rejected_row")
    row = {column.name: value(draw, column) for column in record.columns}
    return row | label(draw) | {
        "record_id": fresh_id(draw), "source": slug, "listable": True, "occurred_on": date(2026, 3, 2),
        "record": SOURCES[slug][0], "file": f"{slug}.csv",
    }  # fmt: skip


def book(draw: Random, rows: int) -> Row:
    """Draw what the book of deliveries says of one."""
    return {
        "read": rows + draw.randint(0, 9), "new": draw.randint(0, 9), "changed": draw.randint(0, 9),
        "withdrawn": draw.randint(0, 9), "unchanged": draw.randint(0, 9), "rejected": draw.randint(0, 9),
        "unmatched": draw.randint(0, 9), "last_dated": date(2026, 3, draw.randint(1, 28)),
        "first_dated": date(2026, 1, draw.randint(1, 28)), "digest": f"{draw.getrandbits(40):x}",
        "files": draw.randint(1, 9), "notes": f"word{draw.randint(0, 99)}",
    }  # fmt: skip


# --- Stored --------------------------------------------------------------------------------------


def tables_of(history: History) -> dict[str, list[Row]]:
    """Return the revisions a store holds after the history, by record type, as `difference` finds them."""
    told: dict[str, list[Row]] = {}
    state: dict[tuple[str, str, str], Row] = {}
    batches: dict[str, int] = {}
    last = datetime.min.replace(tzinfo=UTC)
    for one in history.deliveries:
        last = max(one.at, last + timedelta(microseconds=1))
        batches[one.source] = batches.get(one.source, 0) + 1
        delivered = {
            SOURCES[one.source][0]: one.rows,
            "rejected_row": one.rejected,
            "delivery": {f"{one.source}/{batches[one.source]}": booked(one, batches[one.source], last)},
        }
        for name, rows in delivered.items():
            held = {key[2] for key in state if key[:2] == (name, one.source)}
            gone = [] if name == "delivery" else [key for key in sorted(held) if key not in rows]
            for key in (*rows, *gone):
                before = state.get((name, one.source, key))
                row = rows.get(key, before)
                stands = key in rows
                if before is not None and (
                    (stands and not before["retracted"] and _own(before) == row)
                    or (not stands and before["retracted"])
                ):
                    continue
                new = _own(row or {}) | {
                    "recorded_at": last, "prev_recorded_at": before and before["recorded_at"],
                    "retracted": not stands, "batch": batches[one.source],
                }  # fmt: skip
                state[name, one.source, key] = new
                told.setdefault(name, []).append(new)
    return told


def booked(one: Delivery, batch: int, recorded_at: datetime) -> Row:
    """Return the row of the book of deliveries."""
    missing = dict.fromkeys(record_type("delivery").names)
    return missing | one.book | {
        "record_id": f"{one.source}/{batch}", "source": one.source, "level": "internal", "listable": True,
        "record": SOURCES[one.source][0], "occurred_on": recorded_at.date(),
    }  # fmt: skip


def _own(row: Row) -> Row:
    return {
        name: row[name]
        for name in row
        if name not in {"recorded_at", "prev_recorded_at", "retracted", "batch"}
    }


def store_in(folder: Path, tables: dict[str, list[Row]]) -> None:
    """Write the revisions as Delta tables."""
    from deltalake import write_deltalake

    folder.mkdir(parents=True)
    for name, rows in tables.items():
        write_deltalake(str(folder / name), pa.Table.from_pylist(rows, schema=schema(record_type(name))))


# --- Read by whom --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reader:
    """What one audience may read, told by the labels alone: an oracle that knows nothing of views."""

    audience: Audience
    columns: dict[str, frozenset[str]]

    def may(self, slug: str, row: Row) -> bool:
        """Whether the label of a row, its source and its record type let the audience read it."""
        record, level, compartments, _ = SOURCES[slug]
        height = max(LEVELS.index(row["level"]), LEVELS.index(level), record_type(record).level)
        needed = {*compartments, *record_type(record).compartments}
        needed |= set((row["compartments"] or "").split(";")) - {""}
        return (
            not record_type(record).sealed
            and height <= self.audience.clearance
            and needed <= set(self.audience.compartments)
        )

    def may_name(self, slug: str) -> bool:
        """Whether the audience may know of the source."""
        return self.may(slug, {"level": "public", "compartments": None})


def reader(office: Office, slug: str) -> Reader:
    """Return what an audience may read."""
    audience = office.audience_called(slug)
    rules = policy(office, audience)
    names = {record: frozenset(rules.columns(record)) for record in rules.records}
    # counts are made of these even where no row is read
    return Reader(audience, names | {"incident": names["incident"] | COUNTED})
