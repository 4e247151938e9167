"""The generic reader: any CSV, workbook or Parquet file, by a column mapping in workbench.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from workbench.config import Office, Source
from workbench.errors import ConfigurationError
from workbench.records import Column, record_type
from workbench.records.correction import GIVEN
from workbench.sources._dates import iso_dates, iso_instants
from workbench.sources._files import file_name, quoted, read_grid, require
from workbench.sources._publisher import assemble, fold

_FROM_SOURCE = ("source", "level", "listable")


def read_table(path: Path, source: Source, office: Office) -> pd.DataFrame:
    """
    Read one file as the record type of its source, by `columns` and `values` of the [[source]].

    `columns`: record column -> file column. `values`: record column -> {file word: our word}, compared
    without regard to case and spacing; a word that is not listed is passed through, so that validation
    rejects it with what stood there. Dates are turned into ISO 8601 (`day_first` says which figure is the
    day), moments without an offset are in the office's time zone, and where the delimiter is ";" a decimal
    comma in a number column becomes a point, since programs that write the one write the other.
    Raises SourceError if the file cannot be read or lacks a mapped column; ConfigurationError as
    `check_mapping` does.
    """
    record = record_type(source.record)
    check_mapping(source)
    file = file_name(path, office)
    grid = read_grid(path, file=file, delimiter=source.delimiter, sheet=source.sheet)
    mapped = {ours: " ".join(theirs.split()) for ours, theirs in source.columns.items()}
    remedy = f"Correct the file, or columns of [[source]] {source.slug} in workbench.toml."
    require(grid, mapped.values(), remedy=remedy)
    columns: dict[str, pd.Series[str] | str] = {}
    for ours, theirs in mapped.items():
        known = record.column(ours) if ours in record.names else None
        columns[ours] = _convert(grid.column(theirs), known, source=source, office=office)
    return assemble(grid, columns)


def check_mapping(source: Source) -> None:
    """
    Refuse a mapping that could never work.

    Raises ConfigurationError if it names a column the record type does not have, gives a column both a
    constant and a file column, translates a column it does not fill, translates one word in two ways, or
    leaves a required column of the record type unfilled.
    """
    record = record_type(source.record)
    known = (*record.names, *GIVEN)
    filled = (*source.columns, *source.constants)
    required = [c.name for c in record.columns if c.required and c.name not in _FROM_SOURCE]
    faults = [
        *(f'"{name}" is no column of {record.name}' for name in filled if name not in known),
        *(f'"{name}" has a column and a constant' for name in source.columns if name in source.constants),
        *(f'values are given for "{name}", which columns do not fill' for name in source.values
          if name not in source.columns),
        *(f'"{name}" is required and not filled' for name in required if name not in filled),
    ]  # fmt: skip
    for name, words in source.values.items():
        folded: dict[str, str] = {}
        for word, ours in words.items():
            if folded.setdefault(fold(word), ours) != ours:
                faults.append(f'values of "{name}" translate "{word}" in two ways')
    if faults:
        raise ConfigurationError(
            f"[[source]] {source.slug} cannot be read: {'; '.join(faults)}. Columns of {record.name}: "
            f"{quoted(known)}. Correct columns, constants or values in workbench.toml."
        )


def _convert(
    texts: pd.Series[str], column: Column | None, *, source: Source, office: Office
) -> pd.Series[str]:
    if column is None:
        return texts
    words = {fold(word): ours for word, ours in source.values.get(column.name, {}).items()}
    if column.kind == "codes":
        return texts.map({text: _codes(text, words) for text in texts.unique()}).astype("str")
    if words:
        texts = texts.map({text: words.get(fold(text), text) for text in texts.unique()}).astype("str")
    if column.kind == "date":
        return iso_dates(texts, day_first=source.day_first)
    if column.kind == "instant":
        return iso_instants(texts, zone=office.zone, day_first=source.day_first)
    if column.kind == "number" and source.delimiter == ";":
        return texts.str.replace(r"^([-+]?\d+),(\d+)$", r"\1.\2", regex=True)
    return texts


def _codes(text: str, words: Mapping[str, str]) -> str:
    """Return a list of words divided by ; or , as it is stored: translated, joined by ";"."""
    parts = [part.strip() for part in re.split("[;,]", text)]
    return ";".join(words.get(fold(part), part) for part in parts if part)
