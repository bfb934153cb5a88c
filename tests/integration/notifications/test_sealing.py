"""Webhook secrets at rest: nowhere in the database in clear, and signed with all the same when the key is changed."""

from __future__ import annotations

import subprocess
from base64 import b64encode
from secrets import token_bytes

from standardwebhooks import Webhook

from shared.contracts.notifications import EndpointView, GetEndpoint, RotateSecret
from shared.identity import Principal
from tests.integration.notifications.hub import Hub
from tests.integration.notifications.outside import Receiver
from tests.integration.notifications.test_webhooks import an_endpoint, nothing_before, open_call, owner
from tests.running import ServiceProcess, Site
from tests.servers import wait_until

__all__ = ["nothing_before", "owner"]


def everything(hub: Hub) -> str:
    """All documents of the service, as text."""
    names = hub.documents.list_collection_names()
    return "\n".join(str(document) for name in names for document in hub.documents[name].find({}))


def test_no_secret_stands_anywhere_in_the_database(hub: Hub, receiver: Receiver, owner: Principal) -> None:
    endpoint = an_endpoint(hub, receiver, owner, "/sealed")
    version = hub.ask(GetEndpoint(endpoint_id=endpoint.id), by=owner).version
    rotated: EndpointView = hub.ask(RotateSecret(endpoint_id=endpoint.id, expected_version=version), by=owner)

    kept = everything(hub)

    assert endpoint.id in kept and '"state":"unverified"' in kept, "the record of the answer is among it"
    for secret in (endpoint.secret, rotated.secret):
        assert secret and secret.startswith("whsec_") and secret.removeprefix("whsec_") not in kept


def test_a_key_is_changed_and_no_receiver_notices(
    hub: Hub,
    receiver: Receiver,
    owner: Principal,
    replica: ServiceProcess,
    site: Site,
    outgoing: dict[str, str],
) -> None:
    endpoint = an_endpoint(hub, receiver, owner, "/rekeyed")
    left_in_clear = an_endpoint(hub, receiver, owner, "/clear")
    hub.documents.endpoints.update_one(
        {"_id": left_in_clear.id}, {"$set": {"secret": left_in_clear.secret}, "$unset": {"sealed_with": 1}}
    )
    former, new = site.keys.secrets, b64encode(token_bytes(32)).decode()
    mine = {"_id": {"$in": [endpoint.id, left_in_clear.id]}}

    def sealed_by_keys(said: str, log: str) -> None:
        """Have the service run with these keys until it has sealed everything with the first."""
        before = hub.documents.endpoints.distinct("sealed_with", mine)
        with site.running("notifications", log=log, **outgoing, HUB_SECRETS_KEY=said):
            others = {**mine, "sealed_with": {"$in": [*before, None]}}
            wait_until(lambda: not hub.documents.endpoints.count_documents(others), "sealed anew", 90)

    replica.stop()
    try:
        sealed_by_keys(f"{new},{former}", "rekeyed")
        with site.running("notifications", log="new-key", **outgoing, HUB_SECRETS_KEY=new):
            open_call(hub)
            wait_until(lambda: receiver.at("/rekeyed") and receiver.at("/clear"), "both are posted", 90)
    finally:
        sealed_by_keys(f"{former},{new}", "former-key")
        replica.bring_up()

    for told in (endpoint, left_in_clear):
        path = "/rekeyed" if told is endpoint else "/clear"
        posted = receiver.at(path)[0]
        assert Webhook(str(told.secret)).verify(posted.body, posted.headers)["type"] == "calls.call_opened.v1"
    assert str(left_in_clear.secret) not in everything(hub)


def test_a_secret_sealed_with_a_key_that_is_lost_is_named_as_the_cause_until_it_is_rotated(
    hub: Hub, receiver: Receiver, owner: Principal
) -> None:
    endpoint = an_endpoint(hub, receiver, owner, "/lost")
    hub.documents.endpoints.update_one({"_id": endpoint.id}, {"$set": {"secret": "gAAAAA-of-another-key"}})

    open_call(hub)

    tried = {"endpoint_id": endpoint.id, "attempts.error": {"$regex": "rotate it"}}
    wait_until(lambda: hub.documents.deliveries.count_documents(tried), "the cause is noted", 90)
    assert receiver.at("/lost") == []
    version = hub.ask(GetEndpoint(endpoint_id=endpoint.id), by=owner).version
    rotated = hub.ask(RotateSecret(endpoint_id=endpoint.id, expected_version=version), by=owner)
    assert rotated.secret and rotated.secret.startswith("whsec_")


def test_without_its_key_the_service_says_which_variable_is_missing_and_leaves(
    site: Site, outgoing: dict[str, str]
) -> None:
    program = site.process("notifications", **outgoing, HUB_SECRETS_KEY="").program

    left = subprocess.run(
        program.command, env=program.environment, cwd=program.directory, capture_output=True, timeout=120, check=False
    )

    assert left.returncode == 2
    assert left.stderr.decode().splitlines()[-1].startswith("configuration: HUB_SECRETS_KEY")
