"""Questions to a table called `revisions`, in SQL: names are quoted, values are literals."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date


def known(as_of: int | None, sources: Iterable[str] | None) -> list[str]:
    """Return the conditions on revisions recorded by `as_of`, in microseconds, of `sources`; None is all."""
    said = [] if as_of is None else [f"recorded_at <= {instant(as_of)}"]
    if sources is not None:
        names = sorted(set(sources))
        said.append(f"source IN ({', '.join(map(text, names))})" if names else "false")
    return said


def latest_of(columns: Iterable[str], *, known: list[str], shown: list[str]) -> str:
    """
    Return the question for `columns` of the latest revision of every record, of the revisions `known`.

    `shown` may narrow the rows, never the revisions that supersede them: a record that moved out of a
    window would otherwise stay visible as it was before.
    """
    superseding = " AND ".join(["prev_recorded_at IS NOT NULL", *known])
    return f"""
        SELECT {", ".join(map(name, columns))} FROM revisions AS r
        WHERE {" AND ".join([*known, *shown, "true"])} AND NOT EXISTS (
            SELECT 1 FROM (
                SELECT source, record_id, prev_recorded_at FROM revisions WHERE {superseding}
            ) AS s
            WHERE s.source = r.source AND s.record_id = r.record_id
              AND s.prev_recorded_at = r.recorded_at
        )
        """  # noqa: S608 - names are quoted, values are literals


def listed(ids: Iterable[str], separator: str) -> str:
    """
    Return a table of one column `id` of these texts, and of "" and "-", as SQL.

    A list of as many literals takes seconds to plan, and some 50,000 of them end the process.
    """
    # alone, the empty text would be read as no text at all
    joined = separator.join(sorted({"", "-", *ids}))
    return f"(SELECT unnest(string_to_array({text(joined)}, {text(separator)})) AS id)"


def name(column: str) -> str:
    """Return a column's name, quoted."""
    return '"' + column.replace('"', '""') + '"'


def text(value: str) -> str:
    """Return a text as a literal."""
    return "'" + value.replace("'", "''") + "'"


def day(value: date) -> str:
    """Return a day as a literal."""
    return f"DATE '{value:%Y-%m-%d}'"


def instant(since_epoch: int) -> str:
    """Return an instant, given in microseconds since 1970, as a literal."""
    return f"arrow_cast({since_epoch}, 'Timestamp(Microsecond, Some(\"UTC\"))')"
