"""Publication: the main path from a view to an edition, in the order it happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from workbench import briefing, document, view
from workbench.config import Audience, Office
from workbench.errors import DisclosureRefused, ExportError
from workbench.language import words
from workbench.publish import changes, checked, documents, drafts, index, inputs, numbering, pack
from workbench.publish.drafts import Draft
from workbench.publish.headed import require_head
from workbench.publish.manifest import Manifest, SourceLine
from workbench.publish.parts import files_of
from workbench.publish.recall import recall
from workbench.publish.release import BY_RULE, Released, let_out, release
from workbench.store import Store

__all__ = ["Draft", "Order", "Published", "Released", "publish", "recall", "release"]


@dataclass(frozen=True)
class Order:
    """What to publish: one briefing for an area, a week, an audience and a language, as known at `as_of`."""

    briefing: str
    area: str
    week: str
    audience: str
    language: str
    as_of: datetime


@dataclass(frozen=True)
class Published:
    """
    An edition that was made: its folder and manifest, and how many people must still release it.

    `reproduced`: it existed and came out the same again. `unchanged`: it existed, and all that came
    since is that its sources were pulled again and said the same; nothing was made.
    """

    folder: Path
    manifest: Manifest
    reproduced: bool
    unchanged: bool = False
    people_needed: int = 0


def publish(
    office: Office,
    store: Store,
    order: Order,
    *,
    progress: Callable[[str], None],
    approved_only: bool = False,
) -> Published:
    """
    Make one edition of one briefing: the main path. It ends as a draft, or with its readers.

    With its readers it is where the audience's `release` is automatic and nothing of this issue was ever
    recalled; otherwise people release the draft (`release`). The same inputs (view, notebook,
    templates, policy, parameters) are the same version: it is made again and must come out byte for
    byte as it was. Other inputs are a new version that says what it corrects, unless nothing is new but the
    time of the last pull: then the last version stands.
    Raises DisclosureRefused if the audience does not get this briefing or the gate finds anything,
    BriefingFailed, ExportError, ParameterError, UnknownName. On an error nothing is published; after
    BriefingFailed the executed notebook and its view stay for the analysts, in the office's private folder.
    `approved_only`: DisclosureRefused for a notebook whose bytes nobody has approved.
    """
    product, audience = office.briefing_called(order.briefing), office.audience_called(order.audience)
    _allowed(order, audience)
    words(order.language)
    notebook = briefing.notebook_of(office, product)
    page = notebook.read_bytes()  # once: what is approved, digested and executed is one and the same
    if approved_only:
        briefing.require_approval(office, notebook, inputs.digest(page))
    briefing.parameters_of(notebook)
    issues, drafted = (_versions(root, order) for root in (office.path(office.outputs), drafts.root(office)))
    people = drafts.people_needed(audience, bool(issues.recalled))

    progress("reading the store")
    seen = view.make(office, store, _request(office, store, order, issues, drafted))
    with briefing.run_folder(office, f"{order.briefing}-{order.week}-{order.audience}") as folder:
        parameters = _parameters(order, seen)
        digests = {
            "view": view.save(seen, folder / "view"),
            "notebook": inputs.digest(page),
            **inputs.surroundings(office, audience, order.language),
        }
        whole = inputs.together({**digests, "parameters": parameters})
        digests["content"] = inputs.together({**digests, "view": view.content_digest(seen)})
        standing = numbering.standing(issues, drafted, digests["content"], as_of=seen.as_of)
        if standing is not None:
            return Published(_place(office, standing), standing, False, True, _waiting(standing, people))  # noqa: FBT003  # fields in order
        place = numbering.place_for(whole, issues, drafted, as_of=seen.as_of)

        progress("running the notebook")
        executed = briefing.run(_copied(page, folder / "notebook" / notebook.name), parameters,
                                view=folder / "view", folder=folder)  # fmt: skip

        progress("writing HTML and PDF")
        collected = document.collect(executed)
        require_head(collected.masthead, seen, language=order.language)
        changed = (
            place.earlier.changes if place.earlier else _changed(office, place, issues, collected, order)
        )
        released = place.earlier.status == "released" if place.earlier else not people
        issue = document.Issue(place.version, place.corrects, released=released)
        files = files_of(office, order.briefing, collected, seen, issue=issue, changed=changed)
        manifest = Manifest(
            briefing=order.briefing, area=order.area, period=seen.week.slug, audience=order.audience,
            language=order.language, as_of=seen.as_of, compared_with=seen.compared_with,
            status="released" if released else "draft", version=place.version, corrects=place.corrects,
            recipients=audience.recipients, released_by=place.earlier.released_by if place.earlier else (),
            changes=changed, parameters=dict(parameters), marking=audience.marking,
            fictional=office.fictional, title=collected.masthead.title, area_name=collected.masthead.area,
            bottom_line=collected.bottom_line, prepared_by=office.prepared_by, reviewer=_reviewer(seen),
            inputs=whole, digests=digests, document=documents.keep(office, collected),
            files={name: inputs.digest(content) for name, content in files.items()},
            versions=inputs.versions(), sources=_sources(seen),
        )  # fmt: skip
        if place.earlier is not None and place.earlier.files != manifest.files:
            raise ExportError(
                f"Version {place.version} of this issue cannot be made again byte for byte here: "
                f"{_differing(place.earlier, manifest)}. Use the library versions its manifest names."
            )

        progress("checking what leaves")
        checked.require(office, store, manifest, files, folder=folder / "pack", views=(seen,))

        progress("publishing")
        if place.earlier is not None and released:
            written, manifest = _place(office, place.earlier), place.earlier
            index.write(office.path(office.outputs), audience=audience, office=office)
        elif released:
            written = let_out(office, manifest, files, by=BY_RULE)
        else:
            written = drafts.write(office, manifest, files)
    return Published(
        written, manifest, reproduced=place.earlier is not None, people_needed=_waiting(manifest, people)
    )


def _allowed(order: Order, audience: Audience) -> None:
    if order.briefing not in audience.briefings:
        raise DisclosureRefused(
            f'Audience "{audience.slug}" does not receive the briefing "{order.briefing}". '
            f"It receives: {', '.join(audience.briefings) or 'none'}. See [[audience]] in workbench.toml."
        )


def _versions(root: Path, order: Order) -> pack.Versions:
    """Return all versions of the issue that is ordered, oldest first."""
    return pack.versions(
        root, audience=order.audience, briefing=order.briefing, area=order.area, period=order.week,
        language=order.language,
    )  # fmt: skip


def _request(
    office: Office, store: Store, order: Order, issues: pack.Versions, drafted: pack.Versions
) -> view.Request:
    """
    Return what the view is asked for; it is compared with the last issue, if readers had one.

    A past issue made again is compared with what it was compared with then.
    """
    known = view.cut_off(office, store, order.audience, order.as_of)
    again = [one for _, one in (*drafted, *issues) if one.as_of == known]
    if again:
        compared_with = again[-1].compared_with
    else:
        last = pack.last_before(
            office.path(office.outputs), audience=order.audience, briefing=order.briefing, area=order.area,
            period=order.week, language=order.language, as_of=order.as_of,
        )  # fmt: skip
        compared_with = last.as_of if last else None
    return checked.request(
        office, area=order.area, week=order.week, audience=order.audience, as_of=order.as_of,
        known=known, compared_with=compared_with,
    )  # fmt: skip


def _parameters(order: Order, seen: view.View) -> dict[str, str]:
    return {
        "area": order.area,
        "week": seen.week.slug,
        "audience": order.audience,
        "as_of": seen.as_of.isoformat(),
        "language": order.language,
    }


def _copied(page: bytes, file: Path) -> Path:
    file.parent.mkdir()
    file.write_bytes(page)
    return file


def _changed(
    office: Office, place: numbering.Place, issues: pack.Versions, collected: document.Document, order: Order
) -> tuple[str, ...]:
    """Return what a version changes of the one it corrects, as far as that can still be told."""
    if place.corrects is None:
        return ()
    spoken = words(order.language)
    earlier = next((one for number, one in issues if number == place.corrects), None)
    if earlier is None:  # what was taken back is not gone through again
        return (spoken.say("Version {version} was recalled: do not use it.", version=str(place.corrects)),)
    was = documents.kept(office, earlier.document)
    if was is None:
        return (spoken.say("What it said is not kept any more, so the changes cannot be listed."),)
    return changes.between(was, collected, spoken)


def _place(office: Office, manifest: Manifest) -> Path:
    """Return the folder where a pack or a draft lies."""
    root = office.path(office.outputs) if manifest.status == "released" else drafts.root(office)
    return pack.folder_of(root, manifest, first_language=office.languages[0])


def _waiting(manifest: Manifest, people: int) -> int:
    """Return how many people must release it: nobody, if it is out; somebody, if it is a draft."""
    return 0 if manifest.status == "released" else max(people, 1)


def _reviewer(seen: view.View) -> str:
    rows = seen.table("assessment")
    if "reviewer" not in rows:
        return ""
    reviewers = rows.loc[rows["week"] == seen.week.slug, "reviewer"].dropna()
    return str(reviewers.iloc[0]) if len(reviewers) else ""


def _sources(seen: view.View) -> tuple[SourceLine, ...]:
    rows = seen.sources.astype("object").where(seen.sources.notna(), None)
    return tuple(
        SourceLine(
            source=row["source"],
            title=row["title"],
            licence=row["licence"],
            attribution=row["attribution"],
            delivered_at=row["delivered_at"],
            last_dated=row["last_dated"] and row["last_dated"].date(),
        )
        for row in rows.to_dict("records")
    )


def _differing(earlier: Manifest, now: Manifest) -> str:
    libraries = [
        f"{name} was {was} and is {now.versions.get(name)}"
        for name, was in earlier.versions.items()
        if now.versions.get(name) != was
    ]
    files = [name for name, digest in earlier.files.items() if now.files.get(name) != digest]
    return f"{', '.join(files)} differ" + (f" ({'; '.join(libraries)})" if libraries else "")
