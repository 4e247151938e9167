"""Instants as people write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from workbench.errors import ParameterError
from workbench.view import instant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-16T06:00Z", datetime(2026, 11, 16, 6, 0, 59, 999999, UTC)),
        ("2026-11-16 06:00+00:00", datetime(2026, 11, 16, 6, 0, 59, 999999, UTC)),
        ("2026-11-16T06:00:12Z", datetime(2026, 11, 16, 6, 0, 12, 999999, UTC)),
        ("2026-11-16T08:00:12+02:00", datetime(2026, 11, 16, 6, 0, 12, 999999, UTC)),
        ("2026-11-16T06:00:00.000006+00:00", datetime(2026, 11, 16, 6, 0, 0, 6, UTC)),
    ],
)
def test_an_instant_is_as_fine_as_it_is_written(written: str, meant: datetime) -> None:
    """A minute or a second means its end, so that an instant copied from a page knows what the page knew."""
    assert instant(written) == meant


@pytest.mark.parametrize("written", ["2026-11-16T06:00", "2026-11-16", "yesterday", "", "2026-13-01T06:00Z"])
def test_an_instant_needs_a_day_a_time_and_a_zone(written: str) -> None:
    """What could mean two instants is refused, with the way to write it."""
    with pytest.raises(ParameterError, match="2026-11-16T06:00:00Z"):
        instant(written)
