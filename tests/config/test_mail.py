"""[mail] and [[delivery]]: what does not go together is refused by name before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.config import Office, load, shipped
from workbench.config.mail import is_address
from workbench.errors import ConfigurationError

MAIL = '\n[mail]\nhost = "mail.example.org"\nsender = "desk@example.org"\n'
FOLDER = '\n[[delivery]]\nslug = "d"\naudience = "partners"\nkind = "folder"\npath = "/srv/p"\n'
LETTER = '\n[[delivery]]\nslug = "d"\naudience = "partners"\nkind = "mail"\n'


def office(folder: Path, more: str, *, recipients: str = '"a@example.org", "b@example.org"') -> Office:
    """Load the sample office with recipients for three audiences and more at its end."""
    text = shipped("workbench.toml").read_text(encoding="utf-8")
    for audience in ("leadership", "internal", "partners"):
        own = recipients if audience == "partners" else f'"{audience}@example.org"'
        text = text.replace(f'slug = "{audience}"\n', f'slug = "{audience}"\nrecipients = [{own}]\n', 1)
    (folder / "workbench.toml").write_text(text + more, encoding="utf-8")
    return load(folder)


def test_what_is_not_said(tmp_path: Path) -> None:
    """A note, after STARTTLS on 587, with the keyring's password, for a week; nothing unless configured."""
    made = office(tmp_path, MAIL + LETTER)
    assert made.mail is not None
    assert (made.mail.port, made.mail.security, made.mail.password) == (587, "starttls", "keyring")
    assert (made.mail.text_up_to, made.mail.files_up_to) == ("public", "internal")
    assert (made.delivery[0].content, made.delivery[0].oldest_days) == (None, 7)
    fresh = load(shipped("workbench.toml").parent)
    assert (fresh.mail, fresh.delivery) == (None, ())


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (FOLDER.replace("partners", "nobody"), 'delivery "d": audience names "nobody"'),
        (FOLDER.replace('path = "/srv/p"\n', ""), 'delivery "d": a folder needs path'),
        (FOLDER + 'content = "pdf"\n', 'delivery "d": content is for mail'),
        (FOLDER + 'briefings = ["weekly_conflict"]\n', 'delivery "d": briefings is for mail'),
        (FOLDER + 'pth = "x"\n', '[[delivery]] "d" pth: is not a key'),
        (FOLDER.replace("/srv/p", "outputs/partners"), "path lies in, or around, the office's outputs"),
        (FOLDER.replace("/srv/p", "x/../private"), "path lies in, or around, the office's private"),
        (FOLDER.replace("/srv/p", "."), "path lies in, or around, the office's outputs"),
        (
            FOLDER + FOLDER.replace('"d"', '"e"').replace("partners", "internal").replace("/p", "/p/i"),
            'delivery "e": path lies in, or around, the path of the delivery "d"',
        ),
        (FOLDER + FOLDER, 'two [[delivery]] entries are called "d"'),
        (LETTER, 'delivery "d": mail needs a [mail] table'),
        (MAIL + LETTER + 'path = "/srv"\n', "path is for a folder"),
        (MAIL + LETTER.replace("partners", "unct"), 'the audience "unct" has no recipients'),
        (MAIL + LETTER + 'briefings = ["human_rights"]\n', 'briefings names "human_rights"'),
        (
            MAIL + LETTER.replace("partners", "internal") + 'content = "pdf"\n',
            'content = "pdf" is above what [mail] files_up_to = "internal" lets an audience of level '
            '"confidential"',
        ),
        (
            MAIL + 'files_up_to = "confidential"\n' + LETTER.replace("partners", "internal")
            + 'content = "text"\n',
            'content = "text" is above what [mail] text_up_to = "public"',
        ),
        (MAIL + LETTER + LETTER.replace('"d"', '"e"'), 'delivery "e": briefings: the delivery "d" mails'),
        (MAIL + 'security = "none"\n', 'security = "none" would send passwords and issues in clear'),
        (MAIL.replace("mail.example.org", "10.0.0.1") + 'security = "none"\n', "in clear"),
        (MAIL + 'password = "hunter2"\n', "mail.password"),
        (MAIL + 'user = ""\n', "mail.user"),
        (MAIL.replace("desk@example.org", "Desk <desk@example.org>"), "mail.sender: this is not exactly one"),
        (MAIL + 'analysts = ["a@example.org, b@example.org"]\n', "not exactly one address"),
        (MAIL.replace("mail.example.org", "mail.example.org\\n"), "mail.host"),
        (MAIL + LETTER + 'age_recipients = ["AGE-SECRET-KEY-1QQ"]\n', "age_recipients"),
    ],
)  # fmt: skip
def test_what_does_not_go_together(tmp_path: Path, more: str, said: str) -> None:
    """Each is refused with the entry and the key that is wrong."""
    with pytest.raises(ConfigurationError) as refused:
        office(tmp_path, more)
    assert said in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("recipients", "said"),
    [
        ('"a@example.org, b@example.org"', "not exactly one address"),
        ('"a@example.org\\nBcc: b@example.org"', "not exactly one address"),
        ('"a@example.org", "A@Example.org"', "names a recipient twice"),
    ],
)
def test_recipients_are_addresses(tmp_path: Path, recipients: str, said: str) -> None:
    """One address each, and each once; what is wrong is not repeated, for it may be a person's."""
    with pytest.raises(ConfigurationError, match=said) as refused:
        office(tmp_path, MAIL + LETTER, recipients=recipients)
    assert "b@example.org" not in str(refused.value)


def test_with_a_key_of_age_more_may_go(tmp_path: Path) -> None:
    """Encrypted, the text of a confidential audience may be sent."""
    more = LETTER.replace("partners", "internal") + f'content = "text"\nage_recipients = ["age1{"q" * 58}"]\n'
    assert office(tmp_path, MAIL + more).delivery[0].content == "text"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "LOCALHOST"])
def test_this_machine_needs_no_tls(tmp_path: Path, host: str) -> None:
    """No TLS is taken for a server on this machine."""
    said = MAIL.replace("mail.example.org", host) + 'security = "none"\n'
    assert office(tmp_path, said).mail is not None


def test_the_fresh_office_explains_each_key(tmp_path: Path) -> None:
    """What the fresh office says in comments of [mail] and [[delivery]] loads, and names every key."""
    from workbench.config.mail import Delivery, Mail

    text = (shipped("templates") / "office.toml").read_text(encoding="utf-8")
    part = text.partition("# ---- Delivery")[2].partition("\n# ---- ")[0]
    suggested = "\n".join(
        line.removeprefix("# ") for line in part.splitlines()[1:] if line.startswith(("# [", "# "))
        and (line.startswith("# [") or " = " in line.split("#")[1])
        and not line.startswith("#   ")
    )  # fmt: skip
    made = office(tmp_path, "\n" + suggested + "\n")
    assert made.mail is not None
    assert {one.kind for one in made.delivery} == {"mail", "folder"}
    missing = [key for key in (*Mail.model_fields, *Delivery.model_fields) if key not in part]
    assert not missing


@given(st.text(max_size=60))
def test_no_address_holds_more_than_one(text: str) -> None:
    """Whatever passes for an address has one @, nothing that ends a header, and nothing that parts two."""
    for candidate in (text, f"a@{text}", f"{text}@example.org", f"a@example.org{text}"):
        if is_address(candidate):
            assert candidate.count("@") == 1
            assert candidate.isascii()
            assert candidate.isprintable()
            assert not set(candidate) & set(' ,;:<>()[]"\\')
