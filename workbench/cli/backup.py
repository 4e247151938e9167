"""`workbench backup` and `workbench restore`: an office in one file, and an office out of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli._office import OfficeOption, literal, office_in, progress_shown

if TYPE_CHECKING:
    from workbench.upkeep import Backup, Contents

IdentityOption = Annotated[
    Path | None, typer.Option("--identity", help="File with the secret key, if it is encrypted with age.")
]

_MEGABYTE = 1e6


def backup(
    target: Annotated[
        Path, typer.Argument(help="File to write, or a folder that gets a file named after office and time.")
    ],
    *,
    with_keys: Annotated[
        bool,
        typer.Option("--with-keys", help="Also secrets, as the office's key: who has it can sign as you."),
    ] = False,
    age: Annotated[
        list[str] | None,
        typer.Option("--age", help="Encrypt to this public key of age (age1...); may be repeated."),
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Write nothing: check every file of the archive TARGET.")
    ] = False,
    identity: IdentityOption = None,
    office: OfficeOption = None,
) -> None:
    """
    Write one archive of the whole office while work goes on: configuration, store, outputs, private folder.

    The office's key is left out unless you ask for it: keep a copy of it apart, once.

    Example: workbench backup /media/backups --age age1...

    Example: workbench backup --verify /media/backups/pemba-office-2026-11-16T060000Z.workbench.zip
    """
    from workbench.upkeep import backup as write
    from workbench.upkeep import verify as check

    if verify:
        with progress_shown() as progress:
            contents = check(target, identity=identity, progress=progress)
        typer.echo(literal(f"Whole: {_named(contents)}."))
        return
    opened = office_in(office)
    with progress_shown() as progress:
        made = write(
            opened, target, now=opened.now(), with_keys=with_keys, age=tuple(age or ()), progress=progress
        )
    _show(made)


def restore(
    file: Annotated[Path, typer.Argument(help="Archive that workbench backup wrote.")],
    folder: Annotated[Path, typer.Argument(help="Folder of the restored office, new or empty.")],
    *,
    identity: IdentityOption = None,
) -> None:
    """
    Rebuild an office from an archive in a new folder, and examine it as workbench check does.

    Every digest is checked before the folder appears. The office it was made from is not touched.

    Example: workbench restore pemba-office-2026-11-16T060000Z.workbench.zip restored
    """
    from workbench.errors import CheckFailed
    from workbench.upkeep import restore as rebuild

    with progress_shown() as progress:
        done = rebuild(file, folder, identity=identity, progress=progress)
    typer.echo(literal(f"Restored in {done.folder}: {_named(done.contents)}."))
    for finding in done.findings:
        said = f"{'ok     ' if finding.remedy is None else 'PROBLEM'}  {finding.part}: {finding.what}"
        typer.echo(literal(said))
        if finding.remedy is not None:
            typer.echo(literal(f"         do: {finding.remedy}"))
    bad = sum(finding.remedy is not None for finding in done.findings)
    if bad:
        raise CheckFailed(
            f"The office is in {done.folder}, and {bad} things there need somebody. Each is named above with "
            "its remedy."
        )
    typer.echo(f"Work in it: workbench list --office {done.folder}")


def _show(made: Backup) -> None:
    contents = made.contents
    typer.echo(literal(f"{made.file}: {made.size / _MEGABYTE:,.1f} MB, {_named(contents)}."))
    if contents.with_keys:
        typer.echo(
            "THE OFFICE'S SECRETS ARE IN IT. Whoever reads this file can sign in the office's name: keep it "
            "where only you reach it" + (", encrypted as it is." if made.encrypted else ", or use --age.")
        )
    elif contents.missing:
        typer.echo(f"Secrets are not in it: {', '.join(contents.missing)}. Keep a copy of them apart.")
    if not made.encrypted and not contents.with_keys:
        typer.echo("It is not encrypted and holds all that the office knows: keep it as you keep the office.")
    for what in contents.elsewhere:
        typer.echo(literal(f"Not in it: {what}."))
    if made.links:
        typer.echo(f"Links were not followed: {made.links}.")
    typer.echo(literal(f"Check it where it lies in the end: workbench backup --verify {made.file}"))


def _named(contents: Contents) -> str:
    return (
        f"{contents.office} as of {contents.made_at:%Y-%m-%d %H:%M} UTC, {len(contents.files):,} files by "
        f"workbench {contents.workbench}"
    )
