"""Acts on record: which rows they lower, which they do not, and from when on."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.audience import readers
from tests.audience.readers import INCIDENT, source
from workbench.audience import labelled, may_read, standing_acts, stricter
from workbench.config import COMPARTMENTS, LEVELS, level
from workbench.records import record_type

S, C, I, P = "strictly_confidential", "confidential", "internal", "public"  # noqa: E741 - as people say them


def incidents(*rows: dict[str, object]) -> pd.DataFrame:
    """Incidents recorded on 1 November, but for what is said."""
    times = [one.get("recorded_at", "2026-11-01T06:00:00Z") for one in rows]
    said = [{name: value for name, value in one.items() if name != "recorded_at"} for one in rows]
    recorded = pd.to_datetime(pd.Series(times), format="ISO8601").astype("datetime64[us, UTC]")
    return readers.incidents(*said).assign(recorded_at=recorded.array)


def acts(*rows: dict[str, object]) -> pd.DataFrame:
    """Standing acts on incidents of meridian, confidential to public on 1 November but for what is said."""
    filled: dict[str, object] = {
        "changed_record": "incident", "changed_source": "meridian", "changed_id": None, "from_level": C,
        "to_level": P, "from_compartments": None, "to_compartments": None, "changed_on": "2026-11-01",
        "recorded_at": "2026-11-02T06:00:00Z",
    }  # fmt: skip
    frame = pd.DataFrame([{"record_id": f"A{n}", **filled, **row} for n, row in enumerate(rows)])
    texts = [name for name in frame if name not in ("changed_on", "recorded_at")]
    return frame.astype(dict.fromkeys(texts, "str")).astype(
        {"changed_on": "datetime64[s]", "recorded_at": "datetime64[us, UTC]"}
    )


def label_after(row: dict[str, object], *said: dict[str, object], **of_source: object) -> str:
    """The label of one row of a public source after these acts, as level+compartments."""
    one = labelled(incidents(row), [source(**of_source)], INCIDENT, changes=acts(*said)).iloc[0]
    named = one["compartments"]
    return "+".join([one["level"], *(named.split(";") if isinstance(named, str) else [])])


ALL, PAIR = ";".join(COMPARTMENTS), "personnel;protection"


@pytest.mark.parametrize(
    ("row", "said", "label"),
    [
        ({"level": C}, [{}], P),
        ({"level": C}, [{"changed_id": "R0"}], P),
        ({"level": C}, [{"changed_id": "R1"}], C),
        ({"level": C}, [{"changed_source": "concord"}], C),
        ({"level": C}, [{"changed_record": "alert"}], C),
        ({"level": S}, [{}], S),
        ({"level": I}, [{}], I),
        ({"level": "odd"}, [{"from_level": S}], "odd"),
        ({"level": C, "compartments": "protection"}, [{}], f"{C}+protection"),
        ({"level": C, "compartments": "protection"}, [{"from_compartments": "protection"}], P),
        ({"level": C, "compartments": "personnel;protection"},
         [{"from_compartments": "protection;personnel", "to_compartments": "personnel", "to_level": C}],
         f"{C}+personnel"),
        ({"level": C, "compartments": "protection"}, [{"from_compartments": "protection;personnel"}],
         f"{C}+protection"),
        # a chain of two, a second thought, and one that was taken before the row was raised
        ({"level": S}, [{"from_level": S, "to_level": C}, {"changed_on": "2026-11-03"}], P),
        ({"level": S}, [{"from_level": S}, {"from_level": S, "to_level": C, "changed_on": "2026-11-03"}], C),
        ({"level": S}, [{"changed_on": "2026-11-01"}, {"from_level": S, "to_level": C,
                                                       "changed_on": "2026-11-03"}], C),
        # on one day: the one that was recorded last, and of those at once the strictest
        ({"level": S}, [{"from_level": S, "recorded_at": "2026-11-09T06:00:00Z"},
                        {"from_level": S, "to_level": I}], P),
        ({"level": S}, [{"from_level": S, "to_level": I}, {"from_level": S}], I),
        # an act that would raise is none, however it came into the store
        ({"level": P}, [{"from_level": P, "to_level": S}], P),
        ({"level": C}, [{"to_compartments": "protection"}], C),
        ({"level": C}, [{"from_level": P, "to_level": S}, {"changed_on": "2026-11-03"}], P),
        # nobody knows these labels, so nothing lowers them, nor anything else to them
        ({"level": "odd"}, [{"from_level": "odd"}], "odd"),
        ({"level": C}, [{"to_level": "odd"}], C),
        ({"level": C, "compartments": "odd"}, [{"from_compartments": "odd"}], f"{C}+odd"),
        ({"level": C, "compartments": "odd"}, [{"from_compartments": "odd", "to_compartments": "odd"}],
         f"{C}+odd"),
        ({"level": "odd", "compartments": "odd"}, [{"from_level": "odd", "from_compartments": "odd"}],
         "odd+odd"),
        # compartments that stay, some of three, and all of them
        ({"level": C, "compartments": "protection"},
         [{"from_compartments": "protection", "to_compartments": "protection"}], f"{P}+protection"),
        ({"level": C, "compartments": "personnel;protection;exact_location"},
         [{"from_compartments": "personnel;protection;exact_location",
           "to_compartments": "personnel;protection"}], f"{P}+personnel+protection"),
        ({"level": C, "compartments": ALL}, [{"from_compartments": ALL}], P),
        ({"level": C, "compartments": " personnel ;; protection"}, [{"from_compartments": PAIR}], P),
        # of several at once the one that keeps the most compartments, in whatever order they came
        ({"level": C, "compartments": PAIR},
         [{"from_compartments": PAIR, "to_compartments": "personnel"}, {"from_compartments": PAIR}],
         f"{P}+personnel"),
        ({"level": C, "compartments": PAIR},
         [{"from_compartments": PAIR}, {"from_compartments": PAIR, "to_compartments": "personnel"}],
         f"{P}+personnel"),
        ({"level": C, "compartments": ALL},
         [{"from_compartments": ALL, "to_compartments": PAIR},
          {"from_compartments": ALL, "to_compartments": "exact_location"}], f"{P}+{PAIR.replace(';', '+')}"),
    ],
)  # fmt: skip
def test_an_act_lowers_exactly_what_it_names(row, said, label):
    """A row is lowered only by an act on its record, source and id whose `from` is the label it has."""
    assert label_after(row, *said) == label


def test_an_act_does_not_lower_a_source_or_a_type() -> None:
    """What the configuration and the record type ask of every row still holds after an act."""
    assert label_after({"level": C}, {}, level="internal") == I
    assert label_after({"level": C}, {}, compartments=["protection"]) == f"{P}+protection"
    rows = incidents({"level": S, "compartments": "human_rights"})
    said = {"changed_record": "support", "from_level": S, "from_compartments": "human_rights"}
    held = labelled(rows, [source(record="support")], record_type("support"), changes=acts(said)).iloc[0]
    assert (held["level"], held["compartments"]) == (S, "human_rights")


def test_without_acts_nothing_is_lowered() -> None:
    """No register, or one without an act, leaves every label as it is stored."""
    rows = incidents({"level": C}, {"level": S, "compartments": "protection"})
    for none in (None, acts({}).iloc[:0]):
        assert labelled(rows, [source()], INCIDENT, changes=none)["level"].tolist() == [C, S]


_LABEL = st.tuples(st.sampled_from(LEVELS), st.frozensets(st.sampled_from(COMPARTMENTS[:3])))


@given(stored=_LABEL, said=st.lists(st.tuples(_LABEL, _LABEL, st.integers(1, 9)), max_size=5))
def test_no_acts_ever_raise_a_label_or_touch_one_they_do_not_name(stored, said):
    """Whatever acts there are, a label never goes up; and it stays if no act starts from the stored one."""

    def named(label):
        return ";".join(one for one in COMPARTMENTS if one in label[1]) or None

    row = {"level": stored[0], "compartments": named(stored)}
    rows = [
        {
            "from_level": before[0], "to_level": after[0], "from_compartments": named(before),
            "to_compartments": named(after), "changed_on": f"2026-11-0{day}",
        }
        for before, after, day in said
    ]  # fmt: skip
    changes = acts(*rows) if rows else acts({}).iloc[:0]
    held = labelled(incidents(row), [source()], INCIDENT, changes=changes).iloc[0]
    kept = (
        frozenset(held["compartments"].split(";")) if isinstance(held["compartments"], str) else frozenset()
    )
    assert level(held["level"]) <= level(stored[0])
    assert kept - {""} <= stored[1]
    if all(before != stored for before, _, _ in said):
        assert (held["level"], kept - {""}) == stored


def test_an_act_on_one_row_leaves_the_others_of_all_sources_alone() -> None:
    """Ids are those of their source: an act on R0 of one is none on R0 of another, nor on its other rows."""
    rows = incidents(
        {"record_id": "R0"}, {"record_id": "R1"}, {"record_id": "R0", "source": "concord"},
        {"record_id": "R1", "source": "concord"}, {"record_id": "R2", "source": "concord", "level": S},
        {"record_id": "R0", "source": "aviary"},
    ).assign(level=[C, C, C, C, S, C])  # fmt: skip
    both = [source(), source(slug="concord"), source(slug="aviary")]
    of_one = acts({"changed_id": "R0"}, {"changed_source": "concord", "changed_id": "R1", "to_level": I})
    held = labelled(rows, both, INCIDENT, changes=of_one)
    assert held["level"].tolist() == [P, C, C, I, S, C]
    of_all = acts(
        {"changed_source": "concord"}, {"changed_id": "R0", "to_level": I},
        {"changed_source": "concord", "changed_id": "R2", "from_level": S, "to_level": C},
    )  # fmt: skip
    held = labelled(rows, both, INCIDENT, changes=of_all)
    assert held["level"].tolist() == [I, C, P, P, C, C]
    assert held.drop(columns="level").equals(rows.drop(columns="level"))


@pytest.mark.parametrize(
    ("recorded", "of_one", "label"),
    [
        ("2026-11-02T05:59:59.999999Z", True, P),
        ("2026-11-02T06:00:00Z", True, P),
        ("2026-11-02T06:00:00.000001Z", True, C),
        ("2026-11-02T06:00:00.000001Z", False, C),
        ("2026-12-24T00:00:00Z", False, C),
    ],
)
def test_an_act_holds_for_what_was_recorded_before_it(recorded: str, *, of_one: bool, label: str) -> None:
    """A revision that came after the act keeps its label: who lowered the row had not read what it says."""
    row = {"level": C, "recorded_at": recorded}
    assert label_after(row, {"changed_id": "R0" if of_one else None}) == label


def test_a_later_act_holds_for_what_an_earlier_one_does_not() -> None:
    """Another act on the row as it is now lowers it again, and no further than that act says."""
    row = {"level": C, "recorded_at": "2026-11-05T06:00:00Z"}
    again = {"changed_on": "2026-11-06", "recorded_at": "2026-11-06T06:00:00Z"}
    assert label_after(row, {}, again | {"to_level": I}) == I
    assert label_after(row, again | {"to_level": I}, {}) == I


def register(*states: dict[str, object]) -> pd.DataFrame:
    """Revisions of one act, on one day of November after the other, changed as said."""
    rows = [
        {"record_id": "A", "source": "acts", "reason": "None", **one, "recorded_at": f"2026-11-{day:02d}"}
        for day, one in enumerate(states, start=1)
    ]
    return acts(*rows).assign(retracted=["retracted" in one for one in states])


@pytest.mark.parametrize(
    ("states", "since"),
    [
        (({},), 1),
        (({}, {"reason": "It was printed"}, {"changed_by": "Head of office"}), 1),
        (({}, {"to_level": I}), 2),
        (({}, {"changed_id": "R0"}, {}), 3),
        (({}, {"from_compartments": PAIR}, {"from_compartments": PAIR}), 2),
        (({}, {"changed_on": "2026-11-02"}), 2),
        (({}, {"retracted": True}, {}), 3),
        (({}, {"retracted": True}), None),
        (({}, {"to_level": I}, {"to_level": I, "reason": "x"}, {"retracted": True, "to_level": I}, {}), 5),
    ],
)
def test_an_act_is_as_old_as_what_it_says(states: tuple[dict[str, object], ...], since: int | None) -> None:
    """A reason written anew makes no new act; another label, another row or another day does, and so does
    one that comes back after it was taken out of the register.
    """
    found = standing_acts(register(*states))
    assert found["recorded_at"].dt.day.tolist() == ([] if since is None else [since])


def test_acts_of_two_registers_with_one_number_are_two() -> None:
    """Each register numbers its own acts: what one takes back stands in the other."""
    both = pd.concat([register({}, {"retracted": True}), register({}, {}).assign(source="others")])
    found = standing_acts(both)
    assert found[["source", "record_id"]].to_numpy().tolist() == [["others", "A"]]
    assert found["recorded_at"].dt.day.tolist() == [1]


def test_what_stands_is_an_act_as_the_register_has_it() -> None:
    """An act comes with the columns of the register and its instant, numbered from 0, and nothing else."""
    found = standing_acts(pd.concat([register({}, {"retracted": True}), register({}).assign(record_id="B")]))
    assert found.columns.tolist() == [*acts({}).columns, "source", "reason"]
    assert found.index.tolist() == [0]
    assert found["record_id"].tolist() == ["B"]


def labels(*pairs: tuple[str | None, str | None]) -> pd.DataFrame:
    """Rows with these levels and compartments, numbered from 5."""
    frame = pd.DataFrame(pairs, columns=["level", "compartments"], dtype="str")
    return frame.set_axis(range(5, 5 + len(frame))).assign(text="as it was")


@pytest.mark.parametrize(
    ("own", "other", "held"),
    [
        # the higher level, whichever side has it
        ((P, None), (I, None), (I, None)),
        ((I, None), (P, None), (I, None)),
        ((P, None), (S, None), (S, None)),
        ((C, None), (S, None), (S, None)),
        ((I, None), (C, None), (C, None)),
        ((P, None), (P, None), (P, None)),
        # missing or unknown counts as the highest: it takes the place of all but the highest
        ((C, None), (None, None), (None, None)),
        ((C, None), ("odd", None), ("odd", None)),
        ((None, None), (C, None), (None, None)),
        (("odd", None), (S, None), ("odd", None)),
        ((S, None), ("odd", None), (S, None)),
        ((S, None), (None, None), (S, None)),
        # the compartments of both, own ones first, each once
        ((P, None), (P, "protection"), (P, "protection")),
        ((P, "protection"), (P, None), (P, "protection")),
        ((P, "protection"), (P, "personnel"), (P, "protection;personnel")),
        ((P, PAIR), (P, "protection;exact_location"), (P, f"{PAIR};exact_location")),
        ((P, " protection ;; odd "), (P, "odd;protection"), (P, " protection ;; odd ")),
        ((P, " protection ;; odd "), (P, "more"), (P, "protection;odd;more")),
        ((P, "odd"), (P, " ; "), (P, "odd")),
        # both at once
        ((P, "protection"), (C, "personnel"), (C, "protection;personnel")),
        ((C, "protection"), (P, "personnel"), (C, "protection;personnel")),
    ],
)
def test_the_stricter_label_has_the_higher_level_and_the_compartments_of_both(own, other, held):
    """Of two labels of a row the higher level stands, and every compartment of either."""
    rows = labels(own)
    found = stricter(rows, labels(other).set_axis([77]))
    pd.testing.assert_frame_equal(found, labels(held))


def test_rows_side_by_side_each_get_their_own_stricter_label() -> None:
    """A row is raised by the label at its own place alone, and only labels change."""
    own = labels((P, None), (C, "protection"), (I, None), (P, None))
    other = labels((P, None), (I, None), (I, "personnel"), (S, None)).set_axis([8, 7, 6, 5])
    expected = labels((P, None), (C, "protection"), (I, "personnel"), (S, None))
    pd.testing.assert_frame_equal(stricter(own, other), expected)
    assert stricter(own, own.set_axis([1, 2, 3, 4])) is own


_WORD = st.tuples(
    st.sampled_from([*LEVELS, "odd", None]), st.frozensets(st.sampled_from([*COMPARTMENTS[:3], "odd"]))
)


@given(st.lists(st.tuples(_WORD, _WORD), min_size=1, max_size=6), st.sampled_from(LEVELS))
def test_the_stricter_of_two_labels_is_read_by_who_reads_both(pairs, height):
    """Who may not read a row by one of its labels may not by the stricter; a label beside itself stays."""
    one, other = (
        pd.DataFrame(
            [(word, ";".join(sorted(named)) or None) for word, named in side],
            columns=["level", "compartments"], dtype="str",
        )
        for side in zip(*pairs, strict=True)
    )  # fmt: skip
    reader = readers.audience(level=height, compartments=COMPARTMENTS[:2])
    both = may_read(stricter(one, other), reader)
    assert both.tolist() == (may_read(one, reader) & may_read(other, reader)).tolist()
    pd.testing.assert_frame_equal(stricter(one, one.set_axis(range(9, 9 + len(one)))), one)
