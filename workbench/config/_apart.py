"""Areas that lie apart: the difference of two areas' counts is a count too."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations


def expect_apart(areas: Mapping[str, tuple[str, ...]]) -> None:
    """
    Raise ValueError if two areas, given as their districts by slug, share one.

    Each area's table of counts is audited by itself. Where the areas overlap, readers of both subtract one
    total from the other, and what is left is the count of the districts that are not shared.
    """
    for (one, districts), (other, others) in combinations(areas.items(), 2):
        shared = [code for code in districts if code in others]
        if shared:
            raise ValueError(
                f'the areas "{one}" and "{other}" share districts ({", ".join(shared)}), and an audience has '
                "a count_threshold: its readers could subtract the counts of one area from those of the "
                "other and learn what is withheld. Give each district to one area only, or make an office of "
                "its own for the audience with the threshold, with areas that lie apart"
            )
