"""Labels of a delivery: raised to what its source and record type ask, and never lower than stored ones."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from workbench.config import COMPARTMENTS, HIGHEST, LEVELS, Level, Office, Source
from workbench.config.marks import levels_of, plain
from workbench.pull._report import KeptLabel
from workbench.records import RecordType, record_type
from workbench.store import Delivery, Store

_HEIGHTS = {word: float(height) for height, word in enumerate(LEVELS)}


def label(source: Source, rows: pd.DataFrame, *, marks: Mapping[str, str] | None = None) -> pd.DataFrame:
    """
    Return `rows` with `source`, `level`, `compartments` and `listable` as validation needs them.

    The level and compartments of the source and of its record type hold for every row; a row's own label
    may only raise them, and a word that is no level stays for validation to judge. The source's level is
    that of its rows only where the delivery has no level column at all: in one that has, a blank cell is a
    label that somebody left out. It stays missing, as it does with neither, and counts as the highest. A
    row may be withheld from lists where its source is not, never the reverse. `marks` (of `marks_of`) reads
    the level words of a source that is marked by another scheme: a word that is none of them is unknown,
    even if it is one of ours.
    """
    length = len(rows)

    def own(column: str) -> pd.Series:
        given = rows[column] if column in rows else pd.Series(np.nan, index=rows.index, dtype="str")
        text = given.astype("str").str.strip()
        return text.mask(text == "")

    record = record_type(source.record)
    levels = own("level").str.lower() if marks is None else _by_marks(source, own("level"), marks)
    floor = max(record.level, source.held_at if source.level else Level.PUBLIC)
    if source.level is not None and "level" not in rows:
        levels = levels.fillna(floor.slug)
    levels = levels.mask(levels.isin(LEVELS[:floor]), floor.slug)
    compartments = own("compartments")
    least = ";".join(dict.fromkeys((*source.compartments, *record.compartments)))
    if least:
        compartments = (least + ";" + compartments).where(compartments.notna(), least)
    listable = (
        own("listable").fillna("true") if source.listable else pd.Series(["false"] * length, dtype="str")
    )
    return rows.assign(
        source=pd.Series([source.slug] * length, dtype="str").array,
        level=levels.array,
        compartments=compartments.array,
        listable=listable.array,
    )


def marks_of(office: Office, source: Source) -> dict[str, str] | None:
    """Return mark -> level of the scheme that `source` is marked by, None if its words are our own."""
    return None if source.marks is None else levels_of(source.marks, office.marks[source.marks])


def _by_marks(source: Source, words: pd.Series, marks: Mapping[str, str]) -> pd.Series:
    scheme = source.marks or ""
    read = {
        word: marks.get(plain(scheme, word), f"{scheme}: {word}")
        for word in map(str, words.dropna().unique())
    }
    return words.map(read).astype("str")


def wrong_labels(rows: pd.DataFrame) -> pd.DataFrame:
    """
    Return `file`, `row` and `wrong` (what is) of each row whose label validation takes as the highest.

    Takes labelled text rows. Words are told as they stand, at most 40 letters of them.
    """
    level = rows["level"].str.strip().str.lower()
    named = rows["compartments"].dropna().unique()
    odd = [one for one in named if not {part.lower() for part in parts(one)} <= set(COMPARTMENTS)]
    unknown = level.notna() & ~level.isin(LEVELS)
    wrong = pd.Series("", index=rows.index, dtype="str")
    wrong = wrong.where(
        ~rows["compartments"].isin(odd), "compartments: " + rows["compartments"].str.slice(0, 40)
    )
    wrong = wrong.where(~unknown, "level: " + rows["level"].str.slice(0, 40))
    wrong = wrong.where(level.notna(), "level: missing")
    return rows.loc[wrong != "", ["file", "row"]].assign(wrong=wrong[wrong != ""])


def held_of_faults(
    source: Source, record: RecordType, rows: pd.DataFrame, faults: pd.DataFrame
) -> dict[str, object]:
    """
    Return level and compartments of each of `faults`: at least internal, its source's and its row's own.

    `rows` are those at fault. That a closed record exists is closed as well. A row that could not be read
    at all, or has a label that nobody knows, counts as the highest.
    """
    labels: dict[tuple[object, object], tuple[Level, frozenset[str]]] = {}
    columns = [
        rows.get(name, pd.Series(None, index=rows.index)) for name in ("file", "row", "level", "compartments")
    ]
    for file, row, level, held in zip(*columns, strict=True):
        word = str(level).strip().lower()
        groups = (
            {one.strip().lower() for one in str(held).split(";") if one.strip()} if pd.notna(held) else set()
        )
        known = groups if groups <= set(COMPARTMENTS) else set(COMPARTMENTS)
        height = HIGHEST if word not in LEVELS else Level(LEVELS.index(word))
        before = labels.get((file, row), (Level.INTERNAL, frozenset()))
        labels[file, row] = (max(height, before[0]), before[1] | known)
    unread = (HIGHEST, frozenset(COMPARTMENTS))
    found = [labels.get(key, unread) for key in zip(faults["file"], faults["row"], strict=True)]
    least = {*source.compartments, *record.compartments}
    words = [";".join(one for one in COMPARTMENTS if one in groups | least) or None for _, groups in found]
    floor = max(Level.INTERNAL, source.held_at, record.level)
    return {
        "level": pd.Series([max(floor, height).slug for height, _ in found]).array,
        "compartments": pd.Series(words, dtype="str").array,
    }


def strictest(rows: pd.DataFrame, delivered: pd.DataFrame) -> pd.DataFrame:
    """
    Return the rows of a record type with the strictest label that any delivered row of the record has.

    A row that is set aside for a slip elsewhere, or stands twice, still says how closely it is held.
    """
    if "record_id" not in delivered or delivered.empty or rows.empty:
        return rows
    height = delivered["level"].str.strip().str.lower().map({word: n for n, word in enumerate(LEVELS)})
    ids = delivered["record_id"].str.strip()
    highest = height.fillna(len(LEVELS) - 1).groupby(ids).max().reindex(rows["record_id"])
    own = rows["level"].map({word: n for n, word in enumerate(LEVELS)}).astype("float")
    raised = pd.Series(highest.to_numpy(), index=rows.index) > own
    words = pd.Series(highest.fillna(0).astype(int).map(dict(enumerate(LEVELS))).to_numpy(), index=rows.index)
    written = delivered["compartments"].dropna()
    read = {one: ";".join(_known(one)) for one in written.unique()}
    named = written.map(read).groupby(ids).agg(";".join).reindex(rows["record_id"])
    more = pd.Series(named.to_numpy(), index=rows.index, dtype="str")
    joined = (rows["compartments"].fillna("") + ";" + more.fillna("")).map(_once)
    return rows.assign(
        level=rows["level"].mask(raised, words.astype("str")),
        compartments=rows["compartments"].mask(more.notna(), joined.astype("str")),
    )


def stored_labels(store: Store, delivery: Delivery, record: RecordType) -> pd.DataFrame:
    """Return `level` and `compartments` as stored of each record_id of the source, withdrawn ones too."""
    held = store.revisions(
        record,
        as_of=delivery.recorded_at,
        sources=[delivery.source],
        columns=["level", "compartments"],
    )
    return held.drop_duplicates("record_id", keep="last").set_index("record_id")[["level", "compartments"]]


def never_lower(rows: pd.DataFrame, held: pd.DataFrame) -> tuple[pd.DataFrame, list[KeptLabel]]:
    """
    Return the rows with no label lower than the one `held` of their record, and which would have been.

    Lowering is an act on record (`label_change`): a slip in a file must not open what was closed.
    """
    before = held.reindex(rows["record_id"]).set_axis(rows.index)
    lower = rows["level"].map(_HEIGHTS).astype("float64") < before["level"].map(_HEIGHTS).astype("float64")
    gone = (before["compartments"].notna() & (before["compartments"] != rows["compartments"])).to_numpy(
        dtype=bool, copy=True
    )
    named = zip(before.loc[gone, "compartments"], rows.loc[gone, "compartments"], strict=True)
    gone[gone] = [not parts(was) <= parts(now) for was, now in named]
    kept = lower | gone
    if not kept.any():
        return rows, []
    joined = (before["compartments"].fillna("") + ";" + rows["compartments"].fillna("")).map(_once)
    strict = rows.assign(
        level=rows["level"].mask(lower, before["level"]),
        compartments=rows["compartments"].mask(gone, joined.astype("str")),
    )
    columns = ["record_id", "level", "compartments"]
    was = strict.loc[kept, columns].itertuples(index=False, name=None)
    came = rows.loc[kept, columns].itertuples(index=False, name=None)
    return strict, [
        KeptLabel(record_id=str(name), kept=_told(level, held), delivered=_told(low, few))
        for (name, level, held), (_, low, few) in zip(was, came, strict=True)
    ]


def parts(label: object) -> frozenset[str]:
    """Return the compartments that a label names, as they are written; none if it is missing."""
    text = label if isinstance(label, str) else ""
    return frozenset(part.strip() for part in text.replace(",", ";").split(";")) - {""}


def _known(label: str) -> tuple[str, ...]:
    """Return the compartments of a label as validation reads them: one that is unknown is all of them."""
    named = {part.lower() for part in parts(label)}
    return tuple(one for one in COMPARTMENTS if one in named or not named <= set(COMPARTMENTS))


def _told(level: object, compartments: object) -> str:
    return " + ".join((str(level), *sorted(parts(compartments))))


def _once(label: str) -> str:
    return ";".join(dict.fromkeys(part.strip() for part in label.split(";") if part.strip()))
