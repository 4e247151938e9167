"""Digests of what a view tells: nothing of what was masked is in them."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest

from workbench import sample, view
from workbench.config import Office
from workbench.view import Request, View, store_of


@pytest.fixture(scope="module")
def seen(sample_office: Office) -> View:
    """Return a view of the sample week."""
    as_of = sample.DELIVERIES[-1] + timedelta(hours=1)
    return view.make(
        sample_office, store_of(sample_office), Request("kestara", "2026-W46", "internal", as_of)
    )


def holding(seen: View, number: int, *, shown: bool) -> View:
    """Return the view with `number` dead in its first incident, masked unless it is `shown`."""
    rows = seen.table("incident")
    dead = rows["killed_best"].fillna(0).to_numpy("int64")
    dead[0] = number
    masked = np.zeros(len(rows), dtype=bool)
    masked[0] = not shown
    rows = rows.assign(killed_best=pd.Series(pd.arrays.IntegerArray(dead, masked)))
    return dataclasses.replace(seen, tables=MappingProxyType({**seen.tables, "incident": rows}))


def test_a_masked_number_is_in_no_digest(seen: View) -> None:
    """What lies under a missing value in memory does not change the digest; a value that is told does."""
    masked = {view.content_digest(holding(seen, number, shown=False)) for number in (3, 4)}
    told = {view.content_digest(holding(seen, number, shown=True)) for number in (0, 3, 4)}
    assert (len(masked), len(told), len(masked | told)) == (1, 3, 4)
