"""A form that nothing is saved of: what is shown and typed travels as messages, and is no widget's state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any

from workbench.errors import UserError
from workbench.widgets._form import form

Field = dict[str, Any]
"""One control as the browser draws it: `kind`, `name`, and what its kind needs (see the functions below)."""


class Sheet:
    """
    A form in the browser.

    JupyterLab can save the state of widgets into a notebook, choices of a dropdown included. This one has
    none: it is drawn from messages, whenever a browser asks, and answers with messages. `changed(name,
    value)` and `pressed(name)` are called with what the analyst does; `wrong` tells what goes wrong there.
    """

    def __init__(
        self,
        *,
        name: str,
        changed: Callable[[str, Any], None],
        pressed: Callable[[str], None],
        wrong: Callable[[str], None],
    ) -> None:
        import anywidget

        here = files("workbench.widgets")
        self._changed, self._pressed, self._wrong = changed, pressed, wrong
        self._fields: list[Field] = []
        self._known: dict[str, Field] = {}
        script = here.joinpath("sheet.js").read_text(encoding="utf-8")
        style = here.joinpath("sheet.css").read_text(encoding="utf-8")
        made: Any = type("Sheet", (anywidget.AnyWidget,), {"_esm": script, "_css": style})
        self._widget: Any = made()
        self._widget.on_msg(lambda _widget, content, _buffers: self.receive(content))
        self.box = form(self._widget, name=name)

    def show(self, *fields: Field) -> None:
        """Draw these fields in the place of all others."""
        self._fields = list(fields)
        self._known = {one["name"]: one for one in _every(fields)}
        self._widget.send({"do": "show", "fields": self._fields})

    def patch(self, **fields: Mapping[str, Any]) -> None:
        """Change what some fields show (value, options, told, lines, hint, hidden, disabled ...)."""
        known = {name: dict(to) for name, to in fields.items() if name in self._known}
        for name, to in known.items():
            self._known[name].update(to)
        if known:
            self._widget.send({"do": "patch", "fields": known})

    def focus(self, name: str) -> None:
        """Put the keyboard into a field."""
        self._widget.send({"do": "focus", "name": name})

    def shown(self, name: str) -> Field:
        """Return a field as it is drawn now; raises KeyError."""
        return self._known[name]

    def receive(self, message: Mapping[str, Any]) -> None:
        """
        Take what the browser sends: ready, change (name, value) or press (name).

        A fault is told in the form; of one of the workbench's own only its class: it may quote a record.
        """
        try:
            if message.get("do") == "ready":
                self._widget.send({"do": "show", "fields": self._fields})
            elif message.get("name") not in self._known:
                return
            elif message.get("do") == "change":
                self._known[message["name"]]["value"] = message.get("value")
                self._changed(message["name"], message.get("value"))
            elif message.get("do") == "press":
                self._pressed(message["name"])
        except UserError as problem:
            self._wrong(str(problem))
        except Exception as fault:  # a form must not end in a traceback that quotes a record
            self._wrong(
                f"The workbench met a fault of its own ({type(fault).__name__}), and nothing more was done. "
                "Tell whoever maintains it what you did last."
            )


def _every(fields: Iterable[Field]) -> Iterable[Field]:
    for one in fields:
        yield one
        yield from _every(one.get("fields", ()))


def group(name: str, *fields: Field, title: str = "", look: str = "", hidden: bool = False) -> Field:
    """Return fields in one frame; `look`: "row", "two" (columns), "framed", "tabs", or several of them."""
    return {
        "kind": "group",
        "name": name,
        "fields": list(fields),
        "title": title,
        "look": look,
        "hidden": hidden,
    }


def control(  # noqa: PLR0913  (all that a control can say of itself)
    kind: str, name: str, label: str, value: Any = "", *, hint: str = "", look: str = "",
    told: Sequence[Field] = (), options: Sequence[tuple[str, str]] = (), **more: Any,
) -> Field:  # fmt: skip
    """
    Return a control with its label: text, area, day, choice, list, check or many.

    `options` are (shown, meant); `told` is what stands below it, as lines; `look`: "short", "middle".
    """
    return {"kind": kind, "name": name, "label": label, "value": value, "hint": hint, "look": look,
            "told": list(told), "options": [list(one) for one in options], **more}  # fmt: skip


def button(name: str, label: str, *, look: str = "", hint: str = "", **more: Any) -> Field:
    """Return a button; `look`: "main" or "chosen"."""
    return {"kind": "button", "name": name, "label": label, "look": look, "hint": hint, **more}


def note(name: str, *lines: Field, title: str = "", look: str = "", live: bool = False) -> Field:
    """Return lines of text under a title; `look` "side" sets it apart, `live` is read out when it changes."""
    return {"kind": "note", "name": name, "title": title, "lines": list(lines), "look": look, "live": live}


def line(text: str, tone: str = "") -> Field:
    """Return one line of text; `tone`: "wrong", "advice", "good", "quiet" or "strong"."""
    return {"text": text, "tone": tone}
