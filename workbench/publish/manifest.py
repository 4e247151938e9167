"""The manifest: what a pack is, what it was made from, and the digest of every file in it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from workbench.errors import StoreError

NAME = "manifest.json"
SIGNATURE = "manifest.sig"

Status = Literal["draft", "released"]
"""What a pack is; that a released one was corrected or recalled since stands in what came after it."""

_LONGEST_LIST = 60


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("an instant needs a zone, such as 2026-11-16T06:00:00Z")
    return moment.astimezone(UTC)


Instant = Annotated[datetime, AfterValidator(_utc)]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Period = Annotated[str, Field(pattern=r"^[0-9]{4}-W[0-9]{2}$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
FileName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}\.[a-z0-9]{1,8}$")]


class Part(BaseModel):
    """A part of what is written beside a document; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class SourceLine(Part):
    """One source a pack rests on: its licence, when it was last delivered, the last day it tells of."""

    source: Slug
    title: str
    licence: str
    attribution: str
    delivered_at: Instant | None
    last_dated: date | None


class Manifest(Part):
    """
    What one pack is. The same inputs give the same bytes: there is no clock in it but `as_of`.

    `digests` name what went in (view, notebook, templates, policy, words ...), `inputs` is one digest over
    all of these, the parameters and the version of the workbench, `versions` are those of the libraries. An
    order whose `inputs` and `versions` are those of a version that is there, with `files` intact, is not
    run again: that version stands. `digests["content"]` is the same without the time of the last pull: where
    only that is new, the last version stands too. `files` name what came out, `document` what they were set
    from. `corrects` is
    the earlier version that this one replaces, `changes` what it changes of it. `compared_with` is the
    cut-off of the issue whose revisions this one tells. `recipients` are the audience's addresses,
    `released_by` those who released it, as they named themselves.
    """

    briefing: Slug
    area: Slug
    area_name: str
    period: Period
    audience: Slug
    marking: Annotated[str, Field(min_length=1)]
    language: Language
    as_of: Instant
    compared_with: Instant | None
    status: Status
    version: Annotated[int, Field(ge=1)]
    corrects: Annotated[int, Field(ge=1)] | None
    recipients: tuple[str, ...]
    released_by: tuple[str, ...]
    changes: Annotated[tuple[str, ...], Field(max_length=_LONGEST_LIST)]
    fictional: bool
    title: str
    bottom_line: str
    prepared_by: str
    reviewer: str
    parameters: dict[str, bool | int | float | str | None]
    inputs: Digest
    digests: dict[str, Digest]
    document: Digest
    files: Annotated[dict[FileName, Digest], Field(min_length=1)]
    versions: dict[str, str]
    sources: tuple[SourceLine, ...]

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if self.corrects is not None and self.corrects >= self.version:
            raise ValueError("a version corrects an earlier one")
        if {NAME, SIGNATURE} & set(self.files):
            raise ValueError("a manifest cannot hold its own digest")
        if self.status == "draft" and self.released_by:
            raise ValueError("nobody has released a draft")
        if self.changes and self.corrects is None:
            raise ValueError("only what corrects a version changes it")
        return self

    def to_bytes(self) -> bytes:
        """Return it as JSON: UTF-8, sorted keys, a newline at the end; equal manifests, equal bytes."""
        content = self.model_dump(mode="json")
        return (json.dumps(content, ensure_ascii=False, sort_keys=True, indent=2) + "\n").encode("utf-8")

    @classmethod
    def from_bytes(cls, content: bytes) -> Manifest:
        """
        Return the manifest that `to_bytes` wrote.

        Raises StoreError, naming fields but no values, if it is not JSON, a field is missing, unknown
        or ill-typed, or it was not written in exactly this form.
        """
        try:
            manifest = cls.model_validate_json(content)
        except ValidationError as problem:
            fields = sorted(
                {".".join(str(step) for step in one["loc"]) or "JSON" for one in problem.errors()}
            )
            raise StoreError(
                f"A manifest is not as the workbench writes it: {', '.join(fields)}. "
                "Restore the pack from a copy; packs are never edited."
            ) from None
        if manifest.to_bytes() != content:
            raise StoreError(
                "A manifest was rewritten by something else. "
                "Restore the pack from a copy; packs are never edited."
            )
        return manifest
