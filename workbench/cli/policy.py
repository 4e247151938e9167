"""`workbench policy`: what each audience sees of every column, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli._office import OfficeOption, literal, office_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.audience import ColumnRule, Policy
    from workbench.config import Audience, Level, Office

app = typer.Typer(
    help="Show what each audience may see, and why.\n\nExample: workbench policy show --audience partners",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_SCHEMES = {"un": "UN", "ocha": "OCHA", "tlp": "TLP"}
_RELEASE = {"automatic": "automatic", "one_person": "by one person", "two_people": "by two people"}
_PLACES = {"exact": "exact", "district": "the district", "area": "the area only"}
_TEXTS = {"full": "in full", "releasable": "only what was written for release"}
_LACKING = {"level": "above their level", "compartment": "a compartment they lack"}
_UNLISTED = {"full": "kept", "week": "the week only", "absent": "blank"}


@app.callback()
def _group() -> None:
    # with a callback `show` stays a command of its own, though it is the only one
    pass


@app.command()
def show(
    *,
    audience: Annotated[
        str | None, typer.Option(help="Audience, such as partners; without it, all are listed.")
    ] = None,
    record: Annotated[
        str | None, typer.Option(help="Record type, such as incident: each of its columns on a line.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole table as JSON.")] = False,
    office: OfficeOption = None,
) -> None:
    """
    Print what an audience sees of every column of every record type, and why.

    Without --audience, list the audiences.

    Example: workbench policy show --audience partners --record incident
    """
    from workbench.audience import policy
    from workbench.errors import ParameterError

    opened = office_in(office)
    if audience is None:
        if record is not None:
            raise ParameterError(
                f"--record {literal(record)} needs --audience. Name one of: "
                f"{', '.join(one.slug for one in opened.audience)}."
            )
        _list(opened, as_json=as_json)
        return
    rules = policy(opened, opened.audience_called(audience))
    names = list(rules.records) if record is None else [_known(rules, record)]
    if as_json:
        _print_json(_told(opened, rules, names))
    elif record is None:
        _show_all(opened, rules)
    else:
        _show_one(opened, rules, names[0])


def _known(rules: Policy, record: str) -> str:
    from workbench.errors import UnknownName

    if record not in rules.records:
        raise UnknownName("record type", record, rules.records)
    return record


def why(rule: ColumnRule, audience: Audience) -> str:
    """Return in plain words why an audience does or does not see a column."""
    needed = [one for one in rule.compartments if one not in audience.compartments]
    plain = {
        "sealed": "sealed: in no edition, whoever reads it",
        "book": "a book of the workbench's own: in no edition",
        "level": f"needs {_words(rule.level.slug)}; these readers have {_words(audience.level)}",
        "compartment": f"needs the compartment {', '.join(needed)}",
        "count_threshold": "these readers are given counts, and no incident rows",
        "place_precision": f"closer than {_PLACES[audience.place_precision]}, which is what they are told",
        "free_text": "not written for release, and they read only what was",
        "read": "as stored" if rule.change == "full" else "as a code of this audience's own",
    }
    return plain[rule.reason]


def _words(slug: str) -> str:
    return slug.replace("_", " ")


def _mark(office: Office, level: Level) -> str:
    """Return a level with what others call it, as the office maps it."""
    named = [
        name if name.casefold().startswith(f"{scheme}:") else f"{_SCHEMES.get(scheme, scheme)} {name}"
        for scheme, name in office.equivalents(level)
    ]
    return "; ".join((_words(level.slug), *named))


def _list(office: Office, *, as_json: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    if as_json:
        _print_json([one.model_dump(mode="json", exclude={"recipients"}) for one in office.audience])
        return
    table = Table("Audience", "What it sees, and how it gets it", box=None, pad_edge=False)
    for one in office.audience:
        counts = "all counts" if one.count_threshold == 1 else f"no rows, counts from {one.count_threshold}"
        seen = f"{_words(one.level)}; compartments: {_compartments(one)}; "
        seen += f"places: {_PLACES[one.place_precision]}; texts: {_TEXTS[one.free_text]}; {counts}"
        table.add_row(
            one.slug, f"{seen}\nreleased {_RELEASE[one.release]}: {', '.join(one.briefings) or 'none'}"
        )
    Console().print(table)
    typer.echo("\nWhat one of them sees of every column: workbench policy show --audience NAME")


def _compartments(audience: Audience) -> str:
    from workbench.config import COMPARTMENTS

    held = [one for one in COMPARTMENTS if one in audience.compartments]
    return "all" if len(held) == len(COMPARTMENTS) else ", ".join(held) or "none"


def _head(office: Office, rules: Policy) -> list[tuple[str, str]]:
    from workbench.audience import may_name

    one = rules.audience
    counts = (
        "all; rows are listed"
        if one.count_threshold == 1
        else f"tables only; none from 1 to {one.count_threshold - 1} is shown, nor what would give one away"
    )
    named = [source.slug for source in office.source if may_name(source, one)]
    return [
        ("Level", _mark(office, one.clearance)),
        ("Compartments", _compartments(one)),
        ("Places", _PLACES[one.place_precision]),
        ("Free text", _TEXTS[one.free_text]),
        ("Counts", counts),
        ("Ids", "as stored" if rules.reads_everything else "codes of this audience's own"),
        ("Sources", ", ".join(named) or "none may be named"),
        ("Briefings", ", ".join(one.briefings) or "none"),
        ("Release", _RELEASE[one.release]),
        ("Marking", one.marking),
    ]


def _show_head(office: Office, rules: Policy) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(overflow="fold")
    for name, value in _head(office, rules):
        table.add_row(name, Text(literal(value)))
    typer.echo(literal(f"{rules.audience.name} ({rules.audience.slug})"))
    Console().print(table)


def _show_all(office: Office, rules: Policy) -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console()
    _show_head(office, rules)
    typer.echo("\nA row is seen only if its own label, too, is not above these readers.")
    for record in rules.records.values():
        typer.echo(f"\n{record.name}: {record.meaning}")
        floor = _floor(rules, record.name)
        if floor:
            typer.echo(f"  every row is held at {floor} at least")
        for reason, columns in _by_reason(rules, record.name):
            said = Text(f"{reason}: ", style="bold")
            said.append(", ".join(columns), style="not bold")
            console.print(Padding(said, (0, 0, 0, 2)), highlight=False)
    typer.echo("\nEach column of one type on a line: add --record NAME")


def _floor(rules: Policy, name: str) -> str:
    record = rules.records[name]
    parts = [_words(record.level.slug)] if record.level else []
    return " + ".join((*parts, *_few(record.compartments)))


def _few(compartments: tuple[str, ...]) -> tuple[str, ...]:
    from workbench.config import COMPARTMENTS

    return ("all compartments",) if set(compartments) >= set(COMPARTMENTS) else compartments


def _by_reason(rules: Policy, record: str) -> Iterator[tuple[str, list[str]]]:
    """Return (why, columns) of a record type: first what is seen, then what is not."""
    found: dict[tuple[bool, str], list[str]] = {}
    for rule in rules.rules:
        if rule.record == record:
            found.setdefault((rule.read, why(rule, rules.audience)), []).append(rule.column)
    for seen in (True, False):
        for (read, reason), columns in found.items():
            if read is seen:
                yield f"{'seen' if read else 'not seen'}, {reason}", columns


def _show_one(office: Office, rules: Policy, record: str) -> None:
    from rich.console import Console
    from rich.table import Table

    _show_head(office, rules)
    floor = _floor(rules, record)
    typer.echo(f"\n{record}: {rules.records[record].meaning}")
    if floor:
        typer.echo(f"Every row is held at {floor} at least.")
    table = Table(box=None, pad_edge=False)
    for name in ("Column", "Seen", "Why", "Needs", "If only counted"):
        table.add_column(name, overflow="fold")
    for rule in rules.rules:
        if rule.record == record:
            needs = " + ".join((_words(rule.level.slug), *_few(rule.compartments)))
            unlisted = _UNLISTED[rule.unlisted] if rule.read else ""
            # what they lack stands in the next column
            reason = _LACKING.get(rule.reason) or why(rule, rules.audience)
            table.add_row(rule.column, "yes" if rule.read else "no", reason, needs, unlisted)
    Console().print(table)
    typer.echo(
        "\nIf only counted: what remains in rows whose licence allows counts, but no rows, to be passed on."
    )


def _told(office: Office, rules: Policy, names: list[str]) -> dict[str, Any]:
    from workbench.audience import may_name

    one = rules.audience
    return {
        "audience": one.model_dump(mode="json", exclude={"recipients"}),
        "digest": rules.digest,
        "reads_everything": rules.reads_everything,
        "equivalents": dict(office.equivalents(one.clearance)),
        "sources": [source.slug for source in office.source if may_name(source, one)],
        "columns": [
            {
                "record": rule.record,
                "column": rule.column,
                "read": rule.read,
                "reason": rule.reason,
                "why": why(rule, one),
                "level": rule.level.slug,
                "compartments": list(rule.compartments),
                "change": rule.change,
                "if_only_counted": rule.unlisted,
            }
            for rule in rules.rules
            if rule.record in names
        ],
    }


def _print_json(told: object) -> None:
    import json

    typer.echo(json.dumps(told, ensure_ascii=True, indent=1))
