"""The gateway's web server, and the entrypoint that puts addresses on it.

Nameko's own `WebServer` and `HttpRequestHandler`, with two things done differently for speed: the WSGI application
reads its environ itself, without a werkzeug request and response around it (the routing is werkzeug's), and a request
is answered in its connection's green thread, by one service instance that all requests share, instead of in a worker
of its own. So an entrypoint's method must keep nothing of a request on `self`.
"""

from __future__ import annotations

import socket
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any, Protocol, TypeVar

import eventlet
from eventlet.wsgi import STATE_IDLE
from nameko.containers import WorkerContext
from nameko.extensions import register_entrypoint
from nameko.web.handlers import HttpRequestHandler
from nameko.web.server import WebServer
from prometheus_client import Gauge, Histogram
from werkzeug.exceptions import MethodNotAllowed as NoSuchMethod
from werkzeug.exceptions import NotFound as NoSuchAddress
from werkzeug.routing import Map, Rule

from services.gateway.headers import Headers
from services.gateway.http import Answer, Request
from services.gateway.problems import problem_answer
from services.gateway.protocol import CONNECTION, ClientGone, ConnectionServer, GatewayConnection, Phase
from shared.errors import HubError, MethodNotAllowed, NotFound, Unavailable, Words
from shared.health import State, health
from shared.settings import Settings
from shared.telemetry import Trail, following, log

F = TypeVar("F", bound=Callable[..., Any])

REQUESTS_AT_ONCE = 400
"""Requests in hand beyond which a client is told to come back in a moment."""
CONNECTIONS = 4_000
"""Connections beyond which a new one is closed at once."""
_BACKLOG = 1024
_SMALL = 64 * 1024
"""Bytes of an unread body that are cheaper to read past than a new connection is to make."""

HTTP_SECONDS = Histogram(
    "hub_http_seconds",
    "Time to answer a request, by route and status",
    ["method", "route", "status"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
HTTP_IN_HAND = Gauge("hub_http_in_hand", "Requests being answered at this moment")


class Addressed(Protocol):
    """What has an address: a row of the route table, or a page."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def body_limit(self) -> int: ...


class GatewayServer(WebServer):
    """Listens, finds whose each request is, and sees that the house is left in order."""

    def __init__(self) -> None:
        super().__init__()
        self._starting = self._draining = False
        self._in_hand = 0
        self._ending: list[Callable[[], None]] = []

    def setup(self) -> None:
        settings: Settings = self.container.config["settings"]
        self._headers = Headers(settings.cors_origins)
        self._drain_seconds = settings.drain_seconds
        self._bind = settings.http_bind

    @property
    def port(self) -> int:
        """The port it listens on, also where the settings left the choice to the system (0)."""
        return int(self._sock.getsockname()[1])

    def start(self) -> None:
        if self._starting:
            return
        self._starting = True
        self._addresses = self.make_url_map().bind("")
        self._sock = eventlet.listen(self._bind, backlog=_BACKLOG)
        self._sock.settimeout(None)
        self._serv = self.get_wsgi_server(self._sock, self.get_wsgi_app())
        self._gt = self.container.spawn_managed_thread(self.run)
        self._watcher = eventlet.spawn(self._watch)
        HTTP_IN_HAND.set_function(lambda: self._in_hand)
        health.watch("http", lambda: State.down if self._draining else State.up)
        log.info("listening", port=self.port)

    def get_wsgi_app(self) -> Callable[..., Iterable[bytes]]:
        return self.answer

    def get_wsgi_server(self, sock: Any, wsgi_app: Any, protocol: Any = GatewayConnection, debug: bool = False) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that header names stay as they are written is as HTTP has it
            return ConnectionServer(
                sock,
                sock.getsockname(),
                wsgi_app,
                protocol=protocol,
                debug=debug,
                log_output=False,
                capitalize_response_headers=False,
            )

    def run(self) -> None:
        while self._is_accepting:
            try:
                sock, address = self._sock.accept()
            except OSError as error:
                log.warning("a connection could not be accepted", error=str(error))
                eventlet.sleep(0.1)
                continue
            if len(self._serv.connections) >= CONNECTIONS:
                sock.close()
                continue
            sock.settimeout(None)  # the watch ends what takes too long, at no cost to each read
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            eventlet.spawn(self._serve, sock, address)

    def _serve(self, sock: Any, address: Any) -> None:
        try:
            self._serv.process_request([address, sock, STATE_IDLE])
        except OSError:
            sock.close()  # the client went away
        except Exception:
            log.exception("a connection failed")
            sock.close()

    def when_draining(self, end: Callable[[], None]) -> None:
        """Have this called when the server begins to leave: for answers that would go on without end."""
        self._ending.append(end)

    def drain(self) -> None:
        """Take no new connection, let the requests in hand be answered, then close. Returns when that is done."""
        if self._draining:
            return
        self._draining = True
        self._is_accepting = False
        self._gt.kill()
        self._sock.close()
        for end in self._ending:
            end()
        give_up = time.monotonic() + self._drain_seconds
        while self._serv.connections and time.monotonic() < give_up:
            for connection in list(self._serv.connections):
                if connection.phase is Phase.idle:
                    connection.end()
            eventlet.sleep(0.02)
        for connection in list(self._serv.connections):
            connection.end()
        self._watcher.kill()

    def stop(self) -> None:
        self.drain()
        self.wait_for_providers()

    def make_url_map(self) -> Map:
        """Every address of every entrypoint; the endpoint of a rule is (entrypoint, row)."""
        rules = [rule for provider in self._providers for rule in provider.get_url_rules()]
        return Map(rules, merge_slashes=False, redirect_defaults=False)

    # --- one request

    def answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """The WSGI application."""
        began = time.perf_counter()
        connection: GatewayConnection = environ[CONNECTION]
        connection.enter(Phase.answering)
        request = Request(environ, connection.body_parts)
        self._in_hand += 1
        try:
            answer = self._answer(request)
        finally:
            self._in_hand -= 1
        route = request.route.path if request.route else ""
        HTTP_SECONDS.labels(request.method if route else "", route, answer.status).observe(time.perf_counter() - began)
        if self._draining or _much_is_unread(environ["wsgi.input"]):
            connection.close_when_answered(linger=not self._draining)
        connection.enter(Phase.writing)
        start_response(_status_line(answer.status), self._headers.of(answer, request))
        if request.method == "HEAD":
            return []
        if answer.size is None:  # each piece of an answer without end is sent as it comes
            environ["eventlet.minimum_write_chunk_size"] = 0
        return [answer.body] if answer.pieces is None else _in_pieces(answer.pieces, connection)

    def _answer(self, request: Request) -> Answer:
        try:
            if self._in_hand > REQUESTS_AT_ONCE:
                raise Unavailable(part="gateway")
            if request.method == "OPTIONS":
                return self._headers.options(request, self._addresses.allowed_methods(request.path))
            (entrypoint, request.route), request.path_values = self._addresses.match(request.path, request.method)
            answer: Answer = entrypoint.handle_request(request)
            return answer
        except NoSuchMethod as error:
            allowed = ", ".join(sorted(error.valid_methods or ()))
            return problem_answer(MethodNotAllowed(allowed=allowed), request.language)
        except NoSuchAddress:
            return problem_answer(_unknown_address(request.path), request.language)
        except HubError as error:
            return problem_answer(error, request.language)

    def _watch(self) -> None:
        while True:
            eventlet.sleep(1)
            now = time.monotonic()
            for connection in list(self._serv.connections):
                if connection.overdue(now):
                    connection.end()


class HttpEntrypoint(HttpRequestHandler):
    """One method of the service, at one address or at many."""

    server = GatewayServer()

    def __init__(self, *rows: Addressed, **kwargs: Any) -> None:
        self.rows = rows
        super().__init__(",".join(sorted({row.method for row in rows})), "", **kwargs)

    def get_url_rules(self) -> list[Rule]:
        return [
            Rule(row.path.replace("{", "<").replace("}", ">"), methods=[row.method], endpoint=(self, row))
            for row in self.rows
        ]

    def start(self) -> None:
        service = self.container.service_cls()
        worker = WorkerContext(self.container, service, self)
        for provider in self.container.dependencies:
            setattr(service, provider.attr_name, provider.get_dependency(worker))
        self._method = getattr(service, self.method_name)

    def stop(self) -> None:
        self.server.drain()
        super().stop()

    def handle_request(self, request: Request) -> Answer:
        """The method's answer; whatever it raises as a problem, telling nobody outside what went wrong inside."""
        with following(Trail.begin(request.correlation_id, request.traceparent)):
            try:
                answer: Answer = self._method(request)
                return answer
            except HubError as error:
                return problem_answer(error, request.language)
            except ClientGone:
                raise
            except Exception:
                log.exception("a request failed", method=request.method, route=request.route.path)
                return problem_answer(HubError(), request.language)


def http(*rows: Addressed) -> Callable[[F], F]:
    """Answer the requests at these addresses with the method: it gets the `Request`, and gives an `Answer`."""

    def decorate(method: F) -> F:
        register_entrypoint(method, HttpEntrypoint(*rows))
        return method

    return decorate


def _unknown_address(path: str) -> NotFound:
    shown = path[:200]
    return NotFound(
        detail=Words(f"Nessuna risorsa all'indirizzo {shown}.", f"There is no resource at the address {shown}.")
    )


def _in_pieces(pieces: Iterator[bytes], connection: GatewayConnection) -> Iterator[bytes]:
    """The pieces of a long answer, each with time of its own. What cannot go on is cut: its length was announced."""
    try:
        for piece in pieces:
            connection.enter(Phase.writing)
            yield piece
            connection.enter(Phase.answering)
    except HubError as error:
        log.warning("an answer is cut short", error=str(error))
        connection.end()


def _much_is_unread(source: Any) -> bool:
    """Whether the client has more of its body to send than is worth reading past."""
    if source.chunked_input:
        return bool(source.chunk_length != 0)
    return bool((source.content_length or 0) - source.position > _SMALL)


_STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


def _status_line(status: int) -> str:
    return _STATUS_LINES.get(status) or f"{status} "
