"""Files as they lie on a disk -> a grid of text cells, each row with its spreadsheet row number."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from workbench.config import Office
from workbench.errors import SourceError

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")

_HXL_TAG = re.compile(r"#[A-Za-z][A-Za-z0-9_]*(\s*\+[A-Za-z][A-Za-z0-9_]*)*")
_VALUE_LIKE = re.compile(r"[-+]?\d[\d.,:/ -]*")


@dataclass(frozen=True)
class Grid:
    """
    The cells of one file under its header.

    `cells`: one text column per named header cell, "" where a cell is empty, surrounding white space
    removed; the index `row` is the row number a spreadsheet shows (records are counted, so that a line
    break inside a quoted cell does not shift it). Blank rows and an HXL tag row are left out.
    `header`: header cells in order. `problems`: row number -> what is wrong with that row as a whole.
    `short`: row number -> number of cells, for rows that end before the header does.
    """

    file: str
    cells: pd.DataFrame
    header: tuple[str, ...]
    problems: dict[int, str]
    short: dict[int, int]

    def column(self, name: str) -> pd.Series[str]:
        """Return a column, or one of empty text where the file has none called `name`."""
        if name in self.cells:
            return self.cells[name]
        return pd.Series("", index=self.cells.index, dtype="str")

    def where(self, kept: pd.Series[bool]) -> Grid:
        """Return the grid with the rows for which `kept` is true."""
        cells = self.cells[kept]
        rows = set(cells.index)
        return replace(
            self,
            cells=cells,
            problems={row: text for row, text in self.problems.items() if row in rows},
            short={row: width for row, width in self.short.items() if row in rows},
        )


_LONGEST_FIELD = 16_000_000
"""Characters of one field of a CSV file; Python's own limit, 131,072, refuses a pasted report."""


def file_name(path: Path, office: Office) -> str:
    """Return how rows and messages call a file: relative to the office, with forward slashes."""
    root = office.root.absolute()
    for base in (root, *root.parents[:3]):
        if path.absolute().is_relative_to(base):
            steps = "../" * (len(root.parts) - len(base.parts))
            return steps + path.absolute().relative_to(base).as_posix()
    return path.name


def read_bytes(path: Path, *, file: str, may_be_empty: bool = False) -> bytes:
    """Return a file's bytes; raises SourceError if it cannot be opened, or is empty where it may not be."""
    try:
        content = path.read_bytes()
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        raise SourceError(
            f"{file} cannot be opened: {reason}. Close it in other programs and check its permissions."
        ) from None
    if not content and not may_be_empty:
        raise SourceError(f"{file} is empty. Fetch or save it again.")
    return content


def decode(content: bytes, *, file: str) -> str:
    """Return UTF-8 text, with or without a byte order mark; raises SourceError naming what it is instead."""
    remedy = 'Save it again as "CSV UTF-8", or as UTF-8 text.'
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise SourceError(f"{file} is UTF-16 text; expected UTF-8. {remedy}")
    if content[:2] == b"PK" or content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise SourceError(f"{file} is a workbook or archive, not text. Name it by what it is, such as .xlsx.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise SourceError(
            f"{file} is not UTF-8 text: line {line} holds the byte 0x{content[problem.start]:02X}, as "
            f"Windows-1252 or another older encoding does. {remedy}"
        ) from None


def read_grid(path: Path, *, file: str, delimiter: str = ",", sheet: str | None = None) -> Grid:
    """
    Read a CSV, Excel, OpenDocument or Parquet file by its suffix, every cell as text.

    Dates of a workbook become ISO 8601 text, whole numbers lose their ".0", codes such as 00123 stay
    text. `sheet` is the first one unless named. Raises SourceError if the file cannot be read, has no
    header, or is damaged, locked with a password, or cut off inside a quoted cell.
    """
    suffix = path.suffix.lower()
    content = read_bytes(path, file=file)
    if suffix in TEXT_SUFFIXES:
        records = _text_records(content, file=file, delimiter="\t" if suffix == ".tsv" else delimiter)
    elif suffix in WORKBOOK_SUFFIXES:
        records = _workbook_records(content, file=file, sheet=sheet)
    elif suffix == ".parquet":
        records = _parquet_records(content, file=file)
    else:
        known = ", ".join((*TEXT_SUFFIXES, *WORKBOOK_SUFFIXES, ".parquet"))
        raise SourceError(f'{file} has the suffix "{path.suffix}". Save it as one of: {known}.')
    return _grid(records, file=file)


def require(grid: Grid, columns: Iterable[str], *, remedy: str) -> None:
    """
    Refuse a file whose header lacks a needed column, or has one twice.

    Raises SourceError naming every missing column and those found. Where no column is known and the
    first row looks like data, the row is not repeated: a message must not carry row values.
    """
    wanted = list(dict.fromkeys(columns))
    missing = [name for name in wanted if name not in grid.header]
    twice = [name for name in wanted if grid.header.count(name) > 1]
    if twice:
        raise SourceError(f"{grid.file}: its header has {quoted(twice)} more than once. {remedy}")
    if not missing:
        return
    if len(missing) == len(wanted) and any(
        _VALUE_LIKE.fullmatch(cell) or len(cell) > 60 for cell in grid.header
    ):
        found = f"Its first row does not look like a header ({len(grid.header)} cells)"
    else:
        found = f"Found: {quoted(cell[:80] for cell in grid.header)}"
    if len(grid.header) == 1 and (other := next((mark for mark in ";\t|," if mark in grid.header[0]), None)):
        found += f'; the cells seem to be divided by "{"tab" if other == chr(9) else other}"'
    raise SourceError(f"{grid.file} is refused: its header lacks {quoted(missing)}. {found}. {remedy}")


def quoted(names: Iterable[str]) -> str:
    """Return names in quotation marks, divided by commas."""
    return ", ".join(f'"{name}"' for name in names)


def lower_header(grid: Grid) -> Grid:
    """Return the grid with its header in lower case: publishers changed the case of theirs over time."""
    header = tuple(name.lower() for name in grid.header)
    cells = grid.cells.rename(columns=str.lower)
    return replace(grid, cells=cells.loc[:, ~cells.columns.duplicated()], header=header)


def refuse_short_rows(grid: Grid) -> Grid:
    """
    Return the grid with a problem on each row that ends before its header does.

    For files a publisher's program wrote: there a short row means that the file was cut off. (A
    spreadsheet leaves out empty cells at the end of a row, so the generic reader accepts that.)
    """
    width = len(grid.header)
    reasons = {
        row: f"row: has {cells} cells, the header has {width}; the file seems to be cut off there"
        for row, cells in grid.short.items()
    }
    return replace(grid, problems=grid.problems | reasons)


def _grid(records: Sequence[tuple[int, list[str]]], *, file: str) -> Grid:
    filled = [(row, cells) for row, cells in records if any(cells)]
    if filled and _is_hxl(filled[0][1]):
        filled = filled[1:]
    elif len(filled) > 1 and _is_hxl(filled[1][1]):
        filled = [filled[0], *filled[2:]]
    if not filled:
        raise SourceError(f"{file} has no header row. Fetch or save it again.")
    header = [" ".join(cell.split()) for cell in filled[0][1]]
    while not header[-1]:
        header.pop()
    width = len(header)
    problems: dict[int, str] = {}
    short: dict[int, int] = {}
    body: list[list[str]] = []
    for row, cells in filled[1:]:
        if any(cells[width:]):
            problems[row] = f"row: has {len(cells)} cells, the header has {width}; is a delimiter unquoted?"
        elif len(cells) < width:
            short[row] = len(cells)
        body.append((cells + [""] * (width - len(cells)))[:width])
    index = pd.Index([row for row, _ in filled[1:]], dtype="int64", name="row")
    frame = pd.DataFrame(body, index=index, columns=range(width), dtype="str")
    first = {name: place for place, name in reversed(list(enumerate(header))) if name}
    cells_by_name = frame[sorted(first.values())]
    cells_by_name.columns = pd.Index([header[place] for place in sorted(first.values())], dtype="str")
    return Grid(file, cells_by_name, tuple(name for name in header if name), problems, short)


def _is_hxl(cells: Sequence[str]) -> bool:
    return all(_HXL_TAG.fullmatch(cell) for cell in cells if cell) and any(cells)


def _text_records(content: bytes, *, file: str, delimiter: str) -> list[tuple[int, list[str]]]:
    text = decode(content, file=file)
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_FIELD))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[tuple[int, list[str]]] = []
    try:
        for number, cells in enumerate(reader, start=1):
            records.append((number, [cell.strip() for cell in cells]))
    except csv.Error as problem:
        raise SourceError(
            f"{file} row {len(records) + 1} (line {reader.line_num}) cannot be read as CSV: {problem}. "
            "Look for a quotation mark that is not closed or not doubled."
        ) from None
    return records


def _workbook_records(content: bytes, *, file: str, sheet: str | None) -> list[tuple[int, list[str]]]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, WorksheetNotFound

    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            name = sheet or workbook.sheet_names[0]
            values = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except PasswordError:
        raise SourceError(f"{file} is locked with a password. Save a copy without one.") from None
    except WorksheetNotFound:
        names = quoted(workbook.sheet_names)
        raise SourceError(f'{file} has no sheet "{sheet}". It has: {names}. Correct "sheet".') from None
    except (CalamineError, OSError, IndexError, ValueError) as problem:
        what = "locked with a password" if _is_encrypted(content) else f"damaged ({type(problem).__name__})"
        raise SourceError(
            f"{file} is {what}. Open it, and save it again as .xlsx without a password."
        ) from None
    return [(number, [_as_text(value) for value in row]) for number, row in enumerate(values, start=1)]


def _is_encrypted(content: bytes) -> bool:
    """Whether an OOXML file lies encrypted in a compound file (its stream is named in UTF-16)."""
    return "EncryptedPackage".encode("utf-16-le") in content


def _parquet_records(content: bytes, *, file: str) -> list[tuple[int, list[str]]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(io.BytesIO(content))
    except (pa.ArrowException, OSError) as problem:
        raise SourceError(
            f"{file} is damaged, or is not Parquet ({type(problem).__name__}). Fetch or write it again."
        ) from None
    columns = [[_as_text(value) for value in column.to_pylist()] for column in table.columns]
    rows = [list(cells) for cells in zip(*columns, strict=True)]
    return list(enumerate([list(table.column_names), *rows], start=1))


def _as_text(value: Any) -> str:
    """Return a typed cell as text; a moment at midnight without a zone is a date."""
    if value is None or value != value:  # noqa: PLR0124  NaN is the only value unequal to itself
        text = ""
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        text = str(int(value))
    elif isinstance(value, datetime) and value.tzinfo is None and value.time() == time():
        text = value.date().isoformat()
    elif isinstance(value, datetime | date | time):
        text = value.isoformat()
    elif isinstance(value, timedelta):
        text = str(value)
    elif isinstance(value, list | tuple):
        text = ";".join(_as_text(one) for one in value)
    else:
        text = str(value)
    return text.strip()
