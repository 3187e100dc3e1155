"""A one-off message to many officers, on both databases: its receivers, the reasons of the others, at most once, a second person's yes, and stopping it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, func, select, update

from app.errors import ConflictError, UsageError
from app.sending import announcing
from app.sending.announcing import GREW, KIND, VALID, AnnouncementJob, Draft, Fate
from app.sending.send_policy import Means, Rules
from app.store import alert_deliveries, alerts, announcements, holds
from app.store.announcements import Announcement, AnnouncementStatus, Audience
from app.store.database import Database
from app.store.holds import Hold
from app.store.tables import ADDRESS, ANNOUNCEMENT, ANNOUNCEMENT_OFFICER, CONTACT, OUTBOUND, AuditEntry
from app.store.vault import Vault
from tests.cases.world import SOURCE, Desk
from tests.conftest import StillClock
from tests.world import enrol, published

TEXT = "{{ nombre }}, el taller cambia de lugar."
LIMITED = SOURCE.replace("notices:\n", "announcements: {second_person_above: 1}\nnotices:\n", 1)
MEANS = Means(Rules(templates={"cambio": "HX1"}))


class Place(Desk):
    """A desk from which messages go to many."""

    means = MEANS

    def draft(self, **more: object) -> Draft:
        return Draft(Audience("prueba"), TEXT, **more)  # type: ignore[arg-type]

    def forecast(self, draft: Draft) -> announcing.Forecast:
        return announcing.forecast(self.tx, self.library, self.means, draft, self.clock())

    def send_to(self, draft: Draft, by: str = "ana") -> Announcement:
        return announcing.send(self.tx, self.library, self.means, draft, self.clock(), by)

    def work(self) -> None:
        while AnnouncementJob(self.library, self.means).step(self.tx, self.clock()):
            pass

    def messages(self) -> list[tuple[int, str]]:
        found = select(OUTBOUND.c.contact_id, OUTBOUND.c.status).where(OUTBOUND.c.kind == KIND)
        return [(row.contact_id, str(row.status)) for row in self.tx.execute(found.order_by(OUTBOUND.c.contact_id))]


@pytest.fixture
def tx(database: Database) -> Iterator[Connection]:
    """A transaction."""
    with database.transaction() as tx:
        yield tx


@pytest.fixture
def place(tx: Connection, vault: Vault, clock: StillClock) -> Place:
    """Alma and Bruno, by day."""
    return Place(tx, vault, clock, SOURCE)


def test_each_officer_gets_it_once_however_often_the_job_runs(place: Place) -> None:
    found = place.send_to(place.draft())
    assert (found.status, found.officers) == (AnnouncementStatus.scheduled, 2)
    place.work()
    place.tx.execute(update(ANNOUNCEMENT).values(status=AnnouncementStatus.scheduled, after=0))
    place.work()
    assert place.messages() == [(place.alma, "queued"), (place.bruno, "queued")]
    after = announcements.find(place.tx, found.id)
    assert after is not None
    assert after.status is AnnouncementStatus.laid_out
    columns = select(OUTBOUND.c.priority, OUTBOUND.c.expires_at).where(OUTBOUND.c.kind == KIND)
    assert {tuple(row) for row in place.tx.execute(columns)} == {(1, place.clock() + VALID)}, (
        "as a nudge, and for a time"
    )
    place.deliver()
    assert place.messages() == [(place.alma, "accepted"), (place.bruno, "accepted")]
    assert announcements.counts(place.tx, found.id) == ({"accepted": 2}, {})
    assert [row for row in place.rows(AuditEntry, "actor", "action") if row[1] == "notice send"] == [
        ("ana", "notice send")
    ]


def test_who_gets_it_and_who_does_not_is_said_with_the_reason_and_kept_so(place: Place) -> None:
    ways = [enrol(place.tx, place.vault, place.clock(), f"+5255555502{number:02}", name="X") for number in range(4)]
    out, unasked, gone, held = ways
    place.set(out, status="opted_out")
    place.set(unasked, consented_at=None)
    place.tx.execute(update(ADDRESS).where(ADDRESS.c.contact_id == gone).values(retired_at=place.clock()))
    holds.add(place.tx, held, Hold.person, place.clock())
    shown = place.forecast(place.draft())
    assert shown.fates == {Fate.goes: 2, Fate.waits: 1, Fate.out: 1, Fate.no_consent: 1, Fate.no_number: 1}
    assert shown.officers == 3
    found = place.send_to(place.draft())
    place.work()
    assert announcements.counts(place.tx, found.id) == (
        {"queued": 3},
        {Fate.out: 1, Fate.no_consent: 1, Fate.no_number: 1},
    )
    place.deliver()
    assert dict(place.messages())[held] == "queued", "a hold stops what a person writes to many"


def test_the_24_hours_a_template_and_sms_decide_the_way(place: Place) -> None:
    assert place.forecast(place.draft()).ways == {"sms": 2}, "nobody has written: SMS"
    place.say("+525555550102", "hola")
    assert place.forecast(place.draft()).ways == {"sms": 1, "whatsapp": 1}
    assert place.forecast(place.draft(template="cambio")).ways == {"template": 1, "whatsapp": 1}
    place.tx.execute(update(ADDRESS).where(ADDRESS.c.channel == "sms").values(retired_at=place.clock()))
    assert place.forecast(place.draft()).fates == {Fate.goes: 1, Fate.window: 1}


def test_it_waits_for_the_morning_and_for_its_moment(place: Place) -> None:
    place.go(place.clock().replace(hour=5))  # 23:00 in Mexico City
    assert place.forecast(place.draft()).fates == {Fate.later: 2}
    later = place.clock() + timedelta(days=1, hours=12)
    place.send_to(place.draft(at=later))
    place.work()
    assert place.messages() == []
    place.go(later)
    place.work()
    assert len(place.messages()) == 2


def test_above_the_programmes_number_a_second_person_says_yes(tx: Connection, vault: Vault, clock: StillClock) -> None:
    place = Place(tx, vault, clock, LIMITED)
    found = place.send_to(place.draft())
    assert found.status is AnnouncementStatus.waiting
    place.work()
    assert place.messages() == []
    with pytest.raises(ConflictError, match="somebody else"):
        announcing.approve(tx, found.id, clock(), "ana")
    assert announcing.approve(tx, found.id, clock(), "eva").status is AnnouncementStatus.scheduled
    with pytest.raises(ConflictError, match="does not wait"):
        announcing.approve(tx, found.id, clock(), "eva")
    place.work()
    assert len(place.messages()) == 2


def test_officers_who_join_after_the_yes_need_another_yes(tx: Connection, vault: Vault, clock: StillClock) -> None:
    place = Place(tx, vault, clock, LIMITED)
    place.set(place.bruno, status="opted_out")
    later = clock() + timedelta(days=1)
    found = place.send_to(place.draft(at=later))
    assert (found.status, found.officers) == (AnnouncementStatus.scheduled, 1)
    place.set(place.bruno, status="active")
    place.go(later)
    for officers in (2, 3):
        place.work()
        waiting = announcements.find(tx, found.id)
        assert waiting is not None
        assert (waiting.status, waiting.officers, waiting.approved_by) == (AnnouncementStatus.waiting, officers, None)
        assert place.messages() == []
        (alert,) = alert_deliveries.recent(tx, later)
        assert (alert.kind, alert.subject, alert.programme) == (GREW, f"announcement:{found.id}", "prueba")
        announcing.approve(tx, found.id, clock(), "eva")
        assert alerts.open_alerts(tx, GREW) == []
        if officers == 2:
            enrol(tx, vault, clock(), "+525555550299", name="X")
            clock.at += timedelta(seconds=1)
            later = clock()
    place.work()
    assert len(place.messages()) == 3


def test_a_lower_limit_holds_for_what_was_written_before(place: Place) -> None:
    later = place.clock() + timedelta(days=1)
    found = place.send_to(place.draft(at=later))
    place.library = published(place.tx, place.clock(), LIMITED)
    place.go(later)
    place.work()
    after = announcements.find(place.tx, found.id)
    assert after is not None
    assert (after.status, after.officers) == (AnnouncementStatus.waiting, 2)


def test_what_has_not_gone_out_is_stopped(place: Place) -> None:
    found = place.send_to(place.draft())
    place.work()
    place.tx.execute(update(OUTBOUND).where(OUTBOUND.c.contact_id == place.alma).values(status="accepted"))
    assert announcing.cancel(place.tx, found.id, place.clock(), "eva") == 1
    assert place.messages() == [(place.alma, "accepted"), (place.bruno, "cancelled")]
    with pytest.raises(ConflictError, match="nothing"):
        announcing.cancel(place.tx, found.id, place.clock(), "eva")


def test_officers_are_chosen_by_cohort_and_datum_and_a_mistake_is_told(place: Place) -> None:
    for audience, code in (
        (Audience("prueba", "no-hay"), "no_cohort"),
        (Audience("prueba", None, "no_hay", "x"), "no_field"),
        (Audience("otro"), "no_programme"),
    ):
        with pytest.raises(UsageError) as refused:
            place.forecast(Draft(audience, TEXT))
        assert refused.value.code == code
    with pytest.raises(UsageError, match="only variable"):
        place.forecast(Draft(Audience("prueba"), "Hola {{ telefono }}"))
    place.tx.execute(update(CONTACT).values(status="opted_out"))
    with pytest.raises(UsageError, match="nobody"):
        place.send_to(place.draft())
    assert place.tx.execute(select(func.count()).select_from(ANNOUNCEMENT_OFFICER)).scalar_one() == 0
