"""Corrections: values of delivered rows set right at the desk, while they are delivered as they were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd

from workbench import sources
from workbench.config import COMPARTMENTS, LEVELS, Office, Source
from workbench.desk._register import Entered, enter, next_id, register_of, signature, whole
from workbench.errors import ParameterError, SourceError
from workbench.pull import examine, place_said, same, standing_corrections
from workbench.records import record_type
from workbench.records.correction import correctable
from workbench.sources.places import districts
from workbench.store import Store

RECORD = "correction"


@dataclass(frozen=True, kw_only=True)
class Correction:
    """
    One value to be set right: of the row `record_id` of the source called `source`.

    `was`: the value as delivered (also one that an earlier correction gave it), `to`: the value it should
    have; "" for none. Of `district` both are p-codes, of `level` and `compartments` the words of the office.
    """

    source: str
    record_id: str
    column: str
    was: str
    to: str


def correct(
    office: Office, store: Store, corrections: Sequence[Correction], *, by: str, reason: str, at: datetime
) -> Entered:
    """
    Enter corrections in the office's register, and pull the sources they are of: the rows are right at once.

    A row that validation set aside is mended by correcting the columns at fault, all in one call. If a
    source cannot be read now its corrections are kept, and take effect at its next pull. `desk.take_back`
    undoes one.

    Raises ParameterError, with nothing written: for a column that is not corrected; for a value its column
    cannot have; for a row that is not delivered, that has no record_id or that could not be read at all; for
    a value that is not the one delivered; for a label that would be lowered. ConfigurationError and
    StoreError as `enter`.
    """
    register_of(office, RECORD)
    if not corrections:
        raise ParameterError("There is nothing to correct.")
    if not reason.strip():
        raise ParameterError("reason: say what the correction rests on.")
    chosen = dict.fromkeys(one.source for one in corrections)
    told = []
    settled: list[Correction] = []
    for source in map(office.source_called, chosen):
        own = [
            replace(one, was=whole(one.was), to=whole(one.to).strip())
            for one in corrections
            if one.source == source.slug
        ]
        _refuse(office, source, own)
        try:
            rows = delivered(office, source.slug)
        except SourceError as problem:
            if any(one.column == "district" for one in own):
                raise ParameterError(
                    f"district: a place is chosen for what its source says of it, and {source.slug} cannot "
                    f"be read now. {problem}"
                ) from None
            settled += own
            continue
        own = [_settled(office, store, source, rows, one) for one in own]
        aside = _check(office, store, source, rows, own, at=at)
        told += [aside] if aside else []
        settled += own
    lines = _rows(office, settled, by=signature(by), reason=whole(reason).strip(), at=at)
    entered = enter(office, store, RECORD, lines, by=by, reason=reason, at=at, also=tuple(chosen))
    return replace(entered, told=" ".join([entered.told, *told]))


def delivered(office: Office, source: str) -> pd.DataFrame:
    """
    Return the rows of a source as delivered now, before any correction: text, `file`, `row`, `record_id`.

    A rejected row is found in it by the `file` and `row` that the rejection names; a row that the reader
    itself set aside is not. Raises UnknownName, SourceError, ConfigurationError.
    """
    return sources.read(office.source_called(source), office).rows


def _refuse(office: Office, source: Source, corrections: Sequence[Correction]) -> None:
    record = record_type(source.record)
    if sources.is_register(source):
        raise ParameterError(f"{source.slug} is a register of this office: enter the row anew instead.")
    known = correctable(record)
    for one in corrections:
        if one.column not in known:
            raise ParameterError(
                f"{one.column[:60]}: is not corrected. Of {record.name} these can be: {', '.join(known)}."
            )
    twice = [(one.record_id, one.column) for one in corrections]
    if len(set(twice)) < len(twice):
        raise ParameterError("A value can be corrected once at a time.")
    codes = set(districts(office)["district"]) if any(one.column == "district" for one in corrections) else ()
    for one in corrections:
        if one.column == "district" and one.to not in codes:
            raise ParameterError("district: is no code of the office's boundaries.")
        if one.column == "level" and one.to not in LEVELS:
            raise ParameterError(f"level: is not one of: {', '.join(LEVELS)}.")
        if one.column == "compartments" and not _named(one.to) <= set(COMPARTMENTS):
            raise ParameterError(f"compartments: is not one of: {', '.join(COMPARTMENTS)}.")


def _settled(office: Office, store: Store, source: Source, rows: pd.DataFrame, one: Correction) -> Correction:
    """Return a correction with `was` as its source delivers it now; raises ParameterError if it cannot be."""
    at = _place(office, source, rows, one)
    record = record_type(source.record)
    row = rows.loc[[at]].iloc[0].to_dict()
    if one.column == "district":
        return replace(one, was=place_said(row) or "")
    cell = row.get(one.column)
    now = None if cell is None or pd.isna(cell) else str(cell)
    if one.column in ("level", "compartments"):
        return replace(one, was=now or "")
    if same(record, one.column, now, one.to or None):
        raise ParameterError(f"{one.column}: that is the value {source.slug} delivers. Nothing was stored.")
    if same(record, one.column, now, one.was or None):
        return replace(one, was=now or "")
    earlier = standing_corrections(office, store, source)
    mine = earlier[(earlier["corrected_id"] == one.record_id) & (earlier["column"] == one.column)]
    for before in mine.astype("object").where(mine.notna(), None).to_dict("records"):
        if same(record, one.column, now, before["value_was"]) and same(
            record, one.column, one.was or None, before["value_to"]
        ):
            return replace(one, was=now or "")
    raise ParameterError(
        f"{one.column}: {source.slug} delivers another value of this row by now. Look at it again."
    )


def _place(office: Office, source: Source, rows: pd.DataFrame, one: Correction) -> int:
    ids = rows["record_id"].str.strip() if "record_id" in rows else pd.Series(dtype="str")
    found = ids.index[ids == one.record_id]
    if len(found) == 1:
        return int(found[0])
    if len(found):
        why = "has several rows of this record_id"
    elif one.record_id in sources.read(source, office).unread:
        why = "has it in a row that cannot be read at all"
    else:
        why = "delivers no row of this record_id now"
    raise ParameterError(f"record_id: {source.slug} {why}, so it cannot be corrected here. Mend its file.")


def _check(
    office: Office, store: Store, source: Source, rows: pd.DataFrame, corrections: Sequence[Correction],
    *, at: datetime,
) -> str:  # fmt: skip
    """Raise ParameterError for the first fault in a corrected value; return what else is wrong in its row."""
    lines = _rows(office, corrections, by="-", reason="-", at=at)
    known = pd.DataFrame([{"record_id": name, **row} for name, row in lines.items()], dtype="str")
    earlier = standing_corrections(office, store, source)
    every = pd.concat([earlier, known.mask(known == "")], ignore_index=True)
    every = every.drop_duplicates(["corrected_id", "column"], keep="last")
    touched = rows["record_id"].str.strip().isin([one.record_id for one in corrections])
    after = examine(office, source, rows[touched], at=at, corrections=every)
    ids = rows.loc[touched].set_index(["file", "row"])["record_id"].str.strip()
    named = {(one.record_id, one.column) for one in corrections}
    faults = [
        (str(ids[file, row]), str(column), str(why))
        for file, row, column, why in zip(
            *(after.result.rejected[name] for name in ("file", "row", "column", "reason")), strict=True
        )
    ]
    wrong = next((one for one in faults if one[:2] in named), None)
    if wrong is not None:
        raise ParameterError(f"{wrong[1]}: {wrong[2]}. Nothing was stored.")
    if any(one.column in ("level", "compartments") for one in corrections):
        before = examine(office, source, rows[touched], at=at, corrections=earlier)
        _refuse_lower(store, source, before.rows, corrections)
    left = {one[0] for one in faults}
    columns = ", ".join(dict.fromkeys(one[1] for one in faults))
    return f"Still set aside for another column ({columns}): {', '.join(sorted(left))}." if left else ""


def _refuse_lower(
    store: Store, source: Source, rows: pd.DataFrame, corrections: Sequence[Correction]
) -> None:
    labels = [one for one in corrections if one.column in ("level", "compartments")]
    ids = rows["record_id"].str.strip()
    for one in labels:
        stored = store.history(record_type(source.record), source=source.slug, record_id=one.record_id)
        for held in (rows.loc[ids == one.record_id, one.column], stored[one.column].tail(1)):
            if any(_lowers(one, "" if pd.isna(label) else str(label)) for label in held):
                raise ParameterError(
                    f"{one.column}: a correction only raises a label, and this row is held more closely. A "
                    "label is lowered by an act on record: enter a label_change."
                )


def _lowers(one: Correction, held: str) -> bool:
    if one.column == "compartments":
        return not _named(held) <= _named(one.to)
    word = held.strip().lower()  # missing or unknown counts as the highest
    return word not in LEVELS or LEVELS.index(one.to) < LEVELS.index(word)


def _named(compartments: str) -> set[str]:
    return {one.strip().lower() for one in compartments.replace(",", ";").split(";")} - {""}


def _rows(
    office: Office, corrections: Sequence[Correction], *, by: str, reason: str, at: datetime
) -> Mapping[str, dict[str, str]]:
    """Return the lines of the register, by the next free ids."""
    first = next_id(office, RECORD, at=at)
    begin, _, number = first.rpartition("-")
    today = at.astimezone(office.zone).date().isoformat()
    return {
        f"{begin}-{int(number) + place:03}": {
            "corrected_record": office.source_called(one.source).record,
            "corrected_source": one.source,
            "corrected_id": one.record_id,
            "column": one.column,
            "value_was": one.was,
            "value_to": one.to,
            "corrected_on": today,
            "corrected_by": by,
            "reason": reason,
        }
        for place, one in enumerate(corrections)
    }
