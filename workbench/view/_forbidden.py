"""What a view holds and what it does not: the texts that may leave with it, and those that must not."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd

from workbench.config.tradecraft import likelihood_words
from workbench.records import ANY_RECORD, RecordType, record_names, record_type
from workbench.store import Store
from workbench.view._codes import kind_of
from workbench.view._known import end_of_second
from workbench.view._seen import View

_END = datetime.max.replace(tzinfo=UTC)
_BOOKS = frozenset({"delivery"})
"""The workbench's own book: how deliveries are numbered says nothing about anybody."""

_TELLING = 12
"""Letters from which on a text of an earlier revision is looked for in what leaves."""

_OWN_NAMES = {
    "assessment": frozenset({"area", "week"}),
    "correction": frozenset({"corrected_record", "corrected_source", "column"}),
    "rejected_row": frozenset({"record", "column", "reason"}),
    "duplicate_decision": frozenset({"left_source", "right_source"}),
    "label_change": frozenset({"changed_record", "changed_source"}),
}
"""Columns of text that hold names of the workbench and the office, by record type; `source` always is one."""

_WORDS_OF_A_SEAL = frozenset({"created_by", "organisation", "role"})
"""
What a page may say though a sealed row says it too: the office an interlocutor holds, never who it is, and
the function that entered the row, which signs other rows as well.
"""


def hidden_values(store: Store, view: View) -> list[str]:
    """
    Return every text that the store holds and the view does not, sorted.

    These are the gate's forbidden values: what people wrote (the kinds text and free_text, of all record
    types, areas and days), and the coordinates as decimal degrees. Words of closed vocabularies, the
    workbench's own names and its book of deliveries say nothing about anybody. Ids of rows that the view
    holds are none of them, though it has codes in their stead.

    Taken from all sources and up to now, not up to the view's as-of instant: that is the last delivery its
    audience may know of, and others may have delivered since. What was written after an issue is a secret
    for it too, so more than what was known is never wrong; less could let a name pass. Names of sealed
    tables are forbidden even where the view says them: somebody typed one where it may not stand.
    """
    held: set[str] = set()
    then, last = end_of_second(view.as_of), store.cut_off(_END)
    instants = (_END,) if last is not None and last <= then else (_END, then)
    for record in map(record_type, record_names()):
        if record.name in _BOOKS:
            continue
        everything = store.everything(record, as_of=_END)
        if record.sealed:
            held |= _texts(everything[_said(record)])
            continue
        said, ids = _said(record), _ids(record)
        if record.name == "correction":
            everything = _as_written(everything)
        for as_of in instants:
            rows = store.read(record, as_of=as_of)
            rows = _as_written(rows) if record.name == "correction" else rows
            held |= _texts(rows[[*said, *(c for c in ("latitude", "longitude") if c in rows)]])
            held |= _texts(rows[ids]) - view.own_ids
        # of what was said before and taken back, only what identifies: a state of "open" is no secret
        past = _texts(everything[said]) | (_texts(everything[ids]) - view.own_ids)
        held |= {value for value in past if len(value) >= _TELLING and " " in value}
    return sorted((held - set(shown_values(view))) | set(sealed_values(store)))


def sealed_values(store: Store) -> list[str]:
    """
    Return what sealed tables say of a person and no page may say, sorted: names, telephones, notes, keys.

    Not what the person is (an organisation, a role), nor who entered the row. A text that a reader may read
    and that says one of these all the same must not leave either: somebody typed a name where it may not
    stand.
    """
    sealed: set[str] = set()
    for record in map(record_type, record_names()):
        if record.sealed:
            rows = store.everything(record, as_of=_END)
            sealed |= _texts(rows[_said(record, but=_WORDS_OF_A_SEAL)])
    return sorted(sealed)


def shown_values(view: View) -> list[str]:
    """
    Return every text the view holds, sorted: what its edition is allowed to say.

    The office's likelihood words are among them: a closed list, which every glossary prints.
    """
    return sorted({*framing_values(view), *(text for rows in view.tables.values() for text in _texts(rows))})


def framing_values(view: View) -> list[str]:
    """Return the texts of a view that no row says, sorted: of districts, sources, the office, its readers."""
    shown = {*likelihood_words(view.office.likelihood_scale)}
    shown |= _texts(view.districts) | _texts(view.sources)
    said = (view.office, view.area, view.audience, *([view.office.risk] if view.office.risk else []))
    shown.update(value for part in said for value in vars(part).values() if isinstance(value, str))
    return sorted(shown)


def _said(record: RecordType, *, but: frozenset[str] = frozenset()) -> list[str]:
    """Return the columns in which people wrote, without ids and the workbench's own names."""
    own = _OWN_NAMES.get(record.name, frozenset()) | {"source"} | but
    own |= frozenset() if record.sealed else frozenset(_ids(record))
    return [c.name for c in record.columns if c.kind in {"text", "free_text"} and c.name not in own]


def _as_written(corrections: pd.DataFrame) -> pd.DataFrame:
    """Return corrections without the values of columns that people do not write in: words, numbers, days."""
    records = [record_type(name) for name in record_names()]
    written = {(one.name, name) for one in records for name in (*_said(one), "latitude", "longitude")}
    named = zip(corrections["corrected_record"], corrections["column"], strict=True)
    told = [pair in written for pair in named]
    own = pd.Series(told, index=corrections.index, dtype="bool")
    values = {name: corrections[name].where(own) for name in ("value_was", "value_to")}
    return corrections.assign(**values)


def _ids(record: RecordType) -> list[str]:
    """Return the columns that hold the id of a record; what names a sealed one is a text to be hidden."""
    return [
        c.name
        for c in record.columns
        if c.name in {"record_id", "changed_id"}
        or (c.kind == "text" and c.refers_to and kind_of(c) == ANY_RECORD)
    ]


def _texts(rows: pd.DataFrame) -> set[str]:
    found: set[str] = set()
    for name in rows.columns:
        if str(rows[name].dtype) == "str" or name in {"latitude", "longitude"}:
            held = rows[name].unique()
            found.update(map(str, held[~pd.isna(held)]))
    return found
