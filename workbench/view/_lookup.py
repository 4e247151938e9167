"""From a code in an edition back to the record: for those who have the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from workbench.config import Office
from workbench.keys import keys_of
from workbench.records import record_names, record_type
from workbench.store import Store
from workbench.view._codes import RECORDS, kind_of, longer

_END = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, order=True)
class Named:
    """A record by its type, source and id; `source` is "" where only a reference names it."""

    record: str
    source: str
    record_id: str


def records_of(office: Office, store: Store, audience: str, code: str) -> tuple[Named, ...]:
    """
    Return the records that carry `code` in the editions of `audience`, in order; none if none does.

    Of all that the store ever held, withdrawn records too. Usually one; several where sources give the same
    id, or where two ids share a code (one in a thousand million pairs), which then stand with a longer one
    in an edition that has both. Case and blanks do not matter. Raises UnknownName.
    """
    reader, keys = office.audience_called(audience), keys_of(office)
    asked = "".join(code.split()).upper()
    found: set[Named] = set()

    def codes(kind: str, value: str) -> tuple[str, str]:
        return keys.pseudonym(reader.slug, kind, value), longer(keys, reader.slug, kind, value)

    for record in map(record_type, record_names()):
        kind = record.name if record.sealed else RECORDS
        referring = [c.name for c in record.columns if c.refers_to and kind_of(c) != RECORDS]
        rows = store.revisions(record, as_of=_END, sources=None, columns=referring)
        for source, name in set(zip(rows["source"], rows["record_id"], strict=True)):
            if asked in codes(kind, name):
                found.add(Named(record.name, source, name))
        for column in referring:
            sealed = record.column(column).refers_to
            for name in rows[column].dropna().unique():
                if asked in codes(sealed, name):
                    found.add(Named(sealed, "", name))
    delivered = {(one.record, one.record_id) for one in found if one.source}
    return tuple(sorted(one for one in found if one.source or (one.record, one.record_id) not in delivered))
