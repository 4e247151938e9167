"""Incidents: what happened, where, to whom, as one publisher or the office's own log has it."""

from datetime import date

import pandas as pd

from workbench.config import COMPARTMENTS, HIGHEST, Level
from workbench.records._checks import not_before, not_in_future
from workbench.records._schema import (
    ADMIRALTY_GRADES,
    NOBODY,
    Check,
    Column,
    RecordType,
    identity,
    place,
    releasable,
)

EVENT_TYPES = (
    "armed_clash", "attack_on_civilians", "explosive_or_remote", "abduction", "arrest_or_detention",
    "sexual_violence", "robbery_or_theft", "intrusion", "threat_or_harassment", "property_damage",
    "mine_or_unexploded", "access_denial", "demonstration", "riot_or_mob", "non_violent_development",
    "medical_emergency", "accident", "hazard", "other",
)  # fmt: skip

THREAT_CATEGORIES = ("armed_conflict", "terrorism", "crime", "civil_unrest", "hazard")

_LOW, _MID = Level.PUBLIC, Level.INTERNAL


def _harm(what: str) -> tuple[Column, ...]:
    return tuple(
        Column(name=f"{what}_{bound}", kind="integer", minimum=0, maximum=100_000, level=_LOW,
               compartments=NOBODY, meaning=f"People {what}: the source's {bound} estimate.")
        for bound in ("best", "low", "high")
    )  # fmt: skip


def _estimates_cross(frame: pd.DataFrame, _today: date) -> pd.Series:
    best = frame["killed_best"]
    high_below = (frame["killed_high"] < best).fillna(value=False)
    return high_below | (frame["killed_low"] > best).fillna(value=False)


def _more_civilians_than_dead(frame: pd.DataFrame, _today: date) -> pd.Series:
    return frame["civilians_killed"] > frame["killed_best"]


CHECKS = (
    not_before("occurred_to", "occurred_on"),
    not_in_future("occurred_on"),
    # Flags, not rejections: publishers do write such rows, and leaving them out undercounts the dead.
    Check(name="deaths_range", columns=("killed_best", "killed_low", "killed_high"),
          offends=_estimates_cross, severity="flag",
          reason="the best estimate of deaths lies outside the low and high ones"),
    Check(name="civilians_exceed_deaths", columns=("civilians_killed", "killed_best"),
          offends=_more_civilians_than_dead, severity="flag",
          reason="more civilians killed than people killed"),
)  # fmt: skip

RECORD = RecordType(
    name="incident",
    meaning="Something that happened and bears on safety.",
    dated_by="occurred_on",
    checks=CHECKS,
    columns=(
        *identity(meaning="The publisher's own id, unique within its source."),
        Column(name="occurred_on", kind="date", required=True, level=_LOW, compartments=NOBODY,
               meaning="First day it happened."),
        Column(name="occurred_to", kind="date", level=_LOW, compartments=NOBODY,
               meaning="Last day, where the source gives a span; otherwise the first day."),
        Column(name="date_precision", kind="code", required=True, level=_LOW, compartments=NOBODY,
               vocabulary=("day", "days", "week", "month", "longer"),
               meaning="How closely the day is known; month and longer belong to no single week."),
        Column(name="reported_at", kind="instant", level=_MID, compartments=NOBODY,
               meaning="When the source first said so, where it tells."),
        Column(name="event_type", kind="code", required=True, level=_LOW, compartments=NOBODY,
               vocabulary=EVENT_TYPES, meaning="What kind of incident, in the workbench's own words."),
        Column(name="sub_type", kind="text", level=_LOW, compartments=NOBODY,
               meaning="The source's own type, kept as it is because definitions differ."),
        Column(name="threat_category", kind="code", required=True, level=_LOW, compartments=NOBODY,
               vocabulary=THREAT_CATEGORIES, meaning="UNSMS threat category."),
        Column(name="actor1", kind="text", level=_MID, compartments=NOBODY,
               meaning="First actor; order carries no direction."),
        Column(name="actor2", kind="text", level=_MID, compartments=NOBODY, meaning="Second actor."),
        Column(name="civilian_targeting", kind="boolean", level=_LOW, compartments=NOBODY,
               meaning="Whether civilians were the target."),
        *_harm("killed"),
        *_harm("injured"),
        *_harm("abducted"),
        Column(name="civilians_killed", kind="integer", minimum=0, maximum=100_000, level=_LOW,
               compartments=NOBODY, meaning="Of those killed (best), how many civilians."),
        Column(name="aid_affected", kind="boolean", level=_LOW, compartments=NOBODY,
               meaning="Whether UN or aid staff, premises or goods were affected."),
        Column(name="assets_affected", kind="text", level=_MID, compartments=NOBODY,
               meaning="Which premises or goods."),
        *place(),
        Column(name="headline", kind="text", unreleased=True, level=_MID, compartments=NOBODY,
               meaning="The publisher's short line on it."),
        Column(name="narrative", kind="free_text", level=Level.CONFIDENTIAL, compartments=NOBODY,
               meaning="What happened, in full."),
        *releasable(),
        Column(name="source_grade", kind="code", level=_MID, compartments=NOBODY,
               vocabulary=ADMIRALTY_GRADES,
               meaning="Admiralty grade: source A-F, information 1-6; F and 6 mean cannot be judged."),
        Column(name="sources", kind="text", level=_MID, compartments=NOBODY,
               meaning="Who reported it, as the publisher lists them."),
        Column(name="source_definition", kind="text", level=_LOW, compartments=NOBODY,
               meaning="Whose definition of an incident this row follows."),
        Column(name="verification", kind="code", level=_LOW, compartments=NOBODY,
               vocabulary=("reported", "corroborated", "confirmed", "discarded"),
               meaning="How far it has been verified; discarded rows are not counted."),
        # public, as counts need it: a view never holds the source's own words, only a number of its own
        Column(name="dup_group", kind="text", level=_LOW, compartments=NOBODY,
               meaning="Same value on rows of one source that it found to be one incident."),
        # by them anybody finds the row at its publisher's, and what stands beside it there
        Column(name="external_ids", kind="text", level=HIGHEST, compartments=COMPARTMENTS,
               meaning="Ids in other data sets, as name=value;name=value."),
    ),
)  # fmt: skip
