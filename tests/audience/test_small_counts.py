"""Withholding small counts: what the reader can still exclude, by hand, by enumeration, and over issues."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.audience import COUNT_COLUMNS, _small_counts, audit, suppress
from workbench.errors import ParameterError

WEEK = pd.Timestamp("2026-11-09")
THRESHOLD = 5


def counted(
    types: Mapping[str, int], districts: Mapping[str, int] | None = None, **own: object
) -> pd.DataFrame:
    """One week's total, its counts by type, and by district where they are given."""
    cells = [("week", "", "", sum(types.values()))]
    cells += [("week_type", name, "", count) for name, count in types.items()]
    cells += [("week_district", "", name, count) for name, count in (districts or {}).items()]
    frame = pd.DataFrame(cells, columns=["table", "event_type", "district", "incidents"])
    frame.insert(1, "week", pd.Series(WEEK, index=frame.index, dtype="datetime64[s]"))
    return frame.assign(told=True, **own).astype({"incidents": "Int64"})


def totals(*counts: int | None) -> pd.DataFrame:
    """Week totals that stand alone, the last one of WEEK."""
    weeks = [WEEK - pd.Timedelta(weeks=back) for back in range(len(counts))][::-1]
    frame = pd.DataFrame({"table": "week", "week": weeks, "event_type": "", "district": "", "told": True})
    return frame.assign(incidents=pd.array(counts, dtype="Int64"), week=frame["week"].astype("datetime64[s]"))


def said(published: pd.DataFrame) -> dict[str, int | str]:
    """Return each cell's count, or its state where there is none, by type or district ("" for the total)."""
    names = published["event_type"] + published["district"]
    shown = zip(names, published["incidents"], published["state"], strict=True)
    return {name: int(count) if state == "shown" else state for name, count, state in shown}


def findings(*published: pd.DataFrame, threshold: int = THRESHOLD) -> set[str]:
    """Return what the auditor objects to in tables that one reader holds."""
    return set(audit(published, threshold)["finding"]) - {""}


def test_counts_of_one_to_four_are_withheld_and_others_with_them() -> None:
    """Of 3, 9 and 20 the 3 goes, and the 9 and the 20 that would give it back; the total stays."""
    published = suppress(counted({"a": 3, "b": 9, "c": 20}), THRESHOLD)
    assert list(published.columns) == list(COUNT_COLUMNS)
    assert said(published)[""] == 32
    assert said(published)["a"] == "withheld"
    assert list(said(published).values()).count("withheld") >= 2
    assert not findings(published)


@pytest.mark.parametrize(
    ("types", "districts", "shown"),
    [
        ({"a": 3}, {}, {}),
        ({"a": 3, "b": 9}, {}, {}),
        ({"a": 4, "b": 4}, {}, {}),
        ({"a": 3, "b": 9, "c": 20}, {}, {"": 32}),
        ({"a": 4, "b": 5, "c": 5, "d": 20}, {}, {"": 34, "d": 20}),
        ({"a": 20, "b": 5, "c": 5, "d": 4}, {}, {"": 34, "a": 20}),
        ({"a": 2, "b": 2, "c": 2, "d": 0}, {}, {"": 6, "d": 0}),
        ({"a": 1, "b": 0, "c": 0}, {}, {"c": 0}),
        ({"a": 2, "b": 7}, {"x": 9}, {}),
        ({"a": 3, "b": 9, "c": 20, "d": 0, "e": 7}, {"x": 30, "y": 9}, {"d": 0}),
        ({"a": 8, "b": 2, "c": 0, "d": 20}, {"w": 11, "x": 5, "y": 14},
         {"": 30, "d": 20, "w": 11, "x": 5, "y": 14}),
    ],
)  # fmt: skip
def test_as_little_as_will_do_is_withheld(types, districts, shown):
    """What stays is exactly what may: the least telling cells go first, totals last."""
    published = said(suppress(counted(types, districts), THRESHOLD))
    assert {name: count for name, count in published.items() if count != "withheld"} == shown


def test_without_small_counts_nothing_is_withheld() -> None:
    """Zero and five may be told: a table without small counts is shown whole."""
    assert said(suppress(counted({"a": 0, "b": 9}, {"x": 9, "y": 0}), THRESHOLD)) == {
        "": 9, "a": 0, "b": 9, "x": 9, "y": 0,
    }  # fmt: skip


def test_the_threshold_itself_may_be_told() -> None:
    """Five is not small where five is the threshold: it is shown beside 0, whatever else there is."""
    assert said(suppress(counted({"a": 0, "b": 5, "c": 9}), THRESHOLD)) == {"": 14, "a": 0, "b": 5, "c": 9}


def test_a_threshold_of_one_withholds_nothing() -> None:
    """For an audience without a threshold the counts come as they are."""
    assert said(suppress(counted({"a": 3, "b": 1}), 1)) == {"": 4, "a": 3, "b": 1}


def test_one_incident_does_not_tell_its_type() -> None:
    """A week with one incident hides its total and more than one type: the only one withheld would be it."""
    published = said(suppress(counted({"a": 1, "b": 0, "c": 0, "d": 0}), THRESHOLD))
    assert published[""] == "withheld"
    assert list(published.values()).count("withheld") >= 3


def test_types_and_districts_are_protected_together() -> None:
    """Both tables share the week's total: where one needs it hidden, the other must not give it back."""
    published = suppress(counted({"a": 2, "b": 1, "c": 0}, {"x": 3, "y": 0, "z": 0}), THRESHOLD)
    assert not findings(published)
    assert said(published)[""] == "withheld"


def test_unknown_is_not_zero() -> None:
    """A week without a count is unknown, and a count that must not be told is unknown, never 0."""
    published = suppress(totals(7, 0, None), THRESHOLD)
    assert list(published["state"]) == ["shown", "shown", "unknown"]
    frame = counted({"a": 9}, {"x": 9, "y": 0})
    frame.loc[frame["district"].eq("y"), "told"] = False
    assert said(suppress(frame, THRESHOLD))["y"] == "unknown"


def test_deaths_are_told_if_none_or_from_enough_incidents() -> None:
    """The dead of four incidents are not told, those of five are; nor those of a week that is withheld."""
    frame = totals(9, 9, 9, 3, 9).assign(
        killed=pd.array([0, 12, 12, 0, None], dtype="Int64"), deadly=pd.array([0, 4, 5, 0, 0], dtype="Int64")
    )
    killed = suppress(frame, THRESHOLD)["killed"]
    assert list(killed.fillna(-1)) == [0, -1, 12, -1, -1]


def test_what_is_not_shown_is_not_there() -> None:
    """A count that is withheld or not told leaves no number behind, of incidents or of people killed."""
    frame = counted({"a": 3, "b": 9, "c": 20}, {"x": 23, "y": 9}, killed=7, deadly=5)
    frame.loc[frame["district"].eq("y"), "told"] = False
    published = suppress(frame, THRESHOLD)
    assert set(published["state"]) == {"shown", "withheld", "unknown"}
    closed = published["state"].ne("shown")
    assert published.loc[closed, ["incidents", "killed"]].isna().all(axis=None)
    assert published.loc[~closed, ["incidents", "killed"]].notna().all(axis=None)


def test_published_counts_have_the_same_types_whatever_is_counted() -> None:
    """Counts are whole numbers that may be missing, whether deaths are told or not."""
    for frame in (totals(9, 3), totals(9, 3).assign(killed=0, deadly=0), totals(9).iloc[:0]):
        types = suppress(frame, THRESHOLD).dtypes.astype("str").to_dict()
        assert {types.pop(name) for name in ("incidents", "killed")} == {"Int64"}
        assert types.pop("state") == "str"


def test_a_threshold_of_two_withholds_ones() -> None:
    """With the lowest threshold there is, one incident is withheld and what would give it back."""
    published = suppress(counted({"a": 1, "b": 9, "c": 20}), 2)
    assert said(published) == {"": 30, "a": "withheld", "b": "withheld", "c": "withheld"}


def test_the_order_of_the_rows_does_not_matter() -> None:
    """The same cells are withheld in whatever order they come."""
    frame = counted({"a": 3, "b": 9, "c": 20, "d": 9}, {"x": 2, "y": 39})
    back = suppress(frame.iloc[::-1], THRESHOLD)
    assert said(back) == said(suppress(frame, THRESHOLD))


def test_sums_that_do_not_hold_are_refused() -> None:
    """Counts of different rows cannot be protected: neither a cell twice nor a total of something else."""
    frame = counted({"a": 9, "b": 9})
    with pytest.raises(ParameterError, match=r"^A cell of the counts comes twice\. Pass each once\.$"):
        suppress(pd.concat([frame, frame]), THRESHOLD)
    none = counted({"a": 0, "b": 9}).assign(incidents=pd.array([8, 0, 9], dtype="Int64"))
    with pytest.raises(ParameterError, match="is not the sum of its parts"):
        suppress(none, THRESHOLD)
    for false in (5, 19):
        frame.loc[0, "incidents"] = false
        with pytest.raises(
            ParameterError, match=r"^A total .* sum of its parts\. Count all from the same rows\.$"
        ):
            suppress(frame, THRESHOLD)


def test_a_later_issue_does_not_give_back_an_earlier_count() -> None:
    """Three became six: what hid the three stays hidden, or the new sum would tell it."""
    first = suppress(counted({"a": 3, "b": 9, "c": 20}), THRESHOLD)
    then = counted({"a": 6, "b": 9, "c": 20})
    careless = suppress(then, THRESHOLD)
    assert findings(first, careless), "the attack the next lines prevent"
    assert not findings(first, suppress(then, THRESHOLD, known=[first]))


def test_an_earlier_issue_does_not_give_back_a_later_count() -> None:
    """Five fell to four: the sum of last week's numbers must not tell it."""
    first = suppress(counted({"a": 5, "b": 15, "c": 26}), THRESHOLD)
    then = counted({"a": 4, "b": 15, "c": 26})
    assert findings(first, suppress(then, THRESHOLD))
    assert not findings(first, suppress(then, THRESHOLD, known=[first]))


def test_what_earlier_readers_know_is_not_told_again() -> None:
    """A 1 that an earlier table showed cannot be taken back, and is not given away by the new table alone."""
    first = suppress(counted({"a": 1, "b": 2, "c": 10, "d": 5}), 1)
    published = suppress(counted({"a": 1, "b": 0, "c": 9, "d": 3}), 3, known=[first])
    assert said(published)["a"] == "withheld"
    assert not findings(published, threshold=3)


def test_two_editions_of_a_week_do_not_give_each_other_away() -> None:
    """An edition with districts and one without are protected together, and so are two thresholds of one."""
    whole = counted({"a": 3, "b": 9, "c": 20}, {"x": 30, "y": 2, "z": 0})
    without = suppress(whole[whole["table"].ne("week_district")], THRESHOLD)
    with_districts = suppress(whole, THRESHOLD, known=[without])
    assert not findings(without, with_districts)


def test_a_known_table_may_leave_out_the_words_that_mean_all() -> None:
    """Where a table is read back with nothing for all event types or districts, it says the same."""
    first = suppress(counted({"a": 3, "b": 9, "c": 20}), THRESHOLD)
    read = first.assign(**{name: first[name].replace("", None) for name in ("event_type", "district")})
    then = counted({"a": 6, "b": 9, "c": 20})
    published = suppress(then, THRESHOLD, known=[read])
    assert said(published) == said(suppress(then, THRESHOLD, known=[first]))
    assert said(published) != said(suppress(then, THRESHOLD))


def test_the_same_week_again_is_the_same_table() -> None:
    """A correction of something else changes nothing: the known issue alone withholds no more."""
    frame = counted({"a": 3, "b": 9, "c": 20, "d": 0}, {"x": 25, "y": 7, "z": 0})
    first = suppress(frame, THRESHOLD)
    assert suppress(frame, THRESHOLD, known=[first]).equals(first)


def consistent(published: pd.DataFrame, most: int) -> Iterator[dict[str, int]]:
    """Return all whole numbers, up to `most` a cell, that agree with one published week."""
    shown = said(published)
    types = list(published.loc[published["table"].eq("week_type"), "event_type"])
    places = list(published.loc[published["table"].eq("week_district"), "district"])

    def rows(names: list[str]) -> list[dict[str, int]]:
        ranges = [[shown[one]] if isinstance(shown[one], int) else range(most + 1) for one in names]
        return [dict(zip(names, values, strict=True)) for values in itertools.product(*ranges)]

    wholes = [shown[""]] if isinstance(shown[""], int) else range(most * max(len(types), len(places), 1) + 1)
    by_sum: dict[int, list[dict[str, int]]] = {}
    for row in rows(places):
        by_sum.setdefault(sum(row.values()), []).append(row)
    for row in rows(types):
        whole = sum(row.values())
        if whole in wholes:
            for other in by_sum.get(whole, [] if places else [{}]):
                yield {"": whole, **row, **other}


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(0, 5), min_size=2, max_size=3),
    st.lists(st.integers(0, 5), min_size=0, max_size=1),
)
def test_no_small_cell_can_be_worked_out_of_any_week(counts: list[int], split: list[int]) -> None:
    """Among all tables that agree with what is published, every small cell is 0 once and once large."""
    threshold = 3
    types = {f"t{n}": count for n, count in enumerate(counts)}
    districts = {}
    if split:
        part = min(split[0], sum(counts))
        districts = {"x": part, "y": sum(counts) - part}
    published = suppress(counted(types, districts), threshold)
    truth = {"": sum(counts), **types, **districts}
    small = [name for name, count in truth.items() if 0 < count < threshold]
    possible = list(consistent(published, most=sum(counts) + threshold))
    assert truth in possible
    for name in small:
        values = {one[name] for one in possible}
        assert 0 in values
        assert max(values) >= threshold
        if name:  # with the rule in mind: another cell can be the small one
            mates = ["", *(types if name in types else districts)]
            hidden = [one for one in mates if said(published)[one] == "withheld" and one != name]
            explained = {one[name] for one in possible if any(0 < one[mate] < threshold for mate in hidden)}
            assert 0 in explained
            assert max(explained) >= threshold
    assert not findings(published, threshold=threshold)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_no_two_issues_give_a_small_cell_away(data: st.DataObject) -> None:
    """Whatever is revised between two issues, the auditor finds nothing in the two together."""
    counts = st.lists(st.integers(0, 12), min_size=3, max_size=3)
    first_counts = data.draw(counts)
    change = data.draw(st.lists(st.integers(-2, 2), min_size=3, max_size=3))
    then = [max(0, one + more) for one, more in zip(first_counts, change, strict=True)]
    names = ("a", "b", "c")
    first = suppress(counted(dict(zip(names, first_counts, strict=True))), THRESHOLD)
    second = suppress(counted(dict(zip(names, then, strict=True))), THRESHOLD, known=[first])
    assert not findings(first)
    assert not findings(first, second)


def test_a_large_table_is_quick_and_clean() -> None:
    """Eighteen types and eight districts of a busy week: nothing to object to."""
    rng = np.random.default_rng(7)
    types = {f"t{n:02}": int(count) for n, count in enumerate(rng.poisson(1.5, 18))}
    whole = sum(types.values())
    shares = rng.multinomial(whole, [1 / 8] * 8)
    published = suppress(counted(types, {f"d{n}": int(c) for n, c in enumerate(shares)}), THRESHOLD)
    assert not findings(published)


BUSY = {"a": 3, "b": 9, "c": 20, "d": 7, "e": 6, "f": 12}


@pytest.mark.parametrize(
    ("types", "districts", "elsewhere", "most"),
    [
        (BUSY, {}, False, 17),
        (BUSY, {"x": 50, "y": 7}, False, 52),
        (BUSY, {}, True, 20),
        ({f"t{n:02}": n for n in (1, *range(5, 16))}, {"x": 100, "y": 11}, False, 25),
    ],
)
def test_few_programmes_are_solved(types, districts, elsewhere, most, monkeypatch):
    """What was found for one choice serves the next, and nothing is asked twice or without need: a table
    costs 15, 48, 15 and 23 programmes; a third of it more would be felt in every edition.
    """
    solved = []
    solve = scipy.optimize.milp
    monkeypatch.setattr(
        scipy.optimize, "milp", lambda *given, **more: solved.append(1) or solve(*given, **more)
    )
    other = suppress(counted({"a": 30, "b": 9}), THRESHOLD).assign(week=WEEK - pd.Timedelta(weeks=3))
    solved.clear()
    published = suppress(counted(types, districts), THRESHOLD, known=[other] if elsewhere else [])
    assert 0 < len(solved) <= most
    assert not findings(published)


def test_weeks_and_their_sum_are_protected_together_also_against_what_was_said_before() -> None:
    """The sums over all weeks stand in earlier tables too, and do not give a week's small count back."""
    weeks = [totals(3, 9, 20).assign(event_type=name) for name in ("a", "b")]
    frame = pd.concat(weeks, ignore_index=True)
    sums = frame.groupby("event_type", as_index=False)["incidents"].sum().assign(week=pd.NaT)
    whole = pd.concat([frame, sums.assign(table="sum", district="", told=True)], ignore_index=True)
    whole = whole.astype({"week": "datetime64[s]", "incidents": "Int64"})
    first = suppress(whole, THRESHOLD)
    assert not findings(first)
    assert first["state"].tolist().count("withheld") == 6
    later = whole.assign(incidents=whole["incidents"].where(whole["incidents"].ne(9), 10))
    later.loc[later["week"].isna(), "incidents"] = 33
    assert not findings(first, suppress(later, THRESHOLD, known=[first]))
    silent = first[first["week"].notna()].assign(state="unknown", incidents=pd.NA).astype(first.dtypes)
    assert suppress(whole, THRESHOLD, known=[silent]).equals(first)
    assert suppress(whole, THRESHOLD, known=[first]).equals(first)


def test_weeks_that_no_sum_connects_are_protected_each_for_itself() -> None:
    """What is withheld in one week is no reason to withhold anything in another."""
    weeks = [("w1", "", ""), ("w1", "a", ""), ("w2", "", ""), ("w2", "a", "")]
    assert _small_counts._connected(dict.fromkeys(weeks, 9), []) == [tuple(weeks[:2]), tuple(weeks[2:])]
    assert _small_counts._hidden((), {}, {}, [{}], THRESHOLD) == set()
    over_both = dict.fromkeys([*weeks, ("", "a", "")], 9)
    assert _small_counts._connected(over_both, []) == [tuple(sorted(over_both))]


def test_what_is_not_told_stays_untold_and_closes_what_would_give_it_away() -> None:
    """A count that stands as unknown is small to nobody; the small one beside it is still withheld."""
    frame = counted({"a": 9, "b": 9}, {"x": 3, "y": 9, "z": 6})
    frame.loc[frame["district"].eq("z"), "told"] = False
    published = suppress(frame, THRESHOLD)
    assert said(published) == {"": 18, "a": 9, "b": 9, "x": "withheld", "y": "withheld", "z": "unknown"}
    assert not findings(published)
    assert published["killed"].isna().all()


def test_a_small_count_that_is_not_told_is_not_given_back_by_the_others() -> None:
    """Though nothing else is small, sums with one untold cell do not stand there whole."""
    frame = counted({"a": 9, "b": 20}, {"x": 17, "y": 11, "z": 1})
    frame.loc[frame["district"].eq("z"), "told"] = False
    published = suppress(frame, THRESHOLD)
    assert said(published)["z"] == "unknown"
    assert "withheld" in said(published).values()
    assert not findings(published)


def test_for_what_cannot_be_helped_nothing_more_is_withheld() -> None:
    """A total that is its one district tells that; the untold type beside the small one hides it."""
    frame = counted({"a": 9, "b": 1}, {"x": 10})
    frame.loc[frame["event_type"].eq("a"), "told"] = False
    assert said(suppress(frame, THRESHOLD)) == {"": 10, "a": "unknown", "b": "withheld", "x": 10}
