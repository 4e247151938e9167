"""Both locks, as a publication asks them: the view, and the gate on the finished files of one edition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from workbench import audit, document, gate, view
from workbench.config import Office
from workbench.keys import keys_of
from workbench.language import words
from workbench.publish import pack
from workbench.publish.drafts import edition
from workbench.publish.known_counts import known_counts
from workbench.publish.manifest import Manifest
from workbench.store import Store
from workbench.view import View


def request(  # noqa: PLR0913  # an edition is named by this many words
    office: Office,
    *,
    area: str,
    week: str,
    audience: str,
    as_of: datetime,
    known: datetime | None,
    compared_with: datetime | None = None,
) -> view.Request:
    """
    Return what a view is asked for, with the tables of counts that its readers may hold already.

    `known` is the cut-off of these readers at `as_of`.
    """
    tables = known_counts(office, office.audience_called(audience), area=area, as_of=known)
    return view.Request(
        area=area, week=week, audience=audience, as_of=as_of, compared_with=compared_with,
        published=tuple(view.read_counts_csv(content) for content in tables),
    )  # fmt: skip


def require(
    office: Office,
    store: Store,
    manifest: Manifest,
    files: Mapping[str, bytes],
    *,
    folder: Path,
    views: Iterable[View],
) -> None:
    """
    Put the whole pack into the new `folder` and let the gate read it; raises DisclosureRefused.

    It must pass for each of `views`: that which the edition was made from, and the one its audience
    would be given today.
    """
    folder.mkdir(parents=True)
    for name, content in pack.signed(manifest, files, keys_of(office)).items():
        (folder / name).write_bytes(content)
    for seen in views:
        report = examined(office, store, manifest, folder, seen=seen)
        if not report.passed:
            audit.append(
                office, "gate_refused", by="gate", at=office.now(), edition=edition(manifest),
                findings=len(report.findings),
            )  # fmt: skip
        gate.require(report)


def examined(
    office: Office, store: Store, manifest: Manifest, folder: Path, *, seen: View, lies_in: Path | None = None
) -> gate.GateReport:
    """
    Let the gate read the pack in `folder`, for what its readers' view `seen` holds and does not hold.

    `lies_in`: the pack's own folder, if it lies among packs, whose names must be what it says.
    """
    audience, spoken = office.audience_called(manifest.audience), words(manifest.language)
    expected = gate.Expected(
        audience=audience.slug,
        marking=audience.marking,
        status=manifest.status,
        recipients=audience.recipients,
        released_by=manifest.released_by,
        count_threshold=audience.count_threshold,
        other_markings=tuple(one.marking for one in office.audience if one.slug != audience.slug),
        published=known_counts(office, audience, area=manifest.area, as_of=manifest.as_of, beside=True),
        draft_notices=("DRAFT, NOT RELEASED", spoken.say("DRAFT, NOT RELEASED")),
        lies_in=None if lies_in is None else tuple(lies_in.resolve().parts[-5:]),
    )
    # what a row says is permitted, unless it names somebody whom no edition names
    rows = gate.unsaid(view.shown_values(seen), view.sealed_values(store))
    permitted = [
        *rows, *view.framing_values(seen), *spoken.sentences(), *document.template_texts(office.root)
    ]  # fmt: skip
    return gate.check_apart(
        folder, forbidden=view.hidden_values(store, seen), permitted=permitted, expected=expected
    )


def made_again(office: Office, store: Store, manifest: Manifest) -> View:
    """Return the view that the readers of a pack were given, made again from the store as of its instant."""
    again = request(
        office, area=manifest.area, week=manifest.period, audience=manifest.audience, as_of=manifest.as_of,
        known=manifest.as_of, compared_with=manifest.compared_with,
    )  # fmt: skip
    return view.make(office, store, again)
