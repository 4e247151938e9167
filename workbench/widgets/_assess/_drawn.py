"""What stands beside and below the statements: last week's, both sides of a clash, and the nine standards."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.desk.assess import Assessment, Clash, Review, Written
from workbench.language import Words
from workbench.widgets._assess import _fields
from workbench.widgets._sheet import Field, button, group, line, note

FROM_LAST = ("indicator", "recommendation")
"""Parts whose statements go on from week to week."""

_TONES = {"met": "good", "partly": "advice", "not_met": "advice", "not_checked": "quiet"}


def of_last(opened: Assessment, part: str) -> list[Written]:
    """Return last week's statements of a part."""
    return [one for one in (opened.last.statements if opened.last else ()) if one.part == part]


def last_week(opened: Assessment, part: str) -> list[Field]:
    """Return last week's statements of a part, with what takes them over."""
    last = of_last(opened, part)
    title = f"Last week ({opened.week.back(1)}): {_fields.title_of(part).lower()}"
    if not last:
        return [note("last", line("Nothing was written.", "quiet"), title=title, look="side")]
    fields = [note("last", title=title, look="side")]
    for number, one in enumerate(last):
        fields.append(note(f"last-{number}", *_fields.beside(one), look="side"))
        if part in FROM_LAST:
            fields.append(button(f"take-{number}", "Take over", hint="Add it to this week's"))
    if part in FROM_LAST and len(last) > 1:
        fields.append(button("take-all", "Take over all that are not here yet"))
    return fields


def both_sides(clashes: Sequence[Clash]) -> list[Field]:
    """Return what was changed here and in the file, each beside the other, and the choice."""
    fields: list[Field] = []
    for number, clash in enumerate(clashes):
        sides = (("Yours", clash.mine), ("In the file", clash.theirs))
        told = [line(f"{who}: {_whole(one)}") for who, one in sides]
        title = "First keys" if clash.part == "file" else _fields.title_of(clash.part)
        fields.append(note(f"clash-{number}", *told, title=title, look="side"))
    choices = group(
        "clash-row",
        button("clash-mine", "Mine stand"),
        button("clash-theirs", "Those in the file stand"),
        button("clash-both", "Those in the file stand, mine are kept as a copy"),
        look="row",
    )
    return [*fields, choices]


def _whole(one: Written | None) -> str:
    if one is None:
        return "(taken out)"
    rest = "; ".join(f"{name}: {text}" for name, text in sorted(one.values.items())
                     if name not in ("text", "district_given") and text)  # fmt: skip
    return one.text + (f"  ({rest})" if rest else "")


def standards(review: Review, words: Words) -> list[Field]:
    """Return the nine standards, each with what was found, as lines."""
    found = []
    for row in review.standards.itertuples():
        told = [part.partition("=") for part in str(row.told).split(";") if part]
        shown = [
            f"{words.term('tradecraft_finding', code)}: {n}"
            for place, (code, _, n) in enumerate(told) if place == 0 or n != "0"
        ]  # fmt: skip
        name = words.term("tradecraft_standard", str(row.standard))
        result = words.term("check_result", str(row.result))
        counted = f" ({'; '.join(shown)})" if row.result != "not_checked" else ""
        found.append(line(f"{name}: {result}{counted}", _TONES[str(row.result)]))
    return found
