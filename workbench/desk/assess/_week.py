"""The assessment of a week: where its file lies, opened, begun from last week's, and saved."""

from __future__ import annotations

import codecs
import fnmatch
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path, PurePosixPath

from workbench.config import LEVELS, Office, Source, Week
from workbench.desk.assess._document import Document, Written, document_of
from workbench.desk.assess._merge import Choice, Clash, merged
from workbench.desk.assess._writing import written
from workbench.errors import ConfigurationError, ParameterError, StorageFull, UserError
from workbench.sources import assessment_rows, file_name
from workbench.sources.statements import PART_KEYS

_KEPT = {"level", "compartments", "scenario", "horizon_days"}
"""What a new week takes over of a statement besides its part: its shape, and nothing that was said."""

_WAIT_SECONDS = 30.0


@dataclass(frozen=True)
class Assessment:
    """
    An assessment as it was opened, and what it holds now.

    `document`: of the file as it was read, or of the text it would begin with (`new`). `last`: last week's,
    None if there is none.
    """

    office: Office = field(repr=False)
    source: Source = field(repr=False)
    path: Path
    week: Week
    area: str
    document: Document = field(repr=False)
    new: bool
    bom: bool
    last: Document | None = field(repr=False)

    @property
    def name(self) -> str:
        """How messages call the file."""
        return file_name(self.path, self.office)


@dataclass(frozen=True)
class Saved:
    """
    What came of saving.

    `clashes`: statements that were changed here and in the file; then nothing was saved, and they are to be
    chosen between. `copy`: the name of the file that holds one's own version where both were kept.
    `told`: in plain words.
    """

    assessment: Assessment
    clashes: tuple[Clash, ...] = field(repr=False)
    copy: str
    told: str


def open_week(office: Office, *, area: str, week: str) -> Assessment:
    """
    Return the assessment of an area and week, read from its file, or begun in the shape of the last one.

    A new one has the last one's statements with empty texts, its labels and horizons, and status "draft"; it
    is written when it is saved. Raises ConfigurationError with the [[source]] block to paste if the office
    keeps no assessments, SourceError if the file cannot be read or only a text editor can change it.
    """
    source = _source(office)
    office.area_called(area)
    asked = office.week(week)
    path = _path(office, source, area, asked)
    earlier = _path(office, source, area, asked.back(1))
    last = _read(office, source, earlier)[0] if earlier.is_file() else None
    if path.is_file():
        document, bom = _read(office, source, path)
        if (document.keys.get("area"), office.week(document.keys.get("week", ""))) != (area, asked):
            raise ParameterError(
                f"{file_name(path, office)} is about another area or week than its name says. Correct area "
                "and week in its first lines, in a text editor."
            )
        return Assessment(office, source, path, asked, area, document, new=False, bom=bom, last=last)
    shape = last or _latest(office, source, area, before=asked)
    text = _begun(shape, area=area, week=asked) if shape else _first(area=area, week=asked)
    document = document_of(text, file=file_name(path, office))
    return Assessment(office, source, path, asked, area, document, new=True, bom=False, last=last)


def save(
    opened: Assessment,
    statements: Sequence[Written],
    keys: Mapping[str, str],
    *,
    at: datetime,
    choice: Choice | None = None,
    copy: bool = False,
) -> Saved:
    """
    Write what was changed into the file, and return the assessment as it is then.

    Where somebody else changed the file since it was opened, what touches different statements goes
    together. Statements that both changed come back as `clashes`, with nothing saved, until `choice` says
    whose stand; with `copy` one's own version is kept beside it too, where no pull reads it. The file is
    replaced in one step. Raises ParameterError where it cannot hold what was asked, UserError or StorageFull
    if it cannot be written.
    """
    from filelock import FileLock, Timeout

    path = opened.path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{path.name}.lock"), timeout=_WAIT_SECONDS):
            return _saved(opened, statements, keys, at=at, choice=choice, copy=copy)
    except Timeout:
        raise UserError(f"Somebody else is saving {opened.name}. Nothing was saved. Save again.") from None
    except OSError as problem:
        full = StorageFull.of(problem, path.parent)
        raise full or UserError(
            f"{opened.name} cannot be written ({problem.strerror or type(problem).__name__}). Nothing was "
            "saved. Close it in other programs and check its permissions."
        ) from None


def _saved(
    opened: Assessment,
    statements: Sequence[Written],
    keys: Mapping[str, str],
    *,
    at: datetime,
    choice: Choice | None,
    copy: bool,
) -> Saved:
    base, bom, others = opened.document, opened.bom, False
    if opened.path.is_file():
        now, bom = _read(opened.office, opened.source, opened.path)
        others = now.text != base.text
    elif not opened.new:
        now, others = base, False  # it was taken away: what was read is written anew
    else:
        now = base
    clashes: tuple[Clash, ...] = ()
    told, kept = f"Saved as {opened.name}.", ""
    if others:
        both = merged(base, now, statements, keys=keys, choice=choice or "mine")
        clashes = both.clashes
        if clashes and choice is None:
            n = len(clashes)
            return Saved(
                opened, clashes, "",
                f"Nothing was saved: {opened.name} was changed by somebody else since you opened it, in "
                f"{'a statement' if n == 1 else f'{n} statements'} that you changed too. Read both below and "
                "choose.",
            )  # fmt: skip
        if copy:
            kept = _keep_copy(opened, written(base, statements, keys=keys), at=at)
        statements, keys = both.statements, both.keys
        told += " Somebody else had changed it meanwhile; those changes are kept too."
        if kept:
            told += f" Your own version is kept beside it as {kept}, which no pull reads."
    text = written(now, statements, keys=keys)
    if text != now.text or not opened.path.is_file():
        _replace(opened.path, (codecs.BOM_UTF8 if bom else b"") + text.encode("utf-8"))
    document = document_of(text, file=opened.name)
    return Saved(replace(opened, document=document, new=False, bom=bom), (), kept, told)


def _source(office: Office) -> Source:
    found = next((one for one in office.source if one.record == "assessment"), None)
    if found is not None and found.reader == "assessment":
        return found
    raise ConfigurationError(
        "This office keeps no written assessments, so there is nowhere to save one. Add to "
        "workbench.toml:\n\n"
        '[[source]]\nslug = "assessments"\ntitle = "Weekly assessments"\nrecord = "assessment"\n'
        'reader = "assessment"\npath = "assessments/*.md"\nlicence = "The office\'s own"\n'
        f'attribution = "{office.prepared_by}"\nlevel = "public"\n'
    )


def _path(office: Office, source: Source, area: str, week: Week) -> Path:
    """Return the file of an area's week: <area>-<week>.md in the first folder of the source's pattern."""
    pattern = PurePosixPath(source.path.replace("\\", "/"))
    name = f"{area}-{week.slug}.md"
    if not set("*?[") & set(source.path):
        return office.path(source.path)
    fixed = []
    for part in pattern.parts[:-1]:
        if set("*?[") & set(part):
            break
        fixed.append(part)
    folder = PurePosixPath(*fixed) if fixed else PurePosixPath()
    found = (
        [path for path in office.path(str(folder)).rglob(name) if path.is_file()]
        if "**" in source.path
        else []
    )
    if found:
        return found[0]
    if not fnmatch.fnmatch(name, pattern.name):
        raise ConfigurationError(
            f'[[source]] {source.slug}: its path "{source.path}" would not read {name}, the name under which '
            f'assessments are saved. Write it as "{folder / "*.md"}".'
        )
    return office.path(str(folder / name))


def _read(office: Office, source: Source, path: Path) -> tuple[Document, bool]:
    file = file_name(path, office)
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise UserError(
            f"{file} cannot be opened ({problem.strerror or type(problem).__name__}). Close it in other "
            "programs and check its permissions."
        ) from None
    bom = content.startswith(codecs.BOM_UTF8)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{file} is not UTF-8 text. Save it again as UTF-8 in a text editor.") from None
    assessment_rows(
        text, file=file, source=source, office=office
    )  # says what is wrong, in the reader's words
    return document_of(text, file=file), bom


def _latest(office: Office, source: Source, area: str, *, before: Week) -> Document | None:
    for weeks in range(2, 54):
        path = _path(office, source, area, before.back(weeks))
        if path.is_file():
            return _read(office, source, path)[0]
    return None


def _begun(shape: Document, *, area: str, week: Week) -> str:
    """Return the text of a new week in the shape of an earlier one: its statements without what they said."""
    keys = {**shape.keys, "area": area, "week": week.slug, "status": "draft", "reviewer": ""}
    lines = ["+++", *(f'{key} = "{keys.get(key, "")}"' for key in ("area", "week"))]
    empty = document_of("\n".join([*lines, "+++", ""]), file="it")
    blank = [
        Written(one.part, {"text": "", **{k: v for k, v in one.values.items() if k in _KEPT}})
        for one in shape.statements
        if not one.district and one.part in PART_KEYS
    ]
    told: dict[str, str] = {
        key: keys[key] for key in ("author", "reviewer", "level", "status") if key in keys
    }
    text = written(empty, blank, keys=told)
    headings = dict.fromkeys(section.heading.strip() for section in shape.sections if section.district)
    return text + "".join(f"\n{heading}\n" for heading in headings)


def _first(*, area: str, week: Week) -> str:
    """Return the text that an office's first assessment begins with."""
    return (
        f'+++\narea = "{area}"\nweek = "{week.slug}"\nauthor = ""\nreviewer = ""\n'
        f'level = "{LEVELS[1]}"\nstatus = "draft"\n\n'
        + "".join(f'[[{part}]]\ntext = ""\n\n' for part in PART_KEYS)
        + "+++\n"
    )


def _keep_copy(opened: Assessment, text: str, *, at: datetime) -> str:
    stamp = at.astimezone(opened.office.zone).strftime("%Y%m%d-%H%M%S")
    path = opened.path.with_name(f"{opened.path.name}.mine-{stamp}")
    _replace(path, text.encode("utf-8"))
    return file_name(path, opened.office)


def _replace(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
