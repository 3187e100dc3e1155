"""Tryouts, on both databases: a telephone of the team gets the whole programme in an hour, nothing counts, and nothing stays."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.channels.our_numbers import OurNumbers
from app.conversations import drafting, renaming
from app.errors import ConflictError, UsageError
from app.exports import package
from app.exports.selection import Selection
from app.flows.tryouts import Press, code_of, is_tryout, programme_of
from app.people.actors import Actor, Grant
from app.people.roles import Permission, Role
from app.scheduler import first_steps
from app.store import audit, cohorts, funnel, nudges, officer_list, our_numbers, outbox, status, tryouts, versions
from app.store.database import Database
from app.store.free_text import texts
from app.store.officer_list import OfficerFilter
from app.store.tables import ADDRESS, CONTACT, IDENTITY, INBOUND, NUDGE, OUTBOUND, RESPONSE, SESSION
from app.store.unclear_replies import unclear_replies
from app.store.vault import Vault
from app.tryouts import ending, starting
from app.tryouts.ending import TryoutWatch
from app.tryouts.starting import Telephone, Wish
from tests.cases.world import CRISIS, SOURCE, Desk
from tests.conftest import StillClock
from tests.conversations.talking import ALMA, STRANGER
from tests.world import arrive

CODE = code_of("prueba")
DORA, EVA = "+525555550104", "+525555550105"
NEW_OPTION = "no: {label: No, value: 0}", "no: {label: No, value: 0}, quiza: {label: Quizá}"
NEW_WAVE = "    slots:\n", "    waves:\n      inicial: {suffix: bl, day: 1, flows: [medida]}\n    slots:\n"
MEASURE = """\
  medida:
    title: Medida
    kind: survey
    steps:
      - {ask: medida, text: ¿Escuchó?, answer: {number: {min: 0, max: 5}}, records: listened, level: behaviour}
"""
NEW_FLOW = "  reporte:\n    title: Reporte\n", MEASURE + "  reporte:\n    title: Reporte\n"
NEW_SCORE = "scores:\n  escucha: {title: Escucha, level: behaviour, kind: mean, items: [listened]}\n"
WISH = Wish("prueba", Press.hour, "sms")


@pytest.fixture
def desk(database: Database, vault: Vault, clock: StillClock) -> Iterator[Desk]:
    """A published programme with two officers; Alma has answered."""
    with database.transaction() as tx:
        made = Desk(tx, vault, clock, SOURCE.replace("notices:\n", "notices:\n  stranger: No le conocemos.\n", 1))
        made.begin(made.alma)
        made.talk(ALMA, "sí", "Lo escuché.")
        made.deliver()
        arrive(tx)
        yield made


def start(desk: Desk, *numbers: str, wish: Wish = WISH) -> starting.Forecast:
    found = starting.start(
        desk.tx, desk.vault, desk.library, wish, [Telephone(one, "Dora") for one in numbers], desk.clock(), "ana"
    )
    desk.library.refresh(desk.tx)
    desk.tick()
    return found


def counted(desk: Desk, folder: Path, now: datetime) -> dict[str, Any]:
    """What people and analysts see of all programmes together, as of a moment."""
    tx = desk.tx
    package.write(tx, folder, Selection(with_text=True), formats=("csv",))
    exported = {one.name: one.read_text() for one in sorted(folder.glob("*.csv"))}
    exported["manifest.json"] = (folder / "manifest.json").read_text()  # with the digests of all files
    shown = status.counts(tx, now)
    return {
        "exports": exported,
        "status": {name: shown[name] for name in ("contacts", "sessions_open", "responses")},
        "funnel": (funnel.of_all(tx, now), funnel.between(tx, now - timedelta(days=1), now)),
        "cohorts": [(one.code, one.officers) for one in cohorts.find_all(tx)],
        "officers": officer_list.count(tx, OfficerFilter(None)),
        "texts": [one.id for one in texts(tx, closed=True)],
        "unclear": list(unclear_replies(tx)),
        "versions": [one.hash for one in versions.history(tx)],
        "hashes": versions.hashes(tx),
    }


def test_the_whole_programme_comes_in_an_hour_and_nothing_of_it_counts(desk: Desk, tmp_path: Path) -> None:
    evening = desk.clock() + timedelta(hours=9)
    before = counted(desk, tmp_path / "before", evening)
    found = start(desk, DORA)
    first = found.sends[0].planned.due_at
    assert found.last_at - first == timedelta(hours=1)
    assert [one.planned.flow for one in found.sends] == ["permiso", *["reporte"] * 8]
    assert [one.day for one in found.sends][:3] == [1, 2, 5]
    assert desk.deliver() == ["¿Acepta participar?"]
    assert desk.say(DORA, "sí") == ["answer"]
    for _ in range(8):
        desk.clock.advance(minutes=8)
        desk.tick()
        assert "Dora, una pregunta." in desk.deliver()
        desk.talk(DORA, "sí", "no entendí nada", "Lo escuché.")
    desk.deliver()
    (key, study_id) = tryouts.telephones(desk.tx, CODE)[0]
    assert study_id.startswith("PRUEBA")
    done = nudges.outcomes(desk.tx, [key])[key, "seguimiento"]
    assert {one.status for one in done.values()} == {"started"}
    after = counted(desk, tmp_path / "after", evening)
    for name, text in before.pop("exports").items():
        assert after["exports"].pop(name) == text, name
    assert after.pop("exports") == {}
    assert after == before
    assert first_steps.has_begun(desk.tx), "Alma's conversation"


def test_the_rules_of_sending_are_kept(desk: Desk) -> None:
    start(desk, DORA)
    desk.deliver()
    desk.say(DORA, "sí")
    assert desk.say(DORA, "BAJA") == ["keyword"]
    desk.deliver()
    desk.clock.advance(minutes=30)
    desk.tick()
    assert desk.deliver() == []
    held = tryouts.find(desk.tx, CODE)
    assert held is not None
    ending.end(desk.tx, desk.library, CODE, desk.clock(), "ana")
    desk.clock.advance(hours=10)  # eight in the evening, an hour before the quiet hours
    desk.clock.advance(minutes=-30)
    evening = starting.forecast(desk.tx, desk.library, WISH, desk.clock())
    hours = {(one.planned.due_at - timedelta(hours=6)).hour for one in evening.sends}
    assert hours <= {20, 9}


def test_a_draft_is_tried_out_and_not_published_and_exports_know_nothing_of_it(desk: Desk, tmp_path: Path) -> None:
    evening = desk.clock() + timedelta(hours=9)
    before = counted(desk, tmp_path / "before", evening)
    working = drafting.working(desk.tx, "prueba")
    text = working.source.replace("¿Acepta participar?", "¿Le entra?").replace(*NEW_OPTION).replace(*NEW_WAVE)
    text = text.replace(*NEW_FLOW) + NEW_SCORE
    drafting.save(desk.tx, "prueba", text, working.hash, desk.clock(), "ana")
    start(desk, DORA, wish=replace(WISH, of_draft=True))
    assert desk.deliver() == ["¿Le entra?"]
    desk.say(DORA, "sí")
    for _ in range(2):
        desk.clock.advance(minutes=8)
        desk.tick()
        desk.deliver()
        desk.talk(DORA, "sí", "Lo escuché.")
    begun = select(func.count()).where(SESSION.c.wave == "bl")
    assert desk.tx.execute(begun).scalar_one() == 1
    after = counted(desk, tmp_path / "after", evening)
    for name, told in before["exports"].items():
        assert after["exports"][name] == told, name
    assert after == before
    assert drafting.working(desk.tx, "prueba").published.source == working.source
    assert desk.library.published.keys() == {"prueba"}
    drafting.save(desk.tx, "prueba", "programme: prueba\n", drafting.working(desk.tx, "prueba").hash, desk.clock(), "a")
    with pytest.raises(UsageError) as broken:
        starting.forecast(desk.tx, desk.library, replace(WISH, of_draft=True), desk.clock())
    assert broken.value.code == "tryout_of_errors"


def test_at_the_end_nothing_of_the_telephones_stays(desk: Desk) -> None:
    start(desk, DORA, EVA)
    desk.deliver()
    desk.talk(DORA, "sí", CRISIS)
    desk.talk(EVA, "sí")
    desk.deliver()
    theirs = [key for key, _ in tryouts.telephones(desk.tx, CODE)]
    assert [one[0] for one in desk.cases()] == [theirs[0]]
    ending.end(desk.tx, desk.library, CODE, desk.clock(), "ana")
    desk.library.refresh(desk.tx)
    for table in (IDENTITY, ADDRESS, RESPONSE, NUDGE):
        left = select(func.count()).select_from(table).where(table.c.contact_id.in_(theirs))
        assert desk.tx.execute(left).scalar_one() == 0, table.name
    for table in (INBOUND, OUTBOUND):
        words = select(func.count()).where(table.c.contact_id.in_(theirs), table.c.body.is_not(None))
        assert desk.tx.execute(words).scalar_one() == 0, table.name
    still = select(func.count()).where(SESSION.c.contact_id.in_(theirs), SESSION.c.ended_at.is_(None))
    assert desk.tx.execute(still).scalar_one() == 0
    assert [one[3] for one in desk.cases()] == ["gone"]
    assert CODE not in desk.library.current
    assert desk.say(DORA, "hola") == ["unknown_sender"]
    start(desk, EVA)  # the same number again, and the same text
    assert desk.deliver()[-1] == "¿Acepta participar?"
    actions = [one.action for one in audit.entries(desk.tx, subject="programme:prueba", limit=9)]
    assert actions == ["tryout start", "tryout end", "tryout start"]


def test_a_tryout_ends_by_itself_a_day_after_its_last_message(desk: Desk) -> None:
    found = start(desk, DORA)
    watch = TryoutWatch(desk.library)
    desk.go(found.last_at + timedelta(hours=23))
    watch.look(desk.tx, desk.clock())
    assert tryouts.find(desk.tx, CODE) is not None
    desk.go(found.ends_at)
    claimed = outbox.claim(desk.tx, desk.clock(), "one", outbox.Queue("sms", 1), 1, timedelta(minutes=1))
    assert len(claimed) == 1, "a message is on its way"
    watch.look(desk.tx, desk.clock())
    assert tryouts.find(desk.tx, CODE) is not None
    outbox.accepted(desk.tx, [(claimed[0].id, "SM1", 1)], desk.clock())
    watch.look(desk.tx, desk.clock())
    assert tryouts.find(desk.tx, CODE) is None


def test_a_tryout_takes_numbers_that_nobody_has(desk: Desk) -> None:
    for numbers, code in (([ALMA], "tryout_number_taken"), ([], "tryout_numbers"), ([DORA, DORA], "tryout_numbers")):
        with pytest.raises(UsageError) as refused:
            start(desk, *numbers)
        assert refused.value.code == code


def test_a_programme_has_one_tryout_at_a_time(desk: Desk) -> None:
    start(desk, DORA)
    with pytest.raises(ConflictError):
        start(desk, EVA)
    with pytest.raises(ConflictError, match="a tryout of prueba is under way"):
        renaming.rename(desk.tx, "prueba", "otro", "ana", desk.clock())
    assert desk.tx.execute(select(func.count()).where(CONTACT.c.erased_at.is_(None))).scalar_one() == 3


def test_a_text_that_lacks_what_officers_in_trouble_need_is_not_tried_out_on_real_telephones(desk: Desk) -> None:
    desk.library.reaches_people = True
    with pytest.raises(UsageError) as refused:
        start(desk, DORA)
    assert refused.value.code == "tryout_unsafe"


def test_an_unknown_number_is_answered_as_before(desk: Desk) -> None:
    start(desk, DORA)
    desk.deliver()
    desk.say(STRANGER, "¿quién es?")
    assert desk.deliver() == ["No le conocemos."]


def test_a_tryout_goes_by_the_number_of_its_programme(desk: Desk) -> None:
    start(desk, DORA)
    own = {"sms": frozenset({"prueba"})}
    due = outbox.due(desk.tx, desk.clock(), outbox.queues(own))
    assert {(one.channel, one.programme) for one in due} == {("sms", "prueba")}
    assert outbox.due(desk.tx, desk.clock(), outbox.queues(own, held=["prueba"])) == [], "its budget is spent"
    ours = OurNumbers({("sms", "prueba"): "+525555550001", ("sms", ""): "+525555550003"}, {})
    assert ours.origin("sms", CODE) == ours.origin("sms", "prueba") != ours.origin("sms")
    our_numbers.pause(desk.tx, our_numbers.name("twilio", "sms", "prueba"), None, desk.clock())
    paused = our_numbers.paused_channels(desk.tx, desk.library.current, own)
    assert paused == {("prueba", "sms"), (CODE, "sms")}


def test_who_may_do_something_in_a_programme_may_in_its_tryout() -> None:
    ana = Actor(1, "ana", (Grant(Role.coordinator, "prueba"),))
    assert ana.may(Permission.read_cases, CODE)
    assert not ana.may(Permission.read_cases, code_of("otro"))
    assert is_tryout(CODE)
    assert not is_tryout("prueba")
    assert programme_of(CODE) == programme_of("prueba") == "prueba"
