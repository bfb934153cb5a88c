"""Prometheus over a deployment: it finds every service, takes every alert, and has every figure that alerts and the
dashboard ask for. Grafana itself cannot be had here: its dashboard's questions are asked of Prometheus directly.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from ops.docker_files import DEPLOY
from services.rooms import ROOMS
from tests.compose.deployment import RunningDeployment
from tests.journeys.people import Hub, call_content
from tests.servers import wait_until

pytestmark = pytest.mark.timeout(600)

_GROUPS = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())["groups"]
_ALERTS = [rule for group in _GROUPS for rule in group["rules"]]
_PANELS = json.loads((DEPLOY / "grafana" / "dashboards" / "hub.json").read_text())["panels"]
_QUESTIONS = [(panel["title"], target["expr"]) for panel in _PANELS for target in panel["targets"]]
_RARE = "Retries and dead letters (per hour)"
"""The panel that is empty as long as all goes well."""
_PAGE = "import urllib.request as u; print(u.urlopen('http://%s', timeout=10).read().decode())"


@pytest.fixture(scope="module")
def prometheus(deployment: RunningDeployment) -> Iterator[httpx.Client]:
    """Prometheus, as the profile `observability` starts it, but for looking every two seconds."""
    profile = ("--profile", "observability")
    impatient = deployment.with_files(str(_looking_more_often(deployment.site.directory)))
    impatient.compose.run(*profile, "up", "--detach", "--no-deps", "--wait", "prometheus")
    try:
        with httpx.Client(base_url=deployment.published("prometheus", 9090), timeout=30) as client:
            yield client
    finally:
        deployment.compose.run(*profile, "rm", "--stop", "--force", "prometheus")


def _looking_more_often(place: Path) -> Path:
    """A compose file by which Prometheus has the deployment's configuration, with shorter intervals."""
    configuration = place / "prometheus"
    shutil.copytree(DEPLOY / "prometheus", configuration)
    file = configuration / "prometheus.yml"
    often, changed = re.subn(r"(?m)^(  \w+_interval): 15s$", r"\1: 2s", file.read_text())
    assert changed == 2
    file.write_text(often)
    override = place / "often.yml"
    override.write_text(f'services: {{prometheus: {{volumes: ["{configuration}:/etc/prometheus:ro"]}}}}\n')
    return override


def test_every_service_and_the_broker_are_found(prometheus: httpx.Client) -> None:
    expected = {room.name for room in ROOMS} | {"broker", "broker-queues"}

    def answering() -> bool:
        targets = _told(prometheus, "targets")["activeTargets"]
        return {target["labels"]["job"] for target in targets if target["health"] == "up"} == expected

    wait_until(answering, "each is scraped", 90, every=1)


def test_every_alert_is_taken_and_worked_out(prometheus: httpx.Client) -> None:
    def taken() -> dict[str, str]:
        rules = [rule for group in _told(prometheus, "rules")["groups"] for rule in group["rules"]]
        return {rule["name"]: rule["health"] for rule in rules}

    expected = {rule["alert"]: "ok" for rule in _ALERTS}
    wait_until(lambda: taken() == expected, "each was worked out without a fault", 60, every=1)


def test_each_figure_that_is_asked_for_is_one_that_is_told(deployment: RunningDeployment) -> None:
    expressions = [rule["expr"] for rule in _ALERTS] + [expression for _, expression in _QUESTIONS]
    asked = {name for expression in expressions for name in _figures(expression)}
    assert len(asked) > 10
    pages = [deployment.ask_python(room.name, _PAGE % "127.0.0.1:9000/metrics") for room in ROOMS]
    for page in ("metrics", "metrics/detailed?family=queue_coarse_metrics&vhost=hub"):
        pages.append(deployment.ask_python("gateway", _PAGE % f"broker:15692/{page}"))
    told = {_family(name) for page in pages for name in re.findall(r"^# TYPE (\w+)", page, re.MULTILINE)}
    assert asked - told == set()


def test_each_panel_has_something_to_show_told_apart_as_it_says(
    deployment: RunningDeployment, prometheus: httpx.Client
) -> None:
    hub = Hub(deployment)

    def seen(expression: str) -> list[dict[str, Any]]:
        hub.published(call_content("Perché ci sia da vedere"))
        found: list[dict[str, Any]] = _told(prometheus, "query", query=expression)["result"]
        return found

    for panel, expression in _QUESTIONS:
        if panel != _RARE:
            wait_until(lambda asked=expression: seen(asked), f"{panel}: {expression}", 90, every=1)
        by = re.search(r"by \(([\w, ]+)\)", expression)
        named = set(re.findall(r"\w+", by[1])) - {"le"} if by else set()
        for row in seen(expression):
            assert named <= row["metric"].keys(), f"{panel}: {expression} does not tell {named} apart"


def _told(prometheus: httpx.Client, what: str, **query: str) -> Any:
    answer = prometheus.get(f"/api/v1/{what}", params=query).json()
    assert answer["status"] == "success", answer
    return answer["data"]


def _figures(expression: str) -> set[str]:
    """The figures that an expression asks for, without quoted label values (`up` is Prometheus's own)."""
    found = re.findall(r"\b(?:hub|rabbitmq|process)_\w+", re.sub(r'"[^"]*"', "", expression))
    return {_family(name) for name in found}


def _family(name: str) -> str:
    return re.sub(r"_(total|bucket|count|sum)$", "", name)
