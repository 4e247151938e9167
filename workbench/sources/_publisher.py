"""What the readers of publishers' files share: opening, checking the header, choosing a country."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from workbench.config import Office, Source
from workbench.errors import SourceError
from workbench.sources._files import (
    Grid,
    file_name,
    lower_header,
    quoted,
    read_grid,
    refuse_short_rows,
    require,
)


def open_grid(path: Path, source: Source, office: Office, *, columns: Iterable[str], layout: str) -> Grid:
    """
    Return the rows of a publisher's file that belong to the source, header in lower case.

    `columns` are those the layout cannot do without. `source.country`, where given, keeps the rows whose
    `country` cell equals it exactly. Raises SourceError if a column is missing, or if no row has that
    country although one much like it occurs.
    """
    file = file_name(path, office)
    grid = read_grid(path, file=file, delimiter=source.delimiter, sheet=source.sheet)
    grid = refuse_short_rows(lower_header(grid))
    require(
        grid, columns, remedy=f"Fetch the {layout} again, or correct the reader of [[source]] {source.slug}."
    )
    if source.country is None:
        return grid
    kept = grid.where(grid.column("country") == source.country)
    if kept.cells.empty:
        known = [name for name in grid.column("country").unique() if _alike(name, source.country)]
        if known:
            raise SourceError(
                f'{file} has no row whose country is "{source.country}". It has {quoted(known)}. '
                f"Correct country of [[source]] {source.slug}."
            )
    return kept


def translate(texts: pd.Series[str], words: Mapping[str, str]) -> pd.Series[str]:
    """
    Return each text as `words` translates it, case and spacing apart; an unknown one unchanged.

    Unchanged, because validation then rejects that row and shows the word that stood there.
    """
    known = {fold(word): ours for word, ours in words.items()}
    return texts.map({text: known.get(fold(text), text) for text in texts.unique()}).astype("str")


def fold(text: str) -> str:
    """Return a word as it is compared: lower case, white space run together."""
    return " ".join(text.split()).casefold()


def named_ids(columns: Mapping[str, pd.Series[str]]) -> pd.Series[str]:
    """Return `name=value;name=value` over the non-empty columns of each row."""
    parts = [(name + "=" + values).where(values != "", "") for name, values in columns.items()]
    joined = parts[0]
    for part in parts[1:]:
        both = (joined != "") & (part != "")
        joined = joined + both.map({True: ";", False: ""}).astype("str") + part
    return joined


def assemble(grid: Grid, columns: Mapping[str, pd.Series[str] | str]) -> pd.DataFrame:
    """
    Return rows as the readers hand them on.

    Columns of a record type as text, missing where empty; `file`, `row`; and `reader_problem` where a row
    as a whole is at fault ("column: reason", several divided by line breaks).
    """
    rows = pd.DataFrame(
        {name: pd.Series(v, index=grid.cells.index, dtype="str") for name, v in columns.items()}
    )
    if grid.problems:
        problems = pd.Series(grid.problems, dtype="str").reindex(rows.index).fillna("")
        if "reader_problem" in rows:
            # A row whose cells are out of place has no other fault worth telling.
            problems = problems.where(problems != "", rows["reader_problem"])
        rows["reader_problem"] = problems
    rows = rows.mask(rows == "")
    rows["file"] = pd.Series(grid.file, index=rows.index, dtype="str")
    rows["row"] = rows.index.astype("int64")
    return rows.reset_index(drop=True)


def _alike(name: str, wanted: str) -> bool:
    one, two = fold(name), fold(wanted)
    return bool(one) and (one in two or two in one)
