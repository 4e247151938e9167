"""Whoever works at the desk, in JupyterLab: `[desk]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from workbench.config._parts import Part, Slug

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.config.audience import Audience


class Desk(Part):
    """What those at the desk may read."""

    audience: Annotated[
        Slug | None,
        Field(
            description="Slug of the audience whose view the desk's own notebooks show (start, triage, "
            "assess, log) unless they ask for another. Left out: the narrowest, as for every notebook. What "
            "is decided there is about single rows, so it must be given rows."
        ),
    ] = None


def check_desk(desk: Desk, audiences: Iterable[Audience]) -> None:
    """Raise ValueError if `[desk] audience` is none of the office's, or one that is given counts only."""
    if desk.audience is None:
        return
    known = {one.slug: one for one in audiences}
    if desk.audience not in known:
        raise ValueError(
            f'desk: audience names "{desk.audience}", which is no [[audience]]; known: {", ".join(known)}'
        )
    if known[desk.audience].count_threshold > 1:
        raise ValueError(
            f'desk: audience names "{desk.audience}", which is given counts and no rows (count_threshold)'
        )
