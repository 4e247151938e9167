"""What goes into an edition, as digests: the same inputs are the same version."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.metadata import version
from pathlib import Path

from workbench import document
from workbench.audience import policy
from workbench.config import Audience, Office, shipped
from workbench.language import CATALOGUES

LIBRARIES = (
    "briefing-workbench",
    "pandas",
    "pyarrow",
    "altair",
    "vl-convert-python",
    "typst",
    "scipy",
    "shapely",
    "papermill",
)


def versions() -> dict[str, str]:
    """Return the versions of the libraries that decide what comes out."""
    return dict(_versions())


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    return tuple((one, version(one)) for one in LIBRARIES)


def digest(content: bytes) -> str:
    """Return SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def together(parts: dict[str, object]) -> str:
    """Return one digest over several inputs and the version of the workbench."""
    whole = {**parts, "workbench": version("briefing-workbench")}
    return digest(json.dumps(whole, ensure_ascii=False, sort_keys=True).encode())


def surroundings(office: Office, audience: Audience, language: str) -> dict[str, str]:
    """
    Return the digests of all that an edition is made from but the view and the notebook.

    `templates`: those of the office, and the shipped ones under them. `policy`: all that decides what
    the audience reads. `catalogue`: the sentences of the language.
    """
    return dressing(office.root, language) | {"policy": policy(office, audience).digest}


def dressing(folder: Path, language: str) -> dict[str, str]:
    """Return the digests of the templates, for an office in `folder`, and of the words of a language."""
    return {
        "templates": _templates(folder),
        "catalogue": digest((CATALOGUES / f"{language}.po").read_bytes()),
    }


def _templates(folder: Path) -> str:
    own, came_along = document.templates(folder), shipped("templates")
    files = [file for file in sorted(own.iterdir()) if file.is_file()]
    files += [file for file in sorted(came_along.iterdir()) if file.name.startswith(("briefing.", "blocks."))]
    return digest(b"".join(_named(file) for file in files))


def _named(file: Path) -> bytes:
    return file.name.encode() + file.read_bytes()
