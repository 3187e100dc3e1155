"""Everything that needs a person becomes a case: one for each officer and each unknown number, however many messages, with the most urgent reason."""

import pytest
from sqlalchemy import event, select, update

from app.conversations.inbound import receive
from app.conversations.library import Library
from app.conversations.sessions import Turn, begin, write_batch
from app.store import cases, status
from app.store.cases import CaseReason, Need
from app.store.conversations import Changes
from app.store.database import Database
from app.store.tables import CASE, CASE_MESSAGE, INBOUND, InboundMessage
from app.store.vault import Vault
from tests.cases.world import CRISIS, INCIDENT, SOURCE, Desk
from tests.conftest import StillClock
from tests.conversations.talking import ALMA, BRUNO, STRANGER
from tests.together import together
from tests.world import enrol, message, officer, published

OTHER = "+525555550198"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (CRISIS, "crisis"),
        (INCIDENT, "serious"),
        ("xyzzy", "nothing_open"),
        ("¿a qué hora dan de comer?", "question"),
        ("qué molestos son", "complaint"),
    ],
)
def test_what_an_officer_writes_without_a_question_open_is_a_case(desk: Desk, text: str, reason: str) -> None:
    desk.say(ALMA, text)
    ((contact, found, messages, outcome),) = desk.cases()
    assert (contact, found, messages, outcome) == (desk.alma, reason, 1, None)


@pytest.mark.parametrize(
    ("text", "media", "reason"),
    [
        ("¿a qué hora dan de comer?", (), "question"),
        ("qué molestos son", (), "complaint"),
        ("", (("https://api.twilio.com/a", "audio/ogg"),), "audio"),
        ("gracias", (), None),
        ("1", (), None),
        ("", (("https://api.twilio.com/a", "image/jpeg"),), None),
    ],
)
def test_who_has_left_gets_no_message_but_a_person_reads_what_asks_for_one(
    desk: Desk, text: str, media: tuple[tuple[str, str], ...], reason: str | None
) -> None:
    desk.say(ALMA, "BAJA")
    desk.deliver()
    assert desk.say(ALMA, text, media=media) == ["opted_out"]
    assert desk.deliver() == []
    assert [(one[0], one[1]) for one in desk.cases()] == ([] if reason is None else [(desk.alma, reason)])


def test_a_message_that_is_understood_is_no_case(desk: Desk) -> None:
    desk.begin(desk.alma)
    assert desk.talk(ALMA, "sí", "le expliqué", "ayuda") == ["answer", "answer", "keyword"]
    assert desk.cases() == []


def test_what_was_not_understood_twice_is_one_case_of_one_message(desk: Desk) -> None:
    desk.begin(desk.alma)
    assert desk.talk(ALMA, "xyzzy", "plugh") == ["unclear", "unclear"]
    assert desk.cases() == [(desk.alma, "unclear", 1, None)]


def test_an_unclear_consent_has_its_own_reason(desk: Desk) -> None:
    desk.begin(desk.alma, "permiso")
    desk.talk(ALMA, "xyzzy", "plugh")
    assert desk.cases() == [(desk.alma, "consent", 1, None)]


def test_messages_of_one_officer_join_and_the_most_urgent_reason_wins(desk: Desk) -> None:
    desk.say(ALMA, "xyzzy", INCIDENT, "plugh")
    desk.clock.advance(minutes=5)
    desk.say(ALMA, CRISIS)
    desk.say(ALMA, "ya estoy mejor")
    assert desk.cases() == [(desk.alma, "crisis", 5, None)]
    (case,) = cases.listed(desk.tx)
    assert (case.last_at, case.last_at > case.opened_at) == (desk.clock(), True)


def test_two_cases_in_one_batch_and_a_stranger(desk: Desk) -> None:
    arrivals = [
        message(desk.vault, number, text)
        for number, text in ((ALMA, CRISIS), (STRANGER, "hola"), (BRUNO, "xyzzy"), (ALMA, "ayúdeme"), (STRANGER, "¿?"))
    ]
    receive(desk.tx, desk.library, arrivals, desk.clock())
    assert desk.cases() == [
        (None, "unknown_number", 2, None),
        (desk.alma, "crisis", 2, None),
        (desk.bruno, "nothing_open", 1, None),
    ]
    assert [(why, one["open"]) for why, one in status.counts(desk.tx, desk.clock())["cases"].items()] == [
        ("crisis", 1),
        ("nothing_open", 1),
        ("unknown_number", 1),
    ]


def test_a_batch_opens_its_cases_in_a_few_statements(desk: Desk) -> None:
    def statements(count: int) -> int:
        numbers = [f"+5255555503{count}{place:01}" for place in range(count)]
        arrivals = [message(desk.vault, number, "hola") for number in numbers]
        ran: list[str] = []
        event.listen(desk.tx, "before_cursor_execute", lambda *args: ran.append(args[2]))
        receive(desk.tx, desk.library, arrivals, desk.clock())
        return len([one for one in ran if '"case"' in one or "case_message" in one])

    assert statements(2) == statements(9) <= 4


def test_the_flag_of_a_message_says_whether_its_case_is_open(desk: Desk) -> None:
    desk.say(ALMA, "xyzzy", "plugh")
    desk.say(BRUNO, CRISIS)
    desk.close(desk.case_id(desk.alma))
    desk.say(ALMA, "xyzzy")
    open_ = select(CASE_MESSAGE.c.inbound_id).join(CASE, CASE.c.id == CASE_MESSAGE.c.case_id)
    waiting = set(desk.tx.execute(open_.where(CASE.c.closed_at.is_(None))).scalars())
    flagged = set(desk.tx.execute(select(INBOUND.c.id).where(INBOUND.c.needs_person)).scalars())
    assert waiting == flagged != set()
    assert status.counts(desk.tx, desk.clock())["needs_person"] == 2


def test_after_it_is_closed_the_next_message_opens_another(desk: Desk) -> None:
    desk.say(ALMA, "xyzzy")
    desk.close(desk.case_id(desk.alma))
    desk.say(ALMA, "xyzzy")
    assert desk.cases() == [(desk.alma, "nothing_open", 1, "handled"), (desk.alma, "nothing_open", 1, None)]


def test_a_flow_at_fault_is_a_case_although_nobody_wrote(desk: Desk) -> None:
    """A nudge that fails: its text needs a value that nobody has."""
    source = SOURCE.replace("{{ nombre }}, una pregunta.", "Su zona es {{ zona }}.").replace(
        "notices:", "fields: [zona]\nnotices:"
    )
    library = published(desk.tx, desk.clock(), source)
    changes = Changes()
    begin(Turn(desk.tx, library, changes, desk.clock()), officer(desk.tx, desk.alma), "reporte")
    write_batch(desk.tx, library, changes, desk.clock())
    assert desk.cases() == [(desk.alma, "failed_flow", 0, None)]


# -- unknown numbers ----------------------------------------------------------------------------------------------------


def test_an_unknown_number_in_a_crisis_gets_the_text_of_support_once(desk: Desk) -> None:
    assert desk.say(STRANGER, "hola", CRISIS, CRISIS) == ["unknown_sender", "crisis", "crisis"]
    assert [body.partition(" ")[0] for body in desk.deliver()] == ["Este", "Llame"]
    assert desk.cases() == [(None, "crisis", 3, None)]
    assert desk.say(STRANGER, CRISIS) == ["crisis"]
    assert desk.deliver() == []
    desk.clock.advance(hours=2)
    desk.say(STRANGER, CRISIS)
    assert len(desk.deliver()) == 1


def test_processes_that_hear_the_same_strangers_open_one_case_for_each(
    database: Database, vault: Vault, clock: StillClock
) -> None:
    """In opposite order, so that they would wait for each other if the rows were not written in one order."""
    with database.transaction() as tx:
        published(tx, clock())
    numbers = [f"+52555555040{place}" for place in range(6)]

    def hear(process: int) -> None:
        library = Library()
        for _ in range(5):
            with database.transaction() as tx:
                library.refresh(tx)
                some = numbers if process % 2 else list(reversed(numbers))
                receive(tx, library, [message(vault, number, "hola") for number in some], clock())

    together(2, hear)
    with database.reading() as tx:
        assert [(one.reason, one.messages) for one in cases.listed(tx)] == [("unknown_number", 10)] * 6


def test_processes_that_hear_the_same_officer_open_one_case(
    database: Database, vault: Vault, clock: StillClock
) -> None:
    with database.transaction() as tx:
        published(tx, clock())
        contact = enrol(tx, vault, clock(), ALMA)

    def need(_: int) -> None:
        for _again in range(5):
            with database.transaction() as tx:
                cases.join(tx, [Need(contact, None, CaseReason.late, None, clock(), clock())], {})

    together(3, need)
    with database.reading() as tx:
        assert [(one.contact_id, one.reason) for one in cases.listed(tx)] == [(contact, "late")]


def test_a_restart_finds_the_case_open(database: Database, vault: Vault, clock: StillClock) -> None:
    with database.transaction() as tx:
        desk = Desk(tx, vault, clock, SOURCE)
        desk.say(ALMA, CRISIS)
    with database.transaction() as tx:
        library = Library()
        library.refresh(tx)
        receive(tx, library, [message(vault, ALMA, "1")], clock())
        ((case, messages),) = [(one.reason, one.messages) for one in cases.listed(tx)]
        assert (case, messages) == ("crisis", 2)
        assert [row[0] for row in tx.execute(select(InboundMessage.outcome).order_by(InboundMessage.id))] == [
            "crisis",
            "held",
        ]


def test_a_batch_that_is_undone_opens_no_case(database: Database, vault: Vault, clock: StillClock) -> None:
    with database.transaction() as tx:
        Desk(tx, vault, clock, SOURCE)

    def hear() -> None:
        with database.transaction() as tx:
            library = Library()
            library.refresh(tx)
            receive(tx, library, [message(vault, ALMA, CRISIS)], clock())
            assert list(cases.counts(tx, clock())) == ["crisis"]
            raise LookupError

    with pytest.raises(LookupError):
        hear()
    with database.reading() as tx:
        assert cases.counts(tx, clock()) == {}
        assert tx.execute(select(CASE.c.id)).all() == []


def test_a_reason_of_an_older_row_is_kept_until_a_more_urgent_one_comes(desk: Desk) -> None:
    desk.say(ALMA, "xyzzy")
    desk.tx.execute(update(CASE).values(reason=CaseReason.complaint))
    desk.say(ALMA, "xyzzy")
    assert desk.cases() == [(desk.alma, "complaint", 2, None)]
