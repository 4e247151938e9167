"""Finishing: what a job made passes the gate, gets its manifest, and becomes a draft or an issue."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from workbench import briefing
from workbench.config import Office
from workbench.errors import BriefingFailed, DisclosureRefused, ExportError, UserError
from workbench.keys import keys_of
from workbench.publish import checked, documents, drafts, index, inputs, numbering, pack
from workbench.publish.carrying import Made, Stopped
from workbench.publish.checked import Values
from workbench.publish.headed import require_head
from workbench.publish.manifest import Manifest, SourceLine
from workbench.publish.order import Order, Published
from workbench.publish.preparing import Prepared, is_released, place_of, versions_of, waiting
from workbench.publish.release import BY_RULE, expect_none_gone, let_out
from workbench.publish.views import Views
from workbench.view import View

_PLAIN = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+")


def finish(  # noqa: PLR0913  # what was prepared and made, and who has a say in it
    office: Office,
    prepared: Prepared,
    made: Made | Stopped,
    *,
    views: Views,
    folder: Path,
    progress: Callable[[str], None] = lambda _: None,
    may_publish: Callable[[Order], None] = lambda _: None,
) -> Published:
    """
    Publish what a job made, after the gate has read it in the new folder `folder`/pack.

    An earlier version made again must be what it was, byte for byte; files of it that were damaged are put
    back. Raises the error that stopped the job (of a failed notebook, what analysts need stays in the
    office's private folder), DisclosureRefused if the head or the gate refuses, ExportError if an
    earlier version came out otherwise, UserError if the issue has changed while the job ran.
    `may_publish` is asked last, before anything becomes visible, and raises UserError if it must not.
    """
    if isinstance(made, Stopped):
        raise _failure(office, prepared, made)
    _expect_plain_names(made)
    seen, order, place = prepared.shared.seen, prepared.order, prepared.place
    collected = documents.from_bytes(made.document)
    require_head(collected.masthead, seen, language=order.language)
    audience = office.audience_called(order.audience)
    released = is_released(place, prepared.people)
    manifest = Manifest(
        briefing=order.briefing, area=order.area, period=seen.week.slug, audience=order.audience,
        language=order.language, as_of=seen.as_of, compared_with=seen.compared_with,
        status="released" if released else "draft", version=place.version, corrects=place.corrects,
        recipients=audience.recipients, released_by=place.earlier.released_by if place.earlier else (),
        changes=made.changes, parameters=dict(prepared.job.parameters), marking=audience.marking,
        fictional=office.fictional, title=collected.masthead.title, area_name=collected.masthead.area,
        bottom_line=collected.bottom_line, prepared_by=office.prepared_by, reviewer=_reviewer(seen),
        inputs=prepared.inputs, digests=dict(prepared.digests), document=documents.keep(office, collected),
        files={name: inputs.digest(content) for name, content in made.files.items()},
        versions=inputs.versions(), sources=_sources(seen),
    )  # fmt: skip
    if place.earlier is not None and place.earlier.files != manifest.files:
        raise ExportError(
            f"Version {place.version} of this issue cannot be made again byte for byte here: "
            f"{_differing(place.earlier, manifest)}. Use the library versions its manifest names."
        )

    # what is out must not change between what the gate knows of it and the moment this is out too
    with drafts.releasing(office) if released else nullcontext():
        _expect_same_place(office, prepared)
        progress("checking what leaves")
        against = [views.values(prepared.shared)]
        if released and place.earlier is None:
            against += _as_of_today(prepared, manifest, views)
        checked.require(office, manifest, made.files, folder=folder / "pack", against=against)

        may_publish(order)
        progress("publishing")
        if place.earlier is not None:
            return _again(office, prepared, manifest, made)
        if released:
            written = let_out(office, manifest, dict(made.files), by=BY_RULE)
        else:
            written = drafts.write(office, manifest, made.files)
    return Published(
        written, manifest, reproduced=False, people_needed=waiting(manifest, prepared.people)
    )  # fmt: skip


def _expect_plain_names(made: Made) -> None:
    """Raise DisclosureRefused for files that would lie outside the pack: a worker may be hostile."""
    strange = sum(_PLAIN.fullmatch(name) is None for name in made.files)
    if strange:
        raise DisclosureRefused(
            f"A worker returned {strange} files under names that no pack has. Nothing was published: "
            "look at the machines of the cluster."
        )


def _as_of_today(prepared: Prepared, manifest: Manifest, views: Views) -> list[Values]:
    """Return what today's view of its readers says may and must not leave, where it is another one."""
    seen, today = prepared.shared.seen, views.today(prepared.shared, prepared.order)
    if today is None:
        return []
    expect_none_gone(seen, today.seen, manifest)
    if not checked.says_less(seen, today.seen):
        return []
    return [checked.without(views.values(today), seen, today.seen)]


def _failure(office: Office, prepared: Prepared, stopped: Stopped) -> UserError:
    """Return the error of a job; of a failed notebook, keep what analysts need and say where."""
    problem = stopped.error()
    if not isinstance(problem, BriefingFailed):
        return problem
    order = prepared.order
    kept = briefing.keep_failed(
        office, f"{order.briefing}-{order.week}-{order.audience}", executed=stopped.executed,
        view=prepared.shared.folder,
    )  # fmt: skip
    return stopped.error(f" Run folder: {kept}")


def _expect_same_place(office: Office, prepared: Prepared) -> None:
    """Raise UserError if the issue got another version, or lost one, while the job ran."""
    issues, drafted = versions_of(office, prepared.order)
    now = numbering.place_for(prepared.inputs, issues, drafted, as_of=prepared.shared.seen.as_of)
    people = drafts.people_needed(
        office.audience_called(prepared.order.audience), bool(issues.recalled)
    )  # fmt: skip
    was = prepared.place
    same = (now.version, now.corrects) == (was.version, was.corrects)
    if was.earlier is not None:
        same = same and now.earlier is not None
    elif now.earlier is not None:  # somebody else was faster with the same; it must not be out already
        same = same and (now.earlier.status == "released") == is_released(was, people)
    if not same or people != prepared.people:
        raise UserError(
            "While this edition was made, another version of its issue was made, released or recalled. "
            "Nothing was published. Run it again."
        )


def _again(office: Office, prepared: Prepared, manifest: Manifest, made: Made) -> Published:
    """Put an earlier version in its place again, where something of it is missing or was damaged."""
    there = place_of(office, prepared.place.earlier or manifest)
    lost = pack.restore(there, made.files)
    if manifest.status == "draft":
        drafts.write(office, manifest, made.files)
    else:
        manifest = prepared.place.earlier or manifest
        index.write(
            office.path(office.outputs), audience=office.audience_called(manifest.audience), office=office
        )
    wrong = pack.verify(there, public=keys_of(office).public)
    if wrong:
        raise UserError(
            f"{there} is not as it was published, and cannot be mended by making it again: "
            f"{'; '.join(wrong)}. Restore it from a copy."
        )
    return Published(
        there, manifest, reproduced=True, people_needed=waiting(manifest, prepared.people),
        restored=bool(lost),
    )  # fmt: skip


def _reviewer(seen: View) -> str:
    rows = seen.table("assessment")
    if "reviewer" not in rows:
        return ""
    reviewers = rows.loc[rows["week"] == seen.week.slug, "reviewer"].dropna()
    return str(reviewers.iloc[0]) if len(reviewers) else ""


def _sources(seen: View) -> tuple[SourceLine, ...]:
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
