"""What every command does first and while it works: find its office, and show how far it is."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from workbench.config import Office
    from workbench.schedule import Key

OfficeOption = Annotated[
    Path | None, typer.Option("--office", help="Folder of the office; otherwise the one you are in.")
]


def folder_of(office: Path | None) -> Path:
    """Return the folder of the office named, or of the one around the working folder."""
    from workbench.config import find

    return office if office is not None else find(Path.cwd())


def office_in(office: Path | None) -> Office:
    """Return the office named, or the one around the working folder; raises ConfigurationError."""
    from workbench.config import load

    opened = load(folder_of(office))
    if opened.column:  # only where the record types are known can an entry be judged
        from workbench.audience import office_records

        office_records(opened)
    return opened


_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_LONGEST = 4000


def literal(text: str, *, longest: int = _LONGEST) -> str:
    r"""
    Return a text as a terminal may show it: characters that steer it or hide are written out, `\x1b`.

    Controls (but line feeds), bidirectional and zero-width marks, surrogates and private characters
    become their escapes; what is longer than `longest` characters is cut, and says how long it was.
    """
    import unicodedata

    shown = text if len(text) <= longest else f"{text[:longest]}... ({len(text):,} characters)"
    return "".join(
        letter
        if letter == "\n" or unicodedata.category(letter) not in _UNSEEN
        else letter.encode("unicode_escape").decode("ascii")
        for letter in shown
    )


@contextmanager
def progress_shown() -> Iterator[Callable[[str], None]]:
    """Show what is being done and for how long; plain lines where the output is no terminal."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda text: console.print(text, highlight=False, markup=False)
        return
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn(), console=console
    ) as bar:
        running: list[TaskID] = []

        def show(text: str) -> None:
            for task in running:
                bar.update(task, total=1, completed=1)
            running[:] = [bar.add_task(text, total=None)]

        yield show
        for task in running:
            bar.update(task, total=1, completed=1)


def listed(rows: Sequence[Sequence[str]], *columns: str) -> None:
    """Print rows as a table, or where the output is no terminal as plain lines that a program can take."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        for row in rows:
            typer.echo(literal("  ".join(filter(None, row))))
        return
    table = Table(*columns, box=None, pad_edge=False)
    for column in table.columns:
        column.overflow = "fold"  # a name cut short could be another's
    for row in rows:
        table.add_row(*(Text(literal(cell)) for cell in row))
    console.print(table)


def issue_said(key: Key, office: Office) -> str:
    """Return what an issue is called in a list: its language only where it is not the office's first."""
    tongue = "" if key.language == office.languages[0] else f" ({key.language})"
    return f"{key.briefing} {key.period} {key.area} for {key.audience}{tongue}"


_INTERRUPTED, _TERMINATED = 130, 143
"""Exit codes that a shell gives to what was ended by these signals."""


@contextmanager
def stopped_cleanly(tell: Callable[[], None]) -> Iterator[None]:
    """Let a scheduler's end be like a key's, and `tell` what that means for the work; then end."""

    def end(*_: object) -> NoReturn:
        raise SystemExit(_TERMINATED)

    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, end) if main else None
    try:
        yield
    except (KeyboardInterrupt, SystemExit) as ended:
        tell()
        raise SystemExit(_INTERRUPTED if isinstance(ended, KeyboardInterrupt) else _TERMINATED) from None
    finally:
        if main:
            signal.signal(signal.SIGTERM, before)
