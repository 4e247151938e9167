"""The form over an assessment: one part at a time, last week's beside it, checked at every change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.desk import assess as desk_assess
from workbench.desk import author
from workbench.desk.assess import Clash, Written
from workbench.errors import UserError
from workbench.language import words
from workbench.store import Store
from workbench.view import View
from workbench.widgets._assess import _drawn, _fields
from workbench.widgets._assess._basis import Basis
from workbench.widgets._assess._fields import PARTS
from workbench.widgets._sheet import Field, Sheet, button, control, group, line, note

_KEYS = ("author", "reviewer", "status", "level")
_STATUS = ("draft", "reviewed", "final")


@dataclass(frozen=True)
class Seen:
    """What the form shows besides the file: the desk's view of the week, None with the reason why."""

    view: View | None
    why_not: str
    districts: tuple[str, ...]
    language: str


class AssessmentForm:
    """
    The form of one assessment; `box` is what a notebook shows.

    What is typed stands in `statements` and `keys` at once, and in the file when it is saved.
    """

    def __init__(self, opened: desk_assess.Assessment, store: Store, seen: Seen) -> None:
        self.opened, self._store, self._seen = opened, store, seen
        self._words = words(seen.language)
        self._checker = desk_assess.Checker(opened, seen=seen.view, known=desk_assess.known_ids(store))
        self._basis = Basis(opened.office, store, seen.view)
        self._clashes: tuple[Clash, ...] = ()
        self._told: list[Field] = []
        self.part = "bottom_line"
        self.sheet = Sheet(name="assessment", changed=self._changed, pressed=self._pressed, wrong=self._wrong)
        self.box = self.sheet.box
        self._by = author(opened.office)
        self._take(opened)
        self._take_up()
        self.draw()

    # ---- what is held ----------------------------------------------------------------------

    def _take_up(self) -> None:
        """Go on with what was typed and not saved before this page was closed or run anew."""
        kept = desk_assess.kept_unsaved(self.opened, by=self._by)
        if kept is None:
            return
        self._take(kept.assessment, kept.statements, kept.keys)
        self._told = [
            line("This was typed and not saved. Save it, or read the file again, which lets it go.", "advice")
        ]

    def _keep(self) -> None:
        """Keep what is typed, so that it outlives this page; once it is saved there is nothing to keep."""
        if self._changed_here:
            desk_assess.keep_unsaved(self.opened, self.statements, self.keys, by=self._by)
        else:
            desk_assess.drop_unsaved(self.opened, by=self._by)

    def _take(
        self,
        opened: desk_assess.Assessment,
        statements: Sequence[Written] | None = None,
        keys: Mapping[str, str] | None = None,
    ) -> None:
        """Hold what a file says, or what was typed over it, and a blank paragraph for each other district."""
        self.opened = opened
        told = opened.document.keys if keys is None else keys
        self.keys = {key: told.get(key, "") for key in _KEYS}
        self.statements = list(opened.document.statements if statements is None else statements)
        named = {one.district for one in self.statements if one.part == "situation"}
        headed = [one.district for one in opened.document.sections if one.part == "situation"]
        for district in dict.fromkeys((*headed, *self._seen.districts)):
            if district not in named:
                self.statements.append(Written("situation", {"text": "", "district_given": district}))
        self.chosen = dict.fromkeys(PARTS, 0)
        self._review()

    def _review(self) -> None:
        self.review = self._checker.review(
            self.opened, self.statements, self.keys, at=self.opened.office.now()
        )
        self._checked = {one.place: one for one in self.review.statements}

    def _own(self, part: str | None = None) -> list[int]:
        """Return the places of a part's statements."""
        return [n for n, one in enumerate(self.statements) if one.part == (part or self.part)]

    @property
    def current(self) -> int | None:
        """The place of the statement that is shown, None if its part has none."""
        own = self._own()
        return own[min(self.chosen[self.part], len(own) - 1)] if own else None

    def _in_body(self, one: Written) -> bool:
        if one.origin is not None:
            return self.opened.document.places[one.origin][0] == "body"
        return bool(one.district) or one.part == "situation"

    @property
    def unsaved(self) -> bool:
        """Whether something here is not in the file yet."""
        return self.opened.new or self._changed_here

    @property
    def _changed_here(self) -> bool:
        told = desk_assess.arranged(self.opened.document, self.statements)
        keys = {key: self.opened.document.keys.get(key, "") for key in _KEYS}
        return self.keys != keys or [(one.origin, dict(one.values)) for one in told] != [
            (n, dict(one.values)) for n, one in enumerate(self.opened.document.statements)
        ]  # fmt: skip

    # ---- what is drawn ---------------------------------------------------------------------

    def draw(self) -> None:
        """Draw the whole form anew."""
        file_keys = [
            control("text", "key-author", "Author (a function)", self.keys["author"], look="middle"),
            control("text", "key-reviewer", "Reviewer", self.keys["reviewer"], look="middle"),
            control("choice", "key-status", "Status", self.keys["status"], look="short",
                    options=self._statuses()),
            control("choice", "key-level", "Level unless said otherwise", self.keys["level"], look="middle",
                    options=_fields.choices("level", self.keys["level"], scale="")[1:]),
        ]  # fmt: skip
        tabs = [
            button(f"part-{part}", self._tab(part), look="chosen" if part == self.part else "",
                   hint=PARTS[part][2]) for part in PARTS
        ]  # fmt: skip
        self.sheet.show(
            note("file", *self._state_lines(), live=True),
            group("keys", *file_keys, look="row"),
            group("tabs", *tabs, look="row tabs"),
            group(
                "work",
                group("left", *self._left()),
                group("right", *_drawn.last_week(self.opened, self.part)),
                look="two",
            ),
            group(
                "save-row",
                button("save", "Save", look="main", hint="Write what changed into the Markdown file"),
                button("save-pull", "Save and pull", hint="Save, and let the briefings know of it"),
                button("drop-empty", "Take out what is not written"),
                button("reopen", "Read the file again", hint="What is not saved here is lost"),
                look="row framed",
            ),
            note("told", *self._told, live=True),
            group("clash", *_drawn.both_sides(self._clashes), look="framed", hidden=not self._clashes),
            note(
                "standards",
                *_drawn.standards(self.review, self._words),
                title="The whole, by nine standards (advice)",
            ),
        )

    def _left(self) -> list[Field]:
        own, at = self._own(), self.current
        name = PARTS[self.part][1]
        rows = [
            note("about", line(PARTS[self.part][2], "quiet")),
            control("list", "pick", _fields.title_of(self.part), str(own.index(at)) if at is not None else "",
                    options=self._list(), size=min(max(len(own), 2), 9)),
            group(
                "moves",
                button("add", f"Add {'an' if name[0] in 'aeio' else 'a'} {name}"),
                button("up", "Move up", disabled=at is None),
                button("down", "Move down", disabled=at is None),
                button("remove", "Take out", disabled=at is None),
                look="row",
            ),
        ]  # fmt: skip
        if self.part == "situation":
            names = dict.fromkeys((*self._seen.districts, *(self.statements[n].district for n in own)))
            here = self.statements[at].district if at is not None else ""
            rows.insert(2, control("choice", "add-district", "District of a new paragraph", here,
                                   options=[(one, one) for one in names]))  # fmt: skip
        if at is None:
            return [*rows, note("none", line(f"No {name} yet.", "quiet"))]
        one = self.statements[at]
        return rows + _fields.editor(
            one, self._checked.get(at), scale=self.opened.office.likelihood_scale, body=self._in_body(one),
            file_level=self.keys["level"], basis=self._basis.options(one, ""),
        )  # fmt: skip

    def _list(self) -> list[tuple[str, str]]:
        return [
            (_fields.in_list(number + 1, self.statements[n], self._checked.get(n)), str(number))
            for number, n in enumerate(self._own())
        ]

    def _tab(self, part: str) -> str:
        own = self._own(part)
        written = [n for n in own if not _fields.is_empty(self.statements[n])]
        wrong = sum(bool(self._checked[n].set_aside) for n in written if n in self._checked)
        count = f"{len(written)}/{len(own)}" if len(written) < len(own) else f"{len(own)}"
        return f"{_fields.title_of(part)} {count}{f' ✗{wrong}' if wrong else ''}"

    def _statuses(self) -> list[tuple[str, str]]:
        known = dict.fromkeys((*_STATUS, self.keys["status"]))
        return [(one or "–", one) for one in known]

    def _state_lines(self) -> list[Field]:
        empty = sum(_fields.is_empty(one) for one in self.statements if not self._in_body(one))
        wrong = sum(
            bool(one.set_aside) and not _fields.is_empty(self.statements[one.place])
            for one in self.review.statements
        )
        state = "not saved yet" if self.opened.new else "not all saved" if self.unsaved else "saved"
        lines = [line(f"{self.opened.name}: {state}", "strong")]
        if self.review.problem:
            lines.append(line(self.review.problem, "wrong"))
        if wrong:
            lines.append(
                line(f"{wrong} of what is written the pull would set aside (✗); open each for why.", "wrong")
            )
        if empty:
            lines.append(
                line(f"{empty} still to be written (○); the pull sets aside what says nothing.", "quiet")
            )
        if self._seen.why_not:
            lines.append(line(f"No records to pick from: {self._seen.why_not}", "advice"))
        return lines

    def _refresh(self) -> None:
        """Show what the checks say now, without drawing the controls anew: somebody is typing in one."""
        at = self.current
        fields: dict[str, dict[str, Any]] = {
            "file": {"lines": self._state_lines()},
            "standards": {"lines": _drawn.standards(self.review, self._words)},
            **{f"part-{part}": {"label": self._tab(part)} for part in PARTS},
        }
        if at is not None:
            one = self.statements[at]
            told = _fields.told_by_column(one, self._checked.get(at))
            fields["pick"] = {"options": self._list(), "value": str(self._own().index(at))}
            for name in _fields.columns_of(one.part, body=self._in_body(one)):
                fields[name] = {"told": told.get(name, [])}
            fields["text"]["hint"] = _fields.counter(one)
        self.sheet.patch(**fields)

    # ---- what an analyst does --------------------------------------------------------------

    def _wrong(self, text: str) -> None:
        self._say(text, "wrong")

    def _say(self, text: str, tone: str) -> None:
        self._told = [line(one, tone) for one in text.splitlines() if one.strip()]
        self.sheet.patch(told={"lines": self._told})

    def _changed(self, name: str, value: Any) -> None:
        at = self.current
        if name.startswith("key-"):
            self.keys[name.removeprefix("key-")] = str(value).strip()
        elif name == "pick":
            if str(value).isdigit():
                self.chosen[self.part] = int(value)
                self.draw()
            return
        elif name == "search":
            if at is not None:
                one = self.statements[at]
                self.sheet.patch(basis={"options": self._basis.options(one, str(value)),
                                        "value": _fields.split(one.values.get("basis", ""))})  # fmt: skip
            return
        elif name == "add-district" or at is None:
            return
        elif name == "basis":
            one = self.statements[at]
            self._set(at, "basis", ";".join(self._basis.record(one, str(code)) for code in value))
            one = self.statements[at]
            found = self.sheet.shown("search").get("value", "")
            self.sheet.patch(basis={"options": self._basis.options(one, str(found)),
                                    "value": _fields.split(one.values.get("basis", ""))})  # fmt: skip
        elif name == "compartments":
            self._set(at, name, ";".join(map(str, value)))
        else:
            self._set(at, name, str(value))
        self._review()
        self._refresh()
        self._keep()

    def _set(self, at: int, name: str, value: str) -> None:
        values = dict(self.statements[at].values)
        values.pop(name, None)
        if value.strip() or name == "text":
            values[name] = value
        self.statements[at] = replace(self.statements[at], values=values)

    def _pressed(self, name: str) -> None:
        at = self.current
        if name.startswith("part-"):
            self.part = name.removeprefix("part-")
        elif name == "add":
            self._add()
        elif name == "remove" and at is not None:
            self.statements.pop(at)
            self.chosen[self.part] = max(0, self.chosen[self.part] - 1)
        elif name in ("up", "down") and at is not None:
            self._move(at, -1 if name == "up" else 1)
        elif name.startswith("take-"):
            self._take_over(name.removeprefix("take-"))
        elif name == "drop-empty":
            self.statements = [
                one for one in self.statements if not _fields.is_empty(one) or self._in_body(one)
            ]
        elif name in ("save", "save-pull"):
            self._save(pull=name == "save-pull")
        elif name.startswith("clash-"):
            kept = name.removeprefix("clash-")
            self._save(pull=False, choice="mine" if kept == "mine" else "theirs", copy=kept == "both")
        elif name == "reopen":
            area, week = self.opened.area, self.opened.week.slug
            self._take(desk_assess.open_week(self.opened.office, area=area, week=week))
            self._clashes = ()
            self._told = [line(f"{self.opened.name} was read again.", "good")]
        self._review()
        self.draw()
        self._keep()

    def _add(self) -> None:
        values = {"text": ""}
        at = self.current
        if self.part == "situation":
            values["district_given"] = str(self.sheet.shown("add-district").get("value") or "")
            if not values["district_given"]:
                raise UserError("Choose the district that the new paragraph is about.")
        elif at is not None and not self._in_body(self.statements[at]):
            shape = {"level", "compartments", "scenario", "horizon_days"}
            values |= {name: text for name, text in self.statements[at].values.items() if name in shape}
        spot = len(self.statements) if at is None else at + 1
        self.statements.insert(spot, Written(self.part, values))
        self.chosen[self.part] = self._own().index(spot)

    def _move(self, at: int, by: int) -> None:
        own = self._own()
        to = own.index(at) + by
        if not 0 <= to < len(own):
            return
        one, other = self.statements[at], self.statements[own[to]]
        if self._in_body(one) != self._in_body(other) or one.district != other.district:
            raise UserError(
                "These two stand in different places of the file (under another heading, or in its first "
                "lines), so they cannot change places here. Move them in a text editor."
            )
        self.statements[at], self.statements[own[to]] = other, one
        self.chosen[self.part] = to

    def _take_over(self, which: str) -> None:
        last = _drawn.of_last(self.opened, self.part)
        here = {self.statements[n].text for n in self._own()}
        wanted = [one for one in last if one.text not in here] if which == "all" else [last[int(which)]]
        for one in wanted:
            empty = next((n for n in self._own() if _fields.is_empty(self.statements[n])), None)
            taken = Written(one.part, dict(one.values))
            if empty is None:
                self.statements.append(taken)
            else:
                self.statements[empty] = replace(self.statements[empty], values=taken.values)
        if wanted:
            self.chosen[self.part] = [self.statements[n].text for n in self._own()].index(wanted[-1].text)

    def _save(self, *, pull: bool, choice: Any = None, copy: bool = False) -> None:
        office = self.opened.office
        where = dict(self.chosen)
        done = desk_assess.save(
            self.opened, self.statements, self.keys, at=office.now(), choice=choice, copy=copy
        )
        self._clashes = done.clashes
        if done.clashes:
            self._told = [line(done.told, "wrong")]
            return
        self._take(done.assessment)
        self.chosen = where
        told = [line(done.told, "good")]
        if self.review.set_aside:
            told.append(
                line(
                    f"{self.review.set_aside} of its statements the pull will set aside as they are.",
                    "advice",
                )
            )
        self._told = told
        if pull:
            made = desk_assess.pulled(self.opened, self._store, at=office.now())
            self._told = [told[0], *(line(one, "good") for one in made.splitlines())]
