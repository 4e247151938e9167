"""The office: workbench.toml read into one frozen, checked object.

Every key is declared here and an unknown one is an error, so that a misspelt rule cannot
silently be no rule. Dangerous choices (what an audience may read, how a source is labelled)
have no default.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, PrivateAttr, ValidationError, model_validator

from workbench.config._apart import expect_apart
from workbench.config._parts import Part, Slug, Words, known
from workbench.config.audience import Audience, CompartmentWord, LevelWord
from workbench.config.contact import RequiredContact
from workbench.config.desk import Desk, check_desk
from workbench.config.keeping import Keep
from workbench.config.labels import HIGHEST, Level, level
from workbench.config.mail import Delivery, Mail, check_mail
from workbench.config.marks import Marks, levels_of, printed
from workbench.config.policy import ColumnLabel, Lowering
from workbench.config.risk import Risk
from workbench.config.schedule import Schedule, Scheduler, check_schedules
from workbench.config.store import check_store, is_url
from workbench.config.week import WEEKDAYS, Week
from workbench.errors import ConfigurationError, UnknownName

FILE_NAME = "workbench.toml"

Weekday = Annotated[str, known(WEEKDAYS, "weekday")]


class Geography(Part):
    """District outlines and the other names their places go by."""

    boundaries: str
    code: str
    name: str
    parent_code: str
    parent_name: str
    aliases: str | None = None
    attribution: str


class Area(Part):
    """What one briefing covers: a named set of target districts, by p-code."""

    slug: Slug
    name: str
    districts: Annotated[tuple[str, ...], Words, Field(min_length=1)]
    counts_from: Annotated[
        tuple[Slug, ...],
        Words,
        Field(
            min_length=1,
            description="The incident sources that counts come from, the most trusted first. Publishers "
            "overlap: rows that a person decided are one incident count once, all others for themselves.",
        ),
    ]
    not_covered: Annotated[
        tuple[str, ...],
        Words,
        Field(description="Districts that none of these sources reports on: nothing known there is no calm."),
    ] = ()
    contact_interval_days: Annotated[int, Field(ge=1)] = 14
    required_contact: Annotated[tuple[RequiredContact, ...], Words] = ()

    @model_validator(mode="after")
    def _districts_are_its_own(self) -> Self:
        for code in self.not_covered:
            if code not in self.districts:
                raise ValueError(
                    f'not_covered names "{code}", which is none of the area\'s districts: '
                    f"{', '.join(self.districts)}"
                )
        for number, contact in enumerate(self.required_contact, start=1):
            for code in contact.districts:
                if code not in self.districts:
                    raise ValueError(
                        f'required_contact number {number}: districts names "{code}", which is none of the '
                        f"area's districts: {', '.join(self.districts)}"
                    )
        return self


class Source(Lowering):
    """
    One place rows come from, how they are read, and how they are labelled.

    Where its label is lower than one it was ever pulled with, it says who lowered it, when and why.
    """

    slug: Slug
    title: str
    record: Slug
    reader: Slug
    path: str
    licence: str
    attribution: str
    level: LevelWord | None = None
    compartments: Annotated[tuple[CompartmentWord, ...], Words] = ()
    marks: Annotated[
        Slug | None,
        Field(description="Scheme of [marks] that the level words of its rows are of; unless said, our own."),
    ] = None
    listable: Annotated[
        bool, Field(description="False where a licence allows counts but not rows to be passed on.")
    ] = True
    covers: Annotated[
        Literal["everything", "additions"],
        Field(
            description="`everything`: a record that a delivery no longer holds was withdrawn. "
            "`additions`: a delivery adds and corrects, and its silence means nothing."
        ),
    ] = "everything"
    columns: dict[str, str] = {}  # noqa: RUF012 - pydantic copies defaults
    constants: dict[str, str] = {}  # noqa: RUF012 - pydantic copies defaults
    values: dict[str, dict[str, str]] = {}  # noqa: RUF012 - pydantic copies defaults
    country: str | None = None
    sheet: str | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    day_first: bool = False
    max_age_days: Annotated[int, Field(ge=1)] = 10

    @property
    def held_at(self) -> Level:
        """The level that the source itself is held at; without one, the highest."""
        return level(self.level) if self.level else HIGHEST


class Briefing(Part):
    """A product: a notebook that makes one document for an area, a week and an audience."""

    slug: Slug
    title: str
    notebook: str
    counts_only: Annotated[
        bool,
        Field(
            description="True for a notebook that needs no rows, only the tables of counts that an audience "
            "with a `count_threshold` gets."
        ),
    ] = False
    tables: Annotated[
        tuple[Literal["csv", "xlsx"], ...],
        Words,
        Field(description="Also put the tables of each edition into its pack, as files of these kinds."),
    ] = ()
    time_limit: Annotated[
        int,
        Field(
            ge=1,
            le=86400,
            description="Seconds that one edition may take to be made, from its first cell to its last page. "
            "What takes longer is ended, and the other editions go on.",
        ),
    ] = 600


class Office(Part):
    """Everything workbench.toml says. `root` is the folder it lies in; paths are relative to it."""

    name: str
    prepared_by: str
    time_zone: Annotated[str, Field(description="IANA name, such as Africa/Maputo.")]
    week_starts: Weekday
    languages: Annotated[tuple[str, ...], Words, Field(min_length=1)]
    likelihood_scale: Literal["icd203", "phia"]
    fictional: bool
    fixed_clock: datetime | None = None
    standing_note: str = ""
    store: Annotated[str, Field(description="A folder of the office, or a URL such as s3://bucket/path.")] = (
        "store"
    )
    store_options: Annotated[
        dict[str, str],
        Field(description="What the storage under a URL needs, such as aws_region; never a secret."),
    ] = {}  # noqa: RUF012 - pydantic copies defaults
    outputs: str = "outputs"
    private: Annotated[
        str,
        Field(description="Folder of what no reader gets: drafts, failed runs, keys and the audit log."),
    ] = "private"
    keys: Annotated[
        Literal["file", "keyring"],
        Field(description="Where the office's key is kept: a file in `private`, or the system's keyring."),
    ] = "file"
    geography: Geography
    risk: Risk | None = None
    area: Annotated[tuple[Area, ...], Words, Field(min_length=1)]
    audience: Annotated[tuple[Audience, ...], Words, Field(min_length=1)]
    briefing: Annotated[tuple[Briefing, ...], Words, Field(min_length=1)]
    source: Annotated[tuple[Source, ...], Words]
    column: Annotated[tuple[ColumnLabel, ...], Words] = ()
    schedule: Annotated[tuple[Schedule, ...], Words] = ()
    scheduler: Scheduler = Scheduler()
    mail: Mail | None = None
    delivery: Annotated[tuple[Delivery, ...], Words] = ()
    keep: Keep = Keep()
    desk: Desk = Desk()
    marks: Marks = {}  # noqa: RUF012 - pydantic copies defaults
    _root: Path = PrivateAttr(default=Path())

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        for kind in ("area", "audience", "briefing", "source", "schedule", "delivery"):
            slugs = [part.slug for part in getattr(self, kind)]
            for slug in slugs:
                if slugs.count(slug) > 1:
                    raise ValueError(f'two [[{kind}]] entries are called "{slug}"')
        sources = {part.slug for part in self.source if part.record == "incident"}
        for area in self.area:
            for slug in area.counts_from:
                if slug not in sources:
                    raise ValueError(
                        f'area "{area.slug}": counts_from names "{slug}", which is no [[source]] of incidents'
                    )
        if self.time_zone not in available_timezones():
            raise ValueError(f'time_zone "{self.time_zone}" is not an IANA time zone')
        if self.fixed_clock is not None and self.fixed_clock.tzinfo is None:
            raise ValueError("fixed_clock needs a zone, such as 2026-11-16T06:00:00Z")
        return self

    @model_validator(mode="after")
    def _schedules_ask_for_what_there_is(self) -> Self:
        check_schedules(self)
        return self

    @model_validator(mode="after")
    def _desk_may_read(self) -> Self:
        check_desk(self.desk, self.audience)
        return self

    @model_validator(mode="after")
    def _store_tells_no_secret(self) -> Self:
        check_store(self.store, self.store_options)
        return self

    @model_validator(mode="after")
    def _issues_go_to_their_own_readers(self) -> Self:
        folders = {"outputs": self.outputs, "private": self.private}
        if not self.store_is_remote:
            folders["store"] = self.store
        check_mail(self.mail, self.delivery, self.audience, folders=folders)
        return self

    @model_validator(mode="after")
    def _labels_have_one_meaning(self) -> Self:
        for scheme, table in self.marks.items():
            levels_of(scheme, table)
        for source in self.source:
            if source.marks is not None and source.marks not in self.marks:
                raise ValueError(
                    f'source "{source.slug}": marks names "{source.marks}", which is no [marks] table; '
                    f"known: {', '.join(self.marks) or 'none'}"
                )
        keys = [entry.key for entry in self.column]
        for record, column in keys:
            if keys.count((record, column)) > 1:
                raise ValueError(f"two [[column]] entries are about {record}.{column}")
        return self

    @model_validator(mode="after")
    def _readers_get_what_they_may(self) -> Self:
        briefings = {part.slug: part for part in self.briefing}
        for audience in self.audience:
            for slug in audience.briefings:
                if slug not in briefings:
                    raise ValueError(f'audience "{audience.slug}": no [[briefing]] is called "{slug}"')
                if audience.count_threshold > 1 and not briefings[slug].counts_only:
                    raise ValueError(
                        f'audience "{audience.slug}" has a count_threshold and so is given counts, not rows; '
                        f'the briefing "{slug}" needs rows (it has not `counts_only = true`)'
                    )
        if any(audience.count_threshold > 1 for audience in self.audience):
            expect_apart({area.slug: area.districts for area in self.area})
        readers: dict[str, str] = {}
        for audience in self.audience:
            for address in audience.recipients:
                first = readers.setdefault(address.casefold(), audience.slug)
                if first != audience.slug:
                    raise ValueError(
                        f'a recipient belongs to one audience; one of "{audience.slug}" is also of "{first}"'
                    )
        return self

    @property
    def root(self) -> Path:
        """The office's folder."""
        return self._root

    @property
    def store_is_remote(self) -> bool:
        """Whether the store lies under a URL: it has no folder that could be looked at."""
        return is_url(self.store)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which days and weeks begin."""
        return ZoneInfo(self.time_zone)

    def now(self) -> datetime:
        """Return the office's present: the fixed clock of a sample office, else the machine's, in UTC."""
        return (self.fixed_clock or datetime.now(UTC)).astimezone(UTC)

    def week(self, slug: str) -> Week:
        """Return the reporting week called `slug` by this office's week rule."""
        return Week.parse(slug, starts=self.week_starts)

    def week_of(self, day: date) -> Week:
        """Return the reporting week that `day` lies in."""
        return Week.holding(day, starts=self.week_starts)

    def last_complete_week(self) -> Week:
        """Return the latest week whose seven days are over, in the office's time zone."""
        return self.week_of(self.now().astimezone(self.zone).date()).back(1)

    def area_called(self, slug: str) -> Area:
        """Return an area; raises UnknownName."""
        return _called("area", slug, self.area)

    def audience_called(self, slug: str) -> Audience:
        """Return an audience; raises UnknownName."""
        return _called("audience", slug, self.audience)

    def briefing_called(self, slug: str) -> Briefing:
        """Return a briefing; raises UnknownName."""
        return _called("briefing", slug, self.briefing)

    def source_called(self, slug: str) -> Source:
        """Return a source; raises UnknownName."""
        return _called("source", slug, self.source)

    def equivalents(self, level: Level) -> tuple[tuple[str, str], ...]:
        """Return what others call a level: (scheme, name), as the office maps it; not a rule of theirs."""
        return printed(self.marks, level)

    def path(self, relative: str) -> Path:
        """Return a configured path as a full one."""
        return self._root / relative


_Named = TypeVar("_Named", Area, Audience, Briefing, Source)


def _called(kind: str, slug: str, parts: Iterable[_Named]) -> _Named:
    known = {part.slug: part for part in parts}
    if slug not in known:
        raise UnknownName(kind, slug, known)
    return known[slug]


def load(folder: Path) -> Office:
    """
    Read the office in `folder`.

    Raises ConfigurationError if there is no workbench.toml, it is not TOML, a key is unknown or
    missing, or two parts of it disagree; the message names the key and what is allowed.
    """
    file = folder / FILE_NAME
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigurationError(
            f"There is no {FILE_NAME} in {folder}. Make an office with: workbench init {folder}"
        ) from None
    try:
        office = Office.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ConfigurationError(f"{file} is not valid TOML: {problem}. Correct that line.") from None
    except ValidationError as problem:
        raise ConfigurationError(_explain(file, problem, tomllib.loads(text))) from None
    office._root = folder.resolve()
    return office


def find(start: Path) -> Path:
    """Return the nearest folder at or above `start` that is an office; raises ConfigurationError."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / FILE_NAME).is_file():
            return folder
    raise ConfigurationError(
        f"Neither {start} nor a folder above it holds a {FILE_NAME}. "
        "Go to your office's folder, name it with --office, or make one: workbench init DIR"
    )


def _explain(file: Path, problem: ValidationError, said: dict[str, Any]) -> str:
    lines = []
    for error in problem.errors():
        where = _place(error["loc"], said) or "the file as a whole"
        what = (
            "is not a key the workbench knows"
            if error["type"] == "extra_forbidden"
            else error["msg"].removeprefix("Value error, ")
        )
        lines.append(f"  {where}: {what}")
    return (
        f"{file} cannot be used:\n"
        + "\n".join(lines)
        + "\nCorrect these keys; the comments in a fresh office explain each (workbench init OTHER)."
    )


def _place(steps: tuple[int | str, ...], said: dict[str, Any]) -> str:
    """Return where a key stands, an entry of a list by its slug, or by its number where it has none."""
    if len(steps) > 1 and isinstance(steps[1], int):
        entry = said[str(steps[0])][steps[1]]
        slug = entry.get("slug") if isinstance(entry, dict) else None
        named = f'"{slug}"' if isinstance(slug, str) else f"number {steps[1] + 1}"
        return " ".join((f"[[{steps[0]}]]", named, ".".join(str(step) for step in steps[2:]))).rstrip()
    return ".".join(str(step) for step in steps)
