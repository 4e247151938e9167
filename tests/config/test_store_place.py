"""Where the store lies: a folder or a URL, and options that hold no secret."""

from pathlib import Path

import pytest

from tests.pull_office import office_in
from workbench.config import load
from workbench.errors import ConfigurationError


def with_store(folder: Path, store: str, **options: str) -> Path:
    """Return an office with that place for its store."""
    office_in(folder)
    file = folder / "workbench.toml"
    said = "".join(f'{name} = "{value}"\n' for name, value in options.items())
    text = file.read_text(encoding="utf-8")
    place = f'store = "{store}"\n' + text
    file.write_text(place + (f"\n[store_options]\n{said}" if options else ""), encoding="utf-8")
    return folder


def test_a_store_in_a_bucket(tmp_path: Path) -> None:
    """A URL and what its storage needs are kept as they are, and told apart from a folder."""
    office = load(
        with_store(tmp_path / "a", "s3://bucket/store", aws_region="af-south-1", aws_sse_kms_key_id="alias/x")
    )
    assert office.store_is_remote
    assert office.store_options == {"aws_region": "af-south-1", "aws_sse_kms_key_id": "alias/x"}
    assert not load(with_store(tmp_path / "b", "store")).store_is_remote


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("aws_secret_access_key", "zzz-hidden"),
        ("AWS_ACCESS_KEY_ID", "zzz-hidden"),
        ("aws_session_token", "zzz-hidden"),
        ("azure_storage_account_key", "zzz-hidden"),
        ("azure_storage_sas_key", "zzz-hidden"),
        ("aws_region", "AKIAABCDEFGHIJKLMNOP"),
        ("aws_endpoint_url", "https://user:zzz-hidden@storage.example"),
    ],
)
def test_secrets_are_refused(name: str, value: str, tmp_path: Path) -> None:
    """An option that looks like a secret is refused by its name; its value is in no message."""
    with pytest.raises(ConfigurationError, match=name) as refused:
        load(with_store(tmp_path / "a", "s3://bucket/store", **{name: value}))
    assert "environment" in str(refused.value)
    assert value not in str(refused.value)


@pytest.mark.parametrize("place", ["s3://key:zzz-hidden@bucket/store", "https://host/store?sig=zzz-hidden"])
def test_secrets_in_the_url_are_refused(place: str, tmp_path: Path) -> None:
    """A URL with a user, a password or a signature is refused, and not repeated."""
    with pytest.raises(ConfigurationError, match="no user, password or signature") as refused:
        load(with_store(tmp_path / "a", place))
    assert "zzz-hidden" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("aws_s3_allow_unsafe_rename", "true"),
        ("aws_conditional_put", "disabled"),
        ("aws_skip_signature", "true"),
        ("allow_invalid_certificates", "true"),
        ("aws_allow_http", "true"),
    ],
)
def test_what_keeps_the_store_safe_cannot_be_switched_off(name: str, value: str, tmp_path: Path) -> None:
    """Options by which writers could lose rows, or others read them on their way, are refused."""
    with pytest.raises(ConfigurationError, match=name):
        load(with_store(tmp_path / "a", "s3://bucket/store", **{name: value}))


def test_plain_http_is_for_this_machine(tmp_path: Path) -> None:
    """Without encryption only a server on this machine is reached."""
    place = "s3://bucket/store"
    there = {"aws_allow_http": "true", "aws_endpoint_url": "http://storage.example:9000"}
    with pytest.raises(ConfigurationError, match="https"):
        load(with_store(tmp_path / "a", place, **there))
    load(with_store(tmp_path / "b", place, **(there | {"aws_endpoint_url": "http://127.0.0.1:9000"})))


def test_options_of_a_folder_are_a_mistake(tmp_path: Path) -> None:
    """A folder needs no options: who wrote some meant a URL."""
    with pytest.raises(ConfigurationError, match="this is a folder"):
        load(with_store(tmp_path / "a", "store", aws_region="af-south-1"))
