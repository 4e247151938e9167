"""The assessment's file: read into pieces, changed in some, and the rest the same to the letter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pull_office import log, office_in
from workbench.config import Office
from workbench.desk import assess
from workbench.desk.assess import Written
from workbench.errors import ConfigurationError, ParameterError, SourceError
from workbench.sources import assessment_rows
from workbench.sources.statements import PART_KEYS

AT = datetime(2026, 3, 17, 8, tzinfo=UTC)
SOURCE = """
[[source]]
slug = "assessments"
title = "Assessments"
record = "assessment"
reader = "assessment"
path = "assessments/*.md"
licence = "None"
attribution = "Invented"
level = "public"
"""
TEXT = '''+++
area = "north"   # the only one
week = "2026-W11"
author = "Analyst"
level = "internal"

# first the closest circle
[[bottom_line]]
level = "confidential"
text = """Two raids   on the road.
# no comment, but a text
[[judgement]]
Stay off it."""

[[judgement]]
text = "Raids are likely to go on." # seen twice
likelihood = "Likely"
confidence = "moderate"
because = "Two reports agree."
basis = [
  "A-1",  # the first
  # and one more
  "A-2",
]
[[judgement]]
text = 'A "truce" is unlikely.'
likelihood = "unlikely"
basis = ["A-3"]

[[indicator]]
text = "Post unmanned"
indicator_state = "seen"
  # indented, and the last
+++
<!-- for the next week:
## Situation: nowhere
-->

## Situation: Órvane
Raids on two days,
told by two <!-- who? --> sources.

- one lorry lost
- no dead
<!-- check -->

## Situation:   Nareth

##   Incident focus   ##
* The raid of Monday.


## Assumptions
The road stays open.'''
TEXTS = (TEXT, TEXT.replace("\n", "\r\n"), TEXT + "\n\n")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Return an office that keeps written assessments; its week 2026-W11 is TEXT."""
    made = office_in(tmp_path_factory.mktemp("assess"), SOURCE, log())
    (made.root / "assessments").mkdir()
    return made


@pytest.fixture
def file(office: Office) -> Path:
    """Write the week's file anew and return its path."""
    path = office.root / "assessments" / "north-2026-W11.md"
    path.write_bytes(TEXT.encode("utf-8"))
    return path


def document(text: str = TEXT) -> assess.Document:
    """Return a text in pieces."""
    return assess.document_of(text, file="it")


def told(statements: object) -> list[tuple[str, dict[str, str]]]:
    """Return what statements say, without where they are from."""
    return [(one.part, dict(one.values)) for one in statements]  # type: ignore[attr-defined]  # a tuple of Written


def changed(one: Written, **values: str) -> Written:
    """Return a statement that says something else."""
    return replace(one, values={**one.values, **values})


@pytest.mark.parametrize("text", TEXTS)
def test_the_pieces_are_the_file(text: str) -> None:
    """Put together again the pieces are the file to the letter, and saving without a change is too."""
    read = document(text)
    assert read.text == text
    assert assess.written(read, read.statements) == text


def test_the_form_reads_what_the_reader_reads(office: Office) -> None:
    """Statement by statement the form holds what `pull` would read, in the same order."""
    rows = assessment_rows(TEXT, file="it", source=office.source[0], office=office).fillna("")
    read = document()
    assert [one.part for one in read.statements] == rows["part"].tolist()
    assert [one.text for one in read.statements] == rows["text"].tolist()
    assert [one.values.get("basis", "") for one in read.statements] == rows["basis"].tolist()
    assert [one.district for one in read.statements] == rows["district_given"].tolist()


@pytest.mark.parametrize("text", TEXTS)
def test_only_what_was_changed_changes(text: str) -> None:
    """One text changed changes its line alone; comments, spacing and line ends beside it stay."""
    read = document(text)
    second = changed(read.statements[2], text="A truce is very unlikely.", likelihood="very unlikely")
    made = assess.written(read, [*read.statements[:2], second, *read.statements[3:]])
    was, now = text.splitlines(keepends=True), made.splitlines(keepends=True)
    assert [one for one, other in zip(was, now, strict=True) if one != other] == [
        line for line in was if "truce" in line or line.startswith('likelihood = "unlikely"')
    ]


def test_comments_outlive_the_statements_they_stand_in() -> None:
    """A statement rewritten, moved or taken out leaves every comment where somebody can find it."""
    read = document()
    body = [changed(one, text="Said anew.") if one.part == "situation" else one for one in read.statements]
    moved = [body[0], body[2], changed(body[1], basis="A-2;A-9"), *body[3:]]
    without = [one for one in moved if one.part not in ("bottom_line", "indicator", "focus")]
    made = assess.written(read, without)
    for comment in (
        "# the only one", "# first the closest circle", "# seen twice", "# the first", "# and one more",
        "# indented, and the last", "<!-- who? -->", "<!-- check -->", "## Situation: nowhere",
    ):  # fmt: skip
        assert comment in made, comment
    assert told(document(made).statements) == told(assess.arranged(read, without))


@pytest.mark.parametrize("text", ["- an item", "# a heading", "1. first", "* ", "+++", "[[judgement]]"])
def test_a_text_that_looks_like_the_format_stays_a_text(text: str) -> None:
    """What begins like a heading, an item or a table is read back as it was typed, in front and in body."""
    read = document()
    both = [changed(one, text=text) for one in read.statements]
    made = document(assess.written(read, both))
    assert {one.text for one in made.statements} == {" ".join(text.split())}


def test_what_the_file_cannot_hold_is_refused() -> None:
    """A text of the body with an open comment in it would hide what follows: nothing is written."""
    read = document()
    last = changed(read.statements[-1], text="The road <!-- stays open.")
    with pytest.raises(ParameterError, match="cannot be written"):
        assess.written(read, [*read.statements[:-1], last])


LINES = st.text(st.characters(exclude_categories=["Cs"]), max_size=40).map(
    lambda text: text.replace("<!--", "<!-").replace("\x00", "")
)
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(("edit", "add", "remove", "move", "key")),
        st.integers(0, 30),
        LINES,
        st.sampled_from((*PART_KEYS, "situation")),
        st.sampled_from(("", "Órvane", "Nareth", "Al Kuro")),
        st.sampled_from(("text", "basis", "level", "because", "horizon_days", "due_on", "likelihood")),
    ),
    max_size=8,
)


def after(statements: list[Written], changes: list[tuple[str, int, str, str, str, str]]) -> list[Written]:
    """Carry out what an analyst might do in the form."""
    for what, number, text, part, district, column in changes:
        place = number % (len(statements) or 1)
        if what == "add" or not statements:
            where = {"district_given": district or "Nareth"} if part == "situation" else {}
            if part in ("focus", "implication") and district:
                where = {"district_given": district}
            statements.insert(place, Written(part, {"text": text, **where}))
        elif what == "remove":
            statements.pop(place)
        elif what == "move":
            statements.append(statements.pop(place))
        elif what == "edit":
            statements[place] = changed(statements[place], text=text)
        elif column in (*PART_KEYS.get(statements[place].part, ()), "text"):
            known = statements[place].origin is None or statements[place].part in ("judgement", "indicator")
            in_front = known and not statements[place].district and statements[place].part != "assumption"
            statements[place] = changed(statements[place], **({column: text} if in_front else {"text": text}))
    return statements


@settings(max_examples=40)
@given(CHANGES, st.sampled_from(TEXTS))
def test_what_is_saved_is_what_is_read(changes: list[tuple[str, int, str, str, str, str]], text: str) -> None:
    """Whatever is typed, added, moved and taken out: the file read again says that, and nothing else."""
    read = document(text)
    wanted = after(list(read.statements), changes)
    made = assess.written(read, wanted)
    again = document(made)
    assert told(again.statements) == told(assess.arranged(read, wanted))
    assert assess.written(again, again.statements) == made
    assert made.count("<!-- check -->") == 1


def test_a_week_is_opened_changed_and_saved(office: Office, file: Path) -> None:
    """Saving writes what was changed; a byte order mark and the lines of Windows are kept."""
    file.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode("utf-8"))
    opened = assess.open_week(office, area="north", week="2026-W11")
    statements = [changed(opened.document.statements[0], text="One raid."), *opened.document.statements[1:]]
    done = assess.save(opened, statements, {"status": "final"}, at=AT)
    assert not done.clashes
    content = file.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf+++\r\n")
    assert content.count(b"\n") == content.count(b"\r\n")
    again = assess.open_week(office, area="north", week="2026-W11")
    assert again.document.statements[0].text == "One raid."
    assert again.document.keys["status"] == "final"
    assert [path.name for path in file.parent.iterdir() if path.suffix == ".part"] == []


def test_saving_without_a_change_leaves_the_file_alone(office: Office, file: Path) -> None:
    """Same bytes, same moment: nothing was written."""
    before = (file.read_bytes(), file.stat().st_mtime_ns)
    opened = assess.open_week(office, area="north", week="2026-W11")
    assess.save(opened, opened.document.statements, {}, at=AT)
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before


def edited(file: Path, old: str, new: str) -> None:
    """Edit the file by hand, as a colleague would meanwhile."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")


def test_a_hand_edit_elsewhere_survives(office: Office, file: Path) -> None:
    """What a colleague wrote, added and commented meanwhile stays, beside what was changed here."""
    opened = assess.open_week(office, area="north", week="2026-W11")
    edited(file, "one lorry lost", "two lorries lost")
    edited(
        file, "[[indicator]]", '# mine\n[[judgement]]\ntext = "By hand."\nbasis = ["A-7"]\n\n[[indicator]]'
    )
    statements = [changed(opened.document.statements[0], text="One raid."), *opened.document.statements[1:]]
    done = assess.save(opened, statements, {}, at=AT)
    text = file.read_text(encoding="utf-8")
    assert not done.clashes
    assert all(one in text for one in ("One raid.", "two lorries lost", "# mine", "By hand."))
    assert "kept too" in done.told


def clash(office: Office, file: Path) -> tuple[assess.Assessment, list[Written]]:
    """Change the same judgement here and in the file."""
    opened = assess.open_week(office, area="north", week="2026-W11")
    edited(file, "Raids are likely to go on.", "Raids are likely to end.")
    mine = list(opened.document.statements)
    mine[1] = changed(mine[1], text="Raids are likely to spread.")
    return opened, mine


def test_the_same_statement_changed_twice_is_asked_about(office: Office, file: Path) -> None:
    """Nothing is saved, and both texts come back."""
    opened, mine = clash(office, file)
    before = file.read_bytes()
    done = assess.save(opened, mine, {}, at=AT)
    assert [(one.mine and one.mine.text, one.theirs and one.theirs.text) for one in done.clashes] == [
        ("Raids are likely to spread.", "Raids are likely to end.")
    ]
    assert file.read_bytes() == before


@pytest.mark.parametrize(("choice", "stands"), [("mine", "spread"), ("theirs", "end")])
def test_the_choice_decides(office: Office, file: Path, choice: assess.Choice, stands: str) -> None:
    """Mine or theirs stands, as chosen, and the other is not in the file."""
    opened, mine = clash(office, file)
    done = assess.save(opened, mine, {}, at=AT, choice=choice)
    text = file.read_text(encoding="utf-8")
    assert not done.clashes
    assert [word for word in ("spread", "end") if f"likely to {word}" in text] == [stands]


def test_both_are_kept_where_no_pull_reads_the_copy(office: Office, file: Path) -> None:
    """Theirs stands in the file, one's own lies beside it under a name that the source does not match."""
    opened, mine = clash(office, file)
    done = assess.save(opened, mine, {}, at=AT, choice="theirs", copy=True)
    copy = office.root / done.copy
    assert "likely to spread" in copy.read_text(encoding="utf-8")
    assert copy not in set(file.parent.glob("*.md"))
    copy.unlink()


@pytest.mark.usefixtures("file")
def test_a_new_week_has_the_shape_of_the_last(office: Office) -> None:
    """Its statements are those of last week without a word of it, a draft, and last week's is beside it."""
    opened = assess.open_week(office, area="north", week="2026-W12")
    assert opened.new
    assert opened.last is not None
    assert opened.document.keys["status"] == "draft"
    parts = ["bottom_line", "judgement", "judgement", "focus", "indicator", "assumption"]
    assert [one.part for one in opened.document.statements] == parts
    assert not any(one.text for one in opened.document.statements)
    assert opened.document.statements[0].values["level"] == "confidential"
    assert [one.district for one in opened.document.sections] == ["Órvane", "Nareth"]
    assert not opened.path.exists()


def test_what_only_an_editor_can_change_is_said(office: Office, file: Path) -> None:
    """Entries in one line, a missing source and a broken file: each ends in words, never in a lost text."""
    edited(file, '[[judgement]]\ntext = "Raids', '[[judgement]]\ntext = "Raids')
    file.write_text('+++\narea = "north"\nweek = "2026-W11"\nlevel = "internal"\n'
                    'judgement = [{text = "x", basis = ["A"]}]\n+++\n', encoding="utf-8")  # fmt: skip
    with pytest.raises(SourceError, match="form cannot change"):
        assess.open_week(office, area="north", week="2026-W11")
    file.write_text(TEXT.replace("## Assumptions", "## Thoughts"), encoding="utf-8")
    with pytest.raises(SourceError, match="heading"):
        assess.open_week(office, area="north", week="2026-W11")


def test_an_office_without_assessments_is_told_what_to_paste(tmp_path: Path) -> None:
    """The message holds the block of configuration."""
    with pytest.raises(ConfigurationError, match=r"\[\[source\]\]"):
        assess.open_week(office_in(tmp_path), area="north", week="2026-W11")


@pytest.mark.usefixtures("file")
class TestChecks:
    """What is said while one types."""

    def review(self, office: Office, **values: str) -> assess.Checked:
        """Return what is said of the first judgement with these values."""
        opened = assess.open_week(office, area="north", week="2026-W11")
        checker = assess.Checker(opened, seen=None, known={"A-1", "A-2"})
        one = changed(opened.document.statements[1], **values)
        return checker.review(opened, [one], {}, at=AT).statements[0]

    def test_a_sound_judgement_is_left_in_peace(self, office: Office) -> None:
        """Nothing is said of it."""
        said = self.review(office)
        assert (said.set_aside, said.advised) == ((), ())

    @pytest.mark.parametrize(
        ("values", "reason"),
        [
            ({"likelihood": "maybe"}, "likelihood: is not a term"),
            ({"basis": ""}, "basis: is missing"),
            ({"text": "Raids are likely, with high confidence."}, "text: joins confidence"),
            ({"because": "It is likely."}, "because: joins"),
            ({"confidence": "sure"}, "confidence: "),
            ({"text": ""}, "text: is missing"),
        ],
    )
    def test_what_the_pull_sets_aside_is_said(
        self, office: Office, values: dict[str, str], reason: str
    ) -> None:
        """The reader's own reasons and those of the record type, by column; and the pull agrees."""
        said = self.review(office, **values)
        assert any(one.startswith(reason) for one in said.set_aside), said.set_aside

    @pytest.mark.parametrize(
        ("values", "reason"),
        [
            ({"confidence": ""}, "no confidence"),
            ({"because": ""}, "no reason"),
            ({"basis": "Z-9"}, "does not know"),
        ],
    )
    def test_what_is_only_advised_is_not_set_aside(
        self, office: Office, values: dict[str, str], reason: str
    ) -> None:
        """The pull takes such a judgement; the form says what it lacks."""
        said = self.review(office, **values)
        assert not said.set_aside
        assert any(reason in one for one in said.advised), said.advised

    def test_the_bottom_line_is_counted(self, office: Office) -> None:
        """Sixty words are right, one more is advised against."""
        opened = assess.open_week(office, area="north", week="2026-W11")
        checker = assess.Checker(opened, seen=None, known=None)
        for words, wrong in ((60, False), (61, True)):
            first = changed(opened.document.statements[0], text=" ".join(["word"] * words))
            said = checker.review(opened, [first], {}, at=AT).statements[0]
            assert any("60 words" in one for one in said.advised) is wrong
