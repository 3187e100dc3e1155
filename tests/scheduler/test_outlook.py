"""The view of `trato plan`, on both databases: what follows something that happened, who has left, what waits, what a draft changes,
and nothing that the clock would do otherwise."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from app.flows.language.campaign import Cap
from app.scheduler.outlook import Outlook, OutlookItem
from app.store import nudges
from app.store.database import Database
from app.store.tables import Assignment, Cohort, Contact, Nudge
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.scheduler.test_nudging import QUIET, TWO_WEEKS, UP_TO_SLOTS, Office

FOLLOWED = TWO_WEEKS + "    followups:\n      repaso: {when: {flow: reporte}, after: 3d, from: [permiso]}\n"


@pytest.fixture
def office(database: Database, vault: Vault, clock: StillClock) -> Iterator[Office]:
    with database.transaction() as tx:
        yield Office(tx, vault, clock)


def seen(office: Office) -> dict[str, OutlookItem]:
    """The outlook of everybody, by slot, with the published campaigns."""
    programme = office.library.programmes[office.library.current["prueba"]].definition
    looker, campaigns = Outlook.of(office.tx, programme, QUIET, office.clock()), programme.campaigns
    pages = nudges.enrolled(office.tx, "prueba", campaigns)
    return {one.slot: one for page in pages for _, found in looker.look(office.tx, page) for one in found}


def told(office: Office) -> dict[str, tuple[str, str | None]]:
    return {slot: (one.status, one.reason) for slot, one in seen(office).items()}


def test_before_and_after_it_is_laid_out_the_same_is_seen(office: Office) -> None:
    office.enrol(consented=False)
    before = seen(office)
    office.plan()
    assert seen(office) == before
    for slot, one in before.items():
        assert office.tx.execute(select(Nudge.due_at).where(Nudge.slot == slot)).scalar_one() == one.due_at


def test_what_follows_something_is_seen_and_taken_back_with_its_followup(office: Office) -> None:
    office.publish(FOLLOWED)
    office.enrol()
    office.tick()
    office.go(3)
    office.tick()
    office.say("no")
    slot = next(slot for slot in seen(office) if slot.startswith("repaso"))
    assert told(office) == {"w01.1": ("started", None), "w02.1": ("planned", None), slot: ("planned", None)}
    assert seen(office)[slot].due_at == office.clock() + timedelta(days=3)
    office.publish(TWO_WEEKS)
    assert told(office)[slot] == ("skipped", "followup_withdrawn")
    office.go(7)
    office.tick()
    assert office.nudges()[slot][1:] == ("skipped", "followup_withdrawn")


def test_who_has_left_gets_nothing_and_what_is_over_stays(office: Office) -> None:
    office.enrol()
    office.tick()
    office.go(3)
    office.tick()
    office.say("BAJA")
    assert told(office) == {"w01.1": ("started", None), "w02.1": ("skipped", "opted_out")}


def test_a_pause_skips_what_closes_in_it_and_puts_off_the_rest(office: Office) -> None:
    office.enrol()
    office.tick()
    office.say("PAUSA 9")
    assert told(office) == {"w01.1": ("skipped", "paused"), "w02.1": ("planned", "paused")}


def test_what_is_stopped_by_hand_waits(office: Office) -> None:
    office.enrol()
    office.tick()
    office.tx.execute(update(Cohort).values(paused_at=office.clock()))
    assert set(told(office).values()) == {("planned", "cohort_paused")}
    office.tx.execute(update(Cohort).values(paused_at=None))
    office.tx.execute(update(Contact).values(held_at=office.clock()))
    assert set(told(office).values()) == {("planned", "held")}


def test_consent_that_was_not_given_is_not_counted_on(office: Office) -> None:
    office.enrol(consented=False)
    office.tick()
    assert set(told(office).values()) == {("planned", None), ("started", None)}
    office.say("no")
    assert told(office) == {
        "consent": ("started", None),
        "w01.1": ("skipped", "no_consent"),
        "w02.1": ("skipped", "no_consent"),
    }


def test_consent_is_still_seen_once_it_is_given(office: Office) -> None:
    office.enrol(consented=False)
    office.tick()
    office.say("sí")
    assert told(office) == {"consent": ("started", None), "w01.1": ("planned", None), "w02.1": ("planned", None)}


def test_what_a_draft_makes_room_for_is_seen_before_it_is_published(office: Office) -> None:
    office.publish(
        UP_TO_SLOTS.replace("    spread:", "    cap: {flows: 1, per: 7d}\n    spread:")
        + "      - {weeks: 1, per_week: 2, from: [reporte]}\n"
    )
    office.enrol()
    office.plan()
    assert told(office)["w01.2"] == ("skipped", "cap")
    programme = office.library.programmes[office.library.current["prueba"]].definition
    draft = {"seguimiento": programme.campaigns["seguimiento"].model_copy(update={"cap": Cap(flows=3)})}
    looker = Outlook.of(office.tx, programme.model_copy(update={"campaigns": draft}), QUIET, office.clock())
    page = next(nudges.enrolled(office.tx, "prueba", draft))
    assert {one.slot: one.status for _, found in looker.look(office.tx, page) for one in found} == {
        "w01.1": "planned",
        "w01.2": "planned",
    }


def test_a_draw_is_not_seen_before_it_is_made(office: Office) -> None:
    office.publish(
        UP_TO_SLOTS
        + "      - {weeks: 1, per_week: 1, draw: {a: {p: 0.5, from: [permiso, reporte]}, b: {p: 0.25, from: [reporte]}, c: {p: 0.25}}}\n"
    )
    office.enrol()
    assert seen(office)["w01.1"].flow == "permiso | reporte | (nothing)"
    office.plan()
    office.go(3)
    office.tick()
    assert seen(office)["w01.1"].flow in {"permiso", "reporte"}


def test_what_is_missed_before_anything_is_laid_out_is_seen_so(office: Office) -> None:
    office.enrol()
    office.go(7)
    assert told(office)["w01.1"] == ("skipped", "too_late")
    office.plan()
    assert told(office)["w01.1"] == ("skipped", "too_late")


def test_a_wave_that_is_renamed_measures_nobody_twice(office: Office) -> None:
    wave = TWO_WEEKS + "    waves:\n      antes: {suffix: bl, day: 0, closes: 7d, flows: [reporte]}\n"
    office.publish(wave)
    office.enrol()
    office.tick()
    office.say("no")
    office.publish(wave.replace("antes:", "linea:"))
    assert told(office)["linea.1"] == ("skipped", "measured_already")
    office.go(4)
    office.tick()
    office.go(5)
    office.tick()
    assert [wave for _, wave in office.sessions()].count("bl") == 1
    assert office.nudges()["linea.1"] == ("reporte", "skipped", "measured_already")
    assert told(office)["antes.1"] == ("started", None)


def test_two_campaigns_of_one_officer(office: Office) -> None:
    body = TWO_WEEKS[TWO_WEEKS.index("  seguimiento:\n") :]
    office.publish(TWO_WEEKS + body.replace("  seguimiento:", "  otra:"))
    contact = office.enrol()
    office.tx.execute(insert(Assignment), {"contact_id": contact, "campaign": "otra", "at": office.clock()})
    office.plan()
    programme = office.library.programmes[office.library.current["prueba"]].definition
    looker, campaigns = Outlook.of(office.tx, programme, QUIET, office.clock()), programme.campaigns
    page = next(nudges.enrolled(office.tx, "prueba", campaigns))
    found = [(officer.campaign, one.slot) for officer, lines in looker.look(office.tx, page) for one in lines]
    assert sorted(found) == [(code, slot) for code in ("otra", "seguimiento") for slot in ("w01.1", "w02.1")]


NEXT_NOTICE = TWO_WEEKS.replace("consent: aviso_1", "consent: aviso_2").replace(
    "¿Acepta participar?", "¿Acepta el aviso?"
)


def test_who_agreed_to_an_earlier_notice_is_seen_to_be_asked_first(office: Office) -> None:
    contact = office.enrol()
    office.tx.execute(update(Contact).where(Contact.id == contact).values(consented_to="aviso_1"))
    office.plan()
    office.go(3)
    office.tick()
    office.say("no")
    office.go(4)
    office.publish(NEXT_NOTICE)
    before = told(office)
    assert before == {"w01.1": ("started", None), "consent@aviso_2": ("planned", None), "w02.1": ("planned", None)}
    assert seen(office)["consent@aviso_2"].due_at >= office.clock()
    office.plan()
    assert told(office) == before


def test_the_question_that_alta_opened_is_awaited(office: Office) -> None:
    office.enrol()
    office.plan()
    office.say("BAJA")
    assert told(office)["w01.1"] == ("skipped", "opted_out")
    office.say("ALTA")
    assert told(office)["w01.1"] == ("planned", None)
    office.say("no")
    assert told(office)["w01.1"] == ("skipped", "no_consent")
