"""The log: contacts, commitments and alerts as they are entered, and who may be behind a key."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise

import pandas as pd

from workbench import audit
from workbench.config import Office
from workbench.desk._register import Entered, enter, lines, next_id, register_of, signature
from workbench.errors import ConfigurationError, ParameterError
from workbench.keys import keys_of
from workbench.pull import label
from workbench.records import record_type, validate
from workbench.store import Store
from workbench.view import View, present, sealed_values

LOGS = ("liaison_entry", "commitment", "alert")
"""What is entered in the log."""

_SHORTEST = 4
"""Letters from which on a single word of a name is looked for."""

_CAPITALS = re.compile(r"\b[^\W\d_a-z][\w'’-]+(?:\s+[^\W\d_a-z][\w'’-]+)+")
"""Two or more words in a row that begin with a capital: what a name looks like in Latin and Cyrillic."""


@dataclass(frozen=True)
class Interlocutor:
    """Who is behind a key, from the sealed table; its repr says the number of its row and nothing else."""

    number: int
    key: str = field(repr=False)
    name: str = field(repr=False)
    organisation: str = field(repr=False)
    organisation_kind: str = field(repr=False)
    role: str = field(repr=False)


@dataclass(frozen=True)
class Earlier:
    """An earlier entry with the same interlocutor; `open_until` is the day of a follow-up not done yet."""

    day: date | None
    topics: str
    said: str
    open_until: date | None
    follow_up: bool


def may_open_names(office: Office, readers: str) -> bool:
    """Whether an audience has the level and compartments of the sealed table. Raises UnknownName."""
    reader, record = office.audience_called(readers), record_type("interlocutor")
    return reader.clearance >= record.level and set(record.compartments) <= set(reader.compartments)


def interlocutors(
    office: Office, store: Store, *, readers: str, by: str, at: datetime
) -> tuple[Interlocutor, ...]:
    """
    Return whom the sealed table names, by name; that it was opened, and by whom, goes into the audit log.

    `readers` is the audience that the form is opened for. The line is written before anything is read.
    Raises ParameterError if those readers may not know names, or if `by` cannot sign; StoreError if the
    audit log is broken.
    """
    signed = signature(by)
    if not may_open_names(office, readers):
        raise ParameterError(
            f"The readers of this page ({office.audience_called(readers).name}) may not know who is behind a "
            "key: that takes the highest level and the compartment source_identity. Enter role and "
            "organisation without a name, or let somebody enter it who may."
        )
    record = record_type("interlocutor")
    audit.append(office, "looked_up", by=signed, at=at, record=record.name)
    rows = store.read(record, as_of=present(office, store)).sort_values(["name", "record_id"])
    names = ("record_id", "name", "organisation", "organisation_kind", "role")
    texts = rows[list(names)].astype("object").where(rows[list(names)].notna(), "")
    return tuple(
        Interlocutor(number, *map(str, row))
        for number, row in enumerate(texts.itertuples(index=False, name=None), start=1)
    )


def earlier(office: Office, seen: View, key: str, *, most: int = 4) -> tuple[Earlier, ...]:
    """
    Return the last entries with one interlocutor, newest first, as far as the view holds them; "" is all.

    `said` is the summary where these readers may read it, else the text for release.
    """
    rows = seen.known("liaison_entry")
    if rows is None or rows.empty:
        return ()
    if key:
        if "name_ref" not in rows:
            return ()
        code = keys_of(office).pseudonym(seen.audience.slug, "interlocutor", key)
        rows = rows[rows["name_ref"].isin([key, code])]
    rows = rows.sort_values("occurred_on", ascending=False, kind="stable").head(most)
    return tuple(
        Earlier(
            day=_day(row.get("occurred_on")),
            topics=_text(row.get("topics")).replace(";", ", ").replace("_", " "),
            said=_text(row.get("summary")) or _text(row.get("releasable_text")),
            open_until=_day(row.get("follow_up_due")),
            follow_up=_day(row.get("follow_up_due")) is not None and _day(row.get("follow_up_done")) is None,
        )
        for row in rows.to_dict("records")
    )


class Names:
    """Tells where a text for release says what it may not; holds the sealed table's names and shows none."""

    def __init__(self, store: Store) -> None:
        whole = {_folded(one) for one in sealed_values(store)}
        self._whole = frozenset(one for one in whole if len(one) >= _SHORTEST)
        self._words = frozenset(
            word for one in whole for word in one.split() if len(word) >= _SHORTEST and word.isalpha()
        )

    def __repr__(self) -> str:
        return "<Names>"

    def holds(self, text: str) -> bool:
        """Whether a text says a name, number or key of the sealed table: no page that shows it may leave."""
        folded = f" {_folded(text)} "
        return any(f" {one} " in folded for one in self._whole)

    def warnings(self, releasable: str, *, summary: str, known: frozenset[str]) -> tuple[str, ...]:
        """
        Return what to look at in a text for release, in plain words that repeat nothing of it.

        `known` are names that may be said: of districts, organisations and areas.
        """
        text = f" {_folded(releasable)} "
        found = []
        if not self.holds(releasable) and self._words & set(text.split()):
            found.append(
                "It has a word that is part of a name in the sealed table. Look whether it names somebody."
            )
        may = {_folded(one) for one in known}
        words = {word for one in may for word in one.split()}
        names = {
            f"{left} {right}"
            for match in _CAPITALS.finditer(summary)
            for left, right in pairwise(_folded(match[0]).split())
        }
        if any(f" {one} " in text for one in names if one not in may and not set(one.split()) <= words):
            found.append(
                "It repeats words of the entry that look like a name. Say the role or the institution."
            )
        return tuple(found)


def faults(
    office: Office, record: str, row: Mapping[str, str], *, at: datetime, whole: bool
) -> dict[str, str]:
    """
    Return what a pull would refuse of an entry, by column; with `whole` also what is missing.

    Raises ConfigurationError with the [[source]] block to paste if the office keeps no such register.
    """
    source = register_of(office, record)
    kind = record_type(record)
    given = {"record_id": "X", **row, **source.constants}
    frame = pd.DataFrame([{name: text for name, text in given.items() if text.strip()}], dtype="str")
    frame = label(source, frame.assign(file="", row=1))
    found = validate(kind, frame, today=at.astimezone(office.zone).date()).rejected
    told: dict[str, str] = {}
    for column, reason in zip(found["column"], found["reason"], strict=True):
        missing = not str(row.get(str(column), "")).strip()
        if whole or not missing:
            told.setdefault(str(column), str(reason))
    return told


def log_entry(  # noqa: PLR0913  (every entry has who, why and when)
    office: Office, store: Store, record: str, row: Mapping[str, str], *, by: str, at: datetime,
    record_id: str = "", reason: str = "",
) -> Entered:  # fmt: skip
    """
    Enter a contact, a commitment or an alert: a new one, or a further line of `record_id`.

    Raises ParameterError, with nothing written, naming a column and what is wrong with it, and as
    `desk.enter`.
    """
    if record not in (*LOGS, "interlocutor"):
        raise ParameterError(f"The log takes no {record}. It takes: {', '.join(LOGS)}.")
    clean = {name: text.strip() for name, text in row.items() if text.strip()}
    if record_id:
        known = lines(office, record)
        if not known["record_id"].eq(record_id).any():
            raise ParameterError(
                "record_id: this one was not entered at this desk. Change it where it is kept, and pull."
            )
    name = record_id or next_id(office, record, at=at)
    what = record.replace("_", " ")
    why = reason.strip() or (f"{what} changed" if record_id else f"{what} entered")
    return enter(office, store, record, {name: clean}, by=by, reason=why, at=at)


def where_interlocutors_are_kept(office: Office) -> str:
    """Return a sentence that says where a new interlocutor is written down; "" if this desk can do it."""
    try:
        register_of(office, "interlocutor")
    except ConfigurationError:
        kept = [source.path for source in office.source if source.record == "interlocutor"]
        if kept:
            return f"A new interlocutor is written into {', '.join(kept)}, with a key of its own; then pull."
        return (
            "This office keeps no sealed table of interlocutors, so names have no place here: leave the key "
            "blank and give the role."
        )
    return ""


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(one if one.isalnum() else " " for one in plain).split())


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _day(value: object) -> date | None:
    return value.date() if isinstance(value, pd.Timestamp) and not pd.isna(value) else None
