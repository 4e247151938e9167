"""The forms of the log: one entry at a time, the last ones beside it, a draft kept of what is typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from workbench import desk
from workbench.config import ORGANISATION_KINDS, Office
from workbench.desk import Names
from workbench.errors import ParameterError, UserError
from workbench.store import Store
from workbench.view import View
from workbench.widgets._form import options
from workbench.widgets._log import _fields
from workbench.widgets._sheet import Field, Sheet, button, control, group, line, note

_PERSON = (
    "person-name",
    "person-organisation",
    "person-organisation_kind",
    "person-role",
    "person-telephone",
)
_LISTED = 6
_UNDERTAKEN = {"liaison_entry": "occurred_on", "commitment": "made_on", "alert": "occurred_on"}


@dataclass(frozen=True)
class Around:
    """
    What the form shows besides the entry, and for which audience (`readers`) it is opened.

    `look` gives their view anew, None with the reason why.
    """

    readers: str
    look: Callable[[], tuple[View | None, str]]
    districts: tuple[str, ...]


class LogForm:
    """The form of one record type; `box` is what a notebook shows. What is typed stands in `values`."""

    def __init__(self, office: Office, store: Store, record: str, around: Around) -> None:
        self.office, self._store, self.record, self._around = office, store, record, around
        self._register = desk.register_of(office, record)
        self._view, self._why_not = around.look()
        self._names = Names(store)
        self._people: tuple[desk.Interlocutor, ...] = ()
        self._opened = self._adding = False
        self._told: list[Field] = []
        self.changing = ""
        self.by = desk.author(office)
        self.values: dict[str, str] = {}
        self.person: dict[str, str] = {}
        self._read_warning: dict[str, str] = {}
        self._begin()
        draft = desk.kept_draft(office, record, self.by)
        if draft:
            self.changing = draft.pop("changing", "")
            self.values = {name: text for name, text in draft.items() if name in self._columns}
            self._told = [
                line("This is the draft that was typed and not entered. Go on, or clear it.", "advice")
            ]
        self.sheet = Sheet(name="log", changed=self._changed, pressed=self._pressed, wrong=self._wrong)
        self.box = self.sheet.box
        self.draw()

    @property
    def _columns(self) -> tuple[str, ...]:
        more = ("name_ref",) if self.record == "liaison_entry" else ()
        return (*_fields.columns_of(self.record), *more)

    def _begin(self) -> None:
        """Begin an entry: dated today, by whoever signs."""
        today = self.office.now().astimezone(self.office.zone).date().isoformat()
        self.values = {_UNDERTAKEN[self.record]: today}
        if self.record == "liaison_entry" and self.by:
            self.values["officer"] = self.by
        if self.record == "commitment":
            self.values["state"] = "open"
        self.changing, self.person, self._adding = "", {}, False

    # ---- what is drawn ---------------------------------------------------------------------

    def draw(self, told: dict[str, list[Field]] | None = None) -> None:
        """Draw the form anew; `told` is what is wrong, by column."""
        name, title = _fields.TITLES[self.record]
        wrong = self._wrong_now() if told is None else told
        entry = _fields.entry(
            self.office, self.record, self.values, wrong, districts=self._around.districts,
            level=self._register.held_at.slug,
        )  # fmt: skip
        what = f"Change {name} {self.changing}" if self.changing else f"New {name}"
        buttons = [
            button("enter", f"Enter this {name}" if not self.changing else "Enter the change", look="main"),
            button("clear", "Clear"),
        ]
        who = group(
            "who",
            control("text", "by", "You sign as (a function, never a name)", self.by, look="middle"),
            control("text", "reason", "Why, if you change one", "", look="middle", hidden=not self.changing),
            look="row",
        )
        left = [
            note("what", line(f"{what}. A star marks what must be said.", "strong")),
            who,
            *self._contact(),
            *entry,
            group("buttons", *buttons, look="row framed"),
            note("told", *self._told, live=True),
        ]
        right = [*self._beside(), *self._entered()]
        self.sheet.show(group("all", group("left", *left), group("right", *right), look="two", title=title))

    def _contact(self) -> list[Field]:
        """Return the choice of an interlocutor; names are in it once the sealed list was opened."""
        if self.record != "liaison_entry":
            return []
        chosen = self.values.get("name_ref", "")
        if not self._opened:
            known = [("–", "")] + ([("the one chosen before", chosen)] if chosen else [])
            return [
                group(
                    "who-spoke",
                    control("choice", "name_ref", "Interlocutor", chosen, options=known, look="middle"),
                    button("open-names", "Open the sealed list of names",
                           hint="That you opened it is written into the audit log"),
                    look="row",
                )
            ]  # fmt: skip
        known = [("–", ""), *((_person(one), one.key) for one in self._people)]
        if chosen and chosen not in {one.key for one in self._people}:
            known.append(("the one chosen before", chosen))
        fields = [
            group(
                "who-spoke",
                control("choice", "name_ref", "Interlocutor", chosen, options=known, look="middle"),
                button("new-person", "New interlocutor"),
                look="row",
            )
        ]
        if self._adding:
            fields.append(self._new_person())
        return fields

    def _new_person(self) -> Field:
        where = desk.where_interlocutors_are_kept(self.office)
        if where:
            return group("person", note("person-where", line(where, "advice")), look="framed")
        labels = {"name": "Name *", "organisation": "Organisation", "role": "Role", "telephone": "Telephone"}
        fields = [
            control("choice", name, "Kind of organisation", self.person.get(name, ""), look="middle",
                    options=options(ORGANISATION_KINDS, empty="–"))
            if name.endswith("kind")
            else control("text", name, labels[name.removeprefix("person-")], self.person.get(name, ""),
                         look="middle")
            for name in _PERSON
        ]  # fmt: skip
        add = button("add-person", "Add to the sealed table")
        return group("person", group("person-row", *fields, look="row"), add, look="framed",
                     title="New interlocutor (sealed: in no page, whoever reads it)")  # fmt: skip

    def _beside(self) -> list[Field]:
        if self.record != "liaison_entry":
            return []
        if self._view is None:
            return [note("beside", line(self._why_not, "advice"), title="Last entries", look="side")]
        key = self.values.get("name_ref", "")
        title = "Last entries with this interlocutor" if key else "Last entries"
        lines = []
        for one in desk.earlier(self.office, self._view, key):
            day = one.day.isoformat() if one.day else "no day"
            lines.append(line(f"{day}{f' · {one.topics}' if one.topics else ''}", "strong"))
            lines.append(line(one.said or "(nothing that these readers may read)"))
            if one.follow_up:
                lines.append(line(f"Follow-up open, due {one.open_until}", "advice"))
        return [
            note(
                "beside", *(lines or [line("None that this page knows.", "quiet")]), title=title, look="side"
            )
        ]

    def _entered(self) -> list[Field]:
        """Return the last lines of the register, with what can be done about each."""
        name, _ = _fields.TITLES[self.record]
        found = desk.lines(self.office, self.record).head(_LISTED)
        fields: list[Field] = [note("entered", title=f"Last entered here: {name}s")]
        if found.empty:
            return [*fields, note("entered-none", line("None yet.", "quiet"))]
        for number, row in enumerate(found.to_dict("records")):
            gone = row["row"] is None
            said = f"{row['record_id']} · {desk.day_of(self.office, row['at'])} · {row['by']}"
            told = [line(f"{said}{' · taken back' if gone else ''}", "quiet" if gone else "")]
            if not gone and self._readable(row["record_id"]):
                told.append(line(_short(row["row"]), "quiet"))
            fields.append(note(f"entered-{number}", *told))
            if row["standing"]:
                can = [
                    button(f"back-{row['record_id']}", "Take back", hint="Adds a line that undoes this one")
                ]
                if not gone and self._readable(row["record_id"]):
                    can.append(button(f"change-{row['record_id']}", "Change"))
                fields.append(group(f"can-{number}", *can, look="row"))
        return fields

    def _readable(self, record_id: str) -> bool:
        """Whether the desk's readers may read an entry: it is in their view."""
        return self._view is not None and record_id in self._view.own_ids

    # ---- what an analyst does --------------------------------------------------------------

    def _wrong(self, text: str) -> None:
        self._told = [line(one, "wrong") for one in text.splitlines() if one.strip()]
        self.sheet.patch(told={"lines": self._told})

    def _changed(self, name: str, value: Any) -> None:
        if name == "by":
            self.by = str(value).strip()
            if self.record == "liaison_entry" and not self.values.get("officer"):
                self.values["officer"] = self.by
                self.sheet.patch(officer={"value": self.by})
            return
        if name in _PERSON:
            self.person[name] = str(value)
            return
        if name not in self._columns:
            return
        text = ";".join(map(str, value)) if isinstance(value, list) else str(value)
        self.values = (
            {**self.values, name: text} if text else {k: v for k, v in self.values.items() if k != name}
        )
        if name == "name_ref":
            self._fill_in(text)
            self.draw()
        else:
            told = self._wrong_now()
            self.sheet.patch(**{one: {"told": told.get(one, [])} for one in _fields.columns_of(self.record)})
        self._keep()

    def _fill_in(self, key: str) -> None:
        """Fill in what the sealed table says of an interlocutor and a page may say."""
        one = next((one for one in self._people if one.key == key), None)
        if one is not None:
            told = {"organisation": one.organisation, "organisation_kind": one.organisation_kind,
                    "interlocutor_role": one.role}  # fmt: skip
            self.values |= {name: text for name, text in told.items() if text}

    def _keep(self) -> None:
        desk.keep_draft(self.office, self.record, self.by, {**self.values, "changing": self.changing})

    def _wrong_now(self, *, whole: bool = False) -> dict[str, list[Field]]:
        found = desk.faults(self.office, self.record, self.values, at=self.office.now(), whole=whole)
        told = {name: [_fields.wrong(reason)] for name, reason in found.items()}
        for name, warnings in self._warned().items():
            told.setdefault(name, []).extend(line(one, "advice") for one in warnings)
        for name in self._sealed_in():
            told.setdefault(name, []).append(line(_fields.SEALED, "wrong"))
        return told

    def _sealed_in(self) -> list[str]:
        """Return the columns whose text says a name of the sealed table."""
        typed = {name: text for name, text in self.values.items() if name != "name_ref"}
        return [name for name, text in typed.items() if self._names.holds(text)]

    def _warned(self) -> dict[str, tuple[str, ...]]:
        """Return what to look at before an entry is made, by column."""
        told = " . ".join(self.values.get(name, "") for name in _fields.NARRATIVE)
        named = ("organisation", "place_name", "made_by")
        known = {*self._around.districts, *(area.name for area in self.office.area)}
        known |= {self.values.get(name, "") for name in named}
        released = self.values.get("releasable_text", "")
        found = self._names.warnings(released, summary=told, known=frozenset(known)) if released else ()
        return {"releasable_text": found} if found else {}

    def _pressed(self, name: str) -> None:
        if name == "open-names":
            self._open_names()
        elif name == "new-person":
            self._adding = not self._adding
        elif name == "add-person":
            self._add_person()
        elif name == "enter":
            self._enter()
            return
        elif name == "clear":
            desk.drop_draft(self.office, self.record, self.by)
            self._begin()
            self._told = []
        elif name.startswith("back-"):
            self._signed()
            done = desk.take_back(
                self.office, self._store, self.record, name.removeprefix("back-"), by=self.by,
                reason="taken back in the log", at=self.office.now(),
            )  # fmt: skip
            self._told = [line(done.told, "good")]
            self._view, self._why_not = self._around.look()
        elif name.startswith("change-"):
            self._change(name.removeprefix("change-"))
        self.draw()

    def _signed(self) -> None:
        self.by = desk.signature(self.by)
        desk.remember_author(self.office, self.by)

    def _open_names(self) -> None:
        self._signed()
        self._people = desk.interlocutors(
            self.office, self._store, readers=self._around.readers, by=self.by, at=self.office.now()
        )
        self._opened = True
        self._told = [
            line(f"The sealed list is open ({len(self._people)} names); the audit log says so.", "quiet")
        ]

    def _add_person(self) -> None:
        self._signed()
        now = self.office.now()
        row = {name.removeprefix("person-"): text for name, text in self.person.items()}
        row["recorded_on"] = now.astimezone(self.office.zone).date().isoformat()
        done = desk.log_entry(self.office, self._store, "interlocutor", row, by=self.by, at=now)
        self.person, self._adding = {}, False
        if desk.may_open_names(self.office, self._around.readers):
            self._open_names()
        self._names = Names(self._store)
        self.values["name_ref"] = done.record_ids[0]
        self._fill_in(done.record_ids[0])
        self._keep()
        self._told = [line("The interlocutor is in the sealed table, and chosen.", "good")]

    def _change(self, record_id: str) -> None:
        if not self._readable(record_id):
            raise UserError("These readers may not read that entry, so it cannot be changed here.")
        found = desk.lines(self.office, self.record)
        row = found[found["record_id"].eq(record_id) & found["standing"]]["row"].iloc[0]
        self.values = {name: text for name, text in (row or {}).items() if name in self._columns}
        self.changing = record_id
        self._told = []

    def _enter(self) -> None:
        wrong = self._wrong_now(whole=True)
        faults = desk.faults(self.office, self.record, self.values, at=self.office.now(), whole=True)
        sealed = [name for name in self._sealed_in() if name not in _fields.NARRATIVE]
        if faults or sealed:
            n = len({*faults, *sealed})
            self._told = [line(f"Nothing was entered: {n} of the fields above need a look.", "wrong")]
            self.draw(wrong)
            first = next((one for one in _fields.columns_of(self.record) if one in {*faults, *sealed}), None)
            if first:
                self.sheet.focus(first)
            return
        if (self._warned() or self._sealed_in()) and self._read_warning != self.values:
            self._read_warning = dict(self.values)
            self._told = [
                line("Nothing was entered yet: read what stands below the fields. If it is right as it is, "
                     "press once more.", "advice")
            ]  # fmt: skip
            self.draw(wrong)
            return
        self._signed()
        row = dict(self.values)
        if self.record == "liaison_entry" and not self.changing:
            row["reported_at"] = self.office.now().isoformat(timespec="seconds")
        try:
            done = desk.log_entry(
                self.office, self._store, self.record, row, by=self.by, at=self.office.now(),
                record_id=self.changing, reason=str(self.sheet.shown("reason").get("value") or ""),
            )  # fmt: skip
        except ParameterError as problem:
            column, _, reason = str(problem).partition(": ")
            if column not in self._columns:
                raise
            self._told = [line("Nothing was entered. Look at the field that is marked.", "wrong")]
            self.draw({column: [_fields.wrong(reason.split(". ")[0].rstrip("."))]})
            return
        desk.drop_draft(self.office, self.record, self.by)
        self._told = [line(done.told, "good")]
        self._view, self._why_not = self._around.look()
        self._begin()
        self.draw()


def _person(one: desk.Interlocutor) -> str:
    about = ", ".join(text for text in (one.role, one.organisation) if text)
    return f"{one.name}{f' ({about})' if about else ''} · {one.key}"


def _short(row: dict[str, str]) -> str:
    names = ("occurred_on", "made_on", "organisation", "made_by", "indicator", "state", "outcome", "topics",
             "district_given")  # fmt: skip
    return " · ".join(row[name].replace("_", " ") for name in names if row.get(name))
