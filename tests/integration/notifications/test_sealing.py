"""Secrets at rest: nowhere in the database in clear, and as good as before when what seals them is changed."""

from __future__ import annotations

import subprocess
from base64 import b64decode, b64encode
from secrets import token_bytes

from standardwebhooks import Webhook

from services.notifications.mail.unsubscribing import token_for
from services.notifications.sealing import Vault
from shared.contracts.notifications import Category, EndpointView, GetEndpoint, RotateSecret, Unsubscribe
from shared.identity import Principal
from tests.integration.notifications.hub import Hub
from tests.integration.notifications.outside import MailServer, Receiver
from tests.integration.notifications.test_mail import a_person, a_watched_call, extended
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


def test_a_key_is_changed_and_neither_receivers_nor_links_in_mailboxes_notice(
    hub: Hub,
    receiver: Receiver,
    owner: Principal,
    replica: ServiceProcess,
    site: Site,
    outgoing: dict[str, str],
) -> None:
    """The key all tests run with is the new one here: beside it stands what another had sealed, or nothing had."""
    former, present = token_bytes(32), b64decode(site.keys.secrets)
    sealed, in_clear = (an_endpoint(hub, receiver, owner, path) for path in ("/sealed", "/clear"))
    secrets = {"/sealed": str(sealed.secret), "/clear": str(in_clear.secret)}
    link_key, (person, _) = b"k" * 32, a_person(hub)
    replica.stop()
    endpoints, keys = hub.documents.endpoints, hub.documents["keys"]
    endpoints.update_one({"_id": sealed.id}, {"$set": {"secret": Vault([former]).seal(secrets["/sealed"])}})
    endpoints.update_one({"_id": in_clear.id}, {"$set": {"secret": secrets["/clear"]}})
    endpoints.update_many({}, {"$unset": {"sealed_with": 1}})
    keys.replace_one({"_id": "unsubscribing"}, {"key": link_key}, upsert=True)

    both = f"{site.keys.secrets},{b64encode(former).decode()}"
    anew = {"sealed_with": Vault([present, former]).ring}
    try:
        with site.running("notifications", log="two-keys", **outgoing, HUB_SECRETS_KEY=both):
            wait_until(lambda: endpoints.count_documents(anew) == 2 and keys.count_documents(anew), "sealed anew", 90)
    finally:
        replica.bring_up()

    open_call(hub)
    wait_until(lambda: all(receiver.at(path) for path in secrets), "both are posted", 90)
    for path, secret in secrets.items():
        posted = receiver.at(path)[0]
        assert Webhook(secret).verify(posted.body, posted.headers)["type"] == "calls.call_opened.v1"
    link = token_for(link_key, person, Category.policy)
    assert hub.ask(Unsubscribe(token=link)).category is Category.policy
    kept = everything(hub)
    assert not [known for known in (*secrets.values(), "k" * 32, b64encode(link_key).decode()) if known in kept]


def test_where_the_key_of_links_is_lost_e_mails_go_on_and_their_links_work(hub: Hub, mail_server: MailServer) -> None:
    person, email = a_person(hub)
    call = a_watched_call(hub, person)
    hub.documents["keys"].update_one(
        {"_id": "unsubscribing"}, {"$set": {"sealed": "gAAAAA-of-another-key"}}, upsert=True
    )

    hub.publish(extended(call), sequence=2)

    wait_until(lambda: mail_server.of(email), "the e-mail is there")
    token = mail_server.of(email)[0]["List-Unsubscribe"].strip("<>").rpartition("/")[2]
    assert hub.ask(Unsubscribe(token=token)).category is Category.deadline_extended


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
