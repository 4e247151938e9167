"""Both locks, as a publication asks them: the view, and the gate on the finished files of one edition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from workbench import audit, document, gate, view
from workbench.config import Office
from workbench.errors import DisclosureRefused
from workbench.keys import keys_of
from workbench.language import words
from workbench.publish import documents, pack
from workbench.publish.drafts import edition
from workbench.publish.known_counts import counts_out, known_counts
from workbench.publish.manifest import Manifest
from workbench.records import record_names, record_type
from workbench.store import Store
from workbench.view import View

if TYPE_CHECKING:
    import pandas as pd


_END = datetime.max.replace(tzinfo=UTC)
_NOT_WRITTEN = frozenset({"record_id", "source", "area", "week", "record", "column", "reason"})
"""Columns of text that hold ids and names of the workbench and the office, not what people wrote."""


@dataclass(frozen=True)
class Values:
    """
    For one view: the texts of the store that must not leave with it, and those that may.

    `sealed` are those of the former that name somebody whom no edition names.
    """

    forbidden: list[str] = field(repr=False)
    permitted: list[str] = field(repr=False)
    sealed: list[str] = field(repr=False)


def values_of(office: Office, store: Store, seen: View) -> Values:
    """
    Return what may and must not leave with a view, by what the store holds now.

    What a row says is permitted, and what the office wrote into its configuration and its templates, unless
    it names somebody whom no edition names. Names of districts, areas and readers always are.
    """
    sealed = view.sealed_values(store)
    said = gate.unsaid([*view.shown_values(seen), *document.template_texts(office.root)], sealed)
    return Values(view.hidden_values(store, seen), [*said, *_names(seen)], sealed)


def says_less(seen: View, today: View) -> bool:
    """
    Whether today's view lacks a text of `seen`; otherwise the gate finds nothing more for it than for `seen`.

    For what is forbidden is what the store holds now and a view does not, and what that says is permitted.
    """
    return not set(view.shown_values(seen)) <= set(view.shown_values(today))


def without(values: Values, seen: View, today: View) -> Values:
    """Return the values of the view of `today`, with what people wrote in `seen` and was taken back since."""
    written = {text for name, rows in seen.tables.items() for text in _written(name, rows)}
    taken_back = written - set(view.shown_values(today))
    return Values(sorted({*values.forbidden, *taken_back}), values.permitted, values.sealed)


def end(store: Store) -> datetime | None:
    """Return when the store had its last delivery: a view made then holds by the labels of that moment."""
    return store.cut_off(_END)


def todays_request(office: Office, store: Store, seen: View, *, made_at: datetime | None) -> datetime | None:
    """
    Return the instant as of which the readers of `seen` know all of today, or None if that is what it holds.

    `made_at`: the `end` of the store before `seen` was made.
    """
    present = view.present(office, store)
    known = view.cut_off(office, store, seen.audience.slug, present)
    return None if known == seen.as_of and end(store) == made_at else present


def todays_view(office: Office, store: Store, seen: View, *, made_at: datetime | None) -> View | None:
    """Return the view that the readers of `seen` would be given now; None if it would be the same."""
    present = todays_request(office, store, seen, made_at=made_at)
    if present is None:
        return None
    return view.make(
        office, store,
        request(
            office, area=seen.area.slug, week=seen.week.slug, audience=seen.audience.slug, as_of=present,
            known=view.cut_off(office, store, seen.audience.slug, present),
        ),
    )  # fmt: skip


def gone(seen: View, today: View) -> int:
    """
    Return how many records of a view its readers would not be given today: withdrawn, moved or closed.

    A record that was withdrawn or moved stays among the past states that both views tell of; so the rows
    themselves are looked at too, by their readers' names for them.
    """
    closed = len(seen.own_ids - today.own_ids)
    missing = sum(len(_ids(seen, name) - _ids(today, name)) for name in record_names())
    return max(closed, missing)


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
    manifest: Manifest,
    files: Mapping[str, bytes],
    *,
    folder: Path,
    against: Iterable[Values],
) -> None:
    """
    Put the whole pack into the new `folder` and let the gate read it; raises DisclosureRefused.

    It must pass for each of `against`: the values of the view that the edition was made from, and of the one
    its audience would be given today.
    """
    folder.mkdir(parents=True)
    for name, content in pack.signed(manifest, files, keys_of(office)).items():
        (folder / name).write_bytes(content)
    for number, values in enumerate(against):
        report = examined(office, manifest, folder, values=values)
        if report.passed:
            continue
        audit.append(
            office, "gate_refused", by="gate", at=office.now(), edition=edition(manifest),
            findings=len(report.findings),
        )  # fmt: skip
        try:
            gate.require(report)
        except DisclosureRefused as problem:
            since = f" It passes as known then, and not as known today: {again(manifest)}" if number else ""
            raise DisclosureRefused(f"{problem}{since}") from None


def again(manifest: Manifest) -> str:
    """Return what to do about an edition that tells what is not so any more."""
    return (
        f"make it again: workbench run {manifest.briefing} --area {manifest.area} --week {manifest.period} "
        f"--audience {manifest.audience}"
    )


def examined(
    office: Office, manifest: Manifest, folder: Path, *, values: Values, lies_in: Path | None = None
) -> gate.GateReport:
    """
    Let the gate read the pack in `folder`, for what its readers may and must not read.

    With it goes the document it was set from, where the office still has it: what mail says of the issue is
    set from it again.
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
        published=counts_out(office, manifest),
        draft_notices=("DRAFT, NOT RELEASED", spoken.say("DRAFT, NOT RELEASED")),
        lies_in=None if lies_in is None else tuple(lies_in.resolve().parts[-5:]),
        document=documents.content(office, manifest.document),
    )
    return gate.check_apart(
        folder, forbidden=values.forbidden, permitted=[*values.permitted, *spoken.sentences()],
        expected=expected, sealed=values.sealed,
    )  # fmt: skip


def made_again(office: Office, store: Store, manifest: Manifest) -> View:
    """Return the view that the readers of a pack were given, made again from the store as of its instant."""
    again = request(
        office, area=manifest.area, week=manifest.period, audience=manifest.audience, as_of=manifest.as_of,
        known=manifest.as_of, compared_with=manifest.compared_with,
    )  # fmt: skip
    return view.make(office, store, again)


def _names(seen: View) -> list[str]:
    """Return the names of districts, areas and readers: they say nothing of who is called like one."""
    places = seen.districts[["district", "district_name"]].to_numpy().ravel().tolist()
    readers = (seen.area.slug, seen.area.name, seen.audience.slug, seen.audience.name, seen.audience.marking)
    return [*map(str, places), *readers]


def _ids(seen: View, name: str) -> set[str]:
    rows = seen.tables.get(name)
    return set() if rows is None or "record_id" not in rows else set(rows["record_id"].dropna().astype(str))


def _written(name: str, rows: pd.DataFrame) -> set[str]:
    """Return the texts that people wrote into the rows of a table of a view."""
    if name not in record_names():  # counts, and states of rows: there are no texts in them
        return set()
    columns = [
        one.name
        for one in record_type(name).columns
        if one.kind in {"text", "free_text"} and not one.refers_to and one.name not in _NOT_WRITTEN
    ]
    return {str(text) for one in columns if one in rows for text in rows[one].dropna().unique()}
