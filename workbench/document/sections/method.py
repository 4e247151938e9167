"""Method and sources: what the page rests on, what was revised, and what it cannot say."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from workbench.analysis import (
    BASELINE_WEEKS,
    FALSE_DISCOVERY_RATE,
    LARGEST_CHANCE,
    RANGE_LEVEL,
    Change,
    MergeCounts,
    Revisions,
    desk_work,
    unrecorded,
    unsettled,
)
from workbench.blocks import Block, Cell, Sources, Text
from workbench.charts import then_and_now
from workbench.document.sections._parts import Row, data_until, day, each, names, near_day, table, text, whole
from workbench.view import Edition

_LISTED = 12


def revised(edition: Edition, *, revisions: Revisions, weeks: pd.DataFrame | None = None) -> list[Block]:
    """
    Return what was added, changed or withdrawn in earlier weeks since the last issue's cut-off.

    `weeks` of `analysis.then_and_now` adds the chart of their totals then and now, where any differs.
    """
    words, view = edition.words, edition.view
    if view.compared_with is None:
        return [Text.plain(words.say("There is no earlier cut-off to compare with."), tone="quiet")]
    since = words.instant(view.compared_with)
    if revisions.rows.empty and revisions.weeks.empty:
        return [Text.plain(words.say("Nothing about earlier weeks was revised since {since}.", since=since))]
    told = {kind: revisions.count(kind) for kind in ("added", "changed", "withdrawn")}
    blocks: list[Block] = [
        Text.plain(
            words.say(
                "Incidents of earlier weeks since {since}: added {added}, changed {changed}, withdrawn {withdrawn}.",
                since=since,
                added=told["added"],
                changed=told["changed"],
                withdrawn=told["withdrawn"],
            )
            if any(told.values())
            else words.say("Totals of earlier weeks differ from those known on {since}.", since=since)
        )
    ]
    blocks += [Text.plain(told) for told in _changes(edition, revisions)]
    if weeks is not None and _differs(weeks):
        blocks.append(then_and_now(weeks, words=words, width="full"))
    if len(revisions.weeks):
        shown, left_out = revisions.weeks.tail(_LISTED), len(revisions.weeks) - _LISTED
        blocks.append(
            table(
                [
                    (words.say("Week of"), "left", 1.6),
                    (words.say("Incidents then"), "right", 1.2),
                    (words.say("Incidents now"), "right", 1.2),
                    (words.say("Deaths then"), "right", 1.2),
                    (words.say("Deaths now"), "right", 1.2),
                ],
                [
                    (
                        day(row.week, words),
                        _n(edition, row.incidents_then),
                        Cell(_n(edition, row.incidents_now), "strong"),
                        _n(edition, row.killed_then),
                        Cell(_n(edition, row.killed_now), "strong"),
                    )
                    for row in each(shown)
                ],
                title=words.say("Totals then and now"),
                stack=False,
                note=words.count("{n} earlier week also differs.", "{n} earlier weeks also differ.", left_out)
                if left_out > 0
                else "",
            )
        )
    return blocks


def sources(edition: Edition) -> Sources:
    """Return each source these readers may know of: licence line, data cut-off, and age; old data in accent."""
    words, view = edition.words, edition.view
    made: list[Row] = []
    for row in each(view.sources):
        if pd.isna(row.delivered_at):
            made.append(
                (row.title, row.licence, words.say("nothing yet"), "", Cell(words.say("never"), "accent"))
            )
            continue
        delivered = row.delivered_at.tz_convert(view.office.time_zone).date()
        age = (view.on - delivered) // timedelta(days=1)
        late = age > row.max_age_days
        made.append(
            (
                Cell(row.title, "strong"),
                words.say(
                    "{licence}. {attribution}", licence=row.licence.rstrip("."), attribution=row.attribution
                ),
                data_until(row, edition),
                words.instant(row.delivered_at),
                Cell(
                    words.count("{n} day", "{n} days", age) if age > 0 else words.say("current"),
                    "accent" if late else "plain",
                ),
            )
        )
    return Sources(
        table(
            [
                (words.say("Source"), "left", 1.95),
                (words.say("Licence and attribution"), "left", 3.85),
                (words.say("Data up to"), "left", 1.05),
                (words.say("Delivered"), "left", 1.85),
                (words.say("Age"), "left", 0.7),
            ],
            made,
            note=words.say(
                "Age: on {day}. District outlines: {attribution}",
                day=day(view.on, words),
                attribution=view.office.boundaries,
            ),
            empty=words.say("No source may be named to these readers."),
        )
    )


def method(
    edition: Edition,
    *,
    unmatched: pd.DataFrame,
    flagged: int,
    merged: MergeCounts | None = None,
    waiting: int = 0,
) -> list[Block]:
    """
    Return how the numbers were made and what they leave out, in plain sentences.

    `unmatched` are the week's incidents in no district (`analysis.unmatched`); `flagged` is how many
    of the counted incidents have a death toll whose bounds contradict each other; `merged` of
    `analysis.merge_counts` says how many of the week's are told by several publishers, `waiting` how many pairs
    of them may be one and wait for a decision.
    """
    words, view = edition.words, edition.view
    titles = dict(zip(view.sources["source"], view.sources["title"], strict=True))
    counted = words.listed(
        [text(titles.get(slug, "")) or words.say("a source not named here") for slug in view.area.counts_from]
    )
    sentences = [
        words.say(
            "Every week runs as this one does, {days}, in the zone {zone}.",
            days=words.days(view.week.first_day, view.week.last_day),
            zone=view.office.time_zone,
        ),
        words.say(
            "Incidents are counted from: {sources}. Discarded reports are not counted.", sources=counted
        ),
        words.say(
            "This edition counts only what its readers may read, of incidents, contacts, sites and warnings alike; other editions may know more."
        ),
        words.say(
            "“Usual” is the central {level} % of a Gamma–Poisson prediction from the weeks before, at most {weeks}, "
            "and wider where those weeks scatter more than chance alone would. A district is called higher than usual only if "
            "its count is above that range, chance would bring it in at most {chance} % of weeks, and it also holds among all "
            "districts together (Benjamini–Hochberg, q ≤ {q}).",
            level=round(100 * RANGE_LEVEL),
            weeks=BASELINE_WEEKS,
            chance=words.number(100 * LARGEST_CHANCE, places=1),
            q=words.number(FALSE_DISCOVERY_RATE, places=2),
        ),
        words.say(
            "A count a little above its usual range can still be within usual variation: of many districts, some "
            "are above theirs by chance alone."
        ),
    ]
    if unsettled(view.week, on=view.known_on):
        sentences.append(
            words.say("The last weeks are still being reported and usually grow; they are drawn hollow.")
        )
    if view.known("liaison_entry") is not None:
        sentences.append(
            words.count(
                "Confidence in the district table is what contact allows: low after more than {n} day without "
                "any or where less than half of the required contacts are kept, moderate after more than half of that time, else high.",
                "Confidence in the district table is what contact allows: low after more than {n} days without "
                "any or where less than half of the required contacts are kept, moderate after more than half of that time, else high.",
                view.area.contact_interval_days,
            )
        )
    if unrecorded(view.counted, "aid_affected"):
        sentences.append(words.say("Whether aid was affected is not recorded in what is counted here."))
    if n := len(unmatched):
        sentences.append(
            words.count(
                "{n} incident of this week lies in the province but in no known district; it is in no district's count.",
                "{n} incidents of this week lie in the province but in no known district; they are in no district's count.",
                n,
            )
        )
    if merged is not None and merged.groups:
        sentences.append(
            words.count(
                "{n} incident of this week is told by several rows and counted once, by a decision on record; every row and source is kept.",
                "{n} incidents of this week are told by several rows and counted once each, by decisions on record; every row and source is kept.",
                merged.groups,
            )
        )
    if waiting:
        sentences.append(
            words.count(
                "{n} pair of this week's rows may be one incident and waits for a decision; until then both are counted.",
                "{n} pairs of this week's rows may be one incident each and wait for a decision; until then both are counted.",
                waiting,
            )
        )
    decided, others = _at_the_desk(edition)
    if decided and (waiting or (merged is not None and merged.groups)):
        sentences[-1] += f" {decided}"
    elif decided:
        sentences.append(decided)
    sentences += others
    if flagged:
        sentences.append(
            words.count(
                "{n} incident counted has a publisher's range that contradicts its best estimate; the wider bounds are used.",
                "{n} incidents counted have a publisher's range that contradicts its best estimate; the wider bounds are used.",
                flagged,
            )
        )
    rejected = int(view.sources["rejected"].sum())
    if rejected:
        sentences.append(
            words.count(
                "{n} row of the last deliveries was set aside because it could not be read; what was known of it before still counts.",
                "{n} rows of the last deliveries were set aside because they could not be read; what was known of them before still counts.",
                rejected,
            )
        )
    absent = [name for code, name in names(view).items() if code not in set(view.districts["district"])]
    if absent:
        sentences.append(words.say("No outline is known for: {districts}.", districts=words.listed(absent)))
    return [Text.bullets(*sentences)]


def _at_the_desk(edition: Edition) -> tuple[str, list[str]]:
    """Return how many decisions were made, and what was set right and placed, as far as readers may know."""
    words, view = edition.words, edition.view
    earlier = None if view.compared_with is None else view.compared_with.astimezone(view.zone).date()
    since = view.week.first_day if earlier is None else earlier
    done = desk_work(
        view.counted, view.table("duplicate_decision"), first_day=view.week.first_day, since=since
    )
    sentences = []
    if done.corrected:
        sentences.append(
            words.count(
                "{n} incident of this week was set right at the desk, by a correction on record; it counts as it was corrected.",
                "{n} incidents of this week were set right at the desk, by corrections on record; they count as they were corrected.",
                done.corrected,
            )
        )
    if done.placed:
        sentences.append(
            words.count(
                "The district of {n} incident of this week was chosen at the desk.",
                "The districts of {n} incidents of this week were chosen at the desk.",
                done.placed,
            )
        )
    decided = words.count(
        "{n} decision on duplicates was made since {day}.",
        "{n} decisions on duplicates were made since {day}.",
        done.decided or 0,
        day=day(since, words),
    )
    return decided if done.decided else "", sentences


def _differs(weeks: pd.DataFrame) -> bool:
    return bool(weeks["incidents_then"].ne(weeks["incidents_now"]).fillna(value=False).any())


def _changes(edition: Edition, revisions: Revisions) -> list[str]:
    """Return how last week's totals and the year's have changed; last week's only if it was over then."""
    words, view = edition.words, edition.view
    sentences = []
    last, running = revisions.last_week, revisions.running
    over = view.compared_with is not None and view.compared_with.astimezone(view.zone).date() > (
        view.week.back(1).last_day
    )
    if last is not None and last.differs and over:
        sentences.append(
            words.say(
                "Last week then: {incidents_then} incidents, {killed_then} deaths; now: {incidents_now} and {killed_now}.",
                **_then_and_now(edition, last),
            )
        )
    if running is not None and running.differs:
        sentences.append(
            words.say(
                "Since {since} then: {incidents_then} incidents, {killed_then} deaths; now: {incidents_now} and {killed_now}.",
                since=near_day(running.since, edition),
                **_then_and_now(edition, running),
            )
        )
    return sentences


def _then_and_now(edition: Edition, change: Change) -> dict[str, str]:
    names = ("incidents_then", "killed_then", "incidents_now", "killed_now")
    return {name: _n(edition, getattr(change, name)) for name in names}


def _n(edition: Edition, value: object) -> str:
    n = whole(value)
    return edition.words.say("n/a") if n is None else edition.words.number(n)
