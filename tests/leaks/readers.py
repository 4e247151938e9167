"""
The policy once more, in the plainest words, so that a slip in the workbench's own is seen.

Nothing here asks the workbench what an audience may read.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from typing import Any

LEVELS = ("public", "internal", "confidential", "strictly_confidential")
EVERYTHING = frozenset({"human_rights", "source_identity", "personnel", "protection", "exact_location"})


@dataclass(frozen=True)
class Reader:
    """What one audience may read, how exact a place, whose words, and counts from how many on."""

    level: str
    compartments: frozenset[str]
    place: str
    words: str
    counts_from: int
    briefings: tuple[str, ...]


EACH = ("weekly_conflict", "district_profile", "data_quality")

AUDIENCES = {
    "leadership": Reader("strictly_confidential", EVERYTHING, "exact", "full", 1, (*EACH, "human_rights")),
    "internal": Reader("confidential", frozenset(), "district", "full", 1, EACH),
    "unct": Reader("internal", frozenset(), "district", "releasable", 1, EACH),
    "partners": Reader("public", frozenset(), "district", "releasable", 1, EACH),
    "public": Reader("public", frozenset(), "district", "releasable", 5, ("public_summary",)),
    # no default: it may not even know in which district something happened
    "abroad": Reader("public", frozenset(), "area", "releasable", 1, EACH),
}

FLOORS = {
    "correction": ("strictly_confidential", EVERYTHING),
    "support": ("strictly_confidential", frozenset({"human_rights"})),
    "violation": ("strictly_confidential", frozenset({"human_rights"})),
    "interlocutor": ("strictly_confidential", frozenset({"source_identity"})),
    "label_change": ("strictly_confidential", EVERYTHING),
}
"""Record types of which every row is held at least so closely, whatever label it has."""

SEALED = frozenset({"interlocutor"})
"""Record types that are in no view and in no edition, nor anything told of their rows."""

BOOKS = frozenset({"correction", "delivery", "label_change"})
"""What the workbench notes for itself: in no view either."""

REFERRING = {
    ("assessment", "basis"): "incident",
    ("district_assessment", "basis"): "incident",
    ("programme_site", "reason_incident"): "incident",
    ("correction", "corrected_id"): "incident",
    ("label_change", "changed_id"): "incident",
    ("risk_measure", "risk"): "risk_line",
    ("violation", "support"): "support",
    ("liaison_entry", "name_ref"): "interlocutor",
}
"""Columns that hold ids of other rows, and of which."""

COUNTED = frozenset(
    {
        "record_id", "source_definition", "killed_best", "killed_low", "killed_high", "civilians_killed",
        "injured_best", "abducted_best",
    }
)  # fmt: skip
"""What is told of a row whose licence allows counts but no rows."""

EXACT = frozenset({"place_name", "latitude", "longitude"})


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
    about: str
    """Record type of its row; that of the rows a source delivers, where it tells of a source."""
    source: str
    part: str = ""
    """Of an assessment: what kind of statement."""


def may_read(canary: Canary, audience: str) -> bool:
    """Whether an audience may read a canary, by the labels of its row and of its column."""
    reader = AUDIENCES[audience]
    if canary.about in SEALED:  # not even that there are such rows
        return False
    height = max(LEVELS.index(canary.level), LEVELS.index(canary.column_level))
    closed = (canary.compartments | canary.column_compartments) - reader.compartments
    if height > LEVELS.index(reader.level) or closed:
        return False
    if canary.record == "source":
        return True
    withheld = (
        canary.record in BOOKS,
        # a view says in numbers of its own which rows are one incident
        canary.column == "dup_group",
        reader.counts_from > 1 and canary.record == "incident",  # sums at most
        canary.column in EXACT and reader.place != "exact",
        canary.free_text and reader.words != "full",
        # a pseudonym stands for it
        canary.column == "record_id" and not reads_everything(audience),
        # counted anew, as 1, 2, 4 tells of a third
        (canary.record, canary.column) == ("assessment", "position") and not reads_everything(audience),
        not canary.listable and canary.column not in COUNTED,
    )
    return not any(withheld)


def reads_everything(audience: str) -> bool:
    """Whether nothing is kept from an audience."""
    reader = AUDIENCES[audience]
    widest = reader.level == LEVELS[-1] and reader.compartments == EVERYTHING
    return widest and (reader.place, reader.words, reader.counts_from) == ("exact", "full", 1)


RELEASE = {"unct": "one_person", "partners": "two_people"}
"""Who must release an edition to them, in the tests; to all others nobody."""


def configured(office: str) -> str:
    """Return a workbench.toml with these audiences and briefings; the default ones else as they are."""
    shipped = {one["slug"]: one for one in tomllib.loads(office)["audience"]}
    office = re.sub(r"(?m)^\[\[audience\]\]\n(?:(?![\[#]).*\n)*", "", office)
    office = re.sub(r"(?m)^(notebook = .*)\n(?!tables)", r'\1\ntables = ["csv", "xlsx"]' + "\n", office)
    for slug, reader in AUDIENCES.items():
        said = {
            "slug": slug, "name": slug.capitalize(), "level": reader.level,
            "compartments": sorted(reader.compartments), "place_precision": reader.place,
            "free_text": reader.words, "marking": slug.upper(), "count_threshold": reader.counts_from,
        }  # fmt: skip
        said |= shipped.get(slug, {}) | {
            "briefings": list(reader.briefings),
            "release": RELEASE.get(slug, "automatic"),
        }
        lines = [f"{name} = {json.dumps(value)}" for name, value in said.items()]
        office += "\n[[audience]]\n" + "\n".join(lines) + "\n"
    return office


def as_shipped(office: str) -> dict[str, Reader]:
    """Return what the audiences of an office may read, as its workbench.toml says it."""
    return {one["slug"]: _reader(one) for one in tomllib.loads(office)["audience"]}


def _reader(said: dict[str, Any]) -> Reader:
    return Reader(
        said["level"],
        frozenset(said["compartments"]),
        said["place_precision"],
        said["free_text"],
        said.get("count_threshold", 1),
        tuple(said["briefings"]),
    )
