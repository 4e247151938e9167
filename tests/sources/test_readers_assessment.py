"""The analyst's assessment: Markdown with front matter."""

from pathlib import Path

import pytest

from workbench.config.tradecraft import LIKELIHOOD_TERMS, likelihood_words
from workbench.errors import SourceError, UnknownName

from .readers_office import DATA, deliver

NAME = "assessment_2026-W11.md"
GOOD = (DATA / NAME).read_text(encoding="utf-8")
SOURCE = f'record = "assessment"\nreader = "assessment"\npath = "{NAME}"'


def read(folder, text=GOOD, *, scale="icd203"):
    """Read an assessment with the given text."""
    (folder / NAME).write_text(text, encoding="utf-8")
    return deliver(folder, SOURCE, scale=scale)


def changed(*pair):
    """Return the sample with one passage replaced by another."""
    assert GOOD.count(pair[0]) >= 1
    return GOOD.replace(*pair, 1)


class TestSample:
    """The invented assessment of tests/data."""

    def test_one_row_per_statement(self, tmp_path):
        """Each statement is a row named area/week/part/position, with the line it begins on."""
        got = read(tmp_path)
        assert got.rows[["record_id", "row"]].to_numpy().tolist() == [
            ["north/2026-W11/bottom_line/1", 9],
            ["north/2026-W11/judgement/1", 13],
            ["north/2026-W11/judgement/2", 20],
            ["north/2026-W11/outlook/1", 29],
            ["north/2026-W11/indicator/1", 37],
            ["north/2026-W11/recommendation/1", 41],
            ["north/2026-W11/bottom_line/2", 48],
            ["north/2026-W11/situation/1", 54],
            ["north/2026-W11/situation/2", 55],
            ["north/2026-W11/situation/3", 58],
        ]
        assert (got.read, len(got.rejected)) == (10, 0)

    def test_week(self, tmp_path):
        """Statements are dated by the first day of their week."""
        assert set(read(tmp_path).rows["occurred_on"]) == {"2026-03-09"}

    def test_levels(self, tmp_path):
        """A statement without a level takes the file's."""
        levels = read(tmp_path).rows["level"].tolist()
        assert levels[:4] == ["public", "internal", "confidential", "internal"]

    def test_values(self, tmp_path):
        """Terms are in lower case, lists joined, days ISO."""
        rows = read(tmp_path).rows.set_index("record_id")
        first = rows.loc["north/2026-W11/judgement/1"]
        assert first[["likelihood", "confidence", "basis"]].tolist() == [
            "likely",
            "moderate",
            "incidents/900001;incidents/900002",
        ]
        assert rows.loc["north/2026-W11/judgement/2", "compartments"] == "source_identity"
        assert rows.loc["north/2026-W11/outlook/1", "horizon_days"] == "7"
        assert rows.loc["north/2026-W11/recommendation/1", "due_on"] == "2026-03-20"

    def test_body(self, tmp_path):
        """Paragraphs and list items are statements; a comment to oneself is none."""
        rows = read(tmp_path).rows
        assert rows["text"].tolist()[6:] == [
            "Attacks moved towards Velasse, on two roads.",
            "Two attacks on the ford road.",
            "The market is open.",
            "Quiet, with one report of theft.",
        ]
        assert rows["district_given"].tolist()[7:] == ["Velasse", "Velasse", "Mirro"]
        assert not rows["text"].str.contains("field office").any()


class TestRejected:
    """Statements set aside, each with its line; the others stay."""

    @pytest.mark.parametrize(
        ("change", "row", "column", "reason"),
        [
            (
                ('"Likely"', '"quite possible"'),
                13,
                "likelihood",
                "is not a term of the icd203 scale: almost no",
            ),
            (('basis = ["incidents/900003"]\n', ""), 20, "basis", "is missing"),
            (("continue.", "continue, with high confidence."), 13, "text", "joins confidence"),
            (("continue.", "continue (confidence: low)."), 13, "text", "joins confidence"),
            (("Quiet,", "It is unlikely, with low confidence, quiet,"), 58, "text", "joins confidence"),
            (('text = "Raids on villages go on."\n', ""), 29, "text", "is missing"),
            (("horizon_days = 7", 'horizon_days = "a week"'), None, None, None),
            (("horizon_days = 7", "horizon_days = true"), 29, "horizon_days", "must be a whole number"),
            (('basis = ["incidents/900003"]', 'basis = "incidents/900003"'), 20, "basis", "must be a list"),
        ],
    )
    def test_faults(self, tmp_path, change, row, column, reason):
        """Tradecraft faults reject the statement alone; wrong words are left to validation."""
        got = read(tmp_path, changed(*change))
        if row is None:
            assert len(got.rejected) == 0
        else:
            lines = got.rejected[got.rejected["column"] == column]
            assert lines["row"].tolist() == [row]
            assert reason in lines["reason"].tolist()[0]
            assert (got.read, len(got.rows)) == (10, 9)

    @pytest.mark.parametrize(
        "text",
        [
            "Public confidence in the police is likely to fall.",
            "The remote camp had low confidence.",
            "Elders were confident. Attacks are likely.",
        ],
    )
    def test_ordinary_sentences(self, tmp_path, text):
        """Confidence of other people, and remote places, do not make a joined sentence."""
        assert len(read(tmp_path, changed("Quiet, with one report of theft.", text)).rejected) == 0

    def test_ids_do_not_move(self, tmp_path):
        """A rejected statement keeps its number, so that the next one keeps its name."""
        got = read(tmp_path, changed('"Likely"', '"maybe"'))
        assert "north/2026-W11/judgement/2" in got.rows["record_id"].tolist()

    def test_scale(self, tmp_path):
        """The office's own scale decides: "very likely" is a term of ICD 203 and not of PHIA."""
        got = read(tmp_path, scale="phia")
        assert got.rejected[["row", "column", "value"]].to_numpy().tolist() == [
            [29, "likelihood", "very likely"]
        ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            ('author = "Analyst"', 'autor = "Analyst"'),
            r'line 4: the front matter has "autor".*Known: "area", "week"',
        ),
        (("because = ", "becuase = "), r'line 17: the front matter has "becuase".*"because"'),
        (('level = "internal"\nstatus', "status"), 'lacks "level"'),
        (('level = "internal"', 'level = "secret"'), 'line 6: level is "secret". Known: "public"'),
        (('area = "north"', 'area = "south"'), 'line 2: area is "south".*Known: "north"'),
        (('"2026-W11"', '"2026-W54"'), "line 3: .*does not exist"),
        (('"2026-W11"', "202611"), 'line 3: "week" must be text'),
        (('because = "one source only"', 'because = "one source only'), "line 24.*not valid TOML"),
        (("## Bottom line", "## Conclusion"), "line 47: this heading is not known"),
        (("## Bottom line\n", ""), "line 47: text stands before the first heading"),
        (("-->", ""), "line 51: a comment <!-- is not closed"),
        (("[[indicator]]", "[indicator]"), r"line 37: write indicator as \[\[indicator\]\]"),
        (("+++\n", "---\n"), "has no front matter"),
    ],
)
def test_refused(tmp_path, change, told):
    """A file that is not understood is refused whole, with the line and what is known."""
    with pytest.raises(SourceError, match=told):
        read(tmp_path, changed(*change))


def test_scales():
    """ICD 203 and PHIA terms and ranges are as published; ranges rise along each scale."""
    assert [
        (t.word, t.low, t.high) for t in LIKELIHOOD_TERMS["icd203"] if t.word in ("likely", "remote")
    ] == [
        ("remote", 1, 5),
        ("likely", 55, 80),
    ]
    assert likelihood_words("phia") == (
        "remote chance",
        "highly unlikely",
        "unlikely",
        "realistic possibility",
        "likely",
        "probable",
        "highly likely",
        "almost certain",
    )
    for scale in LIKELIHOOD_TERMS.values():
        assert [t.low for t in scale] == sorted(t.low for t in scale)
        assert all(t.low < t.high for t in scale)
    with pytest.raises(UnknownName, match="icd203, phia"):
        likelihood_words("kent")


CLAIM = "It is likely that attacks around Velasse continue."


def faults(folder: Path, text: str, *, scale: str = "icd203") -> list[tuple[int, str, str]]:
    """Return line, column and reason of each rejected statement of an assessment."""
    lines = read(folder, text, scale=scale).rejected[["row", "column", "reason"]]
    return [(int(row), str(column), str(reason)) for row, column, reason in lines.itertuples(index=False)]


@pytest.mark.parametrize(
    ("change", "column", "reason"),
    [
        # mixes likelihood and confidence
        ((CLAIM, "We judge with high confidence that attacks continue."), "text", "joins confidence"),
        ((CLAIM, "It is likely, with low confidence, that attacks go on."), "text", "joins confidence"),
        (("two independent sources agree", "it is likely that both saw it"), "because", "joins likelihood"),
        # uses a word outside the list
        (('"Likely"', '"certain"'), "likelihood", "is not a term of the icd203 scale"),
        ((CLAIM, "It is highly likely that attacks continue."), "text", '"highly likely" is not a term'),
        ((CLAIM, "A realistic possibility is that attacks go on."), "text", '"realistic possibility" is not'),
        ((CLAIM, "There is a remote chance of a truce."), "text", '"remote chance" is not a term of the icd'),
        ((CLAIM, "Attacks are fairly  likely to continue."), "text", '"fairly likely" is not a term'),
        ((CLAIM, "Attacks are increasingly probable."), "text", '"increasingly probable" is not a term'),
        # cites no basis
        (('basis = ["incidents/900001", "incidents/900002"]\n', ""), "basis", "is missing; name the records"),
        (('basis = ["incidents/900001", "incidents/900002"]', "basis = []"), "basis", "is missing"),
        (('basis = ["incidents/900001", "incidents/900002"]', 'basis = [" "]'), "basis", "is missing"),
        # says two things at once
        ((CLAIM, "Attacks are likely and a truce is unlikely."), "text", 'terms "likely", "unlikely"'),
        ((CLAIM, "Attacks will probably continue."), "text", 'terms "likely", "probable"'),
        ((CLAIM, "Attacks will almost certainly go on."), "text", 'terms "likely", "almost certain"'),
    ],
)  # fmt: skip
def test_a_judgement_against_tradecraft_is_refused_with_its_line(
    change: tuple[str, str], column: str, reason: str, tmp_path: Path
) -> None:
    """Mixing, a word outside the list, no basis or two terms: refused alone, with the line it begins on."""
    found = faults(tmp_path, changed(*change))
    assert [(row, name) for row, name, _ in found] == [(13, column)]
    assert reason in found[0][2]


def test_all_that_is_wrong_with_a_judgement_is_told_at_once(tmp_path: Path) -> None:
    """One statement with three faults is one row, and three reasons."""
    text = changed('"Likely"', '"quite likely"').replace(
        'basis = ["incidents/900001", "incidents/900002"]\n', ""
    )
    text = text.replace(CLAIM, "With low confidence, raids are highly likely.")
    found = faults(tmp_path, text)
    assert {row for row, *_ in found} == {13}
    assert [column for _, column, _ in found] == ["likelihood", "basis", "text", "text"]


@pytest.mark.parametrize(
    ("scale", "text", "refused"),
    [
        ("icd203", "A truce is highly likely.", True),
        ("icd203", "A truce is very likely.", False),
        ("icd203", "A truce will almost certainly hold.", False),
        ("phia", "A truce is highly likely.", False),
        ("phia", "A truce is very likely.", True),
        ("phia", "There is a roughly even chance of a truce.", True),
        ("phia", "There is a realistic possibility of a truce.", False),
    ],
)
def test_the_offices_scale_decides_in_texts_too(
    scale: str,
    text: str,
    *,
    refused: bool,
    tmp_path: Path,
) -> None:
    """A term of one scale is refused in a judgement, an outlook and a bottom line where the other holds."""
    plain = GOOD.replace('likelihood = "very likely"', 'likelihood = "likely"')
    texts = {
        13: plain.replace(CLAIM, text).replace('likelihood = "Likely"', ""),
        29: plain.replace("Raids on villages go on.", text),
        48: plain.replace("on two roads.", f"on two roads. {text}"),
    }
    for line, changed_text in texts.items():
        assert changed_text != plain
        found = [(row, column) for row, column, _ in faults(tmp_path, changed_text, scale=scale)]
        assert found == ([(line, "text")] if refused else [])


@pytest.mark.parametrize(
    "text",
    [
        "Residents of the remote camp say that a raid is highly likely.",
        "An attack is likely; a second one is unlikely.",
    ],
)
def test_a_situation_may_repeat_what_others_said(text: str, tmp_path: Path) -> None:
    """The words of others are not the analyst's judgement, and stand as they are."""
    assert faults(tmp_path, changed("Quiet, with one report of theft.", text)) == []


def test_an_outlook_may_weigh_two_courses(tmp_path: Path) -> None:
    """An outlook is a picture of several things, each of which may have its term."""
    text = changed("Raids on villages go on.", "Raids are likely, and an attack on the town is unlikely.")
    assert faults(tmp_path, text) == []


def test_why_it_changed_is_told_of_judgements_and_outlooks(tmp_path: Path) -> None:
    """`change` is a key of these two parts; it may name the term of last week, but not join confidence."""
    text = changed(CLAIM + '"', CLAIM + '"\nchange = "Last week it was unlikely: the camp is new."')
    text = text.replace("horizon_days = 7", 'horizon_days = 7\nchange = "As before."')
    rows = read(tmp_path, text).rows.set_index("record_id")["change"].dropna()
    assert rows.to_dict() == {
        "north/2026-W11/judgement/1": "Last week it was unlikely: the camp is new.",
        "north/2026-W11/outlook/1": "As before.",
    }
    joined = text.replace("As before.", "Likely then, with low confidence.")
    assert [(row, column) for row, column, _ in faults(tmp_path, joined)] == [(30, "change")]
    with pytest.raises(SourceError, match='"change"'):
        read(tmp_path, changed('owner = "Security adviser"', 'change = "none"'))


PARTS = """
[[focus]]
text = "The raid on the ford of 10 March."
basis = ["incidents/900001", "L-7"]

[[implication]]
text = "No movement on the ford road before noon."
level = "public"

[[assumption]]
text = "The garrison stays."

[[alternative]]
text = "The raids are criminal, not political."
basis = ["DA-3"]
+++
"""
BODY = """
## Incident focus
The ford was taken twice.

## Incident focus: Velasse
The bridge was not.

## Programme and movement
- Escorts are needed.
- Sites stay open.

## Programme and movement: Mirro
The clinic is closed.

## Assumptions
Roads stay dry.

## Alternatives
Both sides may be buying time.
"""


def test_focus_implications_assumptions_and_alternatives(tmp_path: Path) -> None:
    """The four parts may stand in the front matter with the keys all parts have, and in the body."""
    end = GOOD.index("+++\n## Bottom line")
    rows = read(tmp_path, GOOD[:end] + PARTS.lstrip() + GOOD[end + 4 :] + BODY).rows
    rows = rows.set_index("record_id")
    prefix = "north/2026-W11/"
    assert {name.removeprefix(prefix): rows.loc[name, "text"] for name in rows.index if name.split("/")[2] in
            {"focus", "implication", "assumption", "alternative"}} == {
        "focus/1": "The raid on the ford of 10 March.",
        "focus/2": "The ford was taken twice.",
        "focus/3": "The bridge was not.",
        "implication/1": "No movement on the ford road before noon.",
        "implication/2": "Escorts are needed.",
        "implication/3": "Sites stay open.",
        "implication/4": "The clinic is closed.",
        "assumption/1": "The garrison stays.",
        "assumption/2": "Roads stay dry.",
        "alternative/1": "The raids are criminal, not political.",
        "alternative/2": "Both sides may be buying time.",
    }  # fmt: skip
    assert rows.loc[f"{prefix}focus/1", "basis"] == "incidents/900001;L-7"
    assert rows.loc[f"{prefix}implication/1", "level"] == "public"
    given = rows["district_given"].dropna().to_dict()
    assert given[f"{prefix}focus/3"] == "Velasse"
    assert given[f"{prefix}implication/4"] == "Mirro"
    assert f"{prefix}focus/2" not in given


@pytest.mark.parametrize(
    "heading", ["## Assumptions: Velasse", "# Incident focus", "## Situation", "## Focus"]
)
def test_other_headings_are_refused(heading: str, tmp_path: Path) -> None:
    """A heading that is near a known one is refused with its line and the list of those known."""
    with pytest.raises(SourceError, match=r'line 47: .*"## Programme and movement"'):
        read(tmp_path, changed("## Bottom line", heading))
