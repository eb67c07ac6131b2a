"""Keys: made once, kept close, and never confused with another."""

import base64
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.store import Busy, Unusable, Unwritten, open_store
from bot.store.crypto import Unsealable, Vault, decode_key, make_key, read_key

KEY = bytes(range(32))
vault = Vault(KEY)


@given(st.binary(max_size=2000), st.integers(0, 2**63 - 1))
def test_a_sealed_value_opens_for_its_own_row_and_purpose_only(value, row):
    sealed = vault.seal(value, "inbound", row)
    assert vault.open(sealed, "inbound", row) == value
    assert sealed != vault.seal(value, "inbound", row)
    for other, purpose, where in (
        (vault, "outbound", row),
        (vault, "inbound", row + 1),
        (Vault(bytes(32)), "inbound", row),
    ):
        with pytest.raises(Unsealable):
            other.open(sealed, purpose, where)


@given(st.integers(0, 200))
def test_a_changed_byte_does_not_open(place):
    sealed = bytearray(vault.seal(b"text", "inbound", 1))
    sealed[1 + place % (len(sealed) - 1)] ^= 1
    with pytest.raises(Unsealable):
        vault.open(bytes(sealed), "inbound", 1)


def test_lookups_need_the_key():
    assert vault.number_key("+85512345678") == vault.number_key("+85512345678")
    assert len(vault.number_key("+85512345678")) == 16
    assert vault.number_key("+85512345678") != Vault(bytes(32)).number_key("+85512345678")
    assert vault.provider_key("a", "b\0c") != vault.provider_key("a\0b", "d")
    assert vault.provider_key("twilio", "\ud800")


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path):
    key = make_key(tmp_path / "new")
    assert read_key(tmp_path / "new") == key == make_key(tmp_path / "new")
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["master.key"]
    assert (tmp_path / "new" / "master.key").stat().st_mode & 0o777 == 0o600


def test_a_key_others_can_read_is_refused(tmp_path):
    make_key(tmp_path)
    (tmp_path / "master.key").chmod(0o640)
    with pytest.raises(Unusable, match="chmod 600"):
        read_key(tmp_path)


def test_a_cut_key_is_refused(tmp_path):
    make_key(tmp_path)
    os.truncate(tmp_path / "master.key", 31)
    with pytest.raises(Unusable, match="31 bytes"):
        read_key(tmp_path)


@pytest.mark.parametrize("text", ["", "short", "not base64!", base64.b64encode(bytes(16)).decode(), "\u1780"])
def test_a_key_that_is_none_is_refused(text):
    with pytest.raises(Unusable, match="openssl rand"):
        decode_key(text)


def test_a_house_keeps_its_key(database_url, tmp_path):
    open_store(database_url, tmp_path).database.close()
    open_store(database_url, tmp_path).database.close()
    (tmp_path / "master.key").rename(tmp_path / "lost.key")
    with pytest.raises(Unusable, match="is missing"):
        open_store(database_url, tmp_path)
    assert not (tmp_path / "master.key").exists()
    with pytest.raises(Unusable, match="PHLOV_MASTER_KEY is not the key"):
        open_store(database_url, tmp_path, base64.b64encode(KEY).decode())
    make_key(tmp_path)
    with pytest.raises(Unusable, match=r"master\.key is not the key"):
        open_store(database_url, tmp_path)
    right = base64.b64encode((tmp_path / "lost.key").read_bytes()).decode()
    open_store(database_url, tmp_path, right).database.close()


@pytest.mark.parametrize("url", ["", "mysql://a/b", "sqlite://", "sqlite:///:memory:", "nothing at all"])
def test_another_database_is_refused_in_one_line(url, tmp_path):
    with pytest.raises(Unusable, match="PHLOV_DATABASE_URL"):
        open_store(url, tmp_path)


@pytest.mark.parametrize("error", [Busy, Unwritten])
def test_a_database_that_cannot_be_written_is_named(tmp_path, monkeypatch, error):
    def refuse(*_: object) -> None:
        raise error("for a test")

    monkeypatch.setattr("bot.store.marks.settle_key", refuse)
    with pytest.raises(Unusable, match=f"{tmp_path}/phlov.db cannot be opened: for a test; see PHLOV_DATABASE_URL"):
        open_store(f"sqlite:///{tmp_path}/phlov.db", tmp_path)


def test_a_server_that_is_not_there_is_said(tmp_path):
    with pytest.raises(Unusable, match="cannot be opened"):
        open_store("postgresql://127.0.0.1:1/phlov", tmp_path)
