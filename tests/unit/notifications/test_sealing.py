"""Webhook secrets at rest: sealed, opened with any key there is, sealed anew with the newest."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator

import pytest

from services.notifications.sealing import Unreadable, Vault
from services.notifications.settings import secrets_keys
from services.notifications.webhooks.posting import secret_of
from shared.settings import SettingsError

OLD, NEW = b"o" * 32, b"n" * 32
SECRET = secret_of(b"s" * 32)


@pytest.fixture(autouse=True)
def keys_read_anew() -> Iterator[None]:
    secrets_keys.cache_clear()
    yield
    secrets_keys.cache_clear()


def test_what_is_sealed_does_not_show_the_secret_and_differs_each_time() -> None:
    vault = Vault([NEW])
    sealed = vault.seal(SECRET)
    assert SECRET not in sealed and sealed != vault.seal(SECRET)
    assert vault.open(sealed) == SECRET


def test_a_new_key_before_the_former_one_opens_what_that_has_sealed_and_seals_what_comes() -> None:
    both = Vault([NEW, OLD])
    assert both.open(Vault([OLD]).seal(SECRET)) == SECRET
    assert Vault([NEW]).open(both.seal(SECRET)) == SECRET


def test_without_the_key_that_sealed_it_a_secret_cannot_be_read() -> None:
    with pytest.raises(Unreadable):
        Vault([NEW]).open(Vault([OLD]).seal(SECRET))


def test_what_an_earlier_release_kept_in_clear_is_read_as_it_is() -> None:
    assert Vault([NEW]).open(SECRET) == SECRET


def test_any_change_of_the_keys_is_known_and_tells_nothing_of_them() -> None:
    rings = {Vault(keys).ring for keys in ([OLD], [NEW], [OLD, NEW], [NEW, OLD])}
    assert len(rings) == 4
    assert all(b64encode(key).decode()[:8] not in ring for ring in rings for key in (OLD, NEW))


@pytest.mark.parametrize("separator", [",", "\n", " , \n"])
def test_several_keys_are_given_newest_first_in_either_alphabet_of_base64(
    monkeypatch: pytest.MonkeyPatch, separator: str
) -> None:
    hard = b"\xfb\xff" * 16
    monkeypatch.setenv("HUB_SECRETS_KEY", separator.join([urlsafe_b64encode(hard).decode(), b64encode(hard).decode()]))
    assert secrets_keys() == (hard, hard)


@pytest.mark.parametrize("said", [None, "", "abc", "ä" * 44, b64encode(b"short").decode()])
def test_without_a_good_key_the_service_does_not_start_and_the_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, said: str | None
) -> None:
    monkeypatch.delenv("HUB_SECRETS_KEY", raising=False)
    if said is not None:
        monkeypatch.setenv("HUB_SECRETS_KEY", said)
    with pytest.raises(SettingsError, match="HUB_SECRETS_KEY"):
        secrets_keys()
