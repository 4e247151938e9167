"""The analyst's assessment: Markdown with front matter."""

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
