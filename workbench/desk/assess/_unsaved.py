"""What was typed into an assessment and not saved: kept on this machine, over the file as it was then."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from workbench.config import Office
from workbench.desk._drafts import drop_draft, keep_draft, kept_draft
from workbench.desk.assess._document import Written, document_of
from workbench.desk.assess._week import Assessment
from workbench.errors import UserError


@dataclass(frozen=True)
class Unsaved:
    """
    An assessment with what was typed into it, by whoever signs, and not saved.

    The document of `assessment` is that of the file as it was when it was typed: saved, it is merged with
    what the file says by then, as if it had stayed open.
    """

    assessment: Assessment
    statements: tuple[Written, ...] = field(repr=False)
    keys: Mapping[str, str] = field(repr=False)


def keep_unsaved(
    opened: Assessment, statements: Sequence[Written], keys: Mapping[str, str], *, by: str
) -> None:
    """Keep what is typed, in the place of what was kept before; raises UserError or StorageFull."""
    told = [{"part": one.part, "values": dict(one.values), "origin": one.origin} for one in statements]
    content = {"base": opened.document.text, "statements": json.dumps(told), "keys": json.dumps(dict(keys))}
    keep_draft(opened.office, _form(opened.area, opened.week.slug), by, content)


def kept_unsaved(opened: Assessment, *, by: str) -> Unsaved | None:
    """Return what was typed into this assessment and not saved; None where nothing was, or it is damaged."""
    draft = kept_draft(opened.office, _form(opened.area, opened.week.slug), by)
    try:
        document = document_of(draft["base"], file=opened.name)
        statements = tuple(
            _statement(one, len(document.statements)) for one in json.loads(draft["statements"])
        )
        keys = {str(key): str(value) for key, value in json.loads(draft["keys"]).items()}
    except (KeyError, TypeError, ValueError, AttributeError, UserError):
        return None
    return Unsaved(replace(opened, document=document), statements, keys)


def drop_unsaved(opened: Assessment, *, by: str) -> None:
    """Let it go: it was saved, or is not wanted; raises UserError."""
    drop_draft(opened.office, _form(opened.area, opened.week.slug), by)


def has_unsaved(office: Office, *, area: str, week: str, by: str) -> bool:
    """Whether something was typed into the assessment of a week and not saved."""
    return bool(kept_draft(office, _form(area, week), by))


def _form(area: str, week: str) -> str:
    return f"assessment-{area}-{week}"


def _statement(said: Mapping[str, object], number: int) -> Written:
    """Return a statement as it was kept; raises ValueError for what is none of a file of `number` of them."""
    part, values, origin = said["part"], said["values"], said["origin"]
    if not isinstance(part, str) or not isinstance(values, dict):
        raise ValueError
    if origin is not None and (not isinstance(origin, int) or not 0 <= origin < number):
        raise ValueError
    return Written(part, {str(key): str(value) for key, value in values.items()}, origin)
