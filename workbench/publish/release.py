"""Release: people read a draft and let it go to its audience; each may count once."""

from __future__ import annotations

import tempfile
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workbench import audit, briefing, document, view
from workbench.config import Office
from workbench.errors import DisclosureRefused, UserError
from workbench.keys import keys_of, write_public
from workbench.publish import checked, documents, drafts, index, inputs, logged, pack
from workbench.publish.drafts import Draft
from workbench.publish.manifest import Manifest
from workbench.publish.parts import files_of
from workbench.store import Store

BY_RULE = "the office's rule"
"""Who releases to an audience whose `release` is automatic, in the audit log."""


@dataclass(frozen=True)
class Released:
    """
    What came of one person's release: the folder of the pack, or of the draft that waits for another.

    `people` have released it so far, of `needed`. `already`: it was out before, and nothing was done.
    """

    folder: Path
    manifest: Manifest
    people: tuple[str, ...]
    needed: int
    already: bool = False

    @property
    def out(self) -> bool:
        """Whether the readers have it."""
        return self.manifest.status == "released"


def release(
    office: Office, store: Store, folder: Path, *, by: str, progress: Callable[[str], None]
) -> Released:
    """
    Release the draft in `folder` in the name of a person; of two who must, the first has reviewed it.

    The draft must be the newest of its issue and whole; what its audience may see and how (view, policy,
    templates, words) must be as when it was made; and the finished files must pass the gate for what is
    forbidden today. Then it is signed and appears by one rename; a killed release is completed by
    releasing again. Raises DisclosureRefused, UserError, StoreError (a broken audit log).
    """
    name = audit.person(by)
    with drafts.releasing(office):
        draft = drafts.read(office, folder)
        outputs, said = office.path(office.outputs), draft.manifest
        issues = logged.as_recalled(office, pack.versions_of(outputs, said))
        standing = next((one for number, one in issues if number == said.version), None)
        now = drafts.people_needed(office.audience_called(said.audience), bool(issues.recalled))
        needed = max(now, drafts.people_asked(office, draft), 1)
        people, decided = _people(office, draft)
        if standing is not None and standing.document == said.document:
            index.write(outputs, audience=office.audience_called(said.audience), office=office)
            there = pack.folder_of(outputs, standing, first_language=office.languages[0])
            return Released(there, standing, standing.released_by, needed, already=True)
        _expect_newest(office, draft, issues)
        _expect_approved(office, said)
        if not decided:
            _expect_another(people, name)
            people = (*people, name)

        progress("making the view again")
        with tempfile.TemporaryDirectory(prefix="workbench-release-") as temporary:
            made_at = checked.end(store)
            seen = _same_view(office, store, draft, Path(temporary) / "view")
            today = checked.todays_view(office, store, seen, made_at=made_at)
            if today is not None:
                expect_none_gone(seen, today, said)
            collected = _same_document(office, draft, seen)
            if len(people) < needed:
                audit.append(
                    office, "reviewed", by=name, at=office.now(), edition=drafts.edition(said),
                    draft=draft.digest,
                )  # fmt: skip
                return Released(folder, said, people, needed)
            progress("writing HTML and PDF")
            issue = document.Issue(said.version, said.corrects)
            files = _files(office, said, collected, seen, issue=issue)
            digests = {one: inputs.digest(content) for one, content in files.items()}
            manifest = Manifest.model_validate(
                said.model_dump() | {"status": "released", "released_by": people, "files": digests}
            )
            progress("checking what leaves")
            against = [checked.values_of(office, store, seen)]
            if today is not None and checked.says_less(seen, today):
                values = checked.values_of(office, store, today)
                against.append(checked.without(values, seen, today))
            checked.require(office, manifest, files, folder=Path(temporary) / "pack", against=against)
        progress("publishing")
        written = let_out(office, manifest, files, by=name, draft=draft.digest)
    return Released(written, manifest, people, needed)


def let_out(office: Office, manifest: Manifest, files: dict[str, bytes], *, by: str, draft: str = "") -> Path:
    """
    Write a release down, let the pack appear by one rename, and renew the index page; return its folder.

    The log comes first: killed in between, the same release done again finds its line and goes on. Raises
    UserError if readers were given something else under this number. Whoever calls it holds the lock
    `drafts.releasing` since before the gate read the files: what the gate knew to be out is what is out.
    """
    log, edition = logged.log_of(office), drafts.edition(manifest)
    _expect_unused(log, edition, manifest.document)
    outputs = office.path(office.outputs)
    act = "corrected" if manifest.corrects is not None else "released"
    ids = {"edition": edition, "document": manifest.document}
    if manifest.document not in log.given.get(edition, {}):
        audit.append(office, act, by=by, at=office.now(), **ids, **({"draft": draft} if draft else {}))
    folder = pack.write(outputs, manifest, files, first_language=office.languages[0], keys=keys_of(office))
    write_public(office)
    index.write(outputs, audience=office.audience_called(manifest.audience), office=office)
    return folder


def _expect_unused(log: logged.Log, edition: str, document: str) -> None:
    if edition in log.recalled or {*log.given.get(edition, {})} - {document}:
        raise UserError(
            f"The audit log says that readers were given another {edition}, and it is not there any more. "
            "Restore its folder from a copy, and run this again: the next number is taken then."
        )


def same_person(one: str, other: str) -> bool:
    """
    Whether two names may be one person's: alike but for case, accents, width, blanks, signs and order.

    Nobody is asked to prove a name; what this stops is a second release by mistake or in haste.
    """
    return _folded(one) == _folded(other) or sorted(_words(one)) == sorted(_words(other))


def _folded(name: str) -> str:
    return "".join(_words(name))


def _words(name: str) -> list[str]:
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return "".join(letter if letter.isalnum() else " " for letter in bare).split()


def _people(office: Office, draft: Draft) -> tuple[tuple[str, ...], bool]:
    """Return who has released a draft so far, and whether that was decided and only not carried out."""
    reviewed = drafts.reviewers(office, draft)
    decided = [
        one.by
        for one in audit.acts(office)
        if one.act in {"released", "corrected"} and one.ids.get("draft") == draft.digest
    ]
    return (*reviewed, *decided[:1]), bool(decided)


def _expect_another(people: tuple[str, ...], name: str) -> None:
    if any(same_person(one, name) for one in people):
        raise DisclosureRefused(
            "This person has reviewed this draft already, and two different people must release it. Let "
            "somebody else read it and run: workbench release PACK --by NAME"
        )


def _expect_newest(office: Office, draft: Draft, issues: pack.Versions) -> None:
    said = draft.manifest
    if any(one.version == said.version for one in issues.recalled):
        raise DisclosureRefused(
            f"Version {said.version} was released and recalled; it cannot be released again. Make another: "
            "workbench run"
        )
    newer = [number for number, _ in drafts.of_issue(office, said) if number > said.version]
    newer += [number for number, _ in issues if number > said.version]
    newer += [one.version for one in issues.recalled if one.version > said.version]
    if newer:
        raise DisclosureRefused(
            f"Version {max(newer)} of this issue is newer than this draft, which is version {said.version}. "
            "Release the newer one, or make a draft again: workbench run"
        )


def _expect_approved(office: Office, said: Manifest) -> None:
    """Refuse what goes to readers whom two people release to, if nobody approved the notebook it is from."""
    if office.audience_called(said.audience).release == "two_people":
        notebook = briefing.notebook_of(office, office.briefing_called(said.briefing))
        briefing.require_approval(office, notebook, said.digests["notebook"])


def _same_view(office: Office, store: Store, draft: Draft, folder: Path) -> view.View:
    """
    Return the view that the draft was made from, made again and saved in `folder`.

    Raises DisclosureRefused if it is no longer what it was, or the policy, the templates or the words
    are not: then nobody has read what would be released.
    """
    said = draft.manifest
    request = checked.request(
        office, area=said.area, week=said.period, audience=said.audience, as_of=said.as_of,
        known=said.as_of, compared_with=said.compared_with,
    )  # fmt: skip
    seen = view.make(office, store, request)
    audience = office.audience_called(said.audience)
    now = {"view": view.save(seen, folder)} | inputs.surroundings(office, audience, said.language)
    changed = [name for name, value in now.items() if said.digests.get(name) != value]
    if changed:
        why = " (a record was closed to its readers, or entries of the office or earlier counts are others)"
        told = "".join((", ".join(changed), why if "view" in changed else ""))
        raise DisclosureRefused(_stale(said, f"this has changed: {told}"))
    return seen


def expect_none_gone(seen: view.View, today: view.View, said: Manifest) -> None:
    """Raise DisclosureRefused if a record of an edition's view is not in that of today any more."""
    gone = checked.gone(seen, today)
    if gone:
        raise DisclosureRefused(
            f"{gone} of the records that this edition was made from were withdrawn, moved or closed to its "
            f"readers since then. What it would be now nobody has read: {checked.again(said)}"
        )


def _same_document(office: Office, draft: Draft, seen: view.View) -> document.Document:
    """Return the document that the draft was set from; set again, it must be what people have read."""
    said = draft.manifest
    collected = documents.kept(office, said.document)
    if collected is None:
        raise DisclosureRefused(_stale(said, "the document it was set from was lost or changed"))
    issue = document.Issue(said.version, said.corrects, released=False)
    again = _files(office, said, collected, seen, issue=issue)
    if {name: inputs.digest(content) for name, content in again.items()} != said.files:
        raise DisclosureRefused(_stale(said, "the libraries that set its pages have changed"))
    return collected


def _files(
    office: Office, said: Manifest, collected: document.Document, seen: view.View, *, issue: document.Issue
) -> dict[str, bytes]:
    tables = office.briefing_called(said.briefing).tables
    return files_of(collected, seen, issue=issue, changed=said.changes, tables=tables, folder=office.root)


def _stale(said: Manifest, what: str) -> str:
    return (
        f"Since this draft was made, {what}. Nobody has read what it would be now: make the draft again: "
        f"workbench run {said.briefing} --week {said.period} --audience {said.audience}"
    )
