"""By mail: one message for each reader whom both the signed manifest and the configuration name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from workbench import audit
from workbench.config import Office
from workbench.config.mail import Delivery
from workbench.errors import ConfigurationError
from workbench.keys import Keys, keys_of
from workbench.outbox import _message, _names
from workbench.outbox._content import Prepared, prepared
from workbench.outbox._ledger import Entry, Key, Ledger
from workbench.outbox._message import Envelope
from workbench.outbox._server import Later, NoAnswer, Refused, Server
from workbench.outbox._standing import Issue
from workbench.publish import pack

BY = "workbench deliver"
"""Who sends, in the audit log."""

_FIRST_PAUSE = timedelta(minutes=5)
_LONGEST_PAUSE = timedelta(hours=6)

WITHHELD = ("not_whole", "no_release", "age")
"""Why a whole pack stays: its entry names no reader."""


@dataclass
class Run:
    """One dispatch at work: what it works with, and what it has counted so far."""

    office: Office
    ledger: Ledger
    server: Server | None
    now: datetime
    at_once: bool
    progress: Callable[[str], None]
    entries: dict[Key, Entry] = field(default_factory=dict)
    sent: int = 0
    recalls: int = 0
    copied: int = 0
    skipped: int = 0
    lowered: int = 0

    @property
    def keys(self) -> Keys:
        """The office's keys."""
        return keys_of(self.office)

    def read(self) -> None:
        """Read the ledger's entries."""
        self.entries = {one.key: one for one in self.ledger.entries()}

    def open_for(self, key: Key) -> bool:
        """Whether what an entry is about is to be sent now: not yet, or its next try is due."""
        known = self.entries.get(key)
        if known is None or known.state in {"sending", "again"}:
            return True
        if known.state == "dropped":
            return True  # what it was dropped for is no longer so: its reader was configured again
        due = known.next_try_at is None or known.next_try_at <= self.now
        return known.state == "failed" and (due or self.at_once)

    def failed(self, number: int, key: Key, reason: str) -> None:
        """Write down a failure, with a pause before the next try that doubles each time."""
        known = self.entries.get(key)
        pause = min(_FIRST_PAUSE * 2 ** min(known.attempts if known else 0, 10), _LONGEST_PAUSE)
        self.ledger.put(number, "failed", reason, next_try_at=self.now + pause)

    def withheld(self, key: Key, edition: str, reason: str) -> None:
        """Write down why a whole pack or folder waits."""
        self.failed(self.ledger.begin(key, edition=edition, message=""), key, reason)

    def settled(self, key: Key) -> None:
        """Write down that nothing keeps a whole pack or folder back any more."""
        known = self.entries.get(key)
        if known is not None and known.state in {"failed", "sending", "again"}:
            self.ledger.put(known.number, "dropped")


def post(run: Run, entry: Delivery, issues: Sequence[Issue]) -> None:
    """Send the issues of an audience that a [[delivery]] covers to its readers, and write down each."""
    for issue in issues:
        found = waiting(run, entry, issue)
        if found:
            _post(run, entry, issue, found)


def waiting(run: Run, entry: Delivery, issue: Issue) -> list[tuple[str, Key]]:
    """Return the readers whom an issue is to be sent to now, each with the key of its entry."""
    audience = run.office.audience_called(entry.audience)
    briefing = issue.manifest.briefing
    if issue.manifest.audience != audience.slug or briefing not in audience.briefings:
        return []
    if not entry.covers(briefing):
        return []
    named = _names.both(audience.recipients, issue.manifest.recipients)
    either = {one.casefold() for one in (*audience.recipients, *issue.manifest.recipients)}
    whole = run.entries.get(Key(issue.digest, entry.slug, _names.FOLDER, "issue"))
    asked = whole is not None and whole.state == "again"
    within = asked or issue.within(entry.oldest_days, run.now)
    run.skipped += (len(either) - len(named)) if within else 0
    keyed = [(address, key_of(run, entry, issue, address)) for address in named]
    return [(address, key) for address, key in keyed if _wanted(run, key, within=within)]


def key_of(run: Run, entry: Delivery, issue: Issue, address: str) -> Key:
    """Return what an entry about an issue and one reader is called."""
    reader = _names.reader(run.keys, entry.audience, address)
    return Key(issue.digest, entry.slug, reader, "issue")


def _wanted(run: Run, key: Key, *, within: bool) -> bool:
    known = run.entries.get(key)
    if known is not None and known.state == "again":
        return True
    if not within or (known is not None and known.state == "sent"):
        return False
    if run.open_for(key):
        return True
    run.skipped += 1
    return False


def _post(run: Run, entry: Delivery, issue: Issue, readers: Sequence[tuple[str, Key]]) -> None:
    whole = Key(issue.digest, entry.slug, _names.FOLDER, "issue")
    message = _ready(run, entry, issue, whole)
    if message is None:
        return
    run.settled(whole)
    if message.lowered:
        run.lowered += len(readers)
        run.progress(f"{entry.slug}: {issue.edition}: only a {message.content} goes out: {message.lowered}")
    run.progress(f"{entry.slug}: {issue.edition}: {len(readers)} messages")
    for address, key in readers:
        follows = _earlier(run, entry, issue, key)
        if send(run, key, address, edition=issue.edition, message=message, follows=follows):
            run.sent += 1


def _ready(run: Run, entry: Delivery, issue: Issue, whole: Key) -> Prepared | None:
    """Return the message about an issue; None, with the reason written down, where it must not go out."""
    reason = "not_whole" if pack.verify(issue.folder, public=run.keys.public) else ""
    if not reason and issue.released_at is None:
        reason = "no_release"
    if not reason:
        try:
            return prepared(run.office, entry, issue)
        except ConfigurationError:
            reason = "age"
        except OSError:
            reason = "not_whole"
    if run.open_for(whole):
        run.withheld(whole, issue.edition, reason)
    return None


def _earlier(run: Run, entry: Delivery, issue: Issue, key: Key) -> str:
    """Return the Message-ID of the last message to a reader about this issue, or ""."""
    place = issue.edition.rpartition("/")[0]
    return next(
        (
            one.message
            for one in reversed(tuple(run.entries.values()))
            if (one.key.delivery, one.key.recipient, one.key.what) == (entry.slug, key.recipient, "issue")
            and one.edition.rpartition("/")[0] == place
            and _names.parts(one.edition)[2] == issue.manifest.language
            and one.state in {"sent", "unknown"}
        ),
        "",
    )


def send(run: Run, key: Key, address: str, *, edition: str, message: Prepared, follows: str) -> bool:
    """
    Send one message to one reader and write down, before and after, how far it came; whether it left.

    Whatever the server says is written down and ends nothing else.
    """
    if run.server is None or run.office.mail is None:
        run.withheld(key, edition, "no_mail")
        return False
    sender = run.office.mail.sender
    name = _names.message(key, sender)
    number = run.ledger.begin(key, edition=edition, message=name)
    content = _message.composed(
        Envelope(sender, address, name, run.now, follows), message.subject, message.body, message.attachments
    )
    try:
        run.server.send(content, address, before_end=lambda: run.ledger.put(number, "handing"))
    except Refused as problem:
        run.ledger.put(number, "refused", problem.reason)
    except NoAnswer as problem:
        run.ledger.put(number, "unknown", problem.reason)
    except Later as problem:
        run.failed(number, key, problem.reason)
    else:
        run.ledger.put(number, "sent")
        log(run, number, key, edition=edition, message=name)
        return True
    return False


def log(run: Run, number: int, key: Key, *, edition: str, message: str) -> None:
    """Write into the audit log that something was sent, by ids."""
    audit.append(
        run.office, "sent", by=BY, at=run.now, edition=edition, pack=key.pack, delivery=key.delivery,
        recipient=key.recipient, what=key.what, message=message,
    )  # fmt: skip
    run.ledger.logged(number)


def log_rest(run: Run) -> None:
    """Write into the audit log what a killed dispatch had sent and not written there yet."""
    for one in [one for one in run.entries.values() if one.state == "sent" and not one.logged]:
        ids = {"pack": one.key.pack, "delivery": one.key.delivery, "recipient": one.key.recipient}
        if audit.holds(run.office, "sent", **ids, what=one.key.what):
            run.ledger.logged(one.number)
        else:
            log(run, one.number, one.key, edition=one.edition, message=one.message)
