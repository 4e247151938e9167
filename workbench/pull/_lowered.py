"""Labels of a source itself: lowered only by an act on record, against every label it was pulled with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from workbench import audit
from workbench.config import COMPARTMENTS, HIGHEST, LEVELS, Level, Office, Source
from workbench.errors import ConfigurationError, ParameterError
from workbench.pull._labels import label, marks_of, parts
from workbench.records import record_type
from workbench.store import Store


@dataclass(frozen=True, kw_only=True)
class SourceLabel:
    """
    How closely a source is held: what holds for its rows, whatever they say of themselves.

    `least`: no row is held lower. `unsaid`: the level of a row of which the delivery says none; a source
    without a level of its own holds such rows at the highest, but others as low as they say.
    """

    least: Level
    unsaid: Level
    compartments: frozenset[str]

    def __str__(self) -> str:
        """`internal`, or `internal+protection`, or `public/strictly_confidential` where the two differ."""
        levels = dict.fromkeys((self.least.slug, self.unsaid.slug))
        return "+".join(("/".join(levels), *(one for one in COMPARTMENTS if one in self.compartments)))

    @classmethod
    def parse(cls, text: str) -> SourceLabel:
        """Return the label that was written as `text`; what is not one of ours counts as the highest."""
        levels, *compartments = text.split("+")
        words = levels.split("/")
        if set(words) <= set(LEVELS) and set(compartments) <= set(COMPARTMENTS):
            heights = [Level(LEVELS.index(word)) for word in words]
            return cls(least=heights[0], unsaid=heights[-1], compartments=frozenset(compartments))
        return cls(least=HIGHEST, unsaid=HIGHEST, compartments=frozenset(COMPARTMENTS))

    def is_lower(self, other: SourceLabel) -> bool:
        """Whether anything in this label is held less closely than in the other."""
        return (
            self.least < other.least
            or self.unsaid < other.unsaid
            or not other.compartments <= self.compartments
        )


def label_of(office: Office, source: Source) -> SourceLabel:
    """Return the label that workbench.toml gives a source: by its entry, constants and record type."""
    said = {name: [text] for name, text in source.constants.items() if name in {"level", "compartments"}}
    row = pd.DataFrame(said or {"record_id": ["1"]}, dtype="str")
    held = label(source, row, marks=marks_of(office, source)).iloc[0]
    word = str(held["level"])
    unsaid = Level(LEVELS.index(word)) if word in LEVELS else HIGHEST
    floor = max(record_type(source.record).level, source.held_at if source.level else Level.PUBLIC)
    named = {one.lower() for one in parts(held["compartments"])}
    return SourceLabel(
        least=unsaid if "level" in said else floor,
        unsaid=unsaid,
        compartments=frozenset(named if named <= set(COMPARTMENTS) else COMPARTMENTS),
    )


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The label of a source now, the strictest it was ever pulled with, and the digest of its act, if any."""

    now: SourceLabel
    strictest: SourceLabel
    act: str | None

    @property
    def is_lowered(self) -> bool:
        """Whether the source is held less closely than it once was."""
        return self.now.is_lower(self.strictest)


def standing(office: Office, source: Source, deliveries: pd.DataFrame) -> Standing:
    """
    Return how the label of a source stands against those of its `deliveries`: rows of `delivery` known.

    Raises ConfigurationError if it is lower than one of them and its entry has no act on record, or one
    that lowered it to a label which is stricter than the present one.
    """
    now = label_of(office, source)
    earlier = [SourceLabel.parse(text) for text in deliveries["held_as"].dropna()]
    found = Standing(now=now, strictest=_strictest([now, *earlier]), act=None)
    if not found.is_lowered:
        return found
    remedy = (
        f"The strictest it was ever pulled with is {found.strictest}; workbench.toml now says {now}. If that "
        "is right, write into its entry: lowered_by (a function, never a name), lowered_on (a day), because. "
        "Otherwise put its level and compartments back. Nothing was stored."
    )
    if not source.on_record:
        raise ConfigurationError(
            f"The label of [[source]] {source.slug} was lowered without an act on record. {remedy}"
        )
    act = _digest(source)
    used = deliveries.loc[deliveries["lowering"] == act, "held_as"].dropna()
    if any(now.is_lower(SourceLabel.parse(text)) for text in used):
        raise ConfigurationError(
            f"The label of [[source]] {source.slug} was lowered further than by the act in its entry, which "
            f"is an earlier one. {remedy}"
        )
    return Standing(now=now, strictest=found.strictest, act=act)


def unrecorded(office: Office, store: Store, source: Source, *, as_of: datetime) -> str | None:
    """Return why the next pull of a source would be refused for its label; None if it would not be."""
    known = store.read(record_type("delivery"), as_of=as_of, sources=[source.slug])
    try:
        standing(office, source, known)
    except ConfigurationError as problem:
        return str(problem)
    return None


def write_down(office: Office, source: Source, found: Standing, *, at: datetime) -> None:
    """
    Write the lowering of a source's label into the audit log, once for each act: slug and labels only.

    Raises ConfigurationError if `lowered_by` cannot be written down, StoreError if the log is broken.
    """
    if found.act is None or source.lowered_by is None or source.lowered_on is None:
        return
    ids = {
        "source": source.slug,
        "from": str(found.strictest),
        "to": str(found.now),
        "on": source.lowered_on.isoformat(),
        "digest": found.act,
    }
    if audit.holds(office, "lowered_label", **ids):
        return
    try:
        audit.append(office, "lowered_label", by=source.lowered_by, at=at, **ids)
    except ParameterError:
        raise ConfigurationError(
            f"[[source]] {source.slug}: lowered_by cannot be written into the audit log. Give a function in "
            'up to 100 visible characters of one script, such as "Head of security".'
        ) from None


def _strictest(labels: Iterable[SourceLabel]) -> SourceLabel:
    every = list(labels)
    return SourceLabel(
        least=max(one.least for one in every),
        unsaid=max(one.unsaid for one in every),
        compartments=frozenset().union(*(one.compartments for one in every)),
    )


def _digest(source: Source) -> str:
    act = "\n".join(map(str, (source.lowered_by, source.lowered_on, source.because)))
    return hashlib.sha256(act.encode("utf-8", "replace")).hexdigest()[:16]
