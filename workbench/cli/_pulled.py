"""What `workbench pull` shows: counts of each source, what to do about labels, and the rows one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from workbench.cli._office import literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.config import Office
    from workbench.pull import PullReport, UnknownAct
    from workbench.view import HeldAgain

_CELL = 400
"""How many characters of a cell a table shows: a row can hold a megabyte."""


def show(office: Office, reports: Sequence[PullReport], *, details: bool) -> None:
    """Print what each pull did; with `details` also the values of rows, which are for a screen, not a log."""
    _show_counts(reports)
    _show_corrections(reports)
    _show_labels(office, reports)
    acts = _acts(office, reports)
    if acts:
        typer.echo(
            f"{len(acts):,} acts on labels name a record that nobody delivered, and lower nothing.\n  "
            "do: correct what they name in the register of label changes. An act lowers only what was "
            "delivered by then: for a record that is to come, write one with a new number once it is there."
        )
    again = _held_again(office, reports)
    if again:
        typer.echo(
            f"{len(again):,} records came, or changed, after the act that would lower their label: they are "
            "held as their source delivered them.\n  do: read each, and if the lower label is right for what "
            "it says now, write another act, with a number of its own, into the register of label changes."
        )
    if details:
        _show_rows(office, reports)
        _show_acts(acts)
        _show_again(again)
    elif (
        acts
        or again
        or any(
            one.rejected or one.unmatched or one.unlabelled or one.labels_kept or one.lapsed
            for one in reports
        )
    ):
        typer.echo(
            "Each of these rows, and each unmatched place: workbench pull --details (shows values)", err=True
        )


def _show_counts(reports: Sequence[PullReport]) -> None:
    from rich.console import Console
    from rich.table import Table

    counts = ("read", "new", "changed", "withdrawn", "unchanged", "rejected", "unmatched")
    table = Table("Source", *(name.capitalize() for name in counts), box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for report in reports:
        table.add_row(report.source, *(f"{getattr(report, name):,}" for name in counts))
    Console().print(table)


def _show_corrections(reports: Sequence[PullReport]) -> None:
    for report in reports:
        if report.corrected:
            typer.echo(f"{report.source}: {report.corrected:,} rows as the desk set them right.")
        if report.lapsed:
            typer.echo(
                f"{report.source}: {report.lapsed:,} corrections hold no more: the source delivers other "
                "values by now, which stand.\n  do: look at each row, and correct it anew or take the "
                "correction back."
            )


def _show_labels(office: Office, reports: Sequence[PullReport]) -> None:
    for report in reports:
        if report.unlabelled:
            typer.echo(
                f"{report.source}: {report.unlabelled:,} rows have no label that is known, and count as the "
                "highest.\n  do: label each; a file without a level column has its [[source]]'s level."
            )
        if report.labels_kept:
            typer.echo(
                f"{report.source}: {report.labels_kept:,} rows came with a lower label than the store holds "
                f"and keep the stricter one.\n  do: if the lower label is right, {_act(office)}"
            )


def _acts(office: Office, reports: Sequence[PullReport]) -> tuple[UnknownAct, ...]:
    from workbench.pull import unknown_acts
    from workbench.view import present, store_of

    if not reports or not any(source.record == "label_change" for source in office.source):
        return ()
    store = store_of(office)
    return unknown_acts(office, store, as_of=present(office, store))


def _show_acts(acts: Sequence[UnknownAct]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from workbench.pull import LISTED

    table = Table(
        "Register", "Act", "Names", title="Acts that name no known record", box=None, pad_edge=False,
        title_justify="left",
    )  # fmt: skip
    for one in acts[:LISTED]:
        table.add_row(one.source, *(Text(literal(said, longest=_CELL)) for said in (one.act, one.named)))
    if len(acts) > LISTED:
        table.add_row("", f"and {len(acts) - LISTED:,} more", "")
    if acts:
        Console().print(table)


def _held_again(office: Office, reports: Sequence[PullReport]) -> tuple[HeldAgain, ...]:
    from workbench.view import held_again, present, store_of

    if not reports or not any(source.record == "label_change" for source in office.source):
        return ()
    store = store_of(office)
    return held_again(office, store, as_of=present(office, store))


def _show_again(again: Sequence[HeldAgain]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from workbench.pull import LISTED

    table = Table(
        "Record type", "Source", "Record", "Acts before it", box=None, pad_edge=False, title_justify="left",
        title="Records that came or changed after the act that would lower them",
    )  # fmt: skip
    for one in again[:LISTED]:
        said = (one.record_id, ", ".join(one.acts))
        table.add_row(one.record, one.source, *(Text(literal(text, longest=_CELL)) for text in said))
    if len(again) > LISTED:
        table.add_row("", "", f"and {len(again) - LISTED:,} more", "")
    if again:
        Console().print(table)


def _act(office: Office) -> str:
    """Return how a label is lowered in this office."""
    registers = [source.path for source in office.source if source.record == "label_change"]
    if registers:
        return f"write the act into the register of label changes: {', '.join(registers)}"
    return (
        'keep a register of label changes: a [[source]] with record = "label_change", '
        "as the comments in a fresh office explain."
    )


def _show_rows(office: Office, reports: Sequence[PullReport]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from workbench.records import record_type
    from workbench.view import present, store_of

    def cell(value: object) -> Text:
        return Text(literal(str(value), longest=_CELL).replace("\n", "\\n"))

    def listed(title: str, *columns: str) -> Table:
        return Table(*columns, title=title, box=None, pad_edge=False, title_justify="left")

    store = store_of(office)
    slugs = [report.source for report in reports]
    rejected = store.read(record_type("rejected_row"), as_of=present(office, store), sources=slugs)
    table = listed("Rejected rows", "File", "Row", "Column", "Value", "Reason")
    for row in rejected.sort_values(["file", "row", "column"]).fillna({"value": ""}).to_dict("records"):
        table.add_row(*(cell(row[name]) for name in ("file", "row", "column", "value", "reason")))
    places = listed("Places in no district", "Source", "Place", "Rows", "Names like it")
    wrong = listed("Labels missing or unknown: held as the highest", "File", "Row", "Label")
    kept = listed("Labels that came lower than stored: kept", "Source", "Record", "Kept", "Delivered")
    lapsed = listed("Corrections that hold no more", "Source", "Correction", "Record", "Column")
    for report in reports:
        for gone in report.lapsed_corrections:
            lapsed.add_row(report.source, cell(gone.correction), cell(gone.record_id), gone.column)
        for place in report.unmatched_places:
            like = ", ".join(place.suggestions)
            places.add_row(report.source, cell(place.name), f"{place.rows:,}", cell(like))
        for one in report.unlabelled_rows:
            wrong.add_row(cell(one.file), str(one.row), cell(one.wrong))
        for label in report.kept_labels:
            kept.add_row(report.source, cell(label.record_id), cell(label.kept), cell(label.delivered))
        for many, every, told in (
            (lapsed, report.lapsed, len(report.lapsed_corrections)),
            (wrong, report.unlabelled, len(report.unlabelled_rows)),
            (kept, report.labels_kept, len(report.kept_labels)),
        ):
            if left := every - told:
                many.add_row(report.source, f"and {left:,} more")
    for one_table in (table, places, lapsed, wrong, kept):
        if one_table.row_count:
            Console().print(one_table)
