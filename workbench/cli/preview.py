"""`workbench preview`: a notebook's page as one audience would get it, made again on each save."""

from __future__ import annotations

import threading
import time
import webbrowser
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli._office import OfficeOption, literal, office_in

if TYPE_CHECKING:
    from workbench.config import Office
    from workbench.view import Request

_LOOK_SECONDS = 0.5
_RELOAD_SECONDS = 2
_HEAD = b"<head>"


@dataclass(frozen=True)
class _Order:
    """What is shown: a notebook, and the view and language it is made in."""

    notebook: Path
    request: Request
    language: str


def preview(  # noqa: PLR0913  # each is an option of the command
    notebook: Annotated[Path, typer.Argument(help="The notebook, or the name of a briefing.")],
    *,
    audience: Annotated[str, typer.Option(help="For whom: it is made with their view and nothing else.")],
    area: Annotated[str, typer.Option(help="Left out: the office's first.")] = "",
    week: Annotated[str, typer.Option(help="Such as 2026-W46; left out: the last complete one.")] = "",
    as_of: Annotated[str, typer.Option("--as-of", help="As known then; left out: now.")] = "",
    once: Annotated[bool, typer.Option("--once", help="Make it once and end.")] = False,
    show: Annotated[bool, typer.Option("--open", help="Open it in a browser.")] = False,
    office: OfficeOption = None,
) -> None:
    """
    Make the HTML of a notebook as one audience would get it, again each time it is saved.

    It goes the way of a run (their view, a confined kernel), says DRAFT, NOT RELEASED, and lies in the
    office's private folder. The page reloads itself; Ctrl-C ends it. No gate reads it: it is for you.

    Example: workbench preview notebooks/weekly_conflict.ipynb --audience partners --open
    """
    opened = office_in(office)
    page = _page_of(opened, notebook)
    order = _Order(page, _request(opened, area=area, week=week, audience=audience, as_of=as_of),
                   opened.languages[0])  # fmt: skip
    target = opened.path(opened.private) / "preview" / f"{page.stem}-{audience}.html"
    try:
        _made(opened, order, target, reload=not once)
        _opened(target, show=show)
    except KeyboardInterrupt:
        return
    except Exception as problem:
        if once or not _told(problem):
            raise
    if once:
        return
    typer.echo(f"Watching {page.name}. Ctrl-C ends it.")
    try:
        for _ in _changes(opened, page):
            try:
                _made(opened, order, target, reload=True)
            except Exception as problem:
                if not _told(problem):
                    raise
    except KeyboardInterrupt:
        typer.echo("The preview has ended.")


def _told(problem: Exception) -> bool:
    """Tell what its reader can mend, in one line; whether it was such."""
    from workbench.errors import UserError

    if not isinstance(problem, UserError):
        return False
    typer.echo(literal(f"{_now()} not made: {problem}"), err=True)
    return True


def _page_of(office: Office, notebook: Path) -> Path:
    from workbench.errors import UserError

    called = {one.slug: one.notebook for one in office.briefing}
    for page in (notebook, office.path(str(notebook)), office.path(called.get(str(notebook), str(notebook)))):
        if page.is_file():
            return page.resolve()
    raise UserError(f"There is no notebook {notebook}. Known briefings: {', '.join(called) or 'none'}.")


def _request(office: Office, *, area: str, week: str, audience: str, as_of: str) -> Request:
    from workbench.view import Request, instant, present, store_of

    return Request(
        area=office.area_called(area).slug if area else office.area[0].slug,
        week=week or office.last_complete_week().slug,
        audience=office.audience_called(audience).slug,
        as_of=instant(as_of) if as_of else present(office, store_of(office)),
    )


def _made(office: Office, order: _Order, target: Path, *, reload: bool) -> None:
    """Make the page, put it in its place in one step, and say so in one line."""
    from workbench import briefing, document, view
    from workbench.errors import BriefingFailed
    from workbench.publish import pack

    began = time.monotonic()
    with briefing.run_folder() as folder:
        seen = view.make(office, view.store_of(office), order.request)
        view.save(seen, folder / "view")
        parameters = {
            "area": seen.area.slug, "week": seen.week.slug, "audience": seen.audience.slug,
            "as_of": seen.as_of.isoformat(), "language": order.language,
        }  # fmt: skip
        copy = folder / "notebook" / order.notebook.name
        copy.parent.mkdir()
        copy.write_bytes(order.notebook.read_bytes())
        try:
            executed = briefing.run(copy, parameters, view=folder / "view", folder=folder)
        except BriefingFailed as problem:
            ran = folder / briefing.EXECUTED
            kept = briefing.keep_failed(
                office, f"preview-{order.notebook.stem}",
                executed=ran.read_bytes() if ran.is_file() else None, view=folder / "view",
            )  # fmt: skip
            raise BriefingFailed(f"{problem} It was kept in {kept}.") from None
        html = document.render(document.collect(executed), "html", office=office.root)
    if reload:
        again = f'\n<meta http-equiv="refresh" content="{_RELOAD_SECONDS}">'.encode()
        html = html.replace(_HEAD, _HEAD + again, 1)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pack.replace(target, html)
    typer.echo(f"{_now()} made {target} in {time.monotonic() - began:.1f} s")


def _opened(target: Path, *, show: bool) -> None:
    if show:
        webbrowser.open(target.resolve().as_uri())


def _changes(office: Office, page: Path) -> Iterator[None]:
    """Yield each time the notebook or a template of the office was saved, once it has come to rest."""
    before = _state(office, page)
    while True:
        threading.Event().wait(_LOOK_SECONDS)
        now = _state(office, page)
        if now != before and now == _state_after_a_moment(office, page):
            before = now
            yield


def _state_after_a_moment(office: Office, page: Path) -> tuple[tuple[str, int, int], ...]:
    threading.Event().wait(_LOOK_SECONDS / 5)
    return _state(office, page)


def _state(office: Office, page: Path) -> tuple[tuple[str, int, int], ...]:
    files = [page, *sorted(office.path("templates").glob("*"))]
    found = []
    for one in files:
        try:
            facts = one.stat()
        except OSError:  # between the old file and the new
            continue
        found.append((one.name, facts.st_mtime_ns, facts.st_size))
    return tuple(found)


def _now() -> str:
    return time.strftime("%H:%M:%S")
