"""Drafts: finished editions that nobody has released, in the office's private folder; never edited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench import audit
from workbench.config import Audience, Office
from workbench.errors import DisclosureRefused, UserError
from workbench.keys import keys_of
from workbench.publish import pack
from workbench.publish.inputs import digest
from workbench.publish.manifest import Manifest
from workbench.publish.notice import Subject

if TYPE_CHECKING:
    from filelock import FileLock

_WAIT_SECONDS = 300

PEOPLE = {"automatic": 0, "one_person": 1, "two_people": 2}
"""How many people must release a draft, by an audience's `release`."""


@dataclass(frozen=True)
class Draft:
    """A draft as it lies in the office: its folder, its manifest, and the digest that reviews name."""

    folder: Path
    manifest: Manifest

    @property
    def digest(self) -> str:
        """SHA-256 of the manifest, in hexadecimal."""
        return digest(self.manifest.to_bytes())


def root(office: Office) -> Path:
    """Return the folder under which drafts lie as packs do under `outputs`."""
    return office.path(office.private) / pack.DRAFTS


def write(office: Office, manifest: Manifest, files: Mapping[str, bytes]) -> Path:
    """Put a draft in its place, whole, and return its folder; one with the same bytes is left alone."""
    # nobody but the office's own account may enter, whatever the outputs folder allows
    root(office).mkdir(parents=True, exist_ok=True, mode=0o700)
    ids = {"edition": edition(manifest), "draft": digest(manifest.to_bytes())}
    if not audit.holds(office, "drafted", **ids):
        people = people_needed(office.audience_called(manifest.audience), recalled=False)
        audit.append(office, "drafted", by="workbench run", at=office.now(), **ids, people=people)
    return pack.write(root(office), manifest, files, first_language=office.languages[0], keys=keys_of(office))


def read(office: Office, folder: Path) -> Draft:
    """
    Return the draft in `folder`, after checking its signature and every file.

    Raises UserError if it is no draft of this office, DisclosureRefused if anything in it is not as it
    was made.
    """
    if not folder.resolve().is_relative_to(root(office).resolve()):
        raise UserError(
            f"{folder} is no draft of this office: drafts lie in {root(office)}. Make one with: workbench run"
        )
    problems = pack.verify(folder, public=keys_of(office).public)
    if problems:
        raise DisclosureRefused(
            f"The draft in {folder} is not as it was made: {'; '.join(problems)}. "
            "Make it again: workbench run"
        )
    manifest = Manifest.from_bytes((folder / "manifest.json").read_bytes())
    place = pack.folder_of(root(office), manifest, first_language=office.languages[0])
    if manifest.status != "draft" or place.resolve() != folder.resolve():
        raise DisclosureRefused(
            f"The draft in {folder} says that it belongs elsewhere. Make it again: workbench run"
        )
    return Draft(folder, manifest)


def of_issue(office: Office, manifest: Manifest) -> pack.Versions:
    """Return all drafts of the issue that a manifest is a version of."""
    return pack.versions_of(root(office), manifest)


def people_needed(audience: Audience, recalled: bool) -> int:  # noqa: FBT001  # one question, one answer
    """
    Return how many people must release an edition to an audience.

    Once one of its issues was recalled, no rule releases the next version of that issue: a person does.
    """
    needed = PEOPLE[audience.release]
    return max(needed, 1) if recalled else needed


def reviewers(office: Office, draft: Draft) -> tuple[str, ...]:
    """Return who has reviewed a draft, by the audit log; raises StoreError if the log is broken."""
    return tuple(
        one.by for one in audit.acts(office) if one.act == "reviewed" and one.ids.get("draft") == draft.digest
    )


def people_asked(office: Office, draft: Draft) -> int:
    """Return how many people had to release a draft when it was made; a rule lowered since is not its own."""
    asked = [
        int(one.ids.get("people", 0))
        for one in audit.acts(office)
        if one.act == "drafted" and one.ids.get("draft") == draft.digest
    ]
    return max(asked, default=0)


def releasing(office: Office) -> FileLock:
    """Return the lock under which editions reach their readers and leave them, one at a time."""
    from filelock import FileLock

    office.path(office.private).mkdir(parents=True, exist_ok=True, mode=0o700)
    return FileLock(office.path(office.private) / ".release.lock", timeout=_WAIT_SECONDS)


def edition(manifest: Manifest | Subject) -> str:
    """Return the name of an edition in the audit log."""
    language = f"-{manifest.language}"
    return "/".join(
        (
            manifest.audience,
            manifest.briefing,
            manifest.area,
            manifest.period,
            f"v{manifest.version}{language}",
        )
    )
