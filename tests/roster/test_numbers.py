"""One officer and several addresses: user ids that come with a number, and a change of number that a person confirms."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from app.cases import acting
from app.channels.twilio.codes import cause_of
from app.cli import main
from app.conversations.inbound import Arrival, receive
from app.errors import UsageError
from app.roster import numbers, people
from app.roster.numbers import NumberChange
from app.sending import claiming
from app.sending.delivery_reports import block
from app.sending.send_policy import Rules
from app.store import cases, contacts, delivery
from app.store.database import Database
from app.store.tables import Address, Alert, AuditEntry, Contact, InboundMessage, Response, Session
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.conversations.test_inbound import ALMA, BRUNO, World
from tests.world import arrive, enrol, message, published

NEW, ID, OTHER_ID = "+525555550177", "MX.1a2B3c4D", "MX.9z"


class Town(World):
    """The world, with people who change numbers."""

    def change(self, plain: str = NEW, who: int | None = None, **how: Any) -> NumberChange:
        return numbers.change(self.tx, self.vault, self.study_id(who or self.alma), plain, self.clock(), **how)

    def study_id(self, contact: int) -> str:
        return str(self.tx.execute(select(Contact.study_id).where(Contact.id == contact)).scalar_one())

    def hear(self, number: str, *bodies: str, **more: Any) -> list[tuple[str, int | None]]:
        arrive(self.tx)
        arrivals = [message(self.vault, number, body, **more) for body in bodies]
        return [(one.outcome, one.contact_id) for one in receive(self.tx, self.library, arrivals, self.clock())]

    def addresses(self, contact: int, *, all_: bool = False) -> list[tuple[str, str]]:
        found = select(Address).where(Address.contact_id == contact).order_by(Address.id)
        rows = self.tx.execute(found if all_ else found.where(Address.retired_at.is_(None)))
        return [(row.channel, self.vault.open(row.sealed, f"address:{contact}")) for row in rows]

    def going_out(self) -> list[tuple[str, str]]:
        desk = claiming.SendContext("simulator", "one", self.vault, Rules(), 100.0)
        return [(job.outgoing.to, job.outgoing.body) for job in claiming.take(self.tx, desk, 10, self.clock())[1]]

    def status(self, contact: int) -> str:
        return str(self.tx.execute(select(Contact.status).where(Contact.id == contact)).scalar_one())


@pytest.fixture
def town(database: Database, vault: Vault, clock: StillClock) -> Iterator[Town]:
    with database.transaction() as tx:
        yield Town(tx, vault, clock)


# -- user ids -----------------------------------------------------------------------------------------------------------


def test_a_user_id_that_comes_with_a_number_is_the_officers_from_then_on(town: Town) -> None:
    town.begin(town.alma)
    assert town.hear(ALMA, "sí", also=(ID,)) == town.hear(ALMA, "depende", also=(ID,)) == [("answer", town.alma)]
    assert town.hear(ID, "le expliqué") == [("nothing_open", town.alma)]
    assert town.addresses(town.alma) == [("sms", ALMA), ("whatsapp", ALMA), ("whatsapp", ID)]


def test_a_new_user_id_was_heard_when_its_message_was_written(town: Town, clock: StillClock) -> None:
    """Found later by a sweep, it opens WhatsApp's window from when it was written."""
    early = clock() - timedelta(hours=3)
    town.hear(ALMA, "hola", also=(ID,))
    town.hear(BRUNO, "hola", also=(OTHER_ID,), sent_at=early)
    for contact, heard in ((town.alma, clock()), (town.bruno, early)):
        channel = Address.contact_id == contact, Address.channel == "whatsapp"
        rows = town.tx.execute(select(Address.last_inbound_at).where(*channel).order_by(Address.id))
        assert list(rows.scalars()) == [heard, heard]


def test_a_number_that_comes_with_a_user_id_says_whose_it_is(town: Town) -> None:
    assert town.hear(ID, "hola", also=("+5215555550101",)) == [("nothing_open", town.alma)]
    assert town.hear(ID, "hola") == [("nothing_open", town.alma)]


def test_an_unknown_number_is_not_known_by_its_user_id(town: Town) -> None:
    town.hear(ALMA, "hola", also=(ID,))
    assert town.hear(NEW, "hola", also=(ID,)) == [("unknown_sender", None)]
    ((ending,),) = [
        [acting.ending(town.tx, town.vault, one) for one in cases.listed(town.tx) if one.lookup is not None]
    ]
    assert ending == acting.Ending("…0177", town.study_id(town.alma))
    assert town.addresses(town.alma)[2:] == [("whatsapp", ID)]


def test_the_account_of_another_officer_at_an_officers_number_needs_a_person(town: Town) -> None:
    town.hear(BRUNO, "hola", also=(ID,))
    assert town.hear(ALMA, "BAJA", also=(ID,)) == [("keyword", town.alma)]
    assert town.rows(InboundMessage, "needs_person")[-1] == (True,)
    assert town.rows(Alert, "kind", "subject") == [("address_disputed", f"contact:{town.alma}")]
    assert town.hear(ID, "hola") == [("nothing_open", town.bruno)]


def test_the_window_is_open_to_the_account_and_the_answer_goes_where_it_was_last_heard_of(
    town: Town, clock: StillClock
) -> None:
    town.hear(ALMA, "hola", also=(ID,))
    clock.advance(hours=20)
    town.hear(ID, "hola")
    clock.advance(hours=20)
    place = next(one for one in delivery.receivers(town.tx, [town.alma])[town.alma].places if one.channel == "whatsapp")
    assert town.vault.open(place.sealed, f"address:{town.alma}") == ID
    town.hear(ALMA, "hola")
    place = next(one for one in delivery.receivers(town.tx, [town.alma])[town.alma].places if one.channel == "whatsapp")
    assert town.vault.open(place.sealed, f"address:{town.alma}") == ALMA
    town.tx.execute(update(Address).where(Address.id == place.id).values(unreachable_at=clock()))
    other = next(one for one in delivery.receivers(town.tx, [town.alma])[town.alma].places if one.channel == "whatsapp")
    assert (town.vault.open(other.sealed, f"address:{town.alma}"), other.last_inbound_at) == (ID, clock())


# -- a change of number -------------------------------------------------------------------------------------------------


def test_everything_goes_on_at_the_new_number_and_the_old_one_is_nobodys(town: Town, clock: StillClock) -> None:
    town.begin(town.alma)
    assert town.hear(NEW, "1", "soy Alma") == [("unknown_sender", None)] * 2
    done = town.change()
    assert (done.retired, done.messages, done.opted_out) == (2, 2, False)
    assert town.addresses(town.alma) == [("whatsapp", NEW), ("sms", NEW)]
    assert town.rows(InboundMessage, "contact_id", "outcome", "needs_person") == [(town.alma, "history", False)] * 2
    assert town.rows(Response, "id") == []  # nobody knew which question the 1 was for
    assert town.hear(ALMA, "hola") == [("unknown_sender", None)]
    assert town.hear(NEW, "2") == [("answer", town.alma)]
    assert town.going_out()[0] == (NEW, "Alma, una pregunta.")
    assert town.rows(AuditEntry, "action", "subject", "detail")[-1] == (
        "number",
        f"contact:{town.alma}",
        '{"channels": ["whatsapp", "sms"], "messages": 2, "retired": 2}',
    )


def test_nothing_goes_to_the_old_number_though_only_that_one_has_written(town: Town) -> None:
    town.hear(ALMA, "hola", also=(ID,))
    town.change()
    places = delivery.receivers(town.tx, [town.alma])[town.alma].places
    assert [(town.vault.open(one.sealed, f"address:{town.alma}"), one.last_inbound_at) for one in places] == [
        (NEW, None)
    ] * 2


def test_what_the_new_number_wrote_opens_the_window(town: Town) -> None:
    town.begin(town.alma)
    town.hear(NEW, "hola")
    town.change()
    assert ("whatsapp", town.clock()) in town.rows(Address, "channel", "last_inbound_at")
    assert [to for to, _ in town.going_out()] == [NEW, NEW]  # the question, and the answer to the unknown sender


@pytest.mark.parametrize(
    ("bodies", "leaves"),
    [(("hola", "BAJA"), True), (("BAJA", "alta"), False), (("baja", "hola"), True), (("ALTA",), False)],
)
def test_of_what_came_before_only_a_last_baja_is_obeyed(town: Town, bodies: tuple[str, ...], leaves: bool) -> None:
    town.begin(town.alma)
    town.hear(NEW, *bodies)
    assert town.change().opted_out is leaves
    assert town.status(town.alma) == ("opted_out" if leaves else "active")
    assert town.rows(Session, "outcome") == [("stopped" if leaves else None,)]


def test_one_channel_alone(town: Town) -> None:
    assert town.change(channel="sms").retired == 1
    assert town.addresses(town.alma) == [("whatsapp", ALMA), ("sms", NEW)]
    assert [owner for _, owner in (*town.hear(ALMA, "hola"), *town.hear(NEW, "hola", channel="sms"))] == [town.alma] * 2


def test_twice_is_once_and_back_again_is_possible(town: Town) -> None:
    town.change()
    assert town.change().retired == 0
    assert town.change(ALMA).retired == 2
    assert town.addresses(town.alma) == [("whatsapp", ALMA), ("sms", ALMA)]
    assert len(town.addresses(town.alma, all_=True)) == 6


def test_a_user_id_goes_with_its_number_and_one_more_replaces_none(town: Town) -> None:
    town.hear(ALMA, "hola", also=(ID,))
    town.change()
    assert town.hear(ID, "hola") == [("unknown_sender", None)]
    assert town.change(OTHER_ID).retired == 0
    assert town.addresses(town.alma) == [("whatsapp", NEW), ("sms", NEW), ("whatsapp", OTHER_ID)]
    assert town.hear(NEW, "hola", also=(ID,)) == [("nothing_open", town.alma)]
    assert town.hear(ID, "hola") == [("nothing_open", town.alma)]
    with pytest.raises(UsageError, match="account is officer"):
        town.change(OTHER_ID, town.bruno, take=True)


def test_two_officers_never_have_one_number(town: Town) -> None:
    with pytest.raises(UsageError, match=f"that number is officer {town.study_id(town.bruno)}'s: --swap"):
        town.change(BRUNO)
    with pytest.raises(UsageError, match="leave --channel out"):
        town.change(BRUNO, swap=True, channel="sms")
    with pytest.raises(UsageError, match="no officer has the study id X9"):
        numbers.change(town.tx, town.vault, "x9", NEW, town.clock())
    assert town.addresses(town.alma) == [("sms", ALMA), ("whatsapp", ALMA)]


def test_two_officers_have_exchanged_their_numbers(town: Town) -> None:
    town.begin(town.alma)
    town.begin(town.bruno, "permiso")
    done = town.change(BRUNO, swap=True)
    assert (done.holder, done.swapped) == (town.study_id(town.bruno), True)
    assert town.addresses(town.alma) == [("whatsapp", BRUNO), ("sms", BRUNO)]
    assert sorted(town.addresses(town.bruno)) == [("sms", ALMA), ("whatsapp", ALMA)]
    assert [town.hear(number, "sí") for number in (ALMA, BRUNO)] == [[("answer", town.bruno)], [("answer", town.alma)]]


def test_a_number_is_taken_from_who_has_left_it_and_given_another_brings_that_officer_back(town: Town) -> None:
    town.begin(town.bruno)
    done = town.change(BRUNO, take=True)
    assert (done.holder, done.swapped, done.retired) == (town.study_id(town.bruno), False, 2)
    assert town.addresses(town.bruno) == []
    assert (town.status(town.bruno), town.rows(Session, "outcome")) == ("blocked", [("stopped",)])
    assert town.going_out() == []
    assert town.hear(BRUNO, "hola") == [("nothing_open", town.alma)]
    town.change(ALMA, town.bruno)
    assert town.status(town.bruno) == "active"


@pytest.mark.parametrize(
    ("code", "after"), [(30005, "active"), (21211, "active"), (21610, "blocked"), (63033, "blocked")]
)
def test_a_new_number_lifts_a_block_that_was_about_the_old_one(town: Town, code: int, after: str) -> None:
    block(town.tx, town.alma, cause_of(code), code, town.clock())
    town.change()
    assert town.status(town.alma) == after


def test_a_number_that_was_given_up_may_be_another_officers(town: Town) -> None:
    town.change()
    celia = enrol(town.tx, town.vault, town.clock(), ALMA, name="Celia")
    assert town.hear(ALMA, "hola") == [("nothing_open", celia)]
    assert contacts.owners(town.tx, [town.vault.lookup(ALMA), town.vault.lookup(NEW)]) == {
        town.vault.lookup(ALMA): celia,
        town.vault.lookup(NEW): town.alma,
    }


# -- finding out who it is ----------------------------------------------------------------------------------------------


def test_a_case_of_an_unknown_number_shows_its_end_and_whose_account_it_may_be(town: Town) -> None:
    town.hear(ALMA, "hola", also=(ID,))
    (arrival,) = [message(town.vault, "+5215555550177", "soy yo")]
    sealed = Arrival.of(replace(arrival.message, also=(ID,), profile="Alma R."), town.vault).sealed
    town.hear(OTHER_ID, "hola", "hola")
    town.hear(NEW, "hola")
    town.tx.execute(
        update(InboundMessage)
        .where(InboundMessage.lookup == arrival.lookup)
        .values(sealed=sealed, sid=arrival.message.sid)
    )
    found = [one for one in cases.listed(town.tx) if one.lookup is not None]
    assert [(acting.ending(town.tx, town.vault, one), one.messages) for one in found] == [
        (acting.Ending("MX.…X.9z", None), 2),
        (acting.Ending("…0177", town.study_id(town.alma)), 1),
    ]
    shown = acting.who(town.tx, town.vault, found[1].id, "quién escribe", town.clock(), "claims to be ana")
    assert (shown.numbers, shown.name) == ((NEW,), "Alma R.")
    assert town.rows(AuditEntry, "action", "subject")[-1] == ("case who", f"case:{found[1].id}")


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("alma", ["Alma"]),
        ("ÁLM", ["Alma"]),
        ("0102", ["Bruno"]),
        ("+52 1 55 5555 0101", ["Alma"]),
        ("zoe", []),
        ("01", []),
        ("", []),
    ],
)
def test_officers_are_found_by_name_or_number(town: Town, wanted: str, names: list[str]) -> None:
    found = people.find(town.tx, town.vault, wanted, "she called", town.clock(), "ana")
    assert [one.name for one in found] == names
    assert town.rows(AuditEntry, "action", "detail")[-1] == (
        "officers find",
        json.dumps({"found": len(names), "reason": "she called"}),
    )


# -- the commands -------------------------------------------------------------------------------------------------------

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(database_url: str, vault: Vault, clock: StillClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    database = Database(database_url)
    database.unlock(vault)
    with database.transaction() as tx:
        library = published(tx, clock())
        enrol(tx, vault, clock(), ALMA)
        enrol(tx, vault, clock(), BRUNO, name="Bruno")
        receive(
            tx, library, [message(vault, NEW, "una frase que nadie debe leer"), message(vault, NEW, "otra")], clock()
        )
    monkeypatch.setenv("TRATO_DATABASE_URL", database_url)
    monkeypatch.setenv("TRATO_SECRET_KEY", "a secret that only tests have")

    def invoke(*words: str, given: str | None = None) -> tuple[int, str]:
        result = CliRunner().invoke(main.app, list(words), input=given)
        return (
            (2, str(result.exception))
            if isinstance(result.exception, UsageError)
            else (result.exit_code, result.output)
        )

    yield invoke
    database.close()


def test_a_coordinator_finds_out_who_wrote_and_gives_the_officer_that_number(run: Run) -> None:
    code, listed = run("cases")
    assert (code, "…0177" in listed, "5555550177" in listed, "frase" in listed) == (0, True, False, False)
    case = str(json.loads(run("cases", "list", "--json")[1])["cases"][0]["case"])
    code, shown = run("cases", "show", case)
    assert (code, "+525555550177" in shown, "una frase que nadie debe leer" in shown) == (0, False, True)
    assert run("cases", "who", case, "--reason", "quién es") == (0, "+525555550177\n")
    officer = json.loads(run("officers", "find", "--reason", "called", "alma", "--json")[1])["officers"][0]
    assert (officer["name"], officer["number"]) == ("Alma", ALMA)
    code, said = run("cases", "identify", case, officer["study_id"])
    assert (code, "2 old addresses retired, 2 earlier messages" in said) == (0, True)
    assert run("cases") == (0, "0 open\n")
    assert (
        json.loads(run("officers", "find", "--reason", "called", "0177", "--json")[1])["officers"][0]["name"] == "Alma"
    )


def test_a_number_may_be_typed_where_nobody_keeps_a_history(run: Run) -> None:
    study_id = json.loads(run("officers", "find", "--reason", "called", "bruno", "--json")[1])["officers"][0][
        "study_id"
    ]
    code, said = run("officers", "number", study_id.lower(), "--json", given="044 55 5555 0188\n")
    assert code == 0
    assert '"retired": 2' in said


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("officers", "number", "NOBODY", NEW), "no officer has the study id NOBODY"),
        (("officers", "number", "NOBODY", "55 5555"), "NUMBER: the number is too short"),
        (("officers", "number", "NOBODY", NEW, "--take", "--swap"), "at most one of --take and --swap"),
        (("cases", "identify", "1", "NOBODY"), "you have not read 2 messages of case 1"),
        (("cases", "identify", "99", "NOBODY"), "no case 99"),
        (("cases", "who", "1", "--reason", " "), "needs a reason"),
    ],
)
def test_what_cannot_be_done_is_one_clear_error(run: Run, words: tuple[str, ...], text: str) -> None:
    code, said = run(*words)
    assert code == 2
    assert text in said


def test_nobody_of_that_name_is_a_finding(run: Run) -> None:
    assert run("officers", "find", "--reason", "called", "zoe")[0] == 1
