"""What every part of the configuration is built of: strict frozen models, slugs and lists of words."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field


def known(words: tuple[str, ...], what: str) -> Any:
    """Return the validator that refuses every value but `words`; `what` is what they are called."""

    def check(value: str) -> str:
        if value not in words:
            raise ValueError(f'"{value}" is not a {what}; known: {", ".join(words)}')
        return value

    return AfterValidator(check)


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


# No folder on Windows can have one of these names, and slugs name folders.
_RESERVED = re.compile(r"con|prn|aux|nul|(com|lpt)[1-9]")


def _a_folders_name(value: str) -> str:
    if _RESERVED.fullmatch(value):
        raise ValueError(f'"{value}" cannot name a folder on Windows; choose another')
    return value


Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$"), AfterValidator(_a_folders_name)]
Words = BeforeValidator(_as_tuple)


class Part(BaseModel):
    """A table of the file: frozen, of exact types, and with no key that is not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
