"""What watches over a deployment speaks of figures that exist, and an operator finds what each alert means."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from ops.docker_files import DEPLOY
from ops.program import ROOT
from services.rooms import ROOMS

_ALERTS = [
    rule
    for group in yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
_DASHBOARD = json.loads((DEPLOY / "grafana" / "dashboards" / "hub.json").read_text())
_ASKED = [rule["expr"] for rule in _ALERTS] + [
    target["expr"] for panel in _DASHBOARD["panels"] for target in panel["targets"]
]


def test_each_alert_is_explained_to_the_operator() -> None:
    explained = re.findall(r"^### (\w+)$", (ROOT / "docs" / "operations.md").read_text(), flags=re.MULTILINE)
    assert explained == [rule["alert"] for rule in _ALERTS]


def test_a_service_of_which_nothing_is_left_is_missed_whichever_it_is() -> None:
    [away] = [rule["expr"] for rule in _ALERTS if rule["alert"] == "ServiceAway"]
    assert re.findall(r'absent\(up\{job="(\w+)"\}\)', away) == [room.name for room in ROOMS]


@pytest.mark.parametrize("expression", _ASKED)
def test_each_figure_asked_for_is_one_that_services_tell(expression: str) -> None:
    told = "\n".join(path.read_text() for room in ("shared", "services") for path in (ROOT / room).rglob("*.py"))
    for figure in re.findall(r"\bhub_\w+", expression):
        assert f'"{re.sub("_(bucket|count|sum)$", "", figure)}"' in told, figure
