"""Audiences, sources, incidents and policies for tests of the first lock."""

from __future__ import annotations

from functools import cache

import pandas as pd

from workbench.audience import Policy, policy
from workbench.config import Audience, Office, Source, load, shipped
from workbench.records import empty, record_type

INCIDENT = record_type("incident")


@cache
def sample_office() -> Office:
    """The sample office's configuration, as shipped."""
    return load(shipped("workbench.toml").parent)


def office(*columns: dict[str, object], **changes: object) -> Office:
    """The sample office with these [[column]] entries, and changed as named."""
    said = sample_office().model_dump(exclude_unset=True)
    return Office.model_validate({**said, "column": list(columns), **changes})


def audience(**changes: object) -> Audience:
    """An audience that reads only what is public, changed as named."""
    kept: dict[str, object] = {
        "slug": "public", "name": "Public", "level": "public", "compartments": (),
        "place_precision": "district", "free_text": "releasable", "briefings": (), "marking": "PUBLIC",
    }  # fmt: skip
    return Audience.model_validate({**kept, **changes})


def rules(*columns: dict[str, object], **changes: object) -> Policy:
    """The policy of `audience(**changes)` in an office with these [[column]] entries."""
    return policy(office(*columns), audience(**changes))


def source(**changes: object) -> Source:
    """A public source called meridian, changed as named."""
    kept: dict[str, object] = {
        "slug": "meridian", "title": "M", "record": "incident", "reader": "table", "path": "x",
        "licence": "l", "attribution": "a", "level": "public",
    }  # fmt: skip
    return Source.model_validate({**kept, **changes})


def incidents(*rows: dict[str, object]) -> pd.DataFrame:
    """Incidents with the given columns, the others filled in or missing."""
    filled = {
        "source": "meridian", "level": "public", "listable": True, "occurred_on": "2026-11-11",
        "occurred_to": "2026-11-11", "date_precision": "day", "event_type": "attack_on_civilians",
        "threat_category": "armed_conflict", "district": "KS0101", "latitude": "-32.123456",
        "longitude": "-24.654321", "place_name": "Mill of Aru", "narrative": "A long account.",
        "headline": "Two hurt", "releasable_text": "An attack was reported.",
    }  # fmt: skip
    frame = pd.DataFrame([{"record_id": f"R{n}", **filled, **row} for n, row in enumerate(rows)])
    whole = empty(INCIDENT)
    return pd.concat([whole, frame.astype({c: whole[c].dtype for c in frame.columns})])[list(INCIDENT.names)]
