"""Operations: fields, errors in both languages, repeats, deadlines, and who may."""

from __future__ import annotations

import base64
import json
import time
from uuid import uuid4

import jwt
import pytest

from shared.contracts.rights import MembershipNotActive
from shared.contracts.vocabulary import OrganisationKind, PersonRole
from shared.errors import (
    Forbidden,
    HubError,
    IdempotencyKeyReused,
    Invalid,
    NoAnswer,
    NotFound,
    Unauthenticated,
)
from shared.identity import Principal, Signer
from tests.faults.processes import Coast
from tests.faults.wire import Caller
from tests.keys import Keys
from tests.servers import wait_until

ANNA = Principal(
    person_id="11111111-1111-5111-8111-111111111111",
    organisation_id="the-region",
    organisation_kind=OrganisationKind.promoter,
    organisation_active=True,
    role=PersonRole.editor,
)


def test_an_answer_is_the_contract_as_json(caller: Caller) -> None:
    lit = caller.call("lighthouse.light", {"lamp_id": "lamp-120", "number": 120})
    assert lit == {"id": "lamp-120", "version": 1, "flashes": 1, "oil": 0}
    assert caller.call("lighthouse.look", {"lamp_id": "lamp-120"}) == lit


def test_every_wrong_field_is_named(caller: Caller) -> None:
    with pytest.raises(Invalid) as wrong:
        caller.call("lighthouse.light", {"lamp_id": "", "number": "many", "speed": 3})
    assert set(wrong.value.errors) == {"lamp_id", "number", "speed"}


def test_an_error_crosses_the_wire_typed_and_in_both_languages(caller: Caller) -> None:
    with pytest.raises(NotFound) as missing:
        caller.call("lighthouse.look", {"lamp_id": "lamp-nowhere"})
    assert missing.value.detail.it == "La lampada lamp-nowhere: non esiste."
    assert missing.value.detail.en == "Lamp lamp-nowhere does not exist."
    assert missing.value.status == 404


def test_a_refusal_this_process_does_not_know_keeps_its_name_and_words(caller: Caller) -> None:
    with pytest.raises(HubError) as refused:
        caller.call("lighthouse.light", {"lamp_id": "lamp-121", "number": 121, "then": "refuse"})
    assert (refused.value.slug, refused.value.status) == ("out-of-bounds", 409)
    assert str(refused.value) == "out-of-bounds: The lamp 121 is out of bounds."
    assert refused.value.problem("it") == {
        "type": "urn:hub:problem:out-of-bounds",
        "title": "Fuori dal porto",
        "status": 409,
        "detail": "La lampada 121 è fuori dal porto.",
    }


def test_an_error_of_another_service_passes_through_as_it_is(caller: Caller) -> None:
    with pytest.raises(NotFound):
        caller.call("lighthouse.signal", {"operation": "harbour.look_out", "lamp_id": "lamp-nowhere"})


def test_a_bug_is_told_without_its_inside_and_leaves_nothing(coast: Coast, caller: Caller) -> None:
    with pytest.raises(HubError) as broken:
        caller.call("lighthouse.light", {"lamp_id": "lamp-122", "number": 122, "then": "fail"})
    assert broken.value.slug == "internal-error"
    assert "told to fail" not in json.dumps(broken.value.to_wire())
    assert coast.effects("lighthouse", 122) == 0
    assert coast.rows("lighthouse", "lamps", {"_id": "lamp-122"}) == []


def test_a_repeated_command_gets_the_recorded_answer(coast: Coast, caller: Caller) -> None:
    fields = {"lamp_id": "lamp-123", "number": 123}
    first = caller.call("lighthouse.light", fields, command_id="one-two-three")
    caller.call("lighthouse.light", {"lamp_id": "lamp-123", "number": 124})
    assert caller.call("lighthouse.light", fields, command_id="one-two-three") == first
    assert coast.effects("lighthouse", 123) == 1


def test_a_command_id_used_for_anything_else_is_refused(coast: Coast, caller: Caller) -> None:
    fields = {"lamp_id": "lamp-125", "number": 125}
    caller.call("lighthouse.light", fields, command_id="five")
    with pytest.raises(IdempotencyKeyReused):
        caller.call("lighthouse.light", fields | {"number": 126}, command_id="five")
    with pytest.raises(IdempotencyKeyReused):
        caller.call("lighthouse.put_out", {"lamp_id": "lamp-125"}, command_id="five")
    with pytest.raises(IdempotencyKeyReused):
        caller.call("lighthouse.light", fields, command_id="five", principal=coast.signer.mint(ANNA))
    assert coast.effects("lighthouse", 126) == 0


def test_a_command_that_failed_may_be_repeated_under_its_id(coast: Coast, caller: Caller) -> None:
    fields = {"lamp_id": "lamp-127", "number": 127, "then": "fail 1 times"}
    with pytest.raises(HubError):
        caller.call("lighthouse.light", fields, command_id="seven")
    assert caller.call("lighthouse.light", fields, command_id="seven")["flashes"] == 1
    assert coast.effects("lighthouse", 127) == 1


def test_a_request_nobody_waits_for_any_more_is_not_carried_out(coast: Coast, caller: Caller) -> None:
    late = {"lamp_id": "lamp-128", "number": 128}
    with pytest.raises(NoAnswer):
        caller.answer_to(caller.ask("lighthouse.light", late, seconds=10, deadline=time.time() - 1), seconds=0.5)
    caller.call("lighthouse.light", {"lamp_id": "lamp-129", "number": 129})
    assert coast.attempts("lighthouse.light", 128) == 0
    assert coast.wire.ready("rpc-lighthouse") == 0


# --- who may ----------------------------------------------------------------------------------------------


def test_a_signed_principal_is_believed(coast: Coast, caller: Caller) -> None:
    told = caller.call("lighthouse.greet", {}, principal=coast.signer.mint(ANNA))
    assert told == {"person_id": ANNA.person_id, "organisation_id": "the-region"}


def _unsigned(claims: dict) -> str:
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


def test_no_other_token_is(coast: Coast, caller: Caller) -> None:
    claims = {"person_id": ANNA.person_id, "aud": "hub-services", "exp": time.time() + 60}
    key = coast.signer._key
    sound = coast.signer.mint(ANNA)
    header, body, signature = sound.split(".")
    tokens = {
        "nobody's": None,
        "another key's": Signer(Keys.made().private).mint(ANNA),
        "expired": coast.signer.mint(ANNA, seconds=-1),
        "for another audience": jwt.encode(claims | {"aud": "elsewhere"}, key, algorithm="EdDSA"),
        "without an end": jwt.encode({k: v for k, v in claims.items() if k != "exp"}, key, algorithm="EdDSA"),
        "without a signature": _unsigned(claims),
        "by a shared secret": jwt.encode(claims, "secret" * 8, algorithm="HS256"),
        "with a claim nobody knows": jwt.encode(claims | {"king": True}, key, algorithm="EdDSA"),
        "with another body": f"{header}.{body[:-2]}xx.{signature}",
        "garbage": "garbage",
    }
    for what, token in tokens.items():
        with pytest.raises(Unauthenticated):
            caller.call("lighthouse.greet", {}, principal=token)
            pytest.fail(f"a token {what} was believed")


def test_a_token_that_expires_is_not_believed_for_being_known(coast: Coast, caller: Caller) -> None:
    token = coast.signer.mint(ANNA, seconds=5)
    assert caller.call("lighthouse.greet", {}, principal=token)

    def refused() -> bool:
        try:
            return not caller.call("lighthouse.greet", {}, principal=token)
        except Unauthenticated:
            return True

    wait_until(refused, "the token has expired")


def test_only_those_the_contract_names_may(coast: Coast, caller: Caller) -> None:
    caller.call("lighthouse.light", {"lamp_id": "lamp-130", "number": 130})
    polish = {"lamp_id": "lamp-130"}
    assert caller.call("lighthouse.polish", polish, principal=coast.signer.mint(ANNA))
    reader = Principal(**{**vars(ANNA), "role": PersonRole.reader})
    outsider = Principal(**{**vars(ANNA), "organisation_kind": OrganisationKind.spoke})
    service = Principal(service="calls")
    for somebody in (reader, outsider, service):
        with pytest.raises(Forbidden) as forbidden:
            caller.call("lighthouse.polish", polish, principal=coast.signer.mint(somebody))
        assert "editors" in forbidden.value.detail.en
        assert "redattori" in forbidden.value.detail.it
    suspended = Principal(**{**vars(ANNA), "organisation_active": False})
    with pytest.raises(MembershipNotActive):
        caller.call("lighthouse.polish", polish, principal=coast.signer.mint(suspended))
    with pytest.raises(Unauthenticated):
        caller.call("lighthouse.polish", polish)


# --- where it came from -----------------------------------------------------------------------------------


def test_correlation_cause_and_trace_go_with_the_work(coast: Coast, caller: Caller) -> None:
    heard = coast.wire.listen("lighthouse.events", "lamp_lit.v1")
    correlation, trace = str(uuid4()), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    caller.call(
        "lighthouse.light", {"lamp_id": "lamp-131", "number": 131}, correlation_id=correlation, traceparent=trace
    )
    wait_until(lambda: coast.wire.ready(heard), "the event is published")
    message = coast.wire.take(heard)
    envelope = json.loads(message.body)
    assert envelope["correlationid"] == message.properties["correlation_id"] == correlation
    assert envelope["traceparent"] == trace
    assert envelope["specversion"] == "1.0"
    assert envelope["type"] == message.properties["type"] == "lighthouse.lamp_lit.v1"
    assert envelope["id"] == message.properties["message_id"]
    assert envelope["subject"] == "lamp-131"
    assert envelope["sequence"] == "1"
