"""Which version an edition is: one that is there already, or the next, and what it corrects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workbench.publish import pack
from workbench.publish.manifest import Manifest


@dataclass(frozen=True)
class Place:
    """
    The number of a version, the one it corrects, and the pack or draft that it is, if there is one.

    Drafts and packs of an issue share their numbers: a draft is released under its own.
    """

    version: int
    corrects: int | None
    earlier: Manifest | None = None


def place_for(inputs: str, issues: pack.Versions, drafted: pack.Versions, *, as_of: datetime) -> Place:
    """
    Return the place of the version made from these inputs.

    A version corrects the last one that its readers were given and that knew no more, recalled or not. What
    is made from an earlier as_of than all others shows what was known then, and corrects nothing.
    """
    for _, manifest in issues:
        if manifest.inputs == inputs:
            return Place(manifest.version, manifest.corrects, manifest)
    given = [(one.version, one.as_of) for _, one in issues]
    given += [(one.version, one.as_of) for one in issues.recalled]
    known = [number for number, moment in given if moment <= as_of]
    corrects = max(known, default=None) if len(known) == len(given) else None
    last = max((number for number, _ in given), default=0)
    for number, manifest in drafted:
        if (manifest.inputs, manifest.corrects) == (inputs, corrects) and number > last:
            return Place(number, corrects, manifest)
    taken = [number for number, _ in (*given, *drafted)]
    taken += [one.version for one in (*issues.unreadable, *drafted.unreadable)]
    return Place(max(taken, default=0) + 1, corrects)


def standing(
    issues: pack.Versions, drafted: pack.Versions, content: str, *, as_of: datetime
) -> Manifest | None:
    """Return the last version or the newest draft, if it says all that is known now, from an earlier pull."""
    last = max((manifest for _, manifest in issues), key=lambda one: (one.as_of, one.version), default=None)
    given = [number for number, _ in issues] + [one.version for one in issues.recalled]
    newest = max(
        (one for one in drafted if one[0] > max(given, default=0)), default=None, key=lambda one: one[0]
    )
    found = newest[1] if newest else last
    same = found is not None and found.digests.get("content") == content and found.as_of < as_of
    return found if same else None
