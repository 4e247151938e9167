"""Explore: what one audience may see, filtered, on a map, over weeks and in a table; from one cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.widgets._form import escaped, form, guarded, said, shell_to_show_in

if TYPE_CHECKING:
    from workbench.view import Edition

_on_display: dict[str, Any] = {}
"""What is on display, by its cell."""


def explore(edition: Edition) -> None:
    """
    Show an edition's view to look around in: filters, map, weeks, rows, a record's history, exports.

    Stands in a cell of its own. It shows only what the edition's readers may read; for readers who are given
    counts it shows those. In a run it does and shows nothing.
    """
    shell = shell_to_show_in()
    if shell is None:
        return
    from IPython.display import display

    kernel = getattr(shell, "kernel", None)
    found = kernel.get_parent("shell").get("metadata", {}).get("cellId") if kernel is not None else None
    earlier = _on_display.pop(str(found), None)
    if earlier is not None:
        _closed(earlier)
    box = explorer(edition)
    _on_display[str(found)] = box
    display(box)  # type: ignore[no-untyped-call]  # IPython types only in part


def explorer(edition: Edition) -> Any:
    """Return the page as a widget whose text in a notebook's file is only its name."""
    if edition.view.audience.count_threshold > 1:
        return form(*_counts(edition), name="explore")
    from workbench.widgets._explore._explorer import Explorer

    made = Explorer(edition)
    box = form(made.widget, name="explore")
    box.layout.max_width = "none"
    box.explorer = made
    return box


def _counts(edition: Edition) -> list[Any]:
    """Return what is shown to readers who are given counts: these, why there are no rows, and the files."""
    import ipywidgets

    view = edition.view
    table = view.table("count")
    last = table[table["week"].eq(table["week"].max())] if len(table) else table
    cells = "".join(
        f"<tr><td>{escaped(_which(one))}</td><td>{escaped(_how_many(one))}</td></tr>"
        for one in last.itertuples(index=False)
    )
    tell = ipywidgets.HTML()
    why = (
        f"{view.audience.name} are given counts and no rows; counts below {view.audience.count_threshold} "
        "are withheld, and with them whatever would give them away. To look at incidents one by one, choose "
        "other readers in the control above, such as those of your own desk."
    )
    buttons = []
    for kind, label in (("csv", "Save the counts as CSV"), ("xlsx", "Save as Excel")):
        button = ipywidgets.Button(description=label, layout={"width": "auto"})
        button.on_click(guarded(_saving(edition, kind), tell))
        buttons.append(button)
    return [
        ipywidgets.HTML(said(why)),
        ipywidgets.HTML(
            f"<h4>Week {escaped(view.week)}, {escaped(view.area.name)}</h4>"
            f"<table><tr><th>Counted</th><th>Incidents</th></tr>{cells}</table>"
        ),
        ipywidgets.HBox(buttons),
        tell,
    ]


def _which(one: Any) -> str:
    if one.table == "week":
        return "all"
    return str(one.event_type or one.district).replace("_", " ")


def _how_many(one: Any) -> str:
    return str(one.incidents if one.state == "shown" else one.state)


def _saving(edition: Edition, kind: str) -> Any:
    def work() -> str:
        from pathlib import Path

        from workbench.config import find, load
        from workbench.desk.explore import Selection
        from workbench.view import store_of
        from workbench.widgets._explore._explorer import saved

        office = load(find(Path.cwd()))
        return saved(office, store_of(office), edition, Selection(), kind=kind)

    return work


def _closed(box: Any) -> None:
    for one in box.children:
        one.close()
    box.close()
