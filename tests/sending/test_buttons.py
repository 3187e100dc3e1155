"""Questions with buttons and lists, from the outbox to the carrier and back, on both databases: what is refused goes as text,
what is in doubt is found, and nothing goes twice."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.channels.interactive import CONTENTS
from app.channels.twilio.generic_contents import resource
from app.store import conversations
from app.store.records import NewSession, SessionState
from app.store.tables import ALERT, Address, Session
from tests.carrier.contents import Content
from tests.sending.wire import ALMA, TEMPLATE, Run, Wire
from tests.world import published

SI_NO, CAUSES = ("Sí", "No"), ("Tiempo", "Riesgo", "Órdenes", "Nada", "Otro")


def made(wire: Wire) -> dict[str, str]:
    """The environment's map, once the generic contents have been made."""
    found = {}
    for name, content in CONTENTS.items():
        at_twilio = wire.carrier.book.shelf.make(resource(content))
        assert isinstance(at_twilio, Content), at_twilio
        found[name] = at_twilio.sid
    return {"apertura": TEMPLATE, **found}


def ask(wire: Wire, *labels: str, **changes: object) -> str:
    options = [{"number": number, "label": label, "key": f"k{number}"} for number, label in enumerate(labels, 1)]
    given = {"options": json.dumps(options), "step": "explico", "kind": "ask", "session_id": _session(wire), **changes}
    return wire.queue("{{nombre}}, ¿explicó el motivo?", **given)


def _session(wire: Wire) -> int:
    """A session of Alma's that has ended, for the payloads to name."""
    with wire.database.transaction() as tx:
        found = tx.execute(select(Session.id)).scalars().first()
        version = None if found else published(tx, wire.clock()).current["prueba"]
        return found or conversations.open_session(
            tx,
            NewSession(wire.alma, version, "reporte", None, None, None, "whatsapp", None, wire.clock()),
            SessionState(wire.alma, None, None, None, wire.clock()),
        )


def alerts(wire: Wire) -> list[tuple[str, int]]:
    with wire.database.reading() as tx:
        table = ALERT
        return [(row.kind, row.times) for row in tx.execute(select(table))]


@pytest.mark.parametrize(("labels", "kind"), [(SI_NO, "twilio/quick-reply"), (CAUSES, "twilio/list-picker")])
def test_a_question_is_shown_with_what_can_be_pressed(run: Run, labels: tuple[str, ...], kind: str) -> None:
    async def work(wire: Wire) -> None:
        uid = ask(wire, *labels)
        await wire.send(templates=made(wire))
        (sent,) = wire.carrier.sent_to(ALMA)
        assert (sent.shape, sent.body) == (kind, "Alma, ¿explicó el motivo?")
        assert [title for _, title in sent.buttons] == list(labels)
        assert [key.rpartition(":")[2] for key, _ in sent.buttons] == [
            f"k{number}" for number in range(1, len(labels) + 1)
        ]
        assert wire.status(uid) == "delivered"

    run(work)


@pytest.mark.parametrize("fault", ["error_after", "drop_after", "hang", "garbled", "error_before", "drop_before"])
@pytest.mark.parametrize("listed", ["as we word it", "otherwise"])
def test_in_doubt_it_is_found_however_the_carrier_lists_it_and_never_sent_twice(
    run: Run, fault: str, listed: str
) -> None:
    async def work(wire: Wire) -> None:
        contents = made(wire)
        wire.carrier.faults.change({"next": ["ok", fault], "hang_seconds": 0, "callbacks_lost": 1.0})
        earlier, uid, later = ask(wire, *CAUSES), ask(wire, *CAUSES), wire.queue("gracias")
        sender = wire.sender(templates=contents)
        await sender.drain()
        assert wire.status(uid) == "unknown"
        for message in wire.carrier.sent_to(ALMA) if listed == "otherwise" else ():
            message.body = f"{message.body} [list]"
        for _ in range(4):
            await sender.reconcile()
            await sender.drain()
            wire.clock.advance(minutes=1)
            wire.heard(wire.alma)
        assert [message.shape for message in wire.carrier.sent_to(ALMA)] == ["twilio/list-picker"] * 2 + [""]
        sids = [message.sid for message in wire.carrier.sent_to(ALMA)]
        assert [wire.row(one).sid for one in (earlier, uid, later)] == sids

    run(work)


def test_of_two_that_may_be_it_the_one_with_our_words_is(run: Run) -> None:
    async def work(wire: Wire) -> None:
        contents = made(wire)
        wire.carrier.faults.change({"next": ["drop_after"], "callbacks_lost": 1.0})
        uid = ask(wire, *SI_NO)
        sender = wire.sender(templates=contents)
        await sender.drain()
        ours = wire.carrier.sent_to(ALMA)[0]
        wire.carrier.book.create({"To": ours.receiver, "From": ours.sender, "Body": "otro sistema, el mismo número"})
        await sender.reconcile()
        assert wire.row(uid).sid == ours.sid

    run(work)


@pytest.mark.parametrize("lost", ["unknown", "wrong"])
def test_a_content_that_is_not_what_it_was_fails_no_question(run: Run, lost: str) -> None:
    async def work(wire: Wire) -> None:
        contents = made(wire)
        shelf = wire.carrier.book.shelf.contents
        if lost == "unknown":
            del shelf[contents["trato_botones_2"]]
        else:
            shelf[contents["trato_botones_2"]].types = {"twilio/quick-reply": {"body": "{{1}} {{9}}", "actions": []}}
        uids = [ask(wire, *SI_NO), ask(wire, *SI_NO), ask(wire, *CAUSES)]
        await wire.send(templates=contents)
        assert [message.body.split("\n")[1:] for message in wire.carrier.sent_to(ALMA)] == [["1 Sí", "2 No"]] * 2 + [[]]
        assert [wire.status(uid) for uid in uids] == ["delivered"] * 3
        assert alerts(wire) == [("content", 2)]
        wire.carrier.book.refused.clear()

    run(work)


def test_who_is_not_on_whatsapp_gets_the_options_in_the_text_and_buttons_again_after_writing_there(run: Run) -> None:
    async def work(wire: Wire) -> None:
        contents = made(wire)
        wire.carrier.faults.refused = {ALMA: 63024}
        ask(wire, *SI_NO, plain=True)
        sender = wire.sender(templates=contents)
        await sender._round()
        for task in list(sender._in_flight):
            await task
        wire.carrier.faults.refused = {}
        await sender.drain()
        (sms,) = wire.carrier.sent_to(ALMA)
        assert (sms.receiver, sms.body) == (ALMA, "Alma, ¿explico el motivo?\n1 Si\n2 No")
        assert wire.count(Address, contact_id=wire.alma, channel="whatsapp", unreachable_at=wire.clock()) == 1

        # By SMS nothing is learnt of WhatsApp; a message by WhatsApp within the same minutes takes it back.
        await wire.carrier.inject(ALMA, "hola")
        ask(wire, *SI_NO)
        await sender.drain()
        assert wire.carrier.sent_to(ALMA)[-1].receiver == ALMA
        await wire.carrier.inject(f"whatsapp:{ALMA}", "hola")
        assert wire.count(Address, contact_id=wire.alma, unreachable_at=None) == 2
        ask(wire, *SI_NO)
        await sender.drain()
        assert wire.carrier.sent_to(ALMA)[-1].shape == "twilio/quick-reply"

    run(work)


def test_outside_the_window_no_list_is_sent(run: Run) -> None:
    async def work(wire: Wire) -> None:
        contents = made(wire)
        wire.heard(wire.alma, timedelta(days=2))
        ask(wire, *CAUSES)
        opened = ask(wire, *CAUSES, template="apertura", variables='["{{nombre}}"]')
        await wire.send(templates=contents)
        by_sms, by_template = wire.carrier.sent_to(ALMA)
        assert (by_sms.receiver, by_sms.body.count("\n")) == (ALMA, 5)
        assert (by_template.content_sid, by_template.body) == (TEMPLATE, "Buen día, Alma. Le escribimos del taller.")
        assert wire.status(opened) == "delivered"

    run(work)
