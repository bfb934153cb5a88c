"""What containers are started from, made from the list of rooms: docker-compose.yml, what Prometheus looks for, the
images' requirements. `./hub documents` writes them; a test fails when what stands there is not what the list says.
"""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ops.locks import operator_lock, service_lock
from ops.program import ROOT
from services.rooms import ROOMS, Room

DEPLOY = ROOT / "deploy"

OF_THE_HOUSE = {
    "principal_public_key": "principal-public.pem",
    "principal_private_key": "principal-private.pem",
    "issuer_keys": "issuer-keys.json",
    "broker_definitions": "broker-definitions.json",
    "broker_definitions_cluster": "broker-definitions-cluster.json",
    "broker_cookie": "broker-cookie",
    "database_key": "database-key",
    "database_users": "database-users.json",
    "operator_amqp_uri": "operator.amqp-uri",
    "operator_mongo_uri": "operator.mongo-uri",
    "grafana_password": "grafana-password",
}
"""Compose secrets by name, and the file of each."""


def secret_files() -> dict[str, str]:
    """Every secret of a deployment: its name in the compose file, and its file's."""
    of_rooms = {f"{room.name}_{kind}_uri": f"{room.name}.{kind}-uri" for room in ROOMS for kind in ("amqp", "mongo")}
    own = {secret_of(room, setting): secret_file(room, setting) for room in ROOMS for setting in room.secrets}
    return {**OF_THE_HOUSE, **of_rooms, **own}


def secret_of(room: Room, setting: str) -> str:
    """The name of the compose secret that holds a setting which a room alone may know: HUB_SMTP_URI of notifications is
    `notifications_smtp_uri`."""
    return f"{room.name}_{setting.removeprefix('HUB_').lower()}"


def secret_file(room: Room, setting: str) -> str:
    """The file it stands in: `notifications.smtp-uri`."""
    return f"{room.name}.{setting.removeprefix('HUB_').lower().replace('_', '-')}"


def files() -> dict[Path, str]:
    """Every generated file of a deployment: its path and what must stand in it."""
    return {
        ROOT / "docker-compose.yml": _rendered("docker-compose.yml.j2"),
        ROOT / "docker-compose.cluster.yml": _rendered("docker-compose.cluster.yml.j2"),
        DEPLOY / "prometheus" / "prometheus.yml": _rendered("prometheus/prometheus.yml.j2"),
        DEPLOY / "prometheus" / "alerts.yml": _rendered("prometheus/alerts.yml.j2"),
        DEPLOY / "locks" / "service.txt": service_lock(),
        DEPLOY / "locks" / "operator.txt": operator_lock(),
    }


def _rendered(template: str) -> str:
    environment = Environment(
        loader=FileSystemLoader(DEPLOY),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # it is no HTML
    )
    [door] = [room for room in ROOMS if room.faces_the_web]
    return environment.get_template(template).render(
        rooms=ROOMS, door=door, secrets=secret_files(), secret_of=secret_of
    )
