"""How issues reach their readers: `[mail]` and `[[delivery]]`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from workbench.config._parts import Part, Slug, Words
from workbench.config.audience import LevelWord

Address = Annotated[str, Field(min_length=3, max_length=254)]


class Mail(Part):
    """The server that takes the office's mail, and what may be in a message."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Annotated[
        Literal["starttls", "tls", "none"],
        Field(description="`none` is for a server on this machine only."),
    ] = "starttls"
    ca_file: Annotated[str | None, Field(description="Certificates to trust beside the system's.")] = None
    user: str | None = None
    password: Annotated[
        str,
        Field(
            pattern=r"^(keyring|env:[A-Z][A-Z0-9_]*|file:.+)$",
            description="Where the password is: `keyring`, `env:NAME` or `file:PATH`; never the password.",
        ),
    ] = "keyring"  # noqa: S105  # where it is, not what it is
    sender: Address
    analysts: Annotated[
        tuple[Address, ...], Words, Field(description="Who is told of failures; they read private logs.")
    ] = ()
    text_up_to: Annotated[
        LevelWord,
        Field(description="The highest level of an audience whose text edition may stand in a message."),
    ] = "public"
    files_up_to: Annotated[
        LevelWord,
        Field(description="The highest level of an audience whose PDF may be attached without encryption."),
    ] = "internal"
    time_limit: Annotated[int, Field(ge=1, le=600, description="Seconds for one step of a message.")] = 60


class Delivery(Part):
    """One way that an audience's issues go to its readers, once they are released."""

    slug: Slug
    audience: Slug
    kind: Literal["folder", "mail"]
    path: Annotated[
        str | None, Field(description="Of `folder`: where packs are copied to, such as a synced share.")
    ] = None
    content: Annotated[
        Literal["note", "pdf", "text"],
        Field(
            description="Of `mail`: a note that an issue is ready; its PDF attached; or its text in the "
            "message, with the PDF."
        ),
    ] = "note"
    age_recipients: Annotated[
        tuple[Annotated[str, Field(pattern=r"^age1[a-z0-9]+$")], ...],
        Words,
        Field(description="Public keys of `age`: what is sent is encrypted to them."),
    ] = ()
    briefings: Annotated[tuple[Slug, ...], Words, Field(description="Unless said, all.")] = ()
    oldest_days: Annotated[
        int,
        Field(ge=1, le=400, description="An issue released longer ago than this is not sent any more."),
    ] = 7
