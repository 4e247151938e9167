"""`workbench release`, `recall`, `verify` and `audit`: who let an edition go, and whether it is whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli._office import OfficeOption, office_in, progress_shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.config import Office
    from workbench.publish import Published
    from workbench.publish.manifest import Manifest

INVENTED = ("the head of security", "the head of office")
"""Who releases the drafts of the sample office: functions that nobody holds."""

ByOption = Annotated[
    str, typer.Option("--by", help="Your name or function, as readers of the manifest will see it.")
]
AudienceOption = Annotated[
    str | None, typer.Option("--audience", help="Audience, where the issue is named and not its folder.")
]


def release(
    pack: Annotated[str, typer.Argument(help="Folder of the draft, or weekly_conflict/kestara/2026-W46.")],
    *,
    by: ByOption,
    audience: AudienceOption = None,
    office: OfficeOption = None,
) -> None:
    """
    Release a draft to its readers, after reading it; where two people must, the first one reviews.

    Releasing again does no harm. Nothing changes in the draft: what has changed since needs a new one.

    Example: workbench release weekly_conflict/kestara/2026-W46 --audience partners --by "Head of security"
    """
    from workbench.publish import drafts
    from workbench.publish import release as release_draft
    from workbench.view import store_of

    opened = office_in(office)
    folder = _folder(opened, drafts.root(opened), pack, audience)
    with progress_shown() as progress:
        done = release_draft(opened, store_of(opened), folder, by=by, progress=progress)
    what = _named(done.manifest)
    if not done.out:
        typer.echo(
            f"{what}: reviewed, {len(done.people)} of {done.needed}. Another person releases it: "
            f"workbench release {_shown(opened, done.folder)} --by NAME"
        )
        return
    said = "was released already" if done.already else "released"
    typer.echo(f"{what}: {said}: {_shown(opened, done.folder)}")


def released_for_show(office: Office, made: Published, *, progress: Callable[[str], None]) -> Published:
    """Release a draft of the sample office in the names of as many invented people as it needs."""
    from workbench.publish import Published
    from workbench.publish import release as release_draft
    from workbench.view import store_of

    done = made
    for name in INVENTED[: made.people_needed]:
        what = _named(made.manifest)
        told = release_draft(
            office,
            store_of(office),
            made.folder,
            by=name,
            progress=lambda step: progress(f"{what}: {step}"),  # noqa: B023  # used at once
        )
        done = Published(told.folder, told.manifest, reproduced=False)
    return done


def recall(
    pack: Annotated[str, typer.Argument(help="Folder of the pack, or weekly_conflict/kestara/2026-W46/v1.")],
    *,
    by: ByOption,
    because: Annotated[
        str, typer.Option("--because", help="Why; it stays in the office, readers are not told.")
    ],
    audience: AudienceOption = None,
    office: OfficeOption = None,
) -> None:
    """
    Take a released issue back: its files leave the readers' folder, a notice stands in their place.

    Copies that were sent out are beyond reach: tell who has them.

    Example: workbench recall outputs/partners/weekly_conflict/kestara/2026-W46/v1 --by NAME --because "..."
    """
    from workbench.publish import recall as recall_pack

    opened = office_in(office)
    folder = _folder(opened, opened.path(opened.outputs), pack, audience)
    notice = recall_pack(opened, folder, by=by, because=because)
    addresses = next((one.recipients for one in opened.audience if one.slug == notice.audience), ())
    typer.echo(
        f"{notice.briefing} {notice.period} {notice.area} for {notice.audience}: version {notice.version} "
        f"recalled: {_shown(opened, folder)}"
    )
    if addresses:
        typer.echo(f"Tell those it may have been sent to: {len(addresses)} addresses in workbench.toml.")


def verify(
    pack: Annotated[str, typer.Argument(help="Folder of a pack, or weekly_conflict/kestara/2026-W46/v1.")],
    *,
    key: Annotated[
        Path | None,
        typer.Option("--key", help="The office's public key, to verify a pack where the office is not."),
    ] = None,
    audience: AudienceOption = None,
    office: OfficeOption = None,
) -> None:
    """
    Verify a pack: its signature, each file, that nothing was added, and that its policy still holds.

    Exit code 18 if it is not as it was signed; 13 if it was recalled, or its audience's policy has
    changed since; 0 if all is well, also where a later version corrects it.

    Example: workbench verify outputs/partners/weekly_conflict/kestara/2026-W46/v1
    """
    from workbench.errors import CheckFailed
    from workbench.keys import keys_of, read_public
    from workbench.publish import notice
    from workbench.publish import pack as packs

    opened = office_in(office) if key is None or office is not None else None
    folder = Path(pack) if opened is None else _any_folder(opened, pack, audience)
    public = read_public(key) if key is not None else keys_of(office_in(office)).public
    problems = packs.verify(folder, public=public)
    if opened is not None and not problems:
        problems = _misplaced(opened, folder) or _put_back(opened, folder)
    for problem in problems:
        typer.echo(f"PROBLEM  {problem}")
    if problems:
        raise CheckFailed(
            f"{folder} is not as it was signed: {len(problems)} problems, named above. Do not use it; ask "
            "for it again."
        )
    typer.echo(f"ok       signed and whole: {folder.as_posix()}")
    if (folder / notice.NAME).is_file():
        _tell_recalled(folder)
    elif opened is not None:
        _tell_state(opened, folder)


def audit(
    *,
    last: Annotated[int, typer.Option("--last", min=0, help="How many of the last acts to show.")] = 20,
    office: OfficeOption = None,
) -> None:
    """
    Show the last acts of the audit log, after checking that every line is as it was written.

    Exit code 20 if the log is broken, or does not tell of the packs that readers have.

    Example: workbench audit --last 50
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from workbench import audit as log
    from workbench.errors import StoreError

    opened = office_in(office)
    problems = log.verify(opened)
    if not problems:
        problems = _unlogged(opened)
    for problem in problems:
        typer.echo(f"PROBLEM  {problem}")
    if problems:
        raise StoreError(
            "The audit log is not as it was written, or the packs are not those it tells of, as said above. "
            "Keep it as it is, tell whoever oversees the office, and restore from a copy what is gone."
        )
    acts = log.acts(opened)
    table = Table("No", "When (UTC)", "Act", "By", "Of", box=None, pad_edge=False)
    for one in acts[len(acts) - last :] if last < len(acts) else acts:
        ids = ", ".join(str(value)[:64] for name, value in one.ids.items() if name in {"edition", "findings"})
        ids = ids or ", ".join(f"{name} {str(value)[:16]}" for name, value in one.ids.items())
        table.add_row(str(one.number), f"{one.at:%Y-%m-%d %H:%M}", one.act, Text(one.by), ids)
    for column in table.columns:
        column.overflow = "fold"  # a name cut short could be another's
    Console().print(table)
    typer.echo(f"Whole: {len(acts)} acts, each as it was written.")


def _misplaced(office: Office, folder: Path) -> tuple[str, ...]:
    """Return what is wrong with where a pack lies: another's folder, or a draft among what readers have."""
    from workbench.publish import drafts
    from workbench.publish import pack as packs
    from workbench.publish.manifest import NAME, Manifest

    if not (folder / NAME).is_file():
        return ()
    said = Manifest.from_bytes((folder / NAME).read_bytes())
    for root, unreleased in ((office.path(office.outputs), False), (drafts.root(office), True)):
        if folder.resolve().is_relative_to(root.resolve()):
            place = packs.folder_of(root, said, first_language=office.languages[0])
            if place.resolve() != folder.resolve():
                return (f"{NAME}: it says that the pack belongs in another folder",)
            if (said.status == "draft") != unreleased:
                return (f"{NAME}: its status is {said.status}, and it lies where none of those do",)
    return ()


def _put_back(office: Office, folder: Path) -> tuple[str, ...]:
    """Return what is wrong with a pack that was recalled and lies where readers find it all the same."""
    from workbench.publish import logged
    from workbench.publish.manifest import NAME, Manifest

    if not (folder / NAME).is_file():
        return ()
    said = Manifest.from_bytes((folder / NAME).read_bytes())
    return (f"{NAME}: {logged.PUT_BACK}",) if logged.was_put_back(office, said, folder) else ()


def _unlogged(office: Office) -> tuple[str, ...]:
    """Return where the log and the packs that readers have disagree: one or the other may be gone."""
    from workbench.publish import drafts, logged
    from workbench.publish import pack as packs

    log, outputs = logged.log_of(office), office.path(office.outputs)
    untold = [
        f"{drafts.edition(one)}: its readers have it, and no line tells who released it"
        for audience in packs.audiences(outputs)
        for _, one in packs.published(outputs, audience=audience)
        if one.document not in log.given.get(drafts.edition(one), {})
    ]
    gone = [
        f"{one}: readers were given it, and neither it nor a notice is there" for one in logged.gone(office)
    ]
    return (*untold, *gone)


def _tell_recalled(folder: Path) -> None:
    from workbench.errors import DisclosureRefused
    from workbench.publish import notice

    said = notice.Notice.from_bytes((folder / notice.NAME).read_bytes())
    raise DisclosureRefused(
        f"This issue was recalled on {said.recalled_on}: do not use it. Look for a later version of it."
    )


def _tell_state(office: Office, folder: Path) -> None:
    """Say what has become of a pack since; raises DisclosureRefused if its policy holds no more."""
    from workbench.audience import policy
    from workbench.errors import DisclosureRefused
    from workbench.publish import pack as packs
    from workbench.publish.manifest import NAME, Manifest

    manifest = Manifest.from_bytes((folder / NAME).read_bytes())
    issues = packs.versions_of(office.path(office.outputs), manifest)
    newer = [number for number, one in issues if one.corrects == manifest.version]
    typer.echo(f"ok       {_named(manifest)}: {manifest.status}")
    if newer:
        typer.echo(f"note     corrected by version {max(newer)}")
    if manifest.digests.get("policy") != policy(office, office.audience_called(manifest.audience)).digest:
        raise DisclosureRefused(
            "What this audience may read has changed since this pack was made. Look at it with: workbench "
            f"policy show --audience {manifest.audience} - and make it again: workbench run "
            f"{manifest.briefing}"
        )
    typer.echo("ok       the policy of its audience is the same today")


def _named(manifest: Manifest) -> str:
    return (
        f"{manifest.briefing} {manifest.period} {manifest.area} for {manifest.audience}, version "
        f"{manifest.version}"
    )


def _shown(office: Office, folder: Path) -> str:
    return (folder.relative_to(office.root) if folder.is_relative_to(office.root) else folder).as_posix()


def _any_folder(office: Office, pack: str, audience: str | None) -> Path:
    from workbench.errors import UserError
    from workbench.publish import drafts

    try:
        return _folder(office, office.path(office.outputs), pack, audience)
    except UserError:
        return _folder(office, drafts.root(office), pack, audience)


def _folder(office: Office, root: Path, pack: str, audience: str | None) -> Path:
    """
    Return the folder that is meant: a path, one from the office's folder, or an issue under `root`.

    An issue without a version means its newest. Raises UserError if there is none.
    """
    from workbench.errors import UserError
    from workbench.publish.pack import version_of

    below = root / audience / pack if audience else root / pack
    for folder in (Path(pack), office.root / pack, below):
        # by its name too: a pack whose manifest is gone can be recalled
        if any((folder / name).is_file() for name in ("manifest.json", "notice.json")) or (
            folder.is_dir() and version_of(folder)
        ):
            return folder
    if below.is_dir():
        numbered = [
            (int(one.name[1:].partition("-")[0]), one)
            for one in below.iterdir()
            if one.name.startswith("v") and one.name[1:].partition("-")[0].isdecimal()
        ]
        if numbered:
            return max(numbered)[1]
    where = _shown(office, root)
    raise UserError(
        f"There is no {pack} here. Name a folder in {where}, or an issue such as "
        "weekly_conflict/kestara/2026-W46 with --audience. workbench list shows what there is."
    )
