"""One's own briefing or chart: a notebook that teaches, and its entry in workbench.toml."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.config import FILE_NAME, Office, load
from workbench.errors import ConfigurationError, ParameterError, UnknownName, UserError

_SLUG = re.compile(r"[a-z][a-z0-9_]{0,39}")

_ABOVE = """\
# {title}

A briefing of your own. What stands above the masthead, like this cell, speaks to you and is no part of the document; markdown cells below it are. Run all cells first, then change one at a time and run it again.

* A cell that ends in a data frame, a block or an Altair chart with a `description` becomes part of the document. What does not says so.
* It sees what its audience may read, and nothing else: try it with another audience in the control.
* `workbench preview {path} --audience ...` shows the page as those readers would get it, anew each time you save.
"""  # noqa: E501 - a paragraph of markdown is one line

_PARAMETERS = """\
# What this page is about. "" leaves the choice to the office: its first area, its last complete week,
# the narrowest audience that receives it, what is known now, its first language.
area = ""
week = ""
audience = ""
as_of = ""
language = ""
"""

_CONTROLS = """\
from workbench import widgets

widgets.controls({slug})
"""

_MASTHEAD = """\
# The masthead comes first: it says what this is, for whom, and what was known when.
from workbench import analysis
from workbench.document import sections
from workbench.view import open_view

edition = open_view(
    area=area,
    week=week,
    audience=audience,
    as_of=as_of,
    language=language,
    briefing={slug},
)
view, words = edition.view, edition.words
sections.masthead(edition, title=f"{title}: {{view.area.name}}", briefing={slug})
"""

_PROSE = """\
# The week

Write here what readers should know first, in plain words: what changed, what it means, what to do. This cell is part of the document.
"""  # noqa: E501 - as above

_TABLE = """\
# Incidents of the week. What several publishers tell of one incident is one row, where a person decided so;
# what may be counted but not listed stays out of the list.
listed = analysis.of_weeks(
    analysis.to_list(view.counted, order=view.area.counts_from), first_day=view.week.first_day
)
shown = ["occurred_on", "district_name", "event_type", "killed_best"]
listed[[name for name in shown if name in listed]]
"""

_ABOUT_CHART = """\
## {title}

A chart needs a description: readers who cannot see it, and the PDF, get it in its place. Build it from the data, so that it stays true when the week changes. This cell is part of the document: replace it by what the chart shows.
"""  # noqa: E501 - as above

_CHART = """\
import altair as alt
from workbench import analysis

# Counted incidents of the week by type; one that several publishers tell counts once.
incidents = analysis.merged(view.counted, order=view.area.counts_from)
of_week = analysis.of_weeks(incidents, first_day=view.week.first_day)
by_type = of_week["event_type"].str.replace("_", " ").value_counts().rename_axis("type")
by_type = by_type.reset_index(name="incidents")
said = "; ".join(f"{{row.type}} {{row.incidents}}" for row in by_type.itertuples())
alt.Chart(by_type, width=420).mark_bar().encode(
    x=alt.X("incidents:Q", title="Incidents", axis=alt.Axis(tickMinStep=1)),
    y=alt.Y("type:N", title=None, sort="-x"),
).properties(description=f"Bars: incidents of week {{view.week}} by type. {{said or 'None are known.'}}")
"""

_SOURCES = """\
sections.sources(edition)
"""


@dataclass(frozen=True)
class NewBriefing:
    """A briefing just made: its notebook, its slug, and the names of the audiences that receive it."""

    notebook: Path
    slug: str
    readers: tuple[str, ...]


def new_briefing(office: Office, slug: str, *, title: str, audiences: Sequence[str]) -> NewBriefing:
    """
    Write `notebooks/<slug>.ipynb` and enter the briefing in workbench.toml, for the audiences named.

    Comments and order of workbench.toml stay. Raises ParameterError for a name that cannot be one or is
    taken, UnknownName for an audience, ConfigurationError if the office would not be valid with it (readers
    of counts get no briefing of rows); nothing is written then.
    """
    if not _SLUG.fullmatch(slug):
        raise ParameterError(
            f'"{slug[:60]}" cannot be the name of a briefing. Take small letters, digits and _ , '
            "beginning with a letter: workbench new briefing border_crossings"
        )
    path = office.path(f"notebooks/{slug}.ipynb")
    if slug in {one.slug for one in office.briefing}:
        raise ParameterError(f'There is a briefing "{slug}" already. Choose another name.')
    if path.exists():
        raise ParameterError(f"There is a notebook {path.name} already. Move it away, or take another name.")
    if not title.strip() or not title.isprintable():
        raise ParameterError("The briefing has no usable title. Give one of printable characters: --title")
    for one in audiences:
        if one not in {known.slug for known in office.audience}:
            raise UnknownName("audience", one, [known.slug for known in office.audience])
    _enter(office, slug, title=title, audiences=audiences)
    _write(path, _notebook(slug, title, f"notebooks/{slug}.ipynb"))
    readers = tuple(one.name for one in office.audience if one.slug in audiences)
    return NewBriefing(path, slug, readers)


def new_chart(notebook: Path, name: str) -> int:
    """
    Add a heading and a cell with a small chart at the end of a notebook; returns the number of the cell.

    Raises ParameterError if the name is no text, UserError if the file is no notebook.
    """
    title = " ".join(name.replace("_", " ").split())
    if not title or not title.isprintable():
        raise ParameterError('The chart has no usable name. Give one: workbench new chart "By type" --in NB')
    try:
        page = json.loads(notebook.read_text(encoding="utf-8"))
        cells = page["cells"]
    except FileNotFoundError:
        raise UserError(f"There is no notebook {notebook}. Name one with --in.") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(f"{notebook.name} cannot be read as a notebook. Save it in JupyterLab.") from None
    number = len(cells)
    cells.append(_markdown(f"h{number}-{name}", _ABOUT_CHART.format(title=title[0].upper() + title[1:])))
    cells.append(_code(f"c{number}-{name}", _CHART.format()))
    _write(notebook, page)
    return len(cells)


def _notebook(slug: str, title: str, path: str) -> dict[str, Any]:
    quoted = json.dumps(title, ensure_ascii=False)[1:-1].replace("{", "{{").replace("}", "}}")
    masthead = _MASTHEAD.format(title=quoted, slug=json.dumps(slug))
    chart = _CHART.format().replace("from workbench import analysis\n", "")
    cells = [
        _markdown("n00", _ABOVE.format(title=title, path=path)),
        _code("n01", _PARAMETERS) | {"metadata": {"tags": ["parameters"]}},
        _code("n02", _CONTROLS.format(slug=json.dumps(slug))),
        _code("n03", masthead),
        _markdown("n04", _PROSE),
        _code("n05", _TABLE),
        _markdown("n06", "## By type\n\nWhat the bars mean, in a sentence: it is part of the document."),
        _code("n07", chart),
        _markdown("n08", "# Sources"),
        _code("n09", _SOURCES),
    ]
    spec = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return {
        "cells": cells,
        "metadata": {"kernelspec": spec, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _markdown(key: str, text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": _id(key), "metadata": {}, "source": _lines(text)}


def _code(key: str, text: str) -> dict[str, Any]:
    return {
        "cell_type": "code", "execution_count": None, "id": _id(key), "metadata": {}, "outputs": [],
        "source": _lines(text),
    }  # fmt: skip


def _id(key: str) -> str:
    return f"own-{hashlib.sha256(key.encode()).hexdigest()[:10]}"


def _lines(text: str) -> list[str]:
    return text.strip("\n").splitlines(keepends=True)


def _enter(office: Office, slug: str, *, title: str, audiences: Sequence[str]) -> None:
    """Put the entry into workbench.toml; what the office would not be valid with is not kept."""
    import tomlkit

    file = office.root / FILE_NAME
    before = file.read_text(encoding="utf-8")
    said = tomlkit.parse(before)
    for one in said["audience"]:
        if one["slug"] in audiences:
            one["briefings"].append(slug)
    entry = tomlkit.document()
    entry.update({"slug": slug, "title": title, "notebook": f"notebooks/{slug}.ipynb"})
    _put(file, _after_the_last(tomlkit.dumps(said), f"[[briefing]]\n{tomlkit.dumps(entry)}"))
    try:
        load(office.root)
    except ConfigurationError as problem:
        _put(file, before)
        raise ConfigurationError(
            f"The briefing was not made, workbench.toml is as it was: with it, {problem}"
        ) from None


def _after_the_last(text: str, entry: str) -> str:
    """Return the text with an entry after its last [[briefing]], before what comments the next part."""
    lines = text.splitlines(keepends=True)
    headed = [number for number, line in enumerate(lines) if line.lstrip().startswith("[[briefing]]")]
    if not headed:
        return f"{text.rstrip()}\n\n{entry}"
    end = headed[-1] + 1
    for number in range(end, len(lines)):
        line = lines[number].strip()
        if line.startswith("["):
            break
        if line and not line.startswith("#"):
            end = number + 1
    return f"{''.join(lines[:end]).rstrip()}\n\n{entry}{''.join(lines[end:])}"


def _put(file: Path, text: str) -> None:
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    part.write_bytes(text.encode("utf-8"))
    part.replace(file)


def _write(path: Path, page: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    _put(path, json.dumps(page, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
