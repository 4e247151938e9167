"""The office's keys: made once, read by nobody else, and different for every purpose."""

import json
import os
import stat
import subprocess
import sys

import keyring
import pytest
from hypothesis import given
from hypothesis import strategies as some
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import PasswordDeleteError

from tests.pull_office import office_in
from workbench.config import load, shipped
from workbench.errors import ConfigurationError
from workbench.keys import is_signed, key_id, keys_of, read_public, write_public

_TWO_PROCESSES = """
import json, sys
from pathlib import Path
from workbench.config import load
from workbench.keys import keys_of
office = load(Path(sys.argv[1]))
sys.stdin.readline()
keys = keys_of(office)
print(json.dumps([keys.public.hex(), keys.pseudonym("partners", "incident", "A-1")]))
"""


class MemoryKeyring(KeyringBackend):
    """A keyring that holds its entries in this process, as the system's holds them in another."""

    priority = 1

    def __init__(self):
        super().__init__()
        self.entries = {}

    def get_password(self, service, username):
        """Return an entry, or None."""
        return self.entries.get((service, username))

    def set_password(self, service, username, password):
        """Keep an entry."""
        self.entries[service, username] = password

    def delete_password(self, service, username):
        """Remove an entry."""
        if self.entries.pop((service, username), None) is None:
            raise PasswordDeleteError


@pytest.fixture
def office(tmp_path):
    """An office that is not fictional: its key is a secret."""
    return real_office(tmp_path)


@pytest.fixture
def memory_keyring():
    """The system's keyring is one in memory, until the test is over."""
    before = keyring.get_keyring()
    held = MemoryKeyring()
    keyring.set_keyring(held)
    yield held
    keyring.set_keyring(before)


def real_office(folder):
    """Make an office that is not fictional."""
    office = office_in(folder)
    file = office.root / "workbench.toml"
    text = file.read_text(encoding="utf-8").replace("fictional = true", "fictional = false")
    file.write_text(text, encoding="utf-8")
    return load(folder)


def _secret_file(office):
    return office.path(office.private) / "keys" / "secret.key"


def test_keys_are_made_once_and_stay(office):
    """The second call reads the secret that the first one made."""
    first = keys_of(office)
    assert keys_of(office) == first
    assert keys_of(load(office.root)) == first


def test_two_offices_have_unrelated_keys(tmp_path):
    """Every office draws its own secret."""
    one, other = (keys_of(real_office(tmp_path / name)) for name in ("one", "other"))
    assert one.public != other.public
    assert one.pseudonym("partners", "incident", "A-1") != other.pseudonym("partners", "incident", "A-1")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_only_its_owner_may_read_the_secret(office):
    """The file and its folders are made for their owner alone, whatever the user's umask allows."""
    before = os.umask(0)
    try:
        keys_of(office)
    finally:
        os.umask(before)
    file = _secret_file(office)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o622])
def test_a_secret_that_others_may_read_or_change_is_refused(office, mode):
    """A key with open permissions is no key: nothing is signed with it."""
    keys_of(office)
    _secret_file(office).chmod(mode)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        keys_of(office)


@pytest.mark.parametrize("content", ["", "short\n", "zz" * 32, "ab" * 31, "ab" * 33, "\xe9" * 64])
def test_a_damaged_secret_is_refused_and_never_replaced(office, content):
    """A key that was cut off or overwritten is not silently made anew: old packs would not verify."""
    keys_of(office)
    file = _secret_file(office)
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="holds no key") as refused:
        keys_of(office)
    assert content.strip() == "" or content.strip() not in str(refused.value)
    assert file.read_text(encoding="utf-8") == content


def test_two_processes_that_start_at_once_get_the_same_key(office):
    """Six processes released together agree on one secret, and leave nothing else in the folder."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", _TWO_PROCESSES, str(office.root)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(6)
    ]  # fmt: skip
    said = []
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in started:
        out, _ = process.communicate(timeout=60)
        said.append(json.loads(out))
    assert len({tuple(one) for one in said}) == 1
    left = {one.name for one in _secret_file(office).parent.iterdir()} - {".lock"}
    assert left == {"secret.key"}


def test_a_fictional_office_derives_its_keys_from_its_name_and_writes_nothing(tmp_path):
    """The sample office has the same pseudonyms on every machine, and no secret to lose."""
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "workbench.toml").write_bytes(shipped("workbench.toml").read_bytes())
    one, other = (load(tmp_path / name) for name in ("one", "other"))
    assert keys_of(one) == keys_of(other)
    assert not one.path(one.private).exists()


def test_a_real_office_of_the_same_name_shares_nothing_with_a_fictional_one(tmp_path):
    """Who knows an office's name does not know its keys."""
    office = real_office(tmp_path)
    fictional = office.model_copy(update={"fictional": True})
    assert keys_of(office).public != keys_of(fictional).public


@given(value=some.text(max_size=40))
def test_a_pseudonym_is_six_unmistakable_letters_and_digits(value):
    """Whatever the value holds, its pseudonym is six characters that cannot be confused."""
    code = _fictional_keys().pseudonym("partners", "incident", value)
    assert len(code) == 6
    assert set(code) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


def test_pseudonyms_differ_by_audience_and_kind():
    """Two audiences that lay their editions side by side find no code in common."""
    keys = _fictional_keys()
    values = [f"INC-{number}" for number in range(2000)]
    by = {
        (audience, kind): {keys.pseudonym(audience, kind, value) for value in values}
        for audience in ("partners", "public")
        for kind in ("incident", "name")
    }
    sets = list(by.values())
    assert all(len(one) > 1990 for one in sets)
    # of 2,000 codes out of 2^30, two sets share 0.004 by chance
    assert all(len(a & b) <= 1 for number, a in enumerate(sets) for b in sets[number + 1 :])


def test_the_parts_of_a_pseudonym_cannot_run_into_each_other():
    """Audience and kind are slugs, and what separates them from the value is none of their letters."""
    keys = _fictional_keys()
    assert keys.pseudonym("a", "b", "c") != keys.pseudonym("a", "bc", "")
    assert keys.pseudonym("ab", "c", "d") != keys.pseudonym("a", "bc", "d")


def test_a_signature_holds_for_its_content_and_key_only(tmp_path):
    """One changed byte of content, signature or key, and it is no signature."""
    keys, other = _fictional_keys(), keys_of(real_office(tmp_path))
    content = b"the manifest"
    signature = keys.sign(content)
    assert len(signature) == 64
    assert keys.sign(content) == signature
    assert is_signed(content, signature, keys.public)
    assert not is_signed(content + b" ", signature, keys.public)
    assert not is_signed(content, bytes([signature[0] ^ 1]) + signature[1:], keys.public)
    assert not is_signed(content, signature[:-1], keys.public)
    assert not is_signed(content, signature, other.public)
    assert not is_signed(content, signature, b"no key")


def test_the_public_key_goes_out_as_pem_and_comes_back(office):
    """Who verifies packs elsewhere needs this file and no secret."""
    file = write_public(office)
    assert write_public(office) == file
    assert file.read_bytes().startswith(b"-----BEGIN PUBLIC KEY-----")
    assert read_public(file) == keys_of(office).public
    assert key_id(read_public(file)) == keys_of(office).key_id


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_a_file_that_is_no_public_key_is_refused(tmp_path, content):
    """A wrong --key is one message."""
    file = tmp_path / "wrong.pem"
    file.write_bytes(content)
    with pytest.raises(ConfigurationError, match="no Ed25519 public key"):
        read_public(file)
    with pytest.raises(ConfigurationError, match="no Ed25519 public key"):
        read_public(tmp_path / "missing.pem")


def test_keys_say_nothing_of_their_secrets_when_printed(office):
    """A traceback or a log line with the keys in it shows the public key only."""
    keys = keys_of(office)
    secret = _secret_file(office).read_text(encoding="ascii").strip()
    for hidden in (secret, keys._signing.hex(), repr(keys._signing), repr(keys._pseudonyms)):
        assert hidden not in repr(keys)


def test_a_keyring_holds_the_secret_and_the_disk_its_name_only(office, memory_keyring):
    """With keys = "keyring" no secret lies in the office's folder, and the same key comes back."""
    office = office.model_copy(update={"keys": "keyring"})
    first = keys_of(office)
    assert keys_of(office) == first
    (secret,) = memory_keyring.entries.values()
    folder = _secret_file(office).parent
    assert all(secret not in file.read_text(encoding="utf-8") for file in folder.iterdir() if file.is_file())
    assert not _secret_file(office).exists()


def test_a_keyring_that_lost_the_key_is_an_error_and_no_new_key(office, memory_keyring):
    """Another user, or a wiped keyring, does not silently sign with a key nobody knows."""
    office = office.model_copy(update={"keys": "keyring"})
    keys_of(office)
    memory_keyring.entries.clear()
    with pytest.raises(ConfigurationError, match="holds no key of this office"):
        keys_of(office)
    assert not memory_keyring.entries


def test_a_machine_without_a_keyring_says_so(office):
    """No keyring is one message that names the way out."""
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    try:
        with pytest.raises(ConfigurationError, match='keys = "file"'):
            keys_of(office.model_copy(update={"keys": "keyring"}))
    finally:
        keyring.set_keyring(before)


def test_a_missing_keyring_package_says_what_to_install(office):
    """The keyring is an extra: without it the message names it."""
    code = (
        "import sys; sys.modules['keyring'] = None\n"
        "from pathlib import Path; from workbench.config import load; from workbench.keys import keys_of\n"
        "office = load(Path(sys.argv[1])).model_copy(update={'keys': 'keyring'})\n"
        "try: keys_of(office)\nexcept Exception as problem: print(type(problem).__name__, problem)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(office.root)], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("ConfigurationError")
    assert "briefing-workbench[keyring]" in done.stdout


def _fictional_keys():
    return keys_of(load(shipped("workbench.toml").parent))
