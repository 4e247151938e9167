"""`workbench gate`: the second lock by itself, on a draft or a pack that is out already."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli._office import OfficeOption, office_in, progress_shown

if TYPE_CHECKING:
    from workbench.gate import GateReport


def gate(
    pack: Annotated[Path, typer.Argument(help="Folder of a pack or a draft.")],
    *,
    office: OfficeOption = None,
) -> None:
    """
    Read every file of a pack and report whatever its readers must not see, naming rule and file.

    It must pass twice: as known to it then, by the labels and the office's entries of today, and as known
    today, when its records may have been withdrawn, closed or corrected. Whatever else the store holds up to
    now is forbidden. Values are never shown. Exit code 13 if anything is found.

    Example: workbench gate outputs/partners/weekly_conflict/kestara/2026-W46/v1
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from workbench.errors import DisclosureRefused, UserError
    from workbench.gate import UNRELEASED, Finding, GateReport
    from workbench.publish import checked, drafts
    from workbench.publish.checked import again
    from workbench.publish.manifest import NAME, Manifest
    from workbench.view import store_of

    opened = office_in(office)
    folder = pack if (pack / NAME).is_file() else opened.root / pack
    if (folder / "notice.json").is_file():
        raise UserError(f"{pack} was recalled: only its notice is there. workbench verify tells about it.")
    try:
        manifest = Manifest.from_bytes((folder / NAME).read_bytes())
    except OSError:
        raise UserError(
            f"{pack} is no pack: there is no {NAME} in it. Name the folder of a version, such as "
            "outputs/partners/weekly_conflict/kestara/2026-W46/v1"
        ) from None
    roots = (opened.path(opened.outputs), drafts.root(opened))
    inside = any(folder.resolve().is_relative_to(root.resolve()) for root in roots)
    store = store_of(opened)
    with progress_shown() as progress:
        progress("making the view of its readers again")
        made_at = checked.end(store)
        seen = checked.made_again(opened, store, manifest)
        today = checked.todays_view(opened, store, seen, made_at=made_at)
        progress("reading the pack")
        against = [checked.values_of(opened, store, seen)]
        if today is not None and checked.says_less(seen, today):
            against.append(checked.without(checked.values_of(opened, store, today), seen, today))
        reports = [
            checked.examined(opened, manifest, folder, values=values, lies_in=folder if inside else None)
            for values in against
        ]
    gone = 0 if today is None else checked.gone(seen, today)
    report = _together(reports, gone)
    if manifest.status in UNRELEASED and folder.resolve().is_relative_to(roots[0].resolve()):
        found = Finding("status", "the folder", "a draft among what readers have")
        report = GateReport((*report.findings, found), report.files)
    if report.passed:
        typer.echo(f"Passed: nothing was found in {', '.join(report.files)}.")
        return
    table = Table("Rule", "File", "Where", box=None, pad_edge=False)
    for one in report.findings:
        table.add_row(one.rule, one.file, Text(one.detail))
    Console().print(table)
    raise DisclosureRefused(
        f"The gate found {len(report.findings)} reasons why this pack must not leave, named above. "
        "Find out how they got there; if it is out already, recall it: workbench recall."
        + ("" if reports[0].findings else f" As known then it passes, as known today not: {again(manifest)}")
    )


def _together(reports: list[GateReport], gone: int) -> GateReport:
    """Return what was found as known then and as known today, each thing once."""
    from workbench.gate import Finding, GateReport

    found = list(dict.fromkeys(one for report in reports for one in report.findings))
    if gone:
        what = f"{gone} of its records were withdrawn, moved or closed to its readers since"
        found.append(Finding("not_today", "the store", what))
    return GateReport(tuple(found), reports[0].files)
