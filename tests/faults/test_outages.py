"""Servers that are away, die, fall silent or refuse to take messages: the platform waits, says so, and recovers."""

from __future__ import annotations

from tests.faults.processes import Coast
from tests.faults.wire import lamp_lit
from tests.servers import wait_until

HARBOUR = "harbour.note_lamp"


def test_a_service_waits_for_broker_and_database_at_its_start_and_later(coast: Coast) -> None:
    """Stock Nameko's start fails without a broker where the service dispatches; later, it dies of one that stays away
    when it has something to send."""
    broker, amqp_uri = coast.proxy_to_broker()
    database, mongo_uri = coast.proxy_to_database()
    broker.refuse()
    database.refuse()
    harbour = coast.launch("harbour", HUB_AMQP_URI=amqp_uri, HUB_MONGO_URI=mongo_uri)
    stock = coast.launch("stock_lighthouse", HUB_AMQP_URI=amqp_uri)
    wait_until(lambda: harbour.status == "not ready", "it lives, and says that it is not ready")
    wait_until(lambda: harbour.health()["parts"].get("broker:consuming") == "down", "it knows the broker is away")
    wait_until(lambda: not stock.running, "the stock service has given up")

    broker.accept()
    wait_until(lambda: harbour.health()["parts"].get("broker:consuming") == "up", "it has reached the broker")
    assert harbour.status == "not ready"
    assert coast.wire.consumers(HARBOUR) == 0, "nothing is taken before the database is prepared"
    coast.wire.publish_event(lamp_lit(30))
    database.accept()
    harbour.wait_ready()
    wait_until(lambda: coast.effects("harbour", 30) == 1, "what waited is handled")

    broker.refuse()
    database.refuse()
    wait_until(lambda: harbour.health()["parts"]["broker:consuming"] == "down", "the broker is lost")
    wait_until(lambda: harbour.health()["parts"]["database"] == "down", "the database is lost")
    coast.wire.publish_event(lamp_lit(31))
    broker.accept()
    wait_until(lambda: coast.wire.ready(HARBOUR) == 0, "an event is taken while the database is away")
    database.accept()
    harbour.wait_ready()
    wait_until(lambda: coast.effects("harbour", 31) == 1, "it waited there, untouched, and is handled")
    assert harbour.metric("hub_event_retries_total") == 0, "an outage uses up no attempt"
    assert harbour.running
    coast.assert_nothing_is_left("harbour")


def test_connections_that_fall_silent_are_opened_anew(coast: Coast) -> None:
    """Stock Nameko's publishing connections have no heartbeat: after a router forgot them they hang for ever."""
    proxy, uri = coast.proxy_to_broker()
    lighthouse = coast.launch("lighthouse", HUB_AMQP_URI=uri)
    coast.start("harbour")
    coast.wait_at_work(lighthouse)
    proxy.forget()
    coast.order("lighthouse", 32)
    asked = coast.caller()
    question = asked.ask("lighthouse.look", {"lamp_id": "lamp-32"}, seconds=60)
    wait_until(lambda: coast.effects("lighthouse", 32) == 1, "it works on")
    wait_until(lambda: coast.effects("harbour", 32) == 1, "its event left by a new connection", 60)
    assert asked.answer_to(question, seconds=60)["flashes"] == 1
    assert all(lighthouse.connections(link) == 2 for link in ("publishing", "consuming"))
    coast.assert_nothing_is_left("lighthouse", "harbour")


def test_closing_every_connection_on_the_broker_costs_nothing(coast: Coast) -> None:
    """Stock Nameko reconnects its consumers; what it was handling is handled twice."""
    lighthouse, harbour, logbook = coast.start("lighthouse", "harbour", "logbook")
    for number in range(3300, 3340):
        coast.order("lighthouse", number)
        if number % 10 == 5:
            coast.broker.close_all_connections()
    for number in range(3300, 3340):
        wait_until(lambda n=number: coast.effects("harbour", n), f"event {number} reached the harbour")
        wait_until(lambda n=number: coast.effects("logbook", n), f"event {number} reached the logbook")
    coast.assert_nothing_is_left("lighthouse", "harbour", "logbook")
    for number in range(3300, 3340):
        assert coast.effects("lighthouse", number) == 1
        assert coast.effects("harbour", number) == 1
        assert coast.effects("logbook", number) == 1
    assert lighthouse.running and harbour.running and logbook.running


def test_a_broker_and_a_database_killed_in_the_middle_lose_nothing_acknowledged(coast: Coast) -> None:
    """Stock Nameko's dispatch to a broker that dies before its confirm is lost or, where it is tried again, doubled."""
    lighthouse, harbour = coast.start("lighthouse", "harbour")
    # RabbitMQ 3.10 keeps the names of new quorum queues in memory for some seconds: killed so soon, it would come back
    # with an empty log and no leader for them. Leaving once in good order, it writes them down.
    coast.broker.stop_app()
    coast.broker.start_app()
    numbers = range(3400, 3430)
    for number in numbers:
        coast.order("lighthouse", number)
    wait_until(lambda: coast.effects("lighthouse", 3405), "it is in the middle of them")
    coast.broker.kill()
    wait_until(lambda: coast.effects("lighthouse", 3415), "it goes on without a broker")
    coast.database.kill()
    coast.database.start()
    coast.broker.start()
    for number in numbers:
        wait_until(lambda n=number: coast.effects("harbour", n), f"event {number} reached the harbour", 60)
    coast.assert_nothing_is_left("lighthouse", "harbour")
    for number in numbers:
        assert coast.effects("lighthouse", number) == coast.effects("harbour", number) == 1
    assert lighthouse.running and harbour.running


def test_a_broker_that_takes_no_messages_stops_no_command(coast: Coast) -> None:
    """Stock Nameko waits in the publish, without limit, until the alarm is over; nothing else is done meanwhile."""
    _, stock = coast.start("harbour", "stock_lighthouse")
    coast.wire.channel.queue_declare("rpc-lighthouse", durable=True, auto_delete=False)
    coast.wire.channel.queue_bind("rpc-lighthouse", "nameko-rpc", "lighthouse.*")
    caller = coast.caller()
    asked = [
        caller.ask("lighthouse.light", {"lamp_id": "lamp-35", "number": number}, seconds=120)
        for number in range(3500, 3510)
    ]
    coast.broker.set_memory_alarm(True)
    try:
        lighthouse = coast.launch("lighthouse")
        for number in range(3510, 3515):
            coast.order("lighthouse", number)
            coast.order("stock_lighthouse", number)
        for number in range(3500, 3515):
            wait_until(lambda n=number: coast.effects("lighthouse", n) == 1, f"command {number} is carried out")
        wait_until(lambda: lighthouse.status == "degraded", "it says that it is degraded, and still takes work")
        assert len(coast.rows("lighthouse", "house.outbox")) == 15, "the outbox keeps what cannot leave"
        assert coast.attempts("stock_lighthouse.carry_out_orders", 3511) == 0, "the stock service hangs in its first"
    finally:
        coast.broker.set_memory_alarm(False)
    assert [caller.answer_to(one, seconds=60)["flashes"] for one in asked]
    for number in range(3500, 3515):
        wait_until(lambda n=number: coast.effects("harbour", n) == 1, f"event {number} leaves when the alarm is over")
    lighthouse.wait_ready()
    stock.kill()
    coast.assert_nothing_is_left("lighthouse", "harbour")
