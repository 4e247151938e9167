"""`workbench store`: how large the store is, and its care."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli._office import OfficeOption, office_in, progress_shown

app = typer.Typer(
    help="How large the store is, and many small files made few.\n\nExample: workbench store status",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_MEGABYTE = 1e6


@app.command()
def status(*, office: OfficeOption = None) -> None:
    """
    Print for each table how many revisions, files and megabytes it has.

    "Replaced" are files of before a compaction: still there for whoever was reading them.

    Example: workbench store status
    """
    from rich.console import Console
    from rich.table import Table

    from workbench.view import store_of

    opened = office_in(office)
    table = Table("Table", box=None, pad_edge=False)
    for title in ("Revisions", "Files", "MB", "Replaced"):
        table.add_column(title, justify="right")
    sizes = store_of(opened).sizes()
    for one in sizes:
        table.add_row(
            one.record,
            f"{one.revisions:,}",
            str(one.files),
            f"{one.size / _MEGABYTE:,.1f}",
            str(one.replaced),
        )
    table.add_row(
        "all", f"{sum(one.revisions for one in sizes):,}", str(sum(one.files for one in sizes)),
        f"{sum(one.size for one in sizes) / _MEGABYTE:,.1f}", str(sum(one.replaced for one in sizes)),
    )  # fmt: skip
    Console().print(table)


@app.command()
def compact(
    *,
    remove_after: Annotated[
        int | None,
        typer.Option(
            "--remove-after",
            min=7,
            metavar="DAYS",
            help="Also remove the files that a compaction replaced so many days ago; 7 or more.",
        ),
    ] = None,
    office: OfficeOption = None,
) -> None:
    """
    Rewrite many small files as few: every revision stays, and every question has the same answer.

    Whoever reads goes on reading; a pull on this machine waits. Only --remove-after removes files.

    Example: workbench store compact --remove-after 30
    """
    from workbench.records import record_type
    from workbench.view import store_of

    opened = office_in(office)
    store = store_of(opened)
    done, removed = [], 0
    with progress_shown() as progress:
        for one in store.sizes():
            progress(f"compacting {one.record}")
            if store.compact(record_type(one.record)):
                done.append(one.record)
            if remove_after is not None:
                removed += store.remove_replaced(record_type(one.record), days=remove_after)
    typer.echo(f"Compacted: {', '.join(done) or 'no table has more files than it needs'}.")
    if remove_after is not None:
        typer.echo(f"Removed {removed} files that were replaced {remove_after} days ago or earlier.")
