"""What the gateway reads off a request's head, and how often one may ask."""

from __future__ import annotations

import pytest

from services.gateway.headers import Headers
from services.gateway.http import Answer, preferred_language
from services.gateway.peers import Peers
from services.gateway.rates import RateLimit
from shared.errors import TooManyRequests
from tests.unit.gateway.making import a_request


@pytest.mark.parametrize(
    ("sent", "language"),
    [
        ("", "it"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("it-IT,it;q=0.9,en-US;q=0.8,en;q=0.7", "it"),
        ("en;q=0.3, it;q=0.7", "it"),
        ("fr-FR,fr;q=0.9,en;q=0.5", "en"),
        ("de", "it"),
        ("*", "it"),
        ("en;q=0", "it"),
        ("en;q=nonsense", "it"),
        (",;,", "it"),
    ],
)
def test_the_language_is_the_one_preferred_of_the_two(sent: str, language: str) -> None:
    assert preferred_language(sent) == language


def test_a_sane_correlation_id_is_kept() -> None:
    assert a_request(x_correlation_id="client:7f.3-a_b").correlation_id == "client:7f.3-a_b"


@pytest.mark.parametrize("sent", ["", "a b", "x" * 129, "a\nb", "é"])
def test_any_other_is_replaced(sent: str) -> None:
    request = a_request(x_correlation_id=sent)
    assert request.correlation_id != sent
    assert request.correlation_id == request.correlation_id


def test_a_traceparent_is_believed_if_it_is_one() -> None:
    good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    assert a_request(traceparent=good).traceparent == good
    assert a_request(traceparent="00-xyz").traceparent is None


def test_a_path_is_text() -> None:
    assert a_request("GET", "/v1/organisations/Citt%C3%A0").path == "/v1/organisations/Città"


def test_a_client_that_takes_us_for_a_proxy_is_served() -> None:
    request = a_request()
    environ = {**request.environ, "PATH_INFO": "http://hub.example/v1/calls"}
    assert type(request)(environ, lambda limit: b"").path == "/v1/calls"


def test_without_trusted_proxies_the_peer_is_who_it_is() -> None:
    assert Peers(()).address(a_request(x_forwarded_for="198.51.100.1")) == "203.0.113.9"


def test_a_trusted_proxy_is_believed_and_what_a_client_adds_is_not() -> None:
    peers = Peers(("203.0.113.0/24", "10.0.0.1"))
    forwarded = a_request(x_forwarded_for="1.1.1.1, 198.51.100.1, 10.0.0.1")
    assert peers.address(forwarded) == "198.51.100.1"
    assert peers.address(a_request()) == "203.0.113.9"
    assert peers.address(a_request(x_forwarded_for="not an address")) == "not an address"


def test_an_untrusted_peer_is_not_believed() -> None:
    assert Peers(("10.0.0.1",)).address(a_request(x_forwarded_for="198.51.100.1")) == "203.0.113.9"


def test_as_many_requests_as_allowed_pass_and_then_it_is_said_when_to_come_back() -> None:
    clock = _Clock()
    rates = RateLimit(60, clock)
    for _ in range(60):
        rates.charge("anna")
    with pytest.raises(TooManyRequests) as refused:
        rates.charge("anna")
    assert refused.value.facts["seconds"] == 1
    rates.charge("bruno")
    clock.now += 1
    rates.charge("anna")
    with pytest.raises(TooManyRequests):
        rates.charge("anna")


def test_what_is_refused_is_not_counted() -> None:
    clock = _Clock()
    rates = RateLimit(10, clock)
    for _ in range(100):
        with pytest.raises(TooManyRequests):
            rates.charge("anna", 11)
    rates.charge("anna", 10)
    with pytest.raises(TooManyRequests) as refused:
        rates.charge("anna", 5)
    assert refused.value.facts["seconds"] == 30


def test_browsers_of_named_origins_may_read_and_others_may_not() -> None:
    headers = Headers(("https://app.example",))
    named = dict(headers.of(Answer(), a_request(origin="https://app.example")))
    assert named["Access-Control-Allow-Origin"] == "https://app.example"
    assert "ETag" in named["Access-Control-Expose-Headers"]
    other = dict(headers.of(Answer(), a_request(origin="https://evil.example")))
    assert "Access-Control-Allow-Origin" not in other
    assert other["Vary"] == "Origin"


def test_a_preflight_is_told_what_its_page_may_send() -> None:
    request = a_request("OPTIONS", access_control_request_method="PUT")
    answer = Headers(("https://app.example",)).options(request, {"GET", "PUT"})
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, OPTIONS, PUT"
    assert "If-Match" in answer.headers["Access-Control-Allow-Headers"]


def test_every_answer_is_guarded() -> None:
    headers = dict(Headers(()).of(Answer(body=b"{}"), a_request(x_correlation_id="c-1")))
    assert headers["X-Correlation-Id"] == "c-1"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Length"] == "2"


class _Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now
