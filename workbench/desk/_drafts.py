"""Drafts of forms: what was typed and not yet entered, kept on this machine for whoever typed it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from workbench.config import Office
from workbench.errors import StorageFull, UserError

_FORMAT = 1


def keep_draft(office: Office, form: str, by: str, values: Mapping[str, str]) -> None:
    """
    Keep what was typed into a form, in the place of what was kept before; nothing typed is nothing kept.

    One file for each form and author, in the office's private folder; replaced in one step. Raises UserError
    or StorageFull if it cannot be kept.
    """
    typed = {name: text for name, text in values.items() if text}
    if not typed:
        drop_draft(office, form, by)
        return
    path = _file(office, form, by)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    content = json.dumps({"format": _FORMAT, "values": typed}, ensure_ascii=True)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(content, encoding="utf-8")
        part.replace(path)
    except OSError as problem:
        part.unlink(missing_ok=True)
        full = StorageFull.of(problem, path.parent)
        raise full or UserError(
            f"What you type cannot be kept as a draft in {path.parent} "
            f"({problem.strerror or type(problem).__name__}). Enter it before you close this page."
        ) from None


def kept_draft(office: Office, form: str, by: str) -> dict[str, str]:
    """Return what an author typed into a form and did not enter; empty if there is none that can be read."""
    try:
        said = json.loads(_file(office, form, by).read_text(encoding="utf-8"))
        values = said["values"] if said["format"] == _FORMAT else {}
        return {name: text for name, text in values.items() if isinstance(text, str)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def drop_draft(office: Office, form: str, by: str) -> None:
    """Let a draft go: it was entered, or is not wanted."""
    try:
        _file(office, form, by).unlink(missing_ok=True)
    except OSError as problem:
        raise UserError(
            f"The draft in {_file(office, form, by).parent} cannot be removed "
            f"({problem.strerror or type(problem).__name__}). Remove it by hand."
        ) from None


def _file(office: Office, form: str, by: str) -> Path:
    who = hashlib.sha256(" ".join(by.split()).casefold().encode("utf-8", "replace")).hexdigest()[:12]
    return office.path(office.private) / "desk" / "drafts" / f"{form}-{who}.json"
