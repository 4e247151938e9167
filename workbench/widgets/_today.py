"""The start page: what is new and what waits for a decision, each with the notebook where it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.widgets._form import escaped, form, said

if TYPE_CHECKING:
    from workbench.desk import Seat, Today
    from workbench.desk._today import News

_STYLE = """<style>
.wb-start h3 { margin: 1em 0 .3em } .wb-start ul { margin: .2em 0; padding-inline-start: 1.3em; list-style: none }
.wb-start li { padding: .18em 0; text-indent: -1.3em } .wb-start li::before { content: '○'; color: #b4451f;
 display: inline-block; width: 1.3em; text-indent: 0 } .wb-start td.n, .wb-start th.n { text-align: right }
.wb-start .key-figures ul { display: flex; flex-wrap: wrap; gap: .6em 2.5em; padding: 0 }
.wb-start .key-figures li { text-indent: 0 } .wb-start .key-figures li::before { content: none }
.wb-start .key-figures p { margin: 0 } .wb-start .value b { font-size: 1.9em } .wb-start .unseen { display: none }
.wb-start .accent { color: #b4451f } .wb-start a { color: #2f5d50 }
</style>"""  # noqa: E501 - a rule of a style sheet stays on one line

_TO = {
    "triage.ipynb": "Decide",
    "assess.ipynb": "Write it",
    "log.ipynb": "Open the log",
}


def today(*, area: str, week: str, audience: str, as_of: str, language: str) -> Any:
    """
    Show what is new since the last issue and what waits for a person, at the desk of this folder's office.

    Parameters as every notebook has them; "" is the office's choice, and for readers those of the desk. What
    an analyst can mend is told in the place of the page; so is an office to which nothing was delivered yet.
    """
    import ipywidgets

    from workbench.desk import sit
    from workbench.desk import today as found
    from workbench.errors import UserError

    page = ipywidgets.HTML()
    try:
        seat = sit(area=area, week=week, audience=audience, as_of=as_of, language=language)
        page.value = _page(found(seat, at=seat.office.now()), seat)
    except UserError as problem:
        page.value = said(str(problem), wrong=True)
    return form(page, name="start page")


def _page(made: Today, seat: Seat) -> str:
    from workbench.desk import day_of
    from workbench.document.html import fragment

    since = escaped(day_of(seat.office, made.since))
    parts = [
        _STYLE,
        '<div class="wb-start">',
        "<h3>The week in numbers</h3>",
        fragment(made.figures)
        if made.figures is not None
        else '<p class="quiet">These readers are given no counts of incidents.</p>',
        "<h3>Needs a decision</h3>",
        _matters(made),
        f"<h3>New since the last issue ({since})</h3>",
        _news(made.news, seat),
        "</div>",
    ]
    return "".join(parts)


def _matters(made: Today) -> str:
    lines = "".join(f"<li>{escaped(one.said)}{_link(one.notebook)}</li>" for one in made.matters)
    unknown = "".join(f"<li>{escaped(one)}</li>" for one in made.unknown)
    if not lines and not unknown:
        return "<p>Nothing waits for you. The task list below says what a week usually asks for.</p>"
    return f"<ul>{lines}{unknown}</ul>"


def _link(notebook: str) -> str:
    if not notebook:
        return ""
    told = _TO.get(notebook, "Open")
    return f' <a class="wb-open" href="{escaped(notebook)}" target="_blank">{escaped(told)}</a>'


def _news(news: tuple[News, ...], seat: Seat) -> str:
    from workbench.desk import day_of

    brought = [one for one in news if one.deliveries]
    silent = [one for one in news if not one.deliveries]
    rows = "".join(
        f"<tr><td>{escaped(one.title)}</td>"
        + "".join(
            f'<td class="n">{_number(number)}</td>'
            for number in (one.new, one.changed, one.withdrawn, one.rejected, one.unmatched)
        )
        + f"<td>{escaped(day_of(seat.office, one.last) if one.last else '')}</td></tr>"
        for one in brought
    )
    heads = "".join(
        f'<th scope="col" class="n">{one}</th>'
        for one in ("New", "Changed", "Withdrawn", "Set aside", "No district")
    )
    table = (
        f'<table><thead><tr><th scope="col">Source</th>{heads}<th scope="col">Last pulled</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
        if brought
        else "<p>Nothing was delivered since then. To look for deliveries: workbench pull</p>"
    )
    if silent:
        names = "; ".join(
            f"{one.title} ({'last ' + day_of(seat.office, one.last) if one.last else 'never'})"
            for one in silent
        )
        table += f'<p class="quiet">Nothing since then from: {escaped(names)}.</p>'
    return table


def _number(number: int) -> str:
    return f"{number:,}" if number else "–"
