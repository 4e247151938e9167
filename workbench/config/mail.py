"""How issues reach their readers: `[mail]` and `[[delivery]]`."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from workbench.config._parts import Part, Slug, Words
from workbench.config.audience import Audience, LevelWord
from workbench.config.labels import level

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?=.{{3,254}}\Z)(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
"""A mailbox as RFC 5321 has it, without its quoted and its literal forms: nothing in it ends a header."""


def is_address(text: str) -> bool:
    """Whether a text is exactly one mail address, in ASCII, and nothing beside it: no name, no blank."""
    return _ADDRESS.fullmatch(text) is not None


def _an_address(text: str) -> str:
    if not is_address(text):
        # not repeated: it may be a person's
        raise ValueError(
            "this is not exactly one address, such as desk@example.org; letters that are not ASCII are not "
            "taken, a domain of such is written xn--..."
        )
    return text


Address = Annotated[str, Field(min_length=3, max_length=254), AfterValidator(_an_address)]


Content = Literal["note", "pdf", "text"]


class Mail(Part):
    """The server that takes the office's mail, and what may be in a message."""

    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:-]{1,253}$")]
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Annotated[
        Literal["starttls", "tls", "none"],
        Field(description="`none` is for a server on this machine only."),
    ] = "starttls"
    ca_file: Annotated[str | None, Field(description="Certificates to trust beside the system's.")] = None
    user: Annotated[
        str | None,
        Field(min_length=1, description="Who logs in; unless said, nobody does."),
    ] = None
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
        str | None,
        Field(
            min_length=1,
            description="Of `folder`: where all that the audience's index page lists is copied to, such as a "
            "synced share.",
        ),
    ] = None
    content: Annotated[
        Content | None,
        Field(
            description="Of `mail`: a note that an issue is ready, unless said; its PDF attached; or its "
            "text in the message, with the PDF."
        ),
    ] = None
    age_recipients: Annotated[
        tuple[Annotated[str, Field(pattern=r"^age1[a-z0-9]+$")], ...],
        Words,
        Field(description="Public keys of `age`: what is sent is encrypted to them."),
    ] = ()
    briefings: Annotated[tuple[Slug, ...], Words, Field(description="Of `mail`: unless said, all.")] = ()
    oldest_days: Annotated[
        int,
        Field(
            ge=1,
            le=400,
            description="Of `mail`: an issue released longer ago than this is not sent any more.",
        ),
    ] = 7

    def covers(self, briefing: str) -> bool:
        """Whether issues of a briefing go this way."""
        return not self.briefings or briefing in self.briefings


def is_here(host: str) -> bool:
    """Whether a host is this machine, which no wire leads to."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


def too_high(mail: Mail, audience: Audience, content: Content) -> str | None:
    """Return the key of [mail] that keeps this content from going to an audience in clear, or None."""
    if content == "text" and audience.clearance > level(mail.text_up_to):
        return "text_up_to"
    if content != "note" and audience.clearance > level(mail.files_up_to):
        return "files_up_to"
    return None


def check_mail(
    mail: Mail | None,
    deliveries: Sequence[Delivery],
    audiences: Sequence[Audience],
    *,
    folders: Mapping[str, str],
) -> None:
    """
    Raise ValueError, naming entry and key, where [mail], [[delivery]] and [[audience]] do not go together.

    `folders`: the office's own, by the key that names each, relative to its folder, in which nothing is
    delivered.
    """
    if mail is not None and mail.security == "none" and not is_here(mail.host):
        raise ValueError(
            'mail: security = "none" would send passwords and issues in clear: it is for a server on this '
            'machine only, such as localhost. Say "starttls" or "tls".'
        )
    readers = {one.slug: one for one in audiences}
    for entry in deliveries:
        for problem in _problems(mail, entry, readers):
            raise ValueError(f'delivery "{entry.slug}": {problem}')
    _expect_one_way(deliveries, readers)
    _expect_own_folders(deliveries, folders)


def _problems(mail: Mail | None, entry: Delivery, readers: Mapping[str, Audience]) -> Iterator[str]:
    audience = readers.get(entry.audience)
    if audience is None:
        yield f'audience names "{entry.audience}", which is no [[audience]]; known: {", ".join(readers)}'
        return
    for slug in entry.briefings:
        if slug not in audience.briefings:
            yield f'briefings names "{slug}", which the audience "{audience.slug}" does not receive'
    if entry.kind == "folder":
        if entry.path is None:
            yield "a folder needs path: where packs are copied to"
        if entry.content is not None:
            yield "content is for mail; a folder holds whole packs"
        if entry.briefings:
            yield "briefings is for mail; a folder holds all that the audience's index page lists"
    else:
        yield from _mail_problems(mail, entry, audience)


def _mail_problems(mail: Mail | None, entry: Delivery, audience: Audience) -> Iterator[str]:
    if mail is None:
        yield "mail needs a [mail] table: the server, and the sender's address"
        return
    if entry.path is not None:
        yield "path is for a folder; mail goes to the audience's recipients"
    if not audience.recipients:
        yield f'the audience "{audience.slug}" has no recipients'
    if not all(map(is_address, audience.recipients)):
        yield f'one of the recipients of the audience "{audience.slug}" is not exactly one address'
    if len({one.casefold() for one in audience.recipients}) < len(audience.recipients):
        yield f'the audience "{audience.slug}" names a recipient twice'
    content = entry.content or "note"
    key = too_high(mail, audience, content)
    if key is not None and not entry.age_recipients:
        yield (
            f'content = "{content}" is above what [mail] {key} = "{getattr(mail, key)}" lets an audience of '
            f'level "{audience.level}" be sent in clear: say content = "note", or name age_recipients'
        )


def _expect_one_way(deliveries: Sequence[Delivery], readers: Mapping[str, Audience]) -> None:
    """Raise ValueError if an issue would be mailed to the same readers twice."""
    taken: dict[tuple[str, str], str] = {}
    for entry in deliveries:
        if entry.kind != "mail":
            continue
        for briefing in entry.briefings or readers[entry.audience].briefings:
            first = taken.setdefault((entry.audience, briefing), entry.slug)
            if first != entry.slug:
                raise ValueError(
                    f'delivery "{entry.slug}": briefings: the delivery "{first}" mails "{briefing}" to the '
                    f'audience "{entry.audience}" already'
                )


def _expect_own_folders(deliveries: Sequence[Delivery], folders: Mapping[str, str]) -> None:
    """Raise ValueError if a target lies in, or around, another or a folder of the office."""
    taken = {f"the office's {name}": place for name, place in folders.items()}
    for entry in deliveries:
        if entry.path is None:
            continue
        for owner, place in taken.items():
            if overlap(Path(entry.path), Path(place)):
                raise ValueError(
                    f'delivery "{entry.slug}": path lies in, or around, {owner}; give each audience a folder '
                    "of its own, outside of these"
                )
        taken[f'the path of the delivery "{entry.slug}"'] = entry.path


def overlap(one: Path, other: Path) -> bool:
    """Whether one path is the other or lies in it, as they are written; both relative to the same folder."""
    first, second = (_folded(path) for path in (one, other))
    return first.is_relative_to(second) or second.is_relative_to(first)


def _folded(path: Path) -> Path:
    # `..` is folded as text: the configuration is read where its folders need not be there
    return Path(os.path.normcase(os.path.abspath(path)))  # noqa: PTH100  # as said
