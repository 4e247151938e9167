"""A selection as a file of the office: what these readers may be given of it, past the gate, and marked."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

import pandas as pd

from workbench import analysis, audit, gate
from workbench.blocks import Cell, Table, TableColumn
from workbench.config import Office
from workbench.desk.explore._rows import Rows
from workbench.desk.explore._selection import Selection
from workbench.desk.explore._text import text_of
from workbench.document import Document, sections, sheets
from workbench.errors import DisclosureRefused, ParameterError
from workbench.publish import checked, known_counts, pack
from workbench.records import record_type
from workbench.store import Store
from workbench.view import Edition, View, counts_csv, make

KINDS = ("csv", "xlsx")
FOLDER = "exports"

_NAMES = {"csv": "table_01.csv", "xlsx": sheets.WORKBOOK}
"""As the gate knows the files of tables."""

_NO_PACK = frozenset(
    {
        gate.Finding("missing_part", "manifest.json", "there is none"),
        gate.Finding("missing_part", "the folder", "there is no document"),
    }
)
"""What the gate finds missing where a file is none of a pack."""

_LEFT_OUT = frozenset({"listable"})
_ADDRESS = re.compile(
    r"\s*(?:[a-z][a-z0-9+.-]{1,20}://|www\.|(?:mailto|javascript|file|data|tel):|\\\\)\S*\s*", re.I
)
_MOST = 9_999
_WAIT_SECONDS = 60


@dataclass(frozen=True)
class Exported:
    """A file that was saved: where, how many rows, and how many more were left out by their licence."""

    file: Path
    rows: int
    left_out: int


def export(  # noqa: PLR0913  (the office, what is shown and selected, as which file, by whom and when)
    office: Office, store: Store, edition: Edition, selection: Selection, *,
    kind: Literal["csv", "xlsx"], by: str, at: datetime,
) -> Exported:  # fmt: skip
    """
    Save the selected rows of an edition's view as one file in the office's private folder.

    The rows that may be listed, with the columns of the view and the codes of this edition; readers who are
    given counts only get the tables of counts. The view is made anew, by the labels of this moment; in the
    file stand the audience's marking, "DRAFT, NOT RELEASED", and that data are invented where they are. No
    cell is a formula or a link. The gate reads the finished file before it gets its name.

    Raises DisclosureRefused, naming the gate's rule, with nothing saved; ParameterError if nothing is
    selected, or what these readers may read has changed since the edition was made.
    """
    if kind not in KINDS:
        raise ParameterError(f"Files are saved as one of: {', '.join(KINDS)}.")
    signed, seen = audit.person(by), edition.view
    today = make(
        office, store,
        checked.request(
            office, area=seen.area.slug, week=seen.week.slug, audience=seen.audience.slug, as_of=seen.as_of,
            known=seen.as_of,
        ),
    )  # fmt: skip
    counted = today.audience.count_threshold > 1
    table, n, left_out = _counts(today) if counted else _listed(seen, today, selection)
    content = _written(Edition(today, edition.words), table, kind)
    name = _NAMES[kind]
    folder = office.path(office.private) / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".checking-") as checking:
        place = Path(checking)
        (place / name).write_bytes(content)
        if counted:
            (place / known_counts.NAME).write_bytes(counts_csv(today.table("count")))
        _require(office, store, Edition(today, edition.words), place, name, at=at)
    file = _saved(office, folder, today, kind, content, rows=n, by=signed, at=at)
    return Exported(file, n, left_out)


def _listed(seen: View, today: View, selection: Selection) -> tuple[Table, int, int]:
    """Return the table of the selected rows that may be listed, their number, and that of the others."""
    rows = today.table("incident")
    if not rows.equals(seen.table("incident")):
        raise ParameterError(
            "What these readers may read has changed since this page was run, so the selection may not be "
            "what you see. Run the page again, then save."
        )
    ready = Rows(rows, week=today.week)
    chosen = ready.frame[ready.mask(selection)]
    listed = analysis.listable(chosen)
    if listed.empty:
        raise ParameterError(
            f"No selected row may be listed ({len(chosen)} may be counted only), so there is nothing to save."
            if len(chosen)
            else "Nothing is selected, so there is nothing to save. Clear a filter."
        )
    names = [one for one in record_type("incident").names if one in listed and one not in _LEFT_OUT]
    return _table("Incidents", listed[names]), len(listed), len(chosen) - len(listed)


def _counts(today: View) -> tuple[Table, int, int]:
    """Return the tables of counts as one table: a number, "withheld" or "unknown" in words."""
    rows = today.table("count")
    told = rows["incidents"].astype("object").where(rows["state"].eq("shown"), rows["state"])
    shown = rows[["table", "week", "event_type", "district"]].assign(incidents=told)
    return _table("Counts", shown), len(rows), 0


def _table(title: str, rows: pd.DataFrame) -> Table:
    numeric = {name for name in rows if pd.api.types.is_numeric_dtype(rows[name])}
    columns = tuple(TableColumn(str(name), "right" if name in numeric else "left") for name in rows)
    cells = (
        tuple(Cell(_plain(text_of(one))) for one in row) for row in rows.itertuples(index=False, name=None)
    )
    return Table(title, columns, tuple(cells))


def _plain(text: str) -> str:
    """Return a text that no spreadsheet follows: an address is told to be one."""
    return f"address: {text}" if _ADDRESS.fullmatch(text) else text


def _written(edition: Edition, table: Table, kind: str) -> bytes:
    head = sections.masthead(edition, title="{area}", briefing="explore")
    notice = edition.words.say("DRAFT, NOT RELEASED")
    marked = replace(head, title=table.title, marking=f"{head.marking} · {notice}")
    document = Document(marked, (table,))
    return sheets.csv(document, table) if kind == "csv" else sheets.xlsx(document)


def _require(office: Office, store: Store, edition: Edition, place: Path, name: str, *, at: datetime) -> None:
    """Let the gate read the file; raises DisclosureRefused unless it has read it and found nothing."""
    seen, spoken = edition.view, edition.words
    audience = office.audience_called(seen.audience.slug)
    values = checked.values_of(office, store, seen)
    report = gate.check_apart(
        place,
        forbidden=values.forbidden,
        permitted=[*values.permitted, *spoken.sentences(), *_own_words()],
        expected=gate.Expected(
            audience=audience.slug,
            marking=audience.marking,
            status="draft",
            count_threshold=audience.count_threshold,
            other_markings=tuple(one.marking for one in office.audience if one.slug != audience.slug),
            draft_notices=("DRAFT, NOT RELEASED", spoken.say("DRAFT, NOT RELEASED")),
            published=known_counts.known_counts(office, audience, area=seen.area.slug, as_of=seen.as_of),
        ),
        sealed=values.sealed,
    )
    found = tuple(one for one in report.findings if one not in _NO_PACK)
    if not found and name in report.files:
        return
    audit.append(
        office, "gate_refused", by="gate", at=at, edition=_edition(seen), findings=max(1, len(found))
    )
    try:
        gate.require(replace(report, findings=found or report.findings))
    except DisclosureRefused as problem:
        told = str(problem).replace(
            "refused this pack, and nothing was published", "refused this file, and nothing was saved"
        )
        raise DisclosureRefused(told) from None


def _own_words() -> Iterable[str]:
    """Return the names of columns and the words of closed vocabularies: they say nothing of anybody."""
    for column in record_type("incident").columns:
        yield column.name
        yield from column.vocabulary


def _saved(  # noqa: PLR0913  (the place and kind of the file, and who saved it when)
    office: Office, folder: Path, seen: View, kind: str, content: bytes, *, rows: int, by: str, at: datetime
) -> Path:
    from filelock import FileLock

    stem = f"{seen.audience.slug}-{seen.area.slug}-{seen.week.slug.lower()}"
    with FileLock(folder / ".lock", timeout=_WAIT_SECONDS):
        taken = {one.stem for one in folder.iterdir()}
        number = next((n for n in range(1, _MOST) if f"{stem}-{n:03d}" not in taken), None)
        if number is None:
            raise ParameterError(
                f"{folder} holds too many files of this week. Remove those not needed any more."
            )
        file = folder / f"{stem}-{number:03d}.{kind}"
        # written down first: a file that nobody wrote down must not lie there
        audit.append(
            office, "exported", by=by, at=at, edition=_edition(seen), file=file.name, rows=rows,
            digest=hashlib.sha256(content).hexdigest(), as_of=seen.as_of.isoformat(),
        )  # fmt: skip
        pack.replace(file, content)
    return file


def _edition(seen: View) -> str:
    return f"explore/{seen.area.slug}/{seen.week.slug}/{seen.audience.slug}"
