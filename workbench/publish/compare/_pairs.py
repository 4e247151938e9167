"""Which two issues are compared: one that stands with the one before it, and with the one it corrects."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.publish import pack
from workbench.publish.manifest import Manifest
from workbench.publish.notice import superseding


@dataclass(frozen=True)
class Pair:
    """Two issues of one briefing, area, audience and language: of two periods, or two versions of one."""

    earlier: Manifest
    later: Manifest

    @property
    def versions(self) -> bool:
        """Whether the later is a version that corrects the earlier."""
        return self.earlier.period == self.later.period

    def name(self, *, first_language: str) -> str:
        """Return the name of the page that compares them, in the audience's folder."""
        now, was = self.later, self.earlier
        tongue = "" if now.language == first_language else f"-{now.language}"
        return (
            f"compare-{now.briefing}-{now.area}-{now.period}-v{now.version}"
            f"-with-{was.period}-v{was.version}{tongue}.html"
        )


def pairs(packs: pack.Versions) -> tuple[Pair, ...]:
    """
    Return what can be compared among the packs of an audience.

    An issue stands if it is the newest of its versions by knowledge and nothing it was corrected by was
    recalled. Each is compared with the one that stands of the latest period before, and
    with the version it corrects, if that is there. A recalled pack is in no pair.
    """
    manifests = [one for _, one in packs]
    standing: dict[tuple[str, str, str], dict[str, Manifest]] = {}
    for one in manifests:
        if superseding(one, packs.recalled) is not None:
            continue
        issues = standing.setdefault((one.briefing, one.area, one.language), {})
        other = issues.get(one.period)
        if other is None or (one.as_of, one.version) > (other.as_of, other.version):
            issues[one.period] = one
    numbered = {(_issue(one), one.version): one for one in manifests}
    found = []
    for issues in standing.values():
        before: Manifest | None = None
        for period in sorted(issues):
            one = issues[period]
            if before is not None:
                found.append(Pair(before, one))
            corrected = None if one.corrects is None else numbered.get((_issue(one), one.corrects))
            if corrected is not None:
                found.append(Pair(corrected, one))
            before = one
    return tuple(found)


def _issue(one: Manifest) -> tuple[str, ...]:
    return one.briefing, one.area, one.language, one.period
