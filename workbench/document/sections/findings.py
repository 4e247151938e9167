"""Findings: which changes are more than chance, how complete the last weeks are, where it gathers, what may come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from workbench.analysis import DelayKnown, covered
from workbench.blocks import Align, Block, Cell, Text
from workbench.charts import change_dots, district_weeks
from workbench.document.sections._parts import (
    each,
    names,
    near_day,
    table,
    tells_districts,
    text,
    whole,
)
from workbench.language import Words
from workbench.view import Edition

_SMALL = 0.001
_CHANCE = 0.05
"""A cluster is told of only if chance alone would make one as strong in at most one week of twenty."""

_UNUSUAL = frozenset({"higher_than_usual", "lower_than_usual"})
_UNTOLD = frozenset({"no_report", "no_incident_known"})
_DASH = "–"


def weeks_by_district(
    edition: Edition,
    *,
    weekly: pd.DataFrame,
    states: Mapping[date, pd.DataFrame],
    since: date | None,
    still_reported: int,
) -> list[Block]:
    """
    Return the heat table of districts and weeks; nothing where readers may not know districts, or no count is.

    `states` of `analysis.states`, by the first day of their week: a cell without a report is no 0.
    """
    known = covered(weekly, since=since)
    if not tells_districts(edition) or known["incidents"].isna().all():
        return []
    return [
        district_weeks(
            known,
            names=names(edition.view),
            words=edition.words,
            states=pd.concat(
                [found.assign(week=pd.Timestamp(first).as_unit("s")) for first, found in states.items()]
            ),
            provisional=still_reported,
        )
    ]


def changes(edition: Edition, *, change: pd.DataFrame, by_type: pd.DataFrame | None = None) -> list[Block]:
    """
    Return each district's change with both p-values, and the types of incident that are unusual anywhere.

    `change` from `analysis.change_of_week` over districts, `by_type` the same over districts and types. The
    size of each family of tests is stated: the more tests, the more of them are unusual by chance alone.
    """
    words, known = edition.words, names(edition.view)
    if not tells_districts(edition):
        return []
    columns: list[tuple[str, Align, float]] = [
        (words.say("District"), "left", 1.5),
        (words.say("Last week"), "right", 0.9),
        (words.say("Now"), "right", 0.6),
        (words.say("Ratio (95 % interval)"), "right", 1.8),
        (words.say("p"), "right", 0.8),
        (words.say("Same week last year"), "right", 1.2),
        (words.say("p, against usual"), "right", 1.1),
        (words.say("p, adjusted"), "right", 1.05),
        (words.say("Assessment"), "left", 2.0),
    ]
    made = [
        (
            Cell(known.get(row.district, row.district), "strong"),
            _count(words, row.before),
            Cell(_DASH if row.assessment in _UNTOLD else _count(words, row.now), "strong"),
            _ratio(words, row),
            _p(words, row.p),
            _n(words, row.year_ago),
            _p(words, row.p_higher),
            _p(words, row.q_higher),
            Cell(
                words.term("assessment", row.assessment),
                "accent" if row.assessment == "higher_than_usual" else "plain",
            ),
        )
        for row in each(change)
    ]
    blocks: list[Block] = [
        table(
            columns,
            made,
            title=words.say("Is the change more than chance?"),
            note=words.count(
                "Ratio and first p: this week against last (exact test). Against usual: how often a week like those "
                "before would reach this count. Adjusted: for {n} district tested together; up to 0.1 counts as unusual.",
                "Ratio and first p: this week against last (exact test). Against usual: how often a week like those "
                "before would reach this count. Adjusted: for {n} districts tested together; up to 0.1 counts as unusual.",
                len(change),
            ),
            stack=False,
        )
    ]
    if change["now"].notna().any():
        blocks.insert(0, change_dots(change, names=known, words=words))
    if by_type is not None and len(by_type):
        silent = change.loc[change["assessment"].isin(_UNTOLD), "district"]
        blocks.append(_types(edition, by_type, silent=silent))
    return blocks


def _types(edition: Edition, by_type: pd.DataFrame, *, silent: pd.Series) -> Block:
    words, known = edition.words, names(edition.view)
    # where nobody was heard from, none of a type is no fewer than usual
    calm = by_type["district"].isin(silent) & ~by_type["now"].gt(0).fillna(value=False).astype(bool)
    unusual = by_type[by_type["assessment"].isin(_UNUSUAL) & ~calm]
    tested = int(by_type["q_higher"].notna().sum())
    if unusual.empty:
        return Text.plain(
            words.count(
                "By type of incident: of {n} pair of district and type tested together, none is unusual.",
                "By type of incident: of {n} pairs of district and type tested together, none is unusual.",
                tested,
            )
        )
    told = [
        words.say(
            "{district}, {type}: {now}, {assessment} ({range}; p {p}, adjusted {q})",
            district=known.get(row.district, row.district),
            type=words.term("event_type", row.event_type),
            now=_n(words, row.now),
            assessment=words.term("assessment", row.assessment),
            range=words.span(int(row.usual_low), int(row.usual_high)),
            p=_p(words, row.p_higher if row.assessment == "higher_than_usual" else row.p_lower),
            q=_p(words, row.q_higher if row.assessment == "higher_than_usual" else row.q_lower),
        )
        for row in each(unusual)
    ]
    lead = Text.plain(
        words.count(
            "By type of incident, of {n} pair of district and type tested together, unusual:",
            "By type of incident, of {n} pairs of district and type tested together, unusual:",
            tested,
        )
    )
    return Text((*lead.paragraphs, *Text.bullets(*told).paragraphs))


def watched(edition: Edition, *, watch: pd.DataFrame) -> list[Block]:
    """
    Return what surveillance raised, and by which method (`analysis.watch` over the districts).

    A district whose history is too short or whose counts are unknown is named: silence of an alarm that was
    never armed is no finding.
    """
    words, known = edition.words, names(edition.view)
    if not tells_districts(edition) or watch.empty:
        return []
    methods = sorted({text(one) for one in watch["method"] if text(one) not in {"", "none"}})
    if not methods:
        return [
            Text.plain(
                words.say("The data are too short, or too unknown, for surveillance of weekly counts.")
            )
        ]
    used = words.listed([words.term("surveillance_method", one) for one in methods])
    alarm = watch[watch["alarm"].astype("boolean").fillna(value=False).astype(bool)]
    rising = watch[watch["slow_rise"].astype("boolean").fillna(value=False).astype(bool)]
    unarmed = watch[watch["alarm"].isna()]
    sentences = [
        words.say(
            "Surveillance of weekly counts ({method}) raises an alarm for: {districts}.",
            method=used,
            districts=words.listed(
                [
                    words.say(
                        "{district} ({now}, threshold {upper})",
                        district=known.get(row.district, row.district),
                        now=_n(words, row.now),
                        upper=words.number(float(row.upper), places=1),
                    )
                    for row in each(alarm)
                ]
            ),
        )
        if len(alarm)
        else words.say("Surveillance of weekly counts ({method}) raises no alarm.", method=used)
    ]
    if len(rising):
        sentences.append(
            words.say(
                "A slow rise over several weeks is seen in: {districts}.",
                districts=words.listed([known.get(one, one) for one in rising["district"]]),
            )
        )
    if len(unarmed):
        sentences.append(
            words.say(
                "It cannot tell for: {districts}.",
                districts=words.listed([known.get(one, one) for one in unarmed["district"]]),
            )
        )
    return [Text.plain(" ".join(sentences))]


def gathered(edition: Edition, *, clusters: pd.DataFrame, neighbours: pd.DataFrame) -> list[Block]:
    """
    Return where incidents gather: beyond each district's usual share, and simply among neighbours.

    `clusters` of `analysis.scan_space_time`, `neighbours` of `analysis.getis_ord` over the last four weeks.
    """
    return [*_beyond_share(edition, clusters), *_among_neighbours(edition, neighbours)]


def _among_neighbours(edition: Edition, neighbours: pd.DataFrame) -> list[Block]:
    words, known = edition.words, names(edition.view)
    hot = neighbours[neighbours["finding"].eq("hot")]
    if hot.empty or not tells_districts(edition):
        return []
    told = [
        words.say("{district} (q {q})", district=known.get(row.district, row.district), q=_p(words, row.q))
        for row in each(hot)
    ]
    return [
        Text.plain(
            words.say(
                "Over the last four weeks most incidents lie in and around: {districts} (Gi*; it asks where there are most, not where there are more than usual).",
                districts=words.listed(told),
            )
        )
    ]


def _beyond_share(edition: Edition, clusters: pd.DataFrame) -> list[Block]:
    words, known = edition.words, names(edition.view)
    state = str(clusters.attrs.get("state", "found"))
    if not tells_districts(edition):
        return []
    if state in {"no_weeks", "history_too_short"}:
        return [
            Text.plain(
                words.say("Where incidents gather cannot be told yet: the data do not reach back far enough.")
            )
        ]
    found = clusters[clusters["p"].le(_CHANCE)]
    if found.empty:
        return [
            Text.plain(
                words.say(
                    "No group of neighbouring districts has had more than its usual share of incidents in the last weeks, beyond chance (Kulldorff's scan in space and time)."
                )
            )
        ]
    told = [
        words.say(
            "{districts} since {day}: {cases} where {expected} would be usual ({ratio} times; p {p})",
            districts=words.listed([known.get(one, one) for one in row.members]),
            day=near_day(row.first_week, edition),
            cases=int(row.cases),
            expected=words.number(float(row.expected), places=1),
            ratio=words.number(float(row.ratio), places=1),
            p=_p(words, row.p),
        )
        for row in each(found)
    ]
    lead = Text.plain(
        words.say(
            "More than their usual share of all incidents, beyond chance (Kulldorff's scan in space and time):"
        )
    )
    return [Text((*lead.paragraphs, *Text.bullets(*told).paragraphs))]


def reporting(edition: Edition, *, nowcast: pd.DataFrame, known: DelayKnown) -> list[Block]:
    """
    Return how complete the last weeks are: expected final counts, or why nobody can tell yet.

    `nowcast` from `analysis.nowcast`, `known` from `analysis.delay_known` of the same triangle.
    """
    words = edition.words
    if known.code != "enough":
        reason = {
            "too_few_snapshots": words.say("the store holds too few weekly states of the counted data"),
            "too_few_incidents": words.say("too few incidents were seen to grow old"),
        }.get(known.code, words.say("too little is known"))
        return [
            Text.plain(
                words.say(
                    "How late reports come cannot be told yet: {reason}. The hollow weeks are provisional and usually grow.",
                    reason=reason,
                )
            )
        ]
    young = nowcast[nowcast["code"].eq("estimated")]
    if known.window is not None:
        young = young[young["delay"].lt(known.window)]
    if young.empty:
        return [Text.plain(words.say("By the delay seen so far, these weeks are complete."))]
    told = [
        words.say(
            "Week of {day}: {known} known, {expected} expected in the end ({range})",
            day=words.day(row.week),
            known=int(row.known),
            expected=words.number(float(row.expected), places=1),
            range=words.span(int(row.low), int(row.high)),
        )
        for row in each(young)
    ]
    lead = Text.plain(
        words.count(
            "By the delay seen in {n} week that was followed to its end, the last weeks will still change (90 % range):",
            "By the delay seen in {n} weeks that were followed to their end, the last weeks will still change (90 % range):",
            known.pairs,
        )
    )
    return [Text((*lead.paragraphs, *Text.bullets(*told).paragraphs))]


def _ratio(words: Words, row: object) -> str:
    ratio, low, high = (getattr(row, name) for name in ("ratio", "ratio_low", "ratio_high"))
    if pd.isna(ratio) or pd.isna(low):
        return words.say("n/a")
    if pd.isna(high):
        return words.say(
            "{ratio} ({low} or more)",
            ratio=words.number(float(ratio), places=1),
            low=words.number(float(low), places=1),
        )
    return words.say(
        "{ratio} ({low}–{high})",
        ratio=words.number(float(ratio), places=1),
        low=words.number(float(low), places=1),
        high=words.number(float(high), places=1),
    )


def _p(words: Words, p: object) -> str:
    if pd.isna(p):  # type: ignore[call-overload]  # a cell is a scalar
        return words.say("n/a")
    value = float(str(p))
    if value < _SMALL:
        return words.say("< {least}", least=words.number(_SMALL, places=3))
    return words.number(value, places=3 if value < 0.1 else 2)


def _count(words: Words, value: object) -> str:
    """Return a count of a week, a dash where nobody can say; it is never a zero."""
    n = whole(value)
    return _DASH if n is None else words.number(n)


def _n(words: Words, value: object) -> str:
    n = whole(value)
    return words.say("n/a") if n is None else words.number(n)
