"""One delivery of a source: its files found, read, put together, and fingerprinted."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePath

import pandas as pd

from workbench.config import LEVELS, Office, Source
from workbench.errors import ConfigurationError, SourceError, UnknownName
from workbench.records import record_type
from workbench.records.correction import GIVEN
from workbench.sources._acled import read_acled
from workbench.sources._assessment import read_assessment
from workbench.sources._awsd import read_awsd
from workbench.sources._files import file_name, quoted, read_bytes
from workbench.sources._register import READER, check_register, is_register, read_register, register_lines
from workbench.sources._table import read_table
from workbench.sources._ucdp import read_ucdp

Reader = Callable[[Path, Source, Office], pd.DataFrame]

READERS: dict[str, Reader] = {
    "acled": read_acled,
    "assessment": read_assessment,
    "awsd": read_awsd,
    READER: read_register,
    "table": read_table,
    "ucdp": read_ucdp,
}
"""Name in workbench.toml -> reader of one file: rows of a record type as text, `file` and `row`."""

_RECORD_OF = {"acled": "incident", "assessment": "assessment", "awsd": "incident", "ucdp": "incident"}
_USES = {
    "acled": ("country", "sheet", "day_first", "delimiter"),
    "assessment": (),
    "awsd": ("country", "sheet", "delimiter"),
    READER: (),
    "table": ("columns", "values", "sheet", "day_first", "delimiter"),
    "ucdp": ("country", "sheet", "delimiter"),
}
_FAULT_COLUMNS = ["file", "row", "column", "value", "reason"]


@dataclass(frozen=True)
class Delivery:
    """
    What the files of a source hold at one moment.

    `rows`: one per record, columns of the record type as unparsed text (missing where empty), `file`,
    `row`, and `admin1_given`/`district_given` where the source names places. `rejected`: `file, row,
    column, value, reason`, one line per fault that reading found. `unread`: the record_ids of rows set
    aside in which one could be read: they are in the delivery all the same. `files`: relative to the
    office, in the order read. `digest`: SHA-256 over their names and bytes. `read`: rows that concern the
    source, rejected and replaced ones included; of a register its lines.
    """

    rows: pd.DataFrame
    rejected: pd.DataFrame
    files: tuple[str, ...]
    digest: str
    read: int
    unread: tuple[str, ...] = ()


def read(source: Source, office: Office) -> Delivery:
    """
    Read everything a source delivers now.

    `source.path` is a file or a pattern (`*`, `**`) relative to the office. Files are read in the order of
    their names; a later one's row replaces an earlier one's with the same record_id. Within one file the
    first row of a record_id stays and the others are rejected. `source.constants` are set on every row.
    A register that has no file yet holds no line.
    Raises SourceError if no file matches, a file is not understood, or one changes while it is read;
    UnknownName for a reader; ConfigurationError for a setting that the reader would not heed.
    """
    if source.reader not in READERS:
        raise UnknownName("reader", source.reader, READERS)
    _check_settings(source)
    paths, own = _find(source, office), is_register(source)
    digest = _digest(paths, office, may_be_empty=own)
    frames = [READERS[source.reader](path, source, office) for path in paths]
    if _digest(paths, office, may_be_empty=own) != digest:
        raise SourceError(f"A file of [[source]] {source.slug} changed while it was read. Pull again.")
    if not frames:
        frames = [_no_line()]
    read_rows = sum(map(len, frames))
    if own:
        record = record_type(source.record)
        read_rows = sum(len(register_lines(path, record, file=file_name(path, office))) for path in paths)
    sound, faults = zip(*(_split(_constants(frame, source)) for frame in frames), strict=True)
    rows = _latest(_join(sound))
    return Delivery(
        rows=_one_line(rows, source.record),
        rejected=pd.concat(faults, ignore_index=True),
        files=tuple(file_name(path, office) for path in paths),
        digest=digest,
        read=read_rows,
        unread=tuple(sorted(set(chain.from_iterable(map(_unread, frames))))),
    )


def _check_settings(source: Source) -> None:
    if is_register(source):
        check_register(source)
    heeded = ("constants", *_USES[source.reader])
    defaults = type(source).model_fields
    unused = [
        name
        for name in ("columns", "values", "country", "sheet", "day_first", "delimiter")
        if name not in heeded and getattr(source, name) != defaults[name].default
    ]
    if unused:
        raise ConfigurationError(
            f'[[source]] {source.slug} sets {quoted(unused)}, which its reader "{source.reader}" does not '
            "use. Remove these keys, or choose another reader."
        )
    record = _RECORD_OF.get(source.reader, source.record)
    if record != source.record:
        raise ConfigurationError(
            f'[[source]] {source.slug}: reader "{source.reader}" gives rows of "{record}", not of '
            f'"{source.record}". Correct record.'
        )
    names = (*record_type(record).names, *GIVEN)
    unknown = [name for name in source.constants if name not in names]
    if unknown:
        raise ConfigurationError(
            f"[[source]] {source.slug}: constants name {quoted(unknown)}. Columns of {record}: "
            f"{quoted(names)}. Correct constants in workbench.toml."
        )


def _find(source: Source, office: Office) -> list[Path]:
    """Return the files of a source; a spreadsheet's lock files and hidden files are none."""
    if (office.root / source.path).is_file():
        return [office.root / source.path]
    # Path.glob refuses an absolute pattern, and an office may well keep its files outside its folder.
    found = glob.glob(source.path, root_dir=office.root, recursive=True)  # noqa: PTH207 (as said above)
    names = sorted(
        name.replace("\\", "/") for name in found if not PurePath(name).name.startswith(("~$", "."))
    )
    paths = [office.root / name for name in names if (office.root / name).is_file()]
    if not paths and not is_register(source):
        raise SourceError(
            f'No file matches "{source.path}" in {office.root}. Put the files of [[source]] {source.slug} '
            "there, or correct path in workbench.toml."
        )
    return paths


def _no_line() -> pd.DataFrame:
    texts = {name: pd.Series(dtype="str") for name in ("record_id", "file")}
    return pd.DataFrame({**texts, "row": pd.Series(dtype="int64")})


def _digest(paths: Iterable[Path], office: Office, *, may_be_empty: bool) -> str:
    whole = hashlib.sha256()
    for path in paths:
        file = file_name(path, office)
        for part in (file.encode("utf-8"), read_bytes(path, file=file, may_be_empty=may_be_empty)):
            whole.update(len(part).to_bytes(8, "big"))
            whole.update(part)
    return whole.hexdigest()


def _constants(frame: pd.DataFrame, source: Source) -> pd.DataFrame:
    values = {
        name: pd.Series(text, index=frame.index, dtype="str") for name, text in source.constants.items()
    }
    return frame.assign(**values)


def _unread(frame: pd.DataFrame) -> list[str]:
    if "reader_problem" not in frame or "record_id" not in frame:
        return []
    return [str(one) for one in frame.loc[frame["reader_problem"].notna(), "record_id"].dropna()]


def _split(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the sound rows of one file, and one line per fault of the others."""
    faults: list[tuple[str, int, str, str | None, str]] = []
    sound = pd.Series(data=True, index=frame.index)
    if "reader_problem" in frame:
        sound = frame["reader_problem"].isna()
        for _, row in frame[~sound].iterrows():
            for line in str(row["reader_problem"]).split("\n"):
                column, _, reason = line.partition(": ")
                value = row.get(column) if column not in ("row", "file") else None
                shown = None if value is None or pd.isna(value) else str(value)
                faults.append((row["file"], int(row["row"]), column, shown, reason))
        frame = frame.drop(columns="reader_problem")
    frame = frame[sound]
    if "record_id" in frame:
        frame = _strictest(frame)
        again = frame["record_id"].duplicated() & frame["record_id"].notna()
        first = frame.drop_duplicates("record_id").set_index("record_id")["row"]
        for _, row in frame[again].iterrows():
            reason = f"record_id already on row {first[row['record_id']]}"
            faults.append((row["file"], int(row["row"]), "record_id", row["record_id"], reason))
        frame = frame[~again]
    rejected = pd.DataFrame(faults, columns=_FAULT_COLUMNS).astype(
        {"file": "str", "row": "int64", "column": "str", "value": "str", "reason": "str"}
    )
    return frame, rejected


def _strictest(frame: pd.DataFrame) -> pd.DataFrame:
    """Give all rows of one record the strictest label among them: a repeated row may be what raises it."""
    repeated = frame["record_id"].duplicated(keep=False) & frame["record_id"].notna()
    if not repeated.any():
        return frame
    frame, ids = frame.copy(), frame.loc[repeated, "record_id"]
    if "level" in frame:
        words = frame.loc[repeated, "level"].str.strip().str.lower()
        # a word nobody knows counts as the highest, and so does none at all, which stays for the pull to tell
        height = words.map({word: n for n, word in enumerate(LEVELS)}).fillna(len(LEVELS) - 1)
        highest = height.groupby(ids).transform("max").map(dict(enumerate(LEVELS))).astype("str")
        blank = (words.isna() | (words == "")).groupby(ids).transform("any")
        frame.loc[repeated, "level"] = highest.mask(blank)
    if "compartments" in frame:
        held = frame.loc[repeated, "compartments"].fillna("").groupby(ids).transform(";".join)
        frame.loc[repeated, "compartments"] = held.str.strip(";").replace("", None)
    return frame


def _join(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    whole = pd.concat(list(frames), ignore_index=True)
    texts = [name for name in whole.columns if name != "row"]
    return whole.astype(dict.fromkeys(texts, "str")).astype({"row": "int64"})


def _latest(rows: pd.DataFrame) -> pd.DataFrame:
    if "record_id" not in rows:
        return rows
    kept = ~rows["record_id"].duplicated(keep="last") | rows["record_id"].isna()
    return rows[kept].reset_index(drop=True)


def _one_line(rows: pd.DataFrame, record: str) -> pd.DataFrame:
    """Return rows whose one-line columns hold no line break: publishers put them into headlines."""
    lines = [c.name for c in record_type(record).columns if c.kind == "text" and c.name in rows]
    folded = {name: rows[name].str.replace(r"\s+", " ", regex=True).str.strip() for name in lines}
    return rows.assign(**folded)
