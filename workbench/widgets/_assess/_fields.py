"""The controls of one statement, by its part, and the words the form has for parts and faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workbench.config import COMPARTMENTS, LEVELS
from workbench.config.tradecraft import CONFIDENCE_TERMS, likelihood_words
from workbench.desk.assess import Checked, Written, words_of
from workbench.records import record_type
from workbench.widgets._form import options
from workbench.widgets._sheet import Field, control, group, line

PARTS: dict[str, tuple[str, str, str]] = {
    "bottom_line": ("Bottom line", "bottom line", "One for each circle of readers, 60 words at most: what "
                    "changed, what it means, what is asked for."),
    "judgement": ("Key judgements", "judgement", "What you hold to be so: one likelihood, and apart from it "
                  "how sure you are and why."),
    "situation": ("Situation", "paragraph", "What happened, district by district. Facts, no likelihood."),
    "focus": ("Incident focus", "paragraph", "The incident of the week, told with its sources."),
    "outlook": ("Outlook", "scenario", "What may come, by scenario and horizon."),
    "indicator": ("Indicators", "indicator", "What would show early that it turns; each with its state."),
    "implication": ("Implications", "implication", "What it means for programmes and movement."),
    "recommendation": ("Recommendations", "recommendation", "Who should do what, by when."),
    "assumption": ("Assumptions", "assumption", "What must hold for the judgements to hold."),
    "alternative": ("Alternatives", "alternative", "How the same facts could be read otherwise."),
}  # fmt: skip
"""In the order of work: title, what one is called, what belongs there."""

MOST_WORDS = 60
_LONG = {"text", "because", "change"}
_LABELS = {
    "text": "Text", "likelihood": "Likelihood", "confidence": "Confidence", "because": "Confidence because",
    "change": "Why it changed since last week", "scenario": "Scenario", "horizon_days": "Days ahead",
    "indicator_state": "State", "owner": "Owner (a function)", "due_on": "Due (year-month-day)",
    "state": "State", "level": "Level", "compartments": "Compartments", "basis": "Rests on",
    "district_given": "District",
}  # fmt: skip
_BY_PART: dict[str, tuple[tuple[str, ...], ...]] = {
    "judgement": (("likelihood", "confidence"), ("because",), ("change",)),
    "outlook": (
        ("scenario", "horizon_days", "likelihood", "confidence"), ("because",), ("change",),
    ),
    "indicator": (("indicator_state",),),
    "recommendation": (("owner", "due_on", "state"),),
}  # fmt: skip
"""Rows of controls below the text, besides basis and label."""


def title_of(part: str) -> str:
    """Return how the form calls a part."""
    return PARTS[part][0]


def columns_of(part: str, *, body: bool) -> tuple[str, ...]:
    """Return the columns that a statement of this part has controls for; the body holds text alone."""
    if body:
        return ("text",)
    rows = [name for row in _BY_PART.get(part, ()) for name in row]
    return ("text", *rows, "basis", "level", "compartments")


def editor(
    one: Written, checked: Checked | None, *, scale: str, body: bool, file_level: str,
    basis: Sequence[tuple[str, str]],
) -> list[Field]:  # fmt: skip
    """Return the controls of one statement; `basis` are the records that its search offers at first."""
    told = told_by_column(one, checked)
    fields = [_control("text", one, told, scale=scale, file_level=file_level)]
    if body:
        return fields
    for number, row in enumerate(_BY_PART.get(one.part, ())):
        made = [_control(name, one, told, scale=scale, file_level=file_level) for name in row]
        fields.append(group(f"row-{number}", *made, look="row") if len(row) > 1 else made[0])
    chosen = split(one.values.get("basis", ""))
    fields += [
        control("text", "search", "Search the week's records", hint="place, actor, word or number"),
        control("many", "basis", _LABELS["basis"], chosen, options=basis, look="listed",
                told=told.get("basis", ())),
    ]  # fmt: skip
    label = [
        _control(name, one, told, scale=scale, file_level=file_level) for name in ("level", "compartments")
    ]
    return [*fields, group("label", *label, look="row")]


def _control(
    name: str, one: Written, told: Mapping[str, list[Field]], *, scale: str, file_level: str
) -> Field:
    value, label, lines = one.values.get(name, ""), _LABELS[name], told.get(name, [])
    if name in _LONG:
        return control("area", name, label, value, rows=4 if name == "text" else 2, told=lines,
                       hint=counter(one) if name == "text" else "")  # fmt: skip
    if name == "compartments":
        return control("many", name, label, split(value), options=options(COMPARTMENTS), told=lines)
    if name in ("horizon_days", "owner", "due_on"):
        kind = "text" if name != "due_on" else "day"
        return control(kind, name, label, value, look="middle" if name == "owner" else "short", told=lines)
    return control("choice", name, label, value, told=lines,
                   options=choices(name, value, scale=scale, file_level=file_level),
                   look="middle" if name in ("likelihood", "level") else "short")  # fmt: skip


def choices(name: str, value: str, *, scale: str, file_level: str = "") -> list[tuple[str, str]]:
    """Return what may be chosen for a column; what a hand edit wrote is among it."""
    if name == "likelihood":
        found = options(likelihood_words(scale), empty="–")
    elif name == "confidence":
        found = options(CONFIDENCE_TERMS, empty="–")
    elif name == "level":
        found = options(LEVELS, empty=f"as the file: {file_level.replace('_', ' ')}" if file_level else "–")
    else:
        found = options(record_type("assessment").column(name).vocabulary, empty="–")
    return found if value in (meant for _, meant in found) else [*found, (f"{value} (not known)", value)]


def counter(one: Written) -> str:
    """Return how many words a text has, of a bottom line with how many it may have."""
    n = words_of(one.text)
    return f"{n} of {MOST_WORDS} words" if one.part == "bottom_line" else f"{n} words"


def told_by_column(one: Written, checked: Checked | None) -> dict[str, list[Field]]:
    """Return what is wrong with a statement in plain words, by the control it stands below."""
    told: dict[str, list[Field]] = {}
    if checked is None or is_empty(one):
        return told
    for problem in checked.set_aside:
        column, _, reason = problem.partition(": ")
        known = column if column in columns_of(one.part, body=False) else "text"
        told.setdefault(known, []).append(line(f"The pull will set this aside: {reason}.", "wrong"))
    for advice in checked.advised:
        told.setdefault("text", []).append(line(f"Advice: this {PARTS[one.part][1]} {advice}.", "advice"))
    return told


def is_empty(one: Written) -> bool:
    """Whether nothing has been said in a statement yet; its label and horizon are its shape."""
    shape = {"level", "compartments", "scenario", "horizon_days", "district_given"}
    return not any(text for name, text in one.values.items() if name not in shape)


def in_list(number: int, one: Written, checked: Checked | None) -> str:
    """Return a statement as one line of the list: its mark, number, and how it begins."""
    mark = (
        "○"
        if is_empty(one)
        else "✗"
        if checked and checked.set_aside
        else "!"
        if checked and checked.advised
        else "✓"
    )
    said = one.text if one.text else "not written yet"
    about = f"{one.district}: " if one.district else ""
    level = one.values.get("level", "").replace("_", " ")
    cut = said if len(said) <= 90 else said[:89] + "…"
    return f"{mark} {number}. {about}{cut}{f'  [{level}]' if level else ''}"


def beside(one: Written) -> list[Field]:
    """Return last week's statement as lines."""
    values = one.values
    facts = [values.get(name, "").replace("_", " ") for name in
             ("scenario", "likelihood", "indicator_state", "owner", "due_on", "state")]  # fmt: skip
    if values.get("horizon_days"):
        facts.insert(0, f"{values['horizon_days']} days")
    if values.get("confidence"):
        facts.append(f"{values['confidence']} confidence")
    head = f"{one.district}: " if one.district else ""
    lines = [line(head + one.text)]
    if any(facts):
        lines.append(line(" · ".join(fact for fact in facts if fact), "quiet"))
    if values.get("because"):
        lines.append(line(f"because: {values['because']}", "quiet"))
    return lines


def split(codes: str) -> list[str]:
    """Return a list that is kept as text parted by semicolons."""
    return [one for one in codes.split(";") if one]
