"""Approvals: which notebooks the office has read and lets a scheduler run, by the digest of their bytes."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from workbench import __version__, audit
from workbench.config import Office, shipped
from workbench.errors import ConfigurationError, DisclosureRefused, ParameterError

APPROVED = "approved.toml"
"""Beside workbench.toml: one [[notebook]] table for each approval in force."""

_HEAD = """\
# Notebooks that this office has read and approved: a scheduled run takes no other.
# Written by `workbench approve NOTEBOOK --by NAME`. A changed notebook needs a new approval.
"""

State = Literal["approved", "changed", "unknown"]


@dataclass(frozen=True)
class Approval:
    """
    One notebook approved: by whom, when, and the SHA-256 of its bytes.

    `notebook` is its path from the office's folder, with slashes.
    """

    notebook: str
    digest: str
    by: str
    at: datetime


def approve(office: Office, notebook: Path, *, by: str, at: datetime) -> Approval:
    """
    Record that `by` has read `notebook` and approves it as it is; an earlier approval of it is replaced.

    `notebook` is a path, or one from the office's folder. Raises ConfigurationError if it is no
    notebook or lies outside the office, ParameterError if it holds outputs (they may be rows) or `by`
    is no name.
    """
    who = audit.person(by)
    name = _name(office, notebook)
    _expect_clean(office.root / name)
    made = Approval(name, digest_of(office.root / name), who, _second(at))
    _write(office.root, [one for one in _read(office.root) if one.notebook != name] + [made])
    audit.append(office, "approved_notebook", by=who, at=at, notebook=made.digest)
    return made


def approve_shipped(folder: Path, *, at: datetime) -> tuple[Approval, ...]:
    """
    Approve those notebooks of the office in `folder` that are byte for byte the shipped ones.

    They are approved by the workbench of this version; an approval that stands is left alone.
    """
    shipped_digests = {file.name: digest_of(file) for file in shipped("notebooks").glob("*.ipynb")}
    standing = _read(folder)
    known = {(one.notebook, one.digest) for one in standing}
    made = tuple(
        Approval(f"notebooks/{name}", digest, f"workbench {__version__}", _second(at))
        for name, digest in sorted(shipped_digests.items())
        if (folder / "notebooks" / name).is_file()
        and digest_of(folder / "notebooks" / name) == digest
        and (f"notebooks/{name}", digest) not in known
    )
    if made:
        names = {one.notebook for one in made}
        _write(folder, [one for one in standing if one.notebook not in names] + list(made))
    return made


def approval(office: Office, notebook: Path) -> Approval | None:
    """Return the approval of a notebook as its bytes are now, or None; raises ConfigurationError."""
    return _approval(office, notebook, digest_of(office.root / _name(office, notebook)))


def _approval(office: Office, notebook: Path, digest: str) -> Approval | None:
    asked = (_name(office, notebook), digest)
    return next((one for one in _read(office.root) if (one.notebook, one.digest) == asked), None)


def require_approval(office: Office, notebook: Path, digest: str) -> Approval:
    """Return the approval of a notebook with this SHA-256; raises DisclosureRefused if there is none."""
    found = _approval(office, notebook, digest)
    if found is not None:
        return found
    name = _name(office, notebook)
    earlier = next((one for one in _read(office.root) if one.notebook == name), None)
    if earlier is None:
        what = "has not been approved"
    else:
        what = f"is not as {_visible(earlier.by)} approved it on {earlier.at:%Y-%m-%d %H:%M} UTC"
    raise DisclosureRefused(
        f"The notebook {name} {what}, and only approved ones run on a schedule, or go to readers whom two "
        "people release to. "
        f"Read it, or what has changed in it, and then run: workbench approve {name} --by NAME"
    )


def states(office: Office) -> tuple[tuple[str, State, Approval | None], ...]:
    """
    Return every notebook of the office's briefings, with its state and the approval on record.

    "approved" as it is now; "changed" since it was approved, or gone; "unknown" if nobody has approved it.
    """
    on_record = {one.notebook: one for one in _read(office.root)}
    names = {Path(one.notebook).as_posix() for one in office.briefing} | on_record.keys()
    found: list[tuple[str, State, Approval | None]] = []
    for name in sorted(names):
        file, known = office.root / name, on_record.get(name)
        if known is None:
            found.append((name, "unknown", None))
        else:
            same = file.is_file() and digest_of(file) == known.digest
            found.append((name, "approved" if same else "changed", known))
    return tuple(found)


def digest_of(notebook: Path) -> str:
    """Return the SHA-256 of a notebook's bytes, in hexadecimal."""
    return hashlib.sha256(notebook.read_bytes()).hexdigest()


def _name(office: Office, notebook: Path) -> str:
    root = office.root.resolve()
    path = notebook if notebook.is_absolute() else office.root / notebook
    if not path.is_file() and notebook.is_file():
        path = notebook
    if not path.is_file():
        raise ConfigurationError(
            f"There is no notebook {notebook.name} in the office. Name it by its path, such as "
            "notebooks/weekly_conflict.ipynb; `workbench approve` lists all."
        )
    if not path.resolve().is_relative_to(root):
        raise ConfigurationError(
            f"{notebook.name} lies outside the office. Copy it into the office's notebooks folder first."
        )
    return path.resolve().relative_to(root).as_posix()


def _expect_clean(notebook: Path) -> None:
    try:
        cells = json.loads(notebook.read_bytes())["cells"]
        held = [
            number
            for number, cell in enumerate(cells, start=1)
            if cell.get("outputs") or cell.get("execution_count") or cell.get("attachments")
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ConfigurationError(
            f"{notebook.name} is not a notebook that can be read. Open it in JupyterLab and save it again."
        ) from None
    if held:
        raise ParameterError(
            f"{notebook.name} holds outputs, first in cell {held[0]}, and they may hold rows. In JupyterLab "
            "choose Edit, Clear Outputs of All Cells (and remove attachments), save, and approve it again."
        )


def _read(folder: Path) -> list[Approval]:
    try:
        content = tomllib.loads((folder / APPROVED).read_text(encoding="utf-8"))
        rows = content.get("notebook", [])
        return [
            Approval(str(one["path"]), str(one["sha256"]), str(one["by"]), _instant(one["at"]))
            for one in rows
        ]
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError, OSError):
        raise ConfigurationError(
            f"{APPROVED} of the office cannot be read. Restore it from a copy, or delete it and approve "
            "each notebook again."
        ) from None


def _second(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)


def _instant(value: object) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise TypeError
    return value


def _write(folder: Path, approvals: Iterable[Approval]) -> None:
    tables = [
        f"\n[[notebook]]\npath = {_quoted(one.notebook)}\nsha256 = {_quoted(one.digest)}\n"
        f"by = {_quoted(one.by)}\nat = {one.at:%Y-%m-%dT%H:%M:%SZ}\n"
        for one in sorted(approvals, key=lambda one: one.notebook)
    ]
    making = folder / f".{APPROVED}-{secrets.token_hex(8)}"
    try:
        with making.open("xb") as file:
            file.write("".join([_HEAD, *tables]).encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        making.replace(folder / APPROVED)
    finally:
        making.unlink(missing_ok=True)


def _quoted(text: str) -> str:
    # a JSON string of printable text is a TOML basic string too
    return json.dumps(text, ensure_ascii=False)


def _visible(name: str) -> str:
    return name if name.isprintable() else "somebody"
