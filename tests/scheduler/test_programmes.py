"""Two programmes side by side in one installation, each with numbers of its own: what comes in finds its programme, and what goes
out goes by the number of its officer's, at that number's pace."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, insert, select

from app.channels.our_numbers import Number, Pool
from app.channels.twilio.channel import TwilioChannel
from app.channels.twilio.our_numbers import numbers, parameter
from app.cli.pause import _sender as named
from app.conversations.inbound import STRANGER_TEXT, Arrival, receive
from app.conversations.library import Library, publish
from app.conversations.sessions import Turn, begin
from app.errors import ConfigurationError, UsageError
from app.flows.loader import load
from app.scheduler.waking import wake_due
from app.sending import claiming, resending
from app.sending.outcomes import Job
from app.sending.send_policy import Rules
from app.settings import Settings
from app.store import contacts, conversations, our_numbers, outbox, resends
from app.store.conversations import Changes
from app.store.database import Database
from app.store.tables import OUTBOUND, SESSION, Bucket, InboundMessage
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.world import PROGRAMME, arrive, enrol

CAPITAL, CANCUN, SHARED = "+525555550001", "+529985550002", "+525555550003"
ALMA, BRUNO, DORA, NOBODY = "+525555550101", "+529985550102", "+525555550104", "+525555550199"

OURS = numbers({"capital": CAPITAL, "": SHARED}, {"capital": CAPITAL, "cancun": CANCUN, "": SHARED})


def source(code: str, zone: str) -> str:
    text = PROGRAMME.replace("programme: prueba", f"programme: {code}").replace("America/Mexico_City", zone)
    text = text.replace("help: Ayuda del programa.", f"help: Ayuda de {code}.\n  stranger: No le conocemos en {code}.")
    return text.replace("consent: aviso_1", f"consent: aviso_{code}").replace(
        "¿Acepta participar?", f"¿Acepta participar en {code}?"
    )


class Cities:
    """Three programmes: the capital and Cancún with numbers of their own, Morelia with the shared one; an officer of each."""

    def __init__(self, tx: Connection, vault: Vault, clock: StillClock) -> None:
        self.tx, self.vault, self.clock = tx, vault, clock
        for code, zone in (
            ("capital", "America/Mexico_City"),
            ("cancun", "America/Cancun"),
            ("morelia", "America/Mexico_City"),
        ):
            text = source(code, zone)
            publish(tx, load(text, f"{code}.yaml"), text, "test", clock())
        self.library = Library(own=OURS.own)
        self.library.refresh(tx)
        self.alma = enrol(tx, vault, clock(), ALMA, programme="capital", consented=False)
        self.bruno = enrol(tx, vault, clock(), BRUNO, programme="cancun", consented=False)
        self.dora = enrol(tx, vault, clock(), DORA, programme="morelia", consented=False)
        self.desk = claiming.SendContext("twilio", "one", vault, Rules(), 20.0, own=OURS.own)
        self.channel = TwilioChannel(
            "AC1",
            ["hush"],
            public_url="https://trato.example.org",
            from_sms={"capital": CAPITAL, "": SHARED},
            from_whatsapp={"capital": CAPITAL, "cancun": CANCUN, "": SHARED},
        )
        self.sids = 0

    def hear(self, number: str, to: str, body: str, channel: str = "whatsapp") -> str:
        """A message from a phone to a number of ours; gives its outcome."""
        self.sids += 1
        prefix = "whatsapp:" if channel == "whatsapp" else ""
        form = {
            "MessageSid": f"SM{self.sids:032x}",
            "AccountSid": "AC1",
            "From": prefix + number,
            "To": prefix + to,
            "Body": body,
        }
        arrive(self.tx)
        return receive(self.tx, self.library, [Arrival.of(self.channel.parse_inbound(form), self.vault)], self.clock())[
            0
        ].outcome

    def take(self) -> list[Job]:
        return claiming.take(self.tx, self.desk, 50, self.clock())[1]

    def sent(self) -> list[tuple[str, str, str, str]]:
        """The messages that go out now: to whom, by which of our numbers as the carrier is told, by which bucket, and what."""
        found = []
        for job in self.take():
            fields = dict(self.channel._fields(job.outgoing))
            found.append((job.outgoing.to, fields["From"].removeprefix("whatsapp:"), job.sender, fields["Body"]))
            outbox.accepted(self.tx, [(job.message.id, f"SM{job.message.id:032x}", 1)], self.clock())
        return sorted(found)

    def begin(self, contact: int, flow: str = "permiso") -> None:
        changes = Changes()
        begin(
            Turn(self.tx, self.library, changes, self.clock(), channel="whatsapp"),
            contacts.officers(self.tx, [contact])[contact],
            flow,
        )
        conversations.write(self.tx, changes)


@pytest.fixture
def cities(database: Database, vault: Vault, clock: StillClock) -> Iterator[Cities]:
    with database.transaction() as tx:
        yield Cities(tx, vault, clock)


def test_each_programme_answers_its_officers_by_its_own_number(cities: Cities) -> None:
    for number, ours in ((ALMA, CAPITAL), (BRUNO, CANCUN), (DORA, SHARED)):
        assert cities.hear(number, ours, "AYUDA") == "keyword"
    assert cities.sent() == [
        (ALMA, CAPITAL, "twilio:capital:whatsapp", "Ayuda de capital."),
        (DORA, SHARED, "twilio:whatsapp", "Ayuda de morelia."),
        (BRUNO, CANCUN, "twilio:cancun:whatsapp", "Ayuda de cancun."),
    ]


def test_an_officer_who_writes_to_another_programmes_number_is_answered_by_their_own(cities: Cities) -> None:
    assert cities.hear(ALMA, CANCUN, "¿hola?") == "nothing_open"
    assert [(to, ours) for to, ours, _, _ in cities.sent()] == [(ALMA, CAPITAL)]


def test_each_programme_asks_for_its_own_consent(cities: Cities) -> None:
    for contact, number, ours in ((cities.alma, ALMA, CAPITAL), (cities.bruno, BRUNO, CANCUN)):
        cities.begin(contact)
        cities.hear(number, ours, "hola")
    asked = {(to, ours, text.partition("\n")[0]) for to, ours, _, text in cities.sent()}
    assert (ALMA, CAPITAL, "¿Acepta participar en capital?") in asked
    assert (BRUNO, CANCUN, "¿Acepta participar en cancun?") in asked
    assert {ours for to, ours, _ in asked if to == BRUNO} == {CANCUN}


def test_a_stranger_is_answered_by_the_programme_whose_number_it_is(cities: Cities) -> None:
    assert cities.hear(NOBODY, CANCUN, "¿quién es?") == "unknown_sender"
    assert cities.sent() == [(NOBODY, CANCUN, "twilio:cancun:whatsapp", "No le conocemos en cancun.")]
    assert cities.tx.execute(select(InboundMessage.programme)).scalars().all() == ["cancun"]


def test_a_stranger_at_a_shared_number_gets_no_programmes_answer(cities: Cities) -> None:
    cities.hear(NOBODY, SHARED, "¿quién es?")
    assert cities.sent() == [(NOBODY, SHARED, "twilio:whatsapp", STRANGER_TEXT)]


def test_a_number_that_is_paused_or_rests_holds_up_no_other(cities: Cities) -> None:
    now = cities.clock()
    our_numbers.pause(cities.tx, "twilio:capital:whatsapp", 63007, now)
    for number, ours in ((ALMA, CAPITAL), (BRUNO, CANCUN), (DORA, SHARED)):
        cities.hear(number, ours, "AYUDA")
    assert [to for to, *_ in cities.sent()] == [DORA, BRUNO]
    our_numbers.set_paused(cities.tx, "twilio:capital:whatsapp", None, now)
    our_numbers.set_paused(cities.tx, "twilio:whatsapp", now, now)
    our_numbers.throttle(cities.tx, "twilio:cancun:whatsapp", now + timedelta(minutes=1), now)
    cities.hear(DORA, SHARED, "AYUDA")
    cities.hear(BRUNO, CANCUN, "AYUDA")
    cities.clock.advance(seconds=1)
    assert [to for to, *_ in cities.sent()] == [ALMA]


def test_each_number_has_a_pace_of_its_own(cities: Cities) -> None:
    cities.desk = claiming.SendContext("twilio", "one", cities.vault, Rules(), 1.0, own=OURS.own)
    others = [f"+52999555{number:04d}" for number in range(3)]
    for number in others:
        enrol(cities.tx, cities.vault, cities.clock(), number, programme="cancun")
    for number, ours in ((ALMA, CAPITAL), *((one, CANCUN) for one in others)):
        cities.hear(number, ours, "AYUDA")
    assert sorted(ours for _, ours, _, _ in cities.sent()) == sorted([CAPITAL, CANCUN])
    cities.clock.advance(seconds=1)
    assert [ours for _, ours, _, _ in cities.sent()] == [CANCUN]
    assert set(cities.tx.execute(select(Bucket.sender)).scalars()) == {
        "twilio:capital:whatsapp",
        "twilio:cancun:whatsapp",
    }


def test_conversations_stand_still_where_their_number_is_paused_and_only_there(cities: Cities) -> None:
    for contact in (cities.alma, cities.bruno, cities.dora):
        cities.begin(contact, "reporte")
    cities.tx.execute(SESSION.update().values(wake_at=cities.clock()))
    our_numbers.set_paused(cities.tx, "twilio:cancun:whatsapp", cities.clock(), cities.clock())
    stopped = our_numbers.paused_channels(cities.tx, cities.library.current, cities.library.own)
    assert stopped == {("cancun", "whatsapp")}
    assert sorted(contacts.waking(cities.tx, cities.clock(), 10, stopped)) == sorted([cities.alma, cities.dora])
    our_numbers.set_paused(cities.tx, "twilio:whatsapp", cities.clock(), cities.clock())
    stopped = our_numbers.paused_channels(cities.tx, cities.library.current, cities.library.own)
    assert contacts.waking(cities.tx, cities.clock(), 10, stopped) == [cities.alma]
    assert wake_due(cities.tx, cities.library, cities.clock()) == 1


def test_a_failure_told_later_stops_the_number_that_sent_it(cities: Cities) -> None:
    cities.hear(BRUNO, CANCUN, "AYUDA")
    cities.sent()
    out = OUTBOUND
    assert cities.tx.execute(select(out.c.sender)).scalars().all() == ["twilio:cancun:whatsapp"]
    cities.tx.execute(out.update().values(status="failed", error_code=63007, error_cause="account_refused"))
    (message,) = resends.failed(cities.tx, cities.tx.execute(select(out.c.id)).scalars().all())
    resending.after_failure(cities.tx, "twilio", message, cities.clock())
    assert cities.tx.execute(select(Bucket.sender).where(Bucket.paused_at.is_not(None))).scalars().all() == [
        "twilio:cancun:whatsapp"
    ]


def test_a_programme_without_a_number_on_a_channel_goes_another_way(cities: Cities) -> None:
    alone = numbers({"capital": CAPITAL}, {"cancun": CANCUN})
    assert alone.origin("sms", "capital") == Number(CAPITAL)
    assert alone.origin("sms", "cancun") is None
    assert alone.origin("whatsapp", "cancun") == Number(f"whatsapp:{CANCUN}")
    assert (alone.owner("sms", CANCUN), alone.owner("whatsapp", f"whatsapp:{CANCUN}")) == (None, "cancun")


def test_services_by_programme() -> None:
    ours = numbers(SHARED, None, {"cancun": "MG2", "": "MG1"})
    assert ours.own == {"whatsapp": frozenset({"cancun"}), "sms": frozenset({"cancun"})}
    assert [ours.origin("sms", one) for one in ("cancun", "capital")] == [
        Pool("MG2"),
        Number(SHARED),
    ]
    assert ours.origin("whatsapp", "capital") == Pool("MG1")
    assert (parameter(Pool("MG1")), parameter(Number(SHARED))) == (("MessagingServiceSid", "MG1"), ("From", SHARED))
    assert [ours.owner("whatsapp", "whatsapp:+19995550000", service) for service in ("MG1", "MG2", "MG3", None)] == [
        "",
        "cancun",
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (({"a": CAPITAL, "b": "+52 1 55 5555 0001"}, None, None), "TRATO_TWILIO_FROM_SMS: a and b have the same"),
        ((None, {"": CAPITAL, "b": CAPITAL}, None), "TRATO_TWILIO_FROM_WHATSAPP: all programmes and b have the same"),
        ((None, None, {"a": "MG1", "b": "MG1"}), "TRATO_TWILIO_MESSAGING_SERVICE_SID: a and b have the same"),
    ],
)
def test_one_number_for_two_programmes_is_a_mistake(given: tuple[dict[str, str] | None, ...], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as raised:
        numbers(*given)
    assert "5555" not in str(raised.value)


def test_one_number_may_be_of_both_channels() -> None:
    assert numbers({"a": CAPITAL}, {"b": CAPITAL}).owner("whatsapp", CAPITAL) == "b"


def test_a_number_is_paused_by_its_programme_and_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    class Place:
        settings = Settings(
            channel="twilio",
            twilio_account_sid="AC1",
            twilio_auth_token="x",
            secret_key="y",
            twilio_from_whatsapp={"cancun": CANCUN, "": SHARED},
        )

    monkeypatch.delenv("TRATO_TWILIO_FROM_SMS", raising=False)
    names = [named(Place, one) for one in ("whatsapp", "twilio:sms", "cancun:whatsapp", "twilio:cancun:whatsapp")]  # type: ignore[arg-type]
    assert names == ["twilio:whatsapp", "twilio:sms", "twilio:cancun:whatsapp", "twilio:cancun:whatsapp"]
    with pytest.raises(UsageError, match="--sender must be one of cancun:whatsapp, sms, whatsapp"):
        named(Place, "cancun:sms")  # type: ignore[arg-type]


def test_where_all_share_one_number_nothing_is_asked_of_programmes(cities: Cities) -> None:
    assert outbox.queues({}) == outbox.QUEUES
    statement = str(outbox._claiming(outbox.QUEUES[0], ()))
    assert "cohort" not in statement
    cities.tx.execute(insert(Bucket), {"sender": "simulator:whatsapp", "tokens": 1.0, "at": cities.clock()})
    assert our_numbers.paused_channels(cities.tx, cities.library.current, {}) == set()
