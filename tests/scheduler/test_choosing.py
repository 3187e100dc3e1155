"""Which flow a due nudge begins, on both databases: drawn once, at the moment it may begin; the principle that is most due;
follow-ups."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from app.flows.language.campaign import Choice
from app.flows.micro_randomisation import draw
from app.scheduler import nudging
from app.store.database import Database
from app.store.tables import Contact, Draw, MemoryCard, Nudge, Session
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.scheduler.test_nudging import ALMA, BRUNO, UP_TO_SLOTS, Office


def quiz(code: str, principle: str) -> str:
    return (
        f"  {code}:\n    title: Examen\n    kind: quiz\n    principle: {principle}\n    steps:\n      - ask: que\n        text: ¿Qué?\n"
        f"        answer: yes_no\n        correct: si\n        records: k_{code}\n        level: knowledge\n"
    )


MORE = (
    "flows:\n  tip_a: {title: A, kind: tip, steps: [{say: a, text: A.}]}\n  tip_b: {title: B, kind: tip, steps: [{say: b, text: B.}]}\n"
    + quiz("voz_1", "voz")
    + quiz("voz_2", "voz")
    + quiz("respeto_1", "respeto")
)
BASE = UP_TO_SLOTS.replace("flows:\n", f"fields: [sector]\n{MORE}", 1).replace(
    "  voz: {label: Dar voz}", "  voz: {label: Dar voz}\n  respeto: {label: Respeto}"
)
DAILY = BASE.replace("    spread:", "    cap: {flows: 99}\n    gap: 1h\n    seed: 7\n    spread:")
DRAWN = (
    DAILY
    + """\
      - weeks: 1-4
        per_week: 7
        draw: {historia: {p: 0.4, from: [tip_a, tip_b]}, nada: {p: 0.4}, norte: {p: 0.2, from: [tip_a], only: {sector: [norte]}}}
"""
)
DUE = DAILY + "      - {weeks: 1-4, per_week: 7, from: [voz_1, voz_2, respeto_1], pick: due}\n"


@pytest.fixture
def office(database: Database, vault: Vault, clock: StillClock) -> Iterator[Office]:
    with database.transaction() as tx:
        yield Office(tx, vault, clock, DRAWN)


def wanted(office: Office, number: str = ALMA, days: int = 1, study_id: str = "A1B2C3D4", **attributes: Any) -> int:
    """An officer with planned nudges of the first slot, one a day from tomorrow on at ten."""
    contact = office.enrol(number)
    office.tx.execute(
        update(Contact).where(Contact.id == contact).values(study_id=study_id, attributes=json.dumps(attributes))
    )
    version = office.library.campaigns[office.library.current["prueba"]]["seguimiento"]
    for day in range(1, days + 1):
        at = office.clock.at.replace(hour=16, minute=0) + timedelta(days=day)
        office.tx.execute(
            insert(Nudge),
            {
                "contact_id": contact,
                "campaign_version_id": version,
                "campaign": "seguimiento",
                "slot": f"w01.{day}",
                "rule": "slots.0",
                "flow": "tip_a",
                "planned_for": at,
                "due_at": at,
                "closes_at": at + timedelta(days=2),
                "status": "planned",
                "created_at": office.clock(),
            },
        )
    return contact


def run(office: Office, days: int) -> None:
    for day in range(3, 3 + days):
        office.go(day)
        office.start()


def drawn(office: Office) -> list[tuple[Any, ...]]:
    found = select(
        Nudge.slot,
        Draw.choice,
        Draw.probability,
        Draw.eligible,
        Draw.seed,
        Draw.at,
        Nudge.flow,
        Nudge.status,
        Nudge.reason,
    )
    return [tuple(row) for row in office.tx.execute(found.join(Nudge, Nudge.id == Draw.nudge_id).order_by(Nudge.id))]


OPTIONS = {
    "historia": Choice.model_validate({"p": 0.4, "from": ["tip_a", "tip_b"]}),
    "nada": Choice.model_validate({"p": 0.4}),
    "norte": Choice.model_validate({"p": 0.2, "from": ["tip_a"], "only": {"sector": ["norte"]}}),
}


def test_a_conversation_that_waits_for_a_summary_is_not_begun(
    database: Database, vault: Vault, clock: StillClock
) -> None:
    source = DAILY.replace("flows:\n", "facts: {resumen: }\nflows:\n", 1).replace(
        "text: A.}", "text: 'Su grupo: {{ resumen }}'}"
    )
    source += "      - {weeks: 1-4, per_week: 7, from: [tip_a]}\n"
    with database.transaction() as tx:
        office = Office(tx, vault, clock, source)
        wanted(office)
        run(office, 1)
        assert office.nudges()["w01.1"] == ("tip_a", "skipped", "nothing_to_say")
    with database.transaction() as tx:
        assert tx.execute(select(Session)).all() == []


@pytest.mark.parametrize("attributes", [{"sector": "norte"}, {"sector": "sur"}])
def test_what_is_drawn_is_kept_and_begun_or_nothing_is(office: Office, attributes: dict[str, str]) -> None:
    wanted(office, days=7, **attributes)
    run(office, 7)
    rows = drawn(office)
    turns = 0
    for slot, choice, probability, eligible, seed, at, flow, status, reason in rows:
        expected = draw(OPTIONS, attributes, "7", "A1B2C3D4", "seguimiento", slot)
        assert expected is not None
        assert (choice, probability, json.loads(eligible), seed) == (
            expected.choice,
            expected.probability,
            expected.eligible,
            7,
        )
        assert at.day == 2 + int(slot[-1])
        if choice == "nada":
            assert (status, reason) == ("skipped", "drawn_nothing")
            continue
        assert (status, reason) == ("started", None)
        if choice == "historia":
            assert flow == ("tip_a", "tip_b")[turns % 2]
            turns += 1
    assert len(rows) == 7
    assert turns >= 2, "the seed is such that turns are seen"
    assert {row[1] for row in rows} >= {"historia", "nada"}
    assert len(office.sessions()) == sum(row[7] == "started" for row in rows)
    assert [row[0] for row in office.sessions()] == [row[6] for row in rows if row[7] == "started"]


def would_draw(study_id: str) -> list[str]:
    found = [draw(OPTIONS, {}, "7", study_id, "seguimiento", slot) for slot in ("w01.1", "w01.2")]
    return [each.choice for each in found if each is not None]


def test_what_drew_nothing_leaves_the_cap_untouched(office: Office) -> None:
    office.publish(DRAWN.replace("flows: 99", "flows: 1"))
    names = [f"{number:08X}" for number in range(50)]
    wanted(office, days=2, study_id=next(name for name in names if would_draw(name) == ["nada", "historia"]))
    run(office, 2)
    assert {slot: what[1:] for slot, what in office.nudges().items()} == {
        "w01.1": ("skipped", "drawn_nothing"),
        "w01.2": ("started", None),
    }


@pytest.mark.parametrize(
    ("standing", "reason"),
    [
        ({"status": "opted_out"}, "opted_out"),
        ({"paused_until": "later"}, "paused"),
        ({"consented_at": None}, "no_consent"),
    ],
)
def test_who_is_not_available_gets_no_draw(office: Office, standing: dict[str, Any], reason: str) -> None:
    contact = wanted(office)
    if "paused_until" in standing:
        standing = {"paused_until": office.clock() + timedelta(days=30)}
    office.tx.execute(update(Contact).where(Contact.id == contact).values(**standing))
    run(office, 1)
    assert office.nudges()["w01.1"][2] == reason
    run(office, 4)
    assert office.nudges()["w01.1"][1] == "skipped"
    assert drawn(office) == []


def test_an_officer_who_may_get_none_of_the_choices_gets_none(office: Office) -> None:
    office.publish(
        DAILY + "      - {weeks: 1-4, per_week: 7, draw: {norte: {p: 1, from: [tip_a], only: {sector: [norte]}}}}\n"
    )
    wanted(office, sector="sur")
    run(office, 1)
    assert office.nudges()["w01.1"] == ("tip_a", "skipped", "nothing_eligible")
    assert drawn(office) == []


def test_two_clocks_draw_once(database: Database, vault: Vault, clock: StillClock) -> None:
    with database.transaction() as tx:
        office = Office(tx, vault, clock, DRAWN)
        wanted(office)
        wanted(office, BRUNO, study_id="B1B2C3D4")
    office.go(3)
    both = threading.Barrier(2)

    def tick() -> None:
        both.wait()
        with database.transaction() as tx:
            nudging.start_due(tx, office.library, office.library.quiet, clock())

    threads = [threading.Thread(target=tick) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.transaction() as tx:
        assert len(tx.execute(select(Draw.id)).all()) == 2
        assert set(tx.execute(select(Nudge.status)).scalars()) <= {"started", "skipped"}


def test_a_draw_whose_flow_could_not_begin_was_none(
    database: Database, vault: Vault, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction() as tx:
        office = Office(tx, vault, clock, DRAWN)
        for number in range(8):
            wanted(office, f"+52555555012{number}", study_id=f"{number:08X}")
    office.go(3)

    def dies(*_: object, **__: object) -> int:
        raise SystemExit("the process ends here")

    def tick() -> None:
        with database.transaction() as tx:
            nudging.start_due(tx, office.library, office.library.quiet, clock())

    with monkeypatch.context() as broken:
        broken.setattr(nudging, "begin", dies)
        with pytest.raises(SystemExit):
            tick()
    with database.transaction() as tx:
        assert tx.execute(select(Draw.id)).all() == []
    tick()
    with database.transaction() as tx:
        assert len(tx.execute(select(Draw.id)).all()) == 8


# -- the principle that is due ------------------------------------------------------------------------------------------


def test_a_slot_that_reviews_begins_what_is_most_due(office: Office) -> None:
    office.publish(DUE)
    wanted(office, days=5)
    begun = []
    for day, answer in enumerate(["no", "sí", "sí", "sí"], 3):
        office.go(day, minute=day)
        office.start()
        begun.append(office.sessions()[-1][0])
        office.say(answer)
    # Never asked: voz, which was wrong and is due the next day; then respeto, due in two days; then voz by its other flow.
    assert begun == ["voz_1", "respeto_1", "voz_2", "respeto_1"]
    assert {slot: what[0] for slot, what in office.nudges().items()} == {
        "w01.1": "voz_1",
        "w01.2": "respeto_1",
        "w01.3": "voz_2",
        "w01.4": "respeto_1",
        "w01.5": "tip_a",
    }
    assert len(office.tx.execute(select(MemoryCard.id)).all()) == 2


# -- follow-ups ---------------------------------------------------------------------------------------------------------

FOLLOWED = DAILY.replace(
    "    slots:\n",
    "    slots: []\n    followups:\n      repaso: {when: {flow: voz_1, wrong: true}, after: 1d, from: [tip_a, tip_b]}\n",
)


def happen(office: Office) -> None:
    """A wrong answer on Monday: a follow-up is due on Tuesday at ten."""
    contact = office.enrol(BRUNO)
    office.plan()
    version = office.library.campaigns[office.library.current["prueba"]]["seguimiento"]
    at = office.clock()
    office.tx.execute(
        insert(Nudge),
        {
            "contact_id": contact,
            "campaign_version_id": version,
            "campaign": "seguimiento",
            "slot": "x",
            "flow": "voz_1",
            "planned_for": at,
            "due_at": at,
            "closes_at": at + timedelta(days=1),
            "status": "planned",
            "created_at": at,
        },
    )
    office.tick()
    office.say("no", BRUNO)


def test_a_follow_up_begins_when_it_is_due(office: Office) -> None:
    office.publish(FOLLOWED)
    happen(office)
    office.tick()
    assert len(office.sessions()) == 1
    office.go(3)
    office.tick()
    assert [row[0] for row in office.sessions()] == ["voz_1", "tip_a"]
    session = office.tx.execute(select(Session.id).order_by(Session.id)).scalars().first()
    assert office.nudges()[f"repaso.{session}"] == ("tip_a", "started", None)


def test_a_new_version_leaves_follow_ups_and_they_begin_by_it(office: Office) -> None:
    office.publish(FOLLOWED)
    happen(office)
    office.publish(FOLLOWED.replace("after: 1d", "after: 9d"))
    office.go(3)
    office.tick()
    assert [row[0] for row in office.sessions()] == ["voz_1", "tip_a"]


@pytest.mark.parametrize("change", [("repaso:", "otro:"), ("tip_a", "tip_c")])
def test_a_follow_up_that_the_version_in_use_does_not_have_is_skipped(office: Office, change: tuple[str, str]) -> None:
    office.publish(FOLLOWED)
    happen(office)
    office.publish(FOLLOWED.replace(*change))
    office.go(3)
    office.tick()
    assert [what for slot, what in office.nudges().items() if slot.startswith("repaso")] == [
        ("tip_a", "skipped", "followup_withdrawn")
    ]


def test_who_says_baja_gets_no_follow_up(office: Office) -> None:
    office.publish(FOLLOWED)
    happen(office)
    office.say("BAJA", BRUNO)
    office.go(3)
    office.tick()
    assert [what for slot, what in office.nudges().items() if slot.startswith("repaso")] == [
        ("tip_a", "skipped", "opted_out")
    ]
