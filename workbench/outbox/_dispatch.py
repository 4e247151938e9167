"""One dispatch: what is released, configured and not yet sent goes out; nothing goes twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from workbench.config import Office
from workbench.outbox import _analysts, _folder, _mailing, _recalls
from workbench.outbox._facts import Dispatched
from workbench.outbox._ledger import Key, Ledger, file_of, opened
from workbench.outbox._mailing import Run
from workbench.outbox._server import Server
from workbench.outbox._standing import Standing, standing

_LOCK = ".outbox.lock"


def dispatch(
    office: Office, *, now: datetime, progress: Callable[[str], None], at_once: bool = False
) -> Dispatched:
    """
    Send what is released, configured and not yet sent; tell who has it of recalls, and analysts of failures.

    It goes by state: the packs on disk whose signature and files hold, the audit log (released when, recalled
    or not), workbench.toml and the outbox's ledger. Of each issue only the latest version that stands goes to
    mail, to readers whom both its signed manifest and the configuration name. A folder holds all that its
    audience's index page lists. `at_once`: also what waits for its next try. `now` stands in the messages.

    What one reader, pack or folder runs into ends nothing else. Two at once: the second does nothing, and
    says so (`busy`). Raises StoreError if the audit log is broken, StorageFull if the ledger's disk is full.
    """
    from filelock import FileLock, Timeout

    if not office.delivery and not file_of(office).is_file():
        return Dispatched()
    private = office.path(office.private)
    private.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with FileLock(private / _LOCK, timeout=0):
            return _dispatch(office, now=now, progress=progress, at_once=at_once)
    except Timeout:
        return Dispatched(failures=Ledger(file_of(office)).open(), busy=True)


def _dispatch(office: Office, *, now: datetime, progress: Callable[[str], None], at_once: bool) -> Dispatched:
    ledger, damaged = opened(office)
    if damaged:
        progress("the outbox's ledger was damaged: it was put aside, and begun anew from the audit log")
    server = Server(office, office.mail) if office.mail is not None else None
    run = Run(office, ledger, server, now, at_once, progress)
    run.read()
    _mailing.log_rest(run)
    found = _found(run)
    try:
        _recalls.tell(run, found)
        for entry in office.delivery:
            if entry.kind == "folder":
                _folder.put(run, entry, found[entry.audience])
            else:
                _mailing.post(run, entry, found[entry.audience].issues)
        run.read()
        _folder.left_behind(run, tuple(found.values()))
        _close(run, found)
        failures = ledger.open()
        _analysts.tell(run, failures)
    finally:
        if server is not None:
            server.close()
    return Dispatched(run.sent, run.recalls, run.copied, run.skipped, run.lowered, ledger.open(), busy=False)


def _found(run: Run) -> dict[str, Standing]:
    """Return what each audience has to which anything goes or went."""
    before = {one.edition.partition("/")[0] for one in run.entries.values() if one.edition}
    slugs = {one.audience for one in run.office.delivery} | before
    return {slug: standing(run.office, slug) for slug in sorted(slugs)}


def _close(run: Run, found: dict[str, Standing]) -> None:
    """
    Close what will not be sent any more: no longer wanted, or too old.

    What is unknown stays so until a person says what became of it, or the reader has something newer.
    """
    wanted, whole = _wanted(run, found)
    for key, one in run.entries.items():
        if key.what == "recall":
            continue
        if not key.recipient:
            within = whole.get((key.delivery, key.pack))
            if one.state in {"sending", "failed", "again", "given_up"} and within is None:
                run.ledger.put(one.number, "dropped")
            elif one.state == "failed" and not within:
                run.ledger.put(one.number, "given_up", one.reason)
        elif key not in wanted:
            if one.state in {"sending", "failed", "again", "refused", "given_up"} or (
                one.state == "unknown" and _has_newer(run, key, one.edition)
            ):
                run.ledger.put(one.number, "dropped")
        elif one.state in {"failed", "sending"} and not wanted[key]:
            run.ledger.put(one.number, "given_up", one.reason or "connect")


def _wanted(run: Run, found: dict[str, Standing]) -> tuple[dict[Key, bool], dict[tuple[str, str], bool]]:
    """
    Return what entries are about that stands today: of mail, each with whether it is young enough.

    And the same for packs and folders as a whole: (delivery, pack), of a folder itself with the pack "".
    """
    wanted: dict[Key, bool] = {}
    whole: dict[tuple[str, str], bool] = {}
    for entry in run.office.delivery:
        audience = run.office.audience_called(entry.audience)
        has = found[entry.audience]
        if entry.kind == "folder":
            whole |= dict.fromkeys([(entry.slug, one) for one in ("", *has.digests)], True)
            continue
        for issue in has.issues:
            if entry.covers(issue.manifest.briefing) and issue.manifest.briefing in audience.briefings:
                within = issue.within(entry.oldest_days, run.now)
                whole[entry.slug, issue.digest] = within
                for address in audience.recipients:
                    wanted[_mailing.key_of(run, entry, issue, address)] = within
    return wanted, whole


def _has_newer(run: Run, key: Key, edition: str) -> bool:
    """Whether a reader was sent another version of an issue, or told that this one was recalled."""
    place = edition.rpartition("/")[0]
    return any(
        one.state == "sent"
        and (other.delivery, other.recipient) == (key.delivery, key.recipient)
        and one.edition.rpartition("/")[0] == place
        and (other.what == "recall" or other.pack != key.pack)
        for other, one in run.entries.items()
    )
