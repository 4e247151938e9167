"""The widget itself: takes what was chosen in the browser, and sends back what is shown of it."""

from __future__ import annotations

import getpass
import itertools
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.config import find, load
from workbench.desk.explore import KINDS, Past, Selection, export, history, in_full
from workbench.errors import ParameterError, UserError
from workbench.records import record_type
from workbench.view import histories, store_of
from workbench.widgets._explore._fixed import fixed, moments
from workbench.widgets._explore._shown import Page

if TYPE_CHECKING:
    from workbench.config import Office
    from workbench.desk.explore import Revision, Then
    from workbench.store import Store
    from workbench.view import Edition

_HERE = Path(__file__).parent
_names = itertools.count(1)


class Explorer:
    """
    The page of one edition; `widget` is what is shown.

    What comes from the browser is taken as data, checked, and answered out of the view; of a fault only its
    class is told. The office is opened when a history, an earlier day or a file is asked for.
    """

    def __init__(self, edition: Edition) -> None:
        self._edition, self._page = edition, Page(edition)
        self._past = Past(edition.view, lambda: histories(*self._office(), edition.view))
        self._selection, self._sort = Selection(), ("occurred_on", False)
        self._moment = len(moments(edition.view)) - 1
        self.widget = _widget(
            fixed(edition, self._page.rows, name=f"wbx{next(_names)}"),
            self._page.shown(self._selection, self._sort),
        )
        self.widget.on_msg(self._heard)

    def _heard(self, _: Any, content: Any, __: Any) -> None:
        acts: dict[str, Callable[[dict[str, Any]], None]] = {
            "select": self._select, "open": self._open, "close": self._close, "then": self._then,
            "export": self._export,
        }  # fmt: skip
        try:
            said = dict(content)
            acts[said["do"]](said)
        except UserError as problem:
            self._tell(str(problem), wrong=True)
        except Exception as fault:  # a page must not end in a traceback that quotes a record
            self._tell(
                f"The workbench met a fault of its own ({type(fault).__name__}), and nothing more was done. "
                "Tell whoever maintains it what you did last.",
                wrong=True,
            )

    def _tell(self, text: str, *, wrong: bool = False) -> None:
        self.widget.told = {"text": text, "wrong": wrong}

    def _office(self) -> tuple[Office, Store]:
        office = load(find(Path.cwd()))
        return office, store_of(office)

    def _select(self, said: dict[str, Any]) -> None:
        selection = Selection.from_plain(said.get("selection"))
        column, ascending = said.get("sort") or self._sort
        shown = self._page.shown(selection, (str(column), ascending is True))
        self._selection, self._sort = selection, (str(column), ascending is True)
        self.widget.shown = shown
        if self.widget.told:
            self.widget.told = {}
        if self.widget.then:
            self._tell_then()

    def _open(self, said: dict[str, Any]) -> None:
        position, view = said.get("row"), self._edition.view
        if type(position) is not int:
            raise ParameterError("There is no such row on this page. Run the page again.")
        cells = in_full(view, position)
        record = record_type("incident")
        told: dict[str, Any] = {
            "row": position,
            "title": "Record " + dict(cells).get("record_id", ""),
            "cells": [[name.replace("_", " "), record.column(name).meaning, text] for name, text in cells],
            "history": [],
            "note": "",
        }
        try:
            found = history(*self._office(), view, position)
            told["history"] = [_told(one, first=at == 0) for at, one in enumerate(found)][::-1]
            told["note"] = "As far as these readers may read it. The newest comes first."
        except UserError as problem:
            told["note"] = str(problem)
        self.widget.record = told

    def _close(self, _: dict[str, Any]) -> None:
        self.widget.record = {}

    def _then(self, said: dict[str, Any]) -> None:
        at = said.get("at")
        if type(at) is not int or not 0 <= at < len(moments(self._edition.view)):
            raise ParameterError("There is no such day on this page. Run the page again.")
        self._moment = at
        self._tell_then()

    def _tell_then(self) -> None:
        when = moments(self._edition.view)
        if self._moment == len(when) - 1:
            self.widget.then = {}
            return
        found = self._past.then(self._selection, at=when[self._moment])
        self.widget.then = {"at": self._moment, "lines": _then_says(found)}

    def _export(self, said: dict[str, Any]) -> None:
        kind = said.get("kind")
        if kind not in KINDS:
            raise ParameterError(f"Files are saved as one of: {', '.join(KINDS)}.")
        selection = Selection.from_plain(said.get("selection"))
        self._tell("Making the file and letting the gate read it ...")
        office, store = self._office()
        self._tell(saved(office, store, self._edition, selection, kind=kind))


def saved(office: Office, store: Store, edition: Edition, selection: Selection, *, kind: Any) -> str:
    """Save a selection and return what is told of it."""
    done = export(office, store, edition, selection, kind=kind, by=_author(office), at=_now(office))
    told = [
        f"Saved {done.rows:,} rows: {done.file.relative_to(office.root).as_posix()}",
        f"It is marked {edition.view.audience.marking} · DRAFT, NOT RELEASED, has passed the gate, and is "
        "written into the audit log. Nobody has released it: send issues, not files like this one.",
    ]
    if done.left_out:
        told.insert(
            1,
            f"{done.left_out:,} selected rows are not in it: the licence of their source lets them be "
            "counted only.",
        )
    return "\n".join(told)


def _author(office: Office) -> str:
    with suppress(ImportError, AttributeError):
        from workbench.desk import author

        named = str(author(office))
        if named:
            return named
    return getpass.getuser()


def _now(office: Office) -> datetime:
    return office.now()


def _told(one: Revision, *, first: bool) -> dict[str, Any]:
    until = f"until {_moment(one.until)}" if one.until else ""
    what = "first known" if first else ("changed" if one.changes else "delivered again, as before")
    ended = {
        "withdrawn": f", {until}, when its source withdrew it",
        "elsewhere": f", {until}, when it was no more in this area",
    }.get(one.ended, "")
    return {
        "when": _moment(one.known_at),
        "what": what + ended,
        "changes": [
            [change.column.replace("_", " "), change.was or "(not given)", change.now or "(not given)"]
            for change in one.changes
        ],
    }


def _moment(moment: datetime) -> str:
    from datetime import UTC

    utc = moment.astimezone(UTC)
    return f"{utc.day} {utc:%b %Y %H:%M} UTC"


def _then_says(then: Then) -> list[str]:
    lines = [f"Then {_rows(then.then)} of this selection were known, now {_rows(then.now)}."]
    if then.added is None:
        return [*lines, "Which rows these are cannot be told: these readers are given no record codes."]
    since = [
        f"{then.added:,} added", f"{then.changed:,} changed", f"{then.withdrawn:,} withdrawn or moved away",
    ]  # fmt: skip
    lines.append(f"Since then: {', '.join(since)}.")
    moved = [
        f"{n:,} {what} the selection because a cell that it asks for was changed"
        for n, what in ((then.moved_in, "came into"), (then.moved_out, "left"))
        if n
    ]
    return [*lines, *([f"{'; '.join(moved)}."] if moved else [])]


def _rows(n: int) -> str:
    return "1 row" if n == 1 else f"{n:,} rows"


def _widget(fixed_part: dict[str, Any], shown: dict[str, Any]) -> Any:
    import anywidget
    import traitlets

    class Explore(anywidget.AnyWidget):
        _esm = (_HERE / "explore.js").read_text(encoding="utf-8")
        _css = (_HERE / "explore.css").read_text(encoding="utf-8")
        fixed = traitlets.Dict().tag(sync=True)
        shown = traitlets.Dict().tag(sync=True)
        record = traitlets.Dict().tag(sync=True)
        then = traitlets.Dict().tag(sync=True)
        told = traitlets.Dict().tag(sync=True)

        def __repr__(self) -> str:
            return "<explore>"

    return Explore(fixed=fixed_part, shown=shown)
