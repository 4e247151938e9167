"""Issues go by mail to those whom manifest and configuration name, each once, and hold what they may."""

from __future__ import annotations

import ssl
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.outbox.offices import ANALYSTS, NOW, READERS, Desk, canary, delivery, mail
from tests.outbox.server import Mailbox, serving
from workbench import audit
from workbench.errors import ConfigurationError
from workbench.outbox import again, failures, planned
from workbench.publish import recall

FIRST, SECOND, THIRD = READERS["partners"]


def whole(message: EmailMessage) -> str:
    """Return everything of a message as a reader has it: headers, texts and files, decoded."""
    parts = [f"{name}: {value}" for name, value in message.items()]
    for part in message.walk():
        if not part.is_multipart():
            parts += [f"{name}: {value}" for name, value in part.items()]
            parts.append(part.get_payload(decode=True).decode("utf-8", "replace"))
    return "\n".join(parts)


def files(message: EmailMessage) -> dict[str, bytes]:
    """Return the attachments of a message."""
    return {one.get_filename(): one.get_payload(decode=True) for one in message.iter_attachments()}


def body(message: EmailMessage) -> str:
    """Return the text of a message."""
    part = message.get_body(("plain",))
    assert part is not None
    return part.get_content().replace("\r\n", "\n")


def test_each_reader_gets_one_message_of_their_own(partners: Desk, box: Mailbox) -> None:
    """One recipient in the envelope and one address in `To`; a second dispatch sends nothing."""
    done = partners.send()
    assert (done.sent, done.failures, done.lowered) == (3, (), 0)
    assert [recipient for recipient, _ in box.taken] == [FIRST, SECOND, THIRD]
    for recipient, message in box.taken:
        assert message["To"] == recipient
        assert not {"cc", "bcc", "sender", "reply-to"} & {name.casefold() for name in message}
        assert not [one for one in READERS["partners"] if one != recipient and one in whole(message)]
    assert len({message["Message-ID"] for _, message in box.taken}) == 3
    assert set(box.hello) == {"office.example"}, "the machine's own name stays here"
    assert partners.send(after=timedelta(days=1)).sent == 0
    assert len(box.taken) == 3


def test_what_a_message_says_of_itself(partners: Desk, box: Mailbox) -> None:
    """The subject tells the week alone; the body is the marked text edition; the PDF's name is neutral."""
    partners.send()
    _, message = box.taken[0]
    assert message["Subject"] == "Briefing 2026-W46 is ready"
    assert (message["From"], message["Auto-Submitted"]) == ("desk@office.example", "auto-generated")
    assert message["Date"].datetime == NOW
    assert body(message).startswith("FOR PARTNERS")
    assert canary("partners", "text") in body(message)
    assert "\n.\n" in body(message), "a line that is one dot arrives"
    assert files(message) == {"briefing-2026-W46-v1.pdf": b"%PDF zqpartnerspdfqz 1"}
    assert box.raw[0].isascii()
    assert not b"".join(box.raw).replace(b"\r\n", b"").count(b"\n")


def test_nothing_of_another_audience_is_in_a_message(
    issued: Desk, box: Mailbox, trust: tuple[ssl.SSLContext, Path]
) -> None:
    """Canaries and addresses of other audiences reach nobody, and a note holds no word of the issue."""
    entries = (
        delivery("a", "leadership") + delivery("b", "internal", content="note")
        + delivery("c", "partners", content="text")
    )  # fmt: skip
    issued.say(entries, mail(box.port, trust[1]))
    assert issued.send().sent == 7
    for recipient, message in box.taken:
        own = next(audience for audience, addresses in READERS.items() if recipient in addresses)
        said = whole(message)
        for other in READERS:
            assert (f"zq{other}" in said) == (other == own == "partners")
            assert not [one for one in READERS[other] if one != recipient and one in said]
        if own != "partners":
            assert not files(message)
            assert not {"estara", "onfidential", "CONFIDENTIAL", "eekly", own} & set(
                said.replace(",", " ").split()
            )
            assert "Kestara" not in said
            assert "CONFIDENTIAL" not in said


def test_only_who_is_named_in_both_gets_it(partners: Desk, box: Mailbox) -> None:
    """Who was added after the release, and who was taken out since, gets nothing; case does not matter."""
    partners.readers("partners", FIRST.upper(), "new@partner.example")
    done = partners.send()
    assert [recipient for recipient, _ in box.taken] == [FIRST.upper()]
    assert (done.sent, done.skipped) == (1, 3)


def test_drafts_old_issues_and_damaged_packs_stay(partners: Desk, box: Mailbox) -> None:
    """What is too old is not sent; a pack that was changed is told of instead, and goes once it is mended."""
    folder = partners.office.path("outputs/partners/weekly_conflict/kestara/2026-W46/v1")
    assert partners.send(after=timedelta(days=8)).sent == 0
    page = folder / "briefing.html"
    page.write_bytes(page.read_bytes() + b" ")
    done = partners.send()
    assert (done.sent, [(one.reason, one.recipient) for one in done.failures]) == (0, [("not_whole", "")])
    assert [recipient for recipient, _ in box.taken] == [ANALYSTS]
    partners.send(after=timedelta(days=8))
    assert [(one.state, one.reason) for one in failures(partners.office)] == [("given_up", "not_whole")]
    page.write_bytes(page.read_bytes()[:-1])
    again(partners.office, failures(partners.office)[0].number)
    assert partners.send(after=timedelta(days=9)).sent == 3, "a person says so, however old it is"
    assert failures(partners.office) == ()


def test_an_issue_without_a_release_on_record_stays(partners: Desk, box: Mailbox) -> None:
    """A signed pack that the audit log does not know of reaches nobody."""
    for name in ("audit.jsonl", "audit.head"):
        (partners.folder / "private" / name).unlink()
    done = partners.send()
    assert (done.sent, [one.reason for one in done.failures]) == (0, ["no_release"])
    assert not [one for one, _ in box.taken if one != ANALYSTS]


def test_of_a_corrected_issue_the_last_version_goes(partners: Desk, box: Mailbox) -> None:
    """It says what it corrects, in the thread of the one before; who comes late gets the last one only."""
    partners.send()
    partners.release("partners", version=2, changes=["One more."])
    partners.release("partners", version=3)
    assert partners.send().sent == 3
    first, last = box.to(FIRST)
    assert last["Subject"] == "Briefing 2026-W46: a corrected version is ready"
    assert "Version 3 replaces version 2." in body(last)
    assert last["In-Reply-To"] == first["Message-ID"]
    assert list(files(last)) == ["briefing-2026-W46-v3.pdf"]


def test_a_recall_is_told_once_to_all_who_got_it(partners: Desk, box: Mailbox) -> None:
    """Also to who was taken out since; it holds no word of the issue, and readers of others hear nothing."""
    partners.send()
    folder = partners.office.path("outputs/partners/weekly_conflict/kestara/2026-W46/v1")
    recall(partners.office, folder, by="Head", because="It names Ozymandias.")
    partners.readers("partners", SECOND, THIRD, "new@partner.example")
    first = len(box.taken)
    done = partners.send()
    assert (done.sent, done.recalls, done.failures) == (0, 3, ())
    notes = box.taken[first:]
    assert sorted(recipient for recipient, _ in notes) == sorted(READERS["partners"])
    for recipient, message in notes:
        said = whole(message)
        assert message["Subject"] == "Briefing 2026-W46: version 1 was recalled"
        assert message["In-Reply-To"] == box.to(recipient)[0]["Message-ID"]
        assert "do not use it" in said
        assert "Delete every copy" in said
        assert not [word for word in ("zqpartners", "Kestara", "Ozymandias", "weekly") if word in said]
    assert partners.send(after=timedelta(days=400)).recalls == 0


def test_a_version_that_a_recalled_one_corrected_is_void_too(partners: Desk, box: Mailbox) -> None:
    """Who has it, and never got the correction, is told; it is not sent to anybody again."""
    partners.send()
    second = partners.release("partners", version=2)
    recall(partners.office, second, by="Head", because="Wrong.")
    done = partners.send()
    assert (done.sent, done.recalls) == (0, 3)
    assert box.to(FIRST)[-1]["Subject"] == "Briefing 2026-W46: version 1 was recalled"
    third = partners.release("partners", version=3, changes=["Version 2 was recalled: do not use it."])
    assert third.is_dir()
    assert partners.send().sent == 3


def test_a_pack_of_another_policy_goes_out_as_a_note(partners: Desk, box: Mailbox) -> None:
    """Where what the audience may read has changed since, the message says less and the dispatch says so."""
    file = partners.folder / "workbench.toml"
    text = file.read_text(encoding="utf-8")
    head, mark, rest = text.partition('slug = "partners"\n')
    rest = rest.replace('place_precision = "district"', 'place_precision = "area"', 1)
    file.write_text(head + mark + rest, encoding="utf-8")
    plan = planned(partners.office, now=NOW)
    assert [(one.content, one.recipients) for one in plan] == [("note", 3)]
    assert "policy" in plan[0].lowered
    assert partners.send().lowered == 3
    assert not [message for _, message in box.taken if "zqpartners" in whole(message)]


def test_without_the_document_the_text_stays_and_the_pdf_goes(partners: Desk, box: Mailbox) -> None:
    """The text edition is set from the signed document alone."""
    for one in (partners.folder / "private" / "documents").iterdir():
        one.write_bytes(one.read_bytes() + b" ")
    assert partners.send().lowered == 3
    _, message = box.taken[0]
    assert canary("partners", "text") not in whole(message)
    assert list(files(message)) == ["briefing-2026-W46-v1.pdf"]


def test_encrypted_to_the_audiences_key(
    issued: Desk, box: Mailbox, trust: tuple[ssl.SSLContext, Path]
) -> None:
    """Leadership's text and PDF leave only as age files, which its key opens; the body is a note."""
    import pyrage

    key = pyrage.x25519.Identity.generate()
    entry = delivery("sealed", "leadership", content="text", age_recipients=[str(key.to_public())])
    issued.say(entry, mail(box.port, trust[1]))
    assert issued.send().sent == 2
    _, message = box.taken[0]
    assert "zqleadership" not in whole(message)
    assert "age key" in body(message)
    opened = {name: pyrage.decrypt(content, [key]) for name, content in files(message).items()}
    assert opened["briefing-2026-W46-v1.pdf.age"] == b"%PDF zqleadershippdfqz 1"
    assert opened["briefing-2026-W46-v1.txt.age"].decode().startswith("STRICTLY CONFIDENTIAL")
    broken = entry.replace("age1", "age1q")
    issued.say(broken)
    issued.release("leadership", period="2026-W47")
    assert [one.reason for one in issued.send().failures] == ["age"]


def test_the_log_and_the_ledger_hold_no_address(partners: Desk) -> None:
    """Readers stand there by pseudonyms; each message has its line in the audit log."""
    partners.send()
    lines = [one for one in audit.acts(partners.office) if one.act == "sent"]
    assert [one.ids["delivery"] for one in lines] == ["to_partners"] * 3
    assert {one.ids["edition"] for one in lines} == {"partners/weekly_conflict/kestara/2026-W46/v1-en"}
    assert len({one.ids["recipient"] for one in lines}) == 3
    for file in ("outbox.sqlite", "audit.jsonl"):
        held = (partners.folder / "private" / file).read_bytes()
        assert b"@partner.example" not in held


def test_tls_from_the_first_byte(issued: Desk, trust: tuple[ssl.SSLContext, Path]) -> None:
    """A server that speaks TLS at once is served as well, with the same login."""
    with serving(trust[0], security="tls") as box:
        issued.say(delivery("p", "partners"), mail(box.port, trust[1], security="tls"))
        assert issued.send().sent == 3
        assert len(box.taken) == 3


def test_a_server_of_this_machine_may_go_without(issued: Desk) -> None:
    """No TLS is taken for loopback alone."""
    with serving(None, security="none") as box:
        issued.say(delivery("p", "partners"), mail(box.port, None, security="none"))
        assert issued.send().sent == 3
    with pytest.raises(ConfigurationError, match='security = "none"'):
        issued.say(
            delivery("p", "partners"),
            mail(25, None, security="none").replace("127.0.0.1", "mail.example"),
        )
