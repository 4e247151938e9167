"""Preparing: what an order asks for is there already, or becomes a job for somebody to carry out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from workbench import briefing, document, view
from workbench.config import Audience, Office
from workbench.errors import DisclosureRefused
from workbench.keys import keys_of, write_public
from workbench.language import words
from workbench.publish import documents, drafts, index, inputs, logged, numbering, pack
from workbench.publish.carrying import Job
from workbench.publish.manifest import Manifest
from workbench.publish.order import Order, Published
from workbench.publish.views import SharedView, Views
from workbench.store import Store
from workbench.view import View


@dataclass(frozen=True)
class Prepared:
    """
    An edition that is to be made: its job, and what the office keeps to itself until it is made.

    `inputs` is one digest over `digests`, the parameters and the version of the workbench; `people` so
    many must release it.
    """

    job: Job
    shared: SharedView
    place: numbering.Place
    inputs: str
    digests: Mapping[str, str]
    people: int

    @property
    def order(self) -> Order:
        """What was ordered."""
        return self.job.order


def prepare(  # noqa: PLR0913  # who asks for what, and how strictly
    office: Office,
    store: Store,
    order: Order,
    *,
    views: Views,
    progress: Callable[[str], None] = lambda _: None,
    approved_only: bool = False,
    force: bool = False,
) -> Prepared | Published:
    """
    Return the edition that stands for an order, or what it takes to make it.

    It stands if it was made from the same inputs with the same libraries and its files are intact, or if
    all that came since is that sources were pulled again and said the same. With `force` it is made again
    all the same. Raises DisclosureRefused if the audience does not get this briefing or, with
    `approved_only`, nobody has approved the notebook's bytes; ParameterError, UnknownName,
    ConfigurationError, UserError (nothing was known then). What the notebook declares is checked by whoever
    runs it, before a kernel starts.
    """
    product, audience = office.briefing_called(order.briefing), office.audience_called(order.audience)
    _allowed(order, audience)
    words(order.language)
    notebook = briefing.notebook_of(office, product)
    page = notebook.read_bytes()  # once: what is approved, digested and executed is one and the same
    if approved_only:
        briefing.require_approval(office, notebook, inputs.digest(page))
    issues, drafted = versions_of(office, order)
    people = drafts.people_needed(audience, bool(issues.recalled))

    progress("reading the store")
    shared = _shared(office, store, order, views, (issues, drafted))
    seen = shared.seen
    parameters = _parameters(order, seen)
    digests = {
        "view": shared.digest,
        "notebook": inputs.digest(page),
        **inputs.surroundings(office, audience, order.language),
    }
    whole = inputs.together({**digests, "parameters": parameters})
    digests["content"] = inputs.together({**digests, "view": shared.content})
    standing = numbering.standing(issues, drafted, digests["content"], as_of=seen.as_of)
    if standing is not None and force:  # made again, it is what it was: as known then
        return prepare(
            office, store, replace(order, as_of=standing.as_of), views=views, progress=progress,
            approved_only=approved_only, force=True,
        )  # fmt: skip
    place = numbering.place_for(whole, issues, drafted, as_of=seen.as_of)
    found = standing or (None if force else _intact(office, place.earlier))
    if found is not None:
        return _stands(office, found, people)
    changes, was = _changes(office, place, issues, order.language)
    return Prepared(
        Job(
            order=order, notebook=notebook.name, page=page, parameters=parameters, view=shared.folder,
            templates=_own_templates(office), tables=product.tables,
            issue=document.Issue(
                place.version, place.corrects, released=is_released(place, people)
            ),
            changes=changes, was=was, digests=digests, versions=inputs.versions(),
            seconds=product.time_limit,
        ),
        shared, place, whole, digests, people,
    )  # fmt: skip


def versions_of(office: Office, order: Order) -> tuple[pack.Versions, pack.Versions]:
    """Return the packs and the drafts of the issue that is ordered, oldest first."""
    packs, drafted = (
        pack.versions(
            root, audience=order.audience, briefing=order.briefing, area=order.area, period=order.week,
            language=order.language,
        )
        for root in (office.path(office.outputs), drafts.root(office))
    )  # fmt: skip
    return logged.as_recalled(office, packs), drafted


def is_released(place: numbering.Place, people: int) -> bool:
    """Whether the version at a place goes to its readers as soon as it is made."""
    return place.earlier.status == "released" if place.earlier else not people


def place_of(office: Office, manifest: Manifest) -> Path:
    """Return the folder where a pack or a draft lies."""
    root = office.path(office.outputs) if manifest.status == "released" else drafts.root(office)
    return pack.folder_of(root, manifest, first_language=office.languages[0])


def waiting(manifest: Manifest, people: int) -> int:
    """Return how many people must release it: nobody, if it is out; somebody, if it is a draft."""
    return 0 if manifest.status == "released" else max(people, 1)


def _allowed(order: Order, audience: Audience) -> None:
    if order.briefing not in audience.briefings:
        raise DisclosureRefused(
            f'Audience "{audience.slug}" does not receive the briefing "{order.briefing}". '
            f"It receives: {', '.join(audience.briefings) or 'none'}. See [[audience]] in workbench.toml."
        )


def _shared(
    office: Office, store: Store, order: Order, views: Views, versions: tuple[pack.Versions, pack.Versions]
) -> SharedView:
    """
    Return the view for an order; it is compared with the last issue, if readers had one.

    A past issue made again is compared with what it was compared with then.
    """
    known = view.cut_off(office, store, order.audience, order.as_of)
    issues, drafted = versions
    again = [one for _, one in (*drafted, *issues) if one.as_of == known]
    if again:
        compared_with = again[-1].compared_with
    else:
        last = pack.last_before(
            office.path(office.outputs), audience=order.audience, briefing=order.briefing, area=order.area,
            period=order.week, language=order.language, as_of=order.as_of,
        )  # fmt: skip
        compared_with = last.as_of if last else None
    return views.of(order, known=known, compared_with=compared_with)


def _parameters(order: Order, seen: View) -> dict[str, str]:
    return {
        "area": order.area,
        "week": seen.week.slug,
        "audience": order.audience,
        "as_of": seen.as_of.isoformat(),
        "language": order.language,
    }


def _intact(office: Office, earlier: Manifest | None) -> Manifest | None:
    """Return the version that was made from the same inputs, if nothing about it calls for another run."""
    if earlier is None or earlier.versions != inputs.versions():
        return None
    return None if pack.verify(place_of(office, earlier), public=keys_of(office).public) else earlier


def _stands(office: Office, manifest: Manifest, people: int) -> Published:
    if manifest.status == "released":  # a run that was killed after the pack appeared is completed
        write_public(office)
        audience = office.audience_called(manifest.audience)
        index.write(office.path(office.outputs), audience=audience, office=office)
    return Published(
        place_of(office, manifest), manifest, reproduced=False, unchanged=True,
        people_needed=waiting(manifest, people),
    )  # fmt: skip


def _changes(
    office: Office, place: numbering.Place, issues: pack.Versions, language: str
) -> tuple[tuple[str, ...] | None, bytes | None]:
    """
    Return what a version changes of the one it corrects, as far as that is known before it is made.

    Where it must be found by comparing, the document of the earlier version, and None for the changes.
    """
    if place.earlier is not None:
        return place.earlier.changes, None
    if place.corrects is None:
        return (), None
    spoken = words(language)
    earlier = next((one for number, one in issues if number == place.corrects), None)
    if earlier is None:  # what was taken back is not gone through again
        return (
            spoken.say("Version {version} was recalled: do not use it.", version=str(place.corrects)),
        ), None
    was = documents.kept(office, earlier.document)
    if was is None:
        return (spoken.say("What it said is not kept any more, so the changes cannot be listed."),), None
    return None, documents.to_bytes(was)


def _own_templates(office: Office) -> dict[str, bytes] | None:
    folder = document.templates(office.root)
    if folder == document.templates(None):
        return None
    return {one.name: one.read_bytes() for one in sorted(folder.iterdir()) if one.is_file()}
