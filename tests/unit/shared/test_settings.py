"""The configuration: a wrong value stops the start with a line that names the variable."""

from __future__ import annotations

import pytest

from shared.settings import SettingsError, settings

PEM = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----"
GOOD = {
    "HUB_ENV": "test",
    "HUB_AMQP_URI": "amqp://calls:secret@127.0.0.1:5672/hub",
    "HUB_MONGO_URI": "mongodb://127.0.0.1:27017/",
    "HUB_PRINCIPAL_PUBLIC_KEY": PEM,
}


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """No variable of the machine's own, and nothing remembered."""
    import os

    for name in list(os.environ):
        if name.startswith("HUB_"):
            monkeypatch.delenv(name)
    settings.cache_clear()
    yield
    settings.cache_clear()


def with_environment(monkeypatch, **changed):
    for name, value in (GOOD | changed).items():
        if value is not None:
            monkeypatch.setenv(name, value)
    return settings()


def test_what_is_needed_suffices(monkeypatch):
    found = with_environment(monkeypatch)
    assert found.environment == "test"
    assert found.http_bind == ("0.0.0.0", 8080)
    assert found.request_timeout == 10


@pytest.mark.parametrize("name", ["HUB_AMQP_URI", "HUB_MONGO_URI", "HUB_PRINCIPAL_PUBLIC_KEY"])
def test_a_missing_variable_is_named(monkeypatch, name):
    with pytest.raises(SettingsError, match=name):
        with_environment(monkeypatch, **{name: None})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HUB_ENV", "devel"),
        ("HUB_AMQP_URI", "http://broker"),
        ("HUB_MONGO_URI", "postgres://db"),
        ("HUB_HTTP_BIND", "everywhere"),
        ("HUB_HEALTH_BIND", "localhost:port"),
        ("HUB_LOG_FORMAT", "xml"),
        ("HUB_LOG_LEVEL", "loud"),
        ("HUB_PRINCIPAL_PUBLIC_KEY", "MCowBQ"),
        ("HUB_PRINCIPAL_PRIVATE_KEY", PEM),
        ("HUB_FOUNDER_EMAIL", "somebody"),
        ("HUB_REQUEST_TIMEOUT", "soon"),
        ("HUB_REQUEST_TIMEOUT", "0"),
        ("HUB_DRAIN_SECONDS", "-1"),
        ("HUB_RATE_PER_MINUTE", "0"),
        ("HUB_TRUSTED_PROXIES", "10.0.0.0/99"),
    ],
)
def test_a_wrong_value_is_named(monkeypatch, name, value):
    with pytest.raises(SettingsError, match=name):
        with_environment(monkeypatch, **{name: value})


def test_all_that_is_wrong_is_told_at_once(monkeypatch):
    with pytest.raises(SettingsError) as refused:
        with_environment(monkeypatch, HUB_AMQP_URI="x", HUB_LOG_LEVEL="loud")
    assert "HUB_AMQP_URI" in str(refused.value)
    assert "HUB_LOG_LEVEL" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_value_may_stand_in_a_file(monkeypatch, tmp_path):
    secret = tmp_path / "amqp"
    secret.write_text("amqp://calls:from-a-file@127.0.0.1/hub\n")
    found = with_environment(monkeypatch, HUB_AMQP_URI=None, HUB_AMQP_URI_FILE=str(secret))
    assert found.amqp_uri == "amqp://calls:from-a-file@127.0.0.1/hub"


def test_a_file_that_is_not_there_is_named(monkeypatch):
    with pytest.raises(SettingsError, match="HUB_AMQP_URI_FILE|nowhere"):
        with_environment(monkeypatch, HUB_AMQP_URI=None, HUB_AMQP_URI_FILE="/nowhere/amqp")


def test_the_clock_cannot_be_moved_in_production(monkeypatch):
    found = with_environment(monkeypatch, HUB_ENV="production", HUB_CLOCK_FILE="/tmp/clock")
    assert found.movable_clock is None
