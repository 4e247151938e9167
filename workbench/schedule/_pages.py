"""The pages of the scheduler for the office's own people: where they lie, and how they are written."""

from __future__ import annotations

import os
import secrets
import shlex
import subprocess
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from workbench.config import Office, shipped
from workbench.language import Words


def put(file: Path, page: str | bytes) -> None:
    """Write a file whole, in place of the last one; one with the same content stays. Raises OSError."""
    content = page.encode("utf-8") if isinstance(page, str) else page
    if file.is_file() and file.read_bytes() == content:
        return
    for missing in reversed([one for one in file.parents if not one.exists()]):
        missing.mkdir(exist_ok=True, mode=0o700)  # `parents=True` would leave those above open to all
    making = file.with_name(f".{file.name}-{secrets.token_hex(8)}")
    try:
        with making.open("xb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        making.replace(file)
    finally:
        making.unlink(missing_ok=True)


def rendered(template: str, office: Office, spoken: Words, **given: Any) -> str:
    """Return a page of the office from one of the shipped templates, as HTML."""
    fiction = spoken.say("SAMPLE DATA: places, people and events are fictional") if office.fictional else ""
    page = _environment().get_template(template)
    head = {"office": office.name, "language": spoken.language, "direction": spoken.direction}
    return str(page.render(**head, fiction=fiction, **given))


def plain(moment: datetime, zone: ZoneInfo) -> str:
    """Return a moment as people say it at the place it is for: `Mon 23 Nov 06:00 Africa/Kinshasa`."""
    there = moment.astimezone(zone)
    return f"{there:%a} {there.day} {there:%b %H:%M} {zone.key}"


def command(*words: str) -> str:
    """Return a call of the command line, to be copied into a shell of this machine."""
    called = ("workbench", *words)
    return subprocess.list2cmdline(called) if os.name == "nt" else shlex.join(called)


@cache
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(shipped("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
