"""Which page shows what: the columns that a reader finds on it, if the reader may read them at all."""

from __future__ import annotations

from dataclasses import dataclass

from tests.canaries import PARTS, Aviary
from tests.leaks.readers import AUDIENCES, LEVELS, Canary, may_read

COUNTED_FROM = frozenset({"incident_open", "incident_protection"})
"""The sources that the office of canaries counts, and lists one by one."""


@dataclass(frozen=True)
class Shown:
    """
    Columns of a record type that a page shows, each row of them.

    Only rows of these `sources` and these `parts` of an assessment, if any are named, and only for readers of
    such `words`, and of this level at `least`: who may not know the days of a register is told nothing of
    it. Of what is shown once or for some rows (`some`), at least one is there.
    """

    record: str
    columns: frozenset[str]
    sources: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    words: str = ""
    least: str = "public"
    some: bool = False

    def has(self, canary: Canary, audience: str) -> bool:
        """Whether it shows a canary to an audience that may read it."""
        return (
            canary.record == self.record
            and canary.column in self.columns
            and (canary.listable or canary.record == "source")
            and (not self.sources or canary.source in self.sources)
            and (not self.parts or canary.part in self.parts)
            and self.words in {"", AUDIENCES[audience].words}
            and LEVELS.index(self.least) <= LEVELS.index(AUDIENCES[audience].level)
        )


def _columns(said: str) -> frozenset[str]:
    return frozenset(said.split())


SOURCES = Shown("source", frozenset({""}))
REVIEWER = Shown("assessment", _columns("reviewer"), some=True)

PAGES: dict[str, tuple[Shown, ...]] = {
    "weekly_conflict": (
        SOURCES,
        REVIEWER,
        Shown("assessment", _columns("text"), parts=frozenset({"bottom_line"}), some=True),
        Shown("assessment", _columns("text"), parts=frozenset(PARTS) - {"bottom_line"}),
        Shown("assessment", _columns("because"), parts=frozenset({"judgement", "outlook"})),
        Shown("assessment", _columns("change"), parts=frozenset({"judgement"})),
        Shown("assessment", _columns("owner due_on"), parts=frozenset({"recommendation"})),
        Shown(
            "incident",
            _columns("releasable_text killed_best injured_best abducted_best"),
            sources=COUNTED_FROM,
        ),
        Shown("liaison_entry", _columns("interlocutor_role"), least="internal"),
        Shown("liaison_entry", _columns("summary"), words="full", least="internal"),
        Shown("liaison_entry", _columns("releasable_text"), words="releasable", least="internal"),
        Shown("commitment", _columns("made_by due_on"), least="internal"),
        Shown("commitment", _columns("text"), words="full", least="internal"),
        Shown("commitment", _columns("releasable_text"), words="releasable", least="internal"),
        Shown("programme_site", _columns("programme resume_condition")),
        Shown("risk_line", _columns("area_name threat_event valid_to")),
        Shown("risk_measure", _columns("text owner due_on")),
        Shown("headcount", _columns("organisation ceiling present")),
    ),
    "district_profile": (
        SOURCES,
        REVIEWER,
        Shown("incident", _columns("releasable_text killed_best"), sources=COUNTED_FROM, some=True),
        Shown("district_assessment", _columns("reason"), words="full", some=True),
        Shown("district_assessment", _columns("releasable_text"), words="releasable", some=True),
        Shown("commitment", _columns("due_on"), least="internal"),
        Shown("commitment", _columns("text"), words="full", least="internal"),
        Shown("commitment", _columns("releasable_text"), words="releasable", least="internal"),
        Shown("programme_site", _columns("programme")),
    ),
    "data_quality": (
        SOURCES,
        REVIEWER,
        Shown("rejected_row", _columns("file")),
    ),
    "human_rights": (
        Shown("source", frozenset({""}), sources=frozenset({"support_open", "violation_open"})),
        Shown("support", _columns("record_id activity recipient_unit mitigation next_review_on")),
        Shown("violation", _columns("record_id perpetrator_unit account referred_to response_text")),
        Shown("violation", _columns("victims_women victims_men victims_girls victims_boys victims_unknown")),
        Shown("assessment", _columns("text"), parts=frozenset({"recommendation"}), some=True),
    ),
    "public_summary": (
        Shown("source", frozenset({""}), sources=frozenset({"incident_open"})),
        Shown("assessment", _columns("text"), parts=frozenset({"bottom_line"})),
    ),
}

AREA_ALONE = {"incident", "commitment", "programme_site", "district_assessment"}
"""What a district profile cannot tell readers who may not know in which district something is."""


def missing(aviary: Aviary, briefing: str, audience: str, heard: set[str]) -> set[Canary]:
    """Return the canaries that a page should show to its readers and does not."""
    absent = set()
    for shown in PAGES[briefing]:
        if (
            briefing == "district_profile"
            and AUDIENCES[audience].place == "area"
            and shown.record in AREA_ALONE
        ):
            continue
        due = {
            word
            for word, canary in aviary.known.items()
            if may_read(canary, audience) and shown.has(canary, audience)
        }
        if not shown.some or not due & heard:
            absent |= {aviary.known[word] for word in due - heard}
    return absent
