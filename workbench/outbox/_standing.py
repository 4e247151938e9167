"""What an audience has by the packs on disk and the audit log: issues that stand, and those that do not."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from workbench.config import Office
from workbench.publish import drafts, logged, pack
from workbench.publish.manifest import Manifest
from workbench.publish.notice import Notice, Subject, superseding


@dataclass(frozen=True)
class Issue:
    """
    The version of an issue that its readers are to have: of those that stand, the one that knows most.

    `digest` is the SHA-256 of its manifest, `released_at` None where the audit log tells of no release.
    """

    folder: Path
    manifest: Manifest
    edition: str
    digest: str
    released_at: datetime | None

    def within(self, days: int, now: datetime) -> bool:
        """Whether it was released at most so many days ago; without a release on record, made from data."""
        return now - (self.released_at or self.manifest.as_of) <= timedelta(days=days)


@dataclass(frozen=True)
class Standing:
    """
    What an audience has.

    `issues`: the latest version of each that stands. `gone`: editions that nobody must use any more, those
    that were recalled and those that a recalled one had corrected; each with the edition whose recall it was.
    """

    packs: pack.Versions
    issues: tuple[Issue, ...]
    gone: dict[str, str]

    @property
    def digests(self) -> frozenset[str]:
        """The digests of the manifests of all its packs."""
        return frozenset(hashlib.sha256(one.to_bytes()).hexdigest() for _, one in self.packs)


def standing(office: Office, audience: str) -> Standing:
    """Return what an audience has; raises StoreError if the audit log, which tells of recalls, is broken."""
    outputs = office.path(office.outputs)
    packs = logged.as_recalled(office, pack.published(outputs, audience=audience))
    gone = {edition_of(one): edition_of(one) for one in packs.recalled}
    latest: dict[tuple[str, ...], Manifest] = {}
    for _, manifest in packs:
        lost = superseding(manifest, packs.recalled)
        if lost is not None:
            of = manifest.model_copy(update={"version": lost})
            gone[drafts.edition(manifest)] = drafts.edition(of)
            continue
        issue = (manifest.briefing, manifest.area, manifest.period, manifest.language)
        if issue not in latest or _rank(manifest) > _rank(latest[issue]):
            latest[issue] = manifest
    given = logged.log_of(office).given if latest else {}
    return Standing(packs, tuple(_issue(office, one, given) for one in latest.values()), gone)


def edition_of(one: Manifest | Notice) -> str:
    """Return the audit log's name of the edition that a manifest or a notice is about."""
    if isinstance(one, Manifest):
        return drafts.edition(one)
    return drafts.edition(
        Subject(
            one.audience, one.briefing, one.area, one.period, one.version, one.language, one.marking,
            one.as_of, fictional=False, manifest=one.manifest,
        )
    )  # fmt: skip


def _rank(manifest: Manifest) -> tuple[datetime, int]:
    # as on the index page: a version made later from an earlier as_of knows less
    return manifest.as_of, manifest.version


def _issue(office: Office, manifest: Manifest, given: dict[str, dict[str, datetime]]) -> Issue:
    edition = drafts.edition(manifest)
    return Issue(
        pack.folder_of(office.path(office.outputs), manifest, first_language=office.languages[0]),
        manifest,
        edition,
        hashlib.sha256(manifest.to_bytes()).hexdigest(),
        given.get(edition, {}).get(manifest.document),
    )
