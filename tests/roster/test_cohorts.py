"""Changes of a cohort by a coordinator, on both databases: own dates win, others are laid out anew, what has begun is told."""

import json
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, insert, select, update

from app.conversations.library import Library
from app.flows.language.definition import Programme
from app.flows.loader import load
from app.roster import cohorts
from app.store.database import Database
from app.store.tables import Assignment, AuditEntry, Cohort, Contact, Nudge
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.world import PROGRAMME, enrol, published


class Desk:
    """Two officers of a cohort; Bruno has a date of his own."""

    def __init__(self, tx: Connection, vault: Vault, clock: StillClock) -> None:
        self.tx, self.clock = tx, clock
        loaded = load(PROGRAMME, "prueba.yaml").programme
        assert loaded is not None
        self.programme: Programme = loaded
        library: Library = published(tx, clock())
        self.version = library.campaigns[library.current["prueba"]]["seguimiento"]
        self.alma, self.bruno = (enrol(tx, vault, clock(), f"+52555555010{number}") for number in (1, 2))
        tx.execute(update(Contact).where(Contact.id == self.bruno).values(dates='{"workshop_date": "2026-03-09"}'))
        for contact in (self.alma, self.bruno):
            row = {"contact_id": contact, "campaign": "seguimiento", "planned_version_id": self.version, "at": clock()}
            tx.execute(insert(Assignment), row)

    def begin(self, contact: int, slot: str) -> None:
        row = {
            "contact_id": contact,
            "campaign_version_id": self.version,
            "campaign": "seguimiento",
            "slot": slot,
            "flow": "reporte",
            "planned_for": self.clock(),
            "due_at": self.clock(),
            "closes_at": self.clock() + timedelta(hours=1),
            "status": "started",
            "created_at": self.clock(),
        }
        self.tx.execute(insert(Nudge), row)

    def date(self, text: str) -> cohorts.CohortChange:
        wanted = cohorts.dates({"workshop_date": text}, self.programme, date(2026, 3, 1))
        return cohorts.set_dates(self.tx, "prueba-1", wanted, self.programme, self.clock(), "test")

    def anew(self) -> set[int]:
        rows = self.tx.execute(select(Assignment.contact_id).where(Assignment.planned_version_id.is_(None)))
        return set(rows.scalars())


@pytest.fixture
def desk(database: Database, vault: Vault, clock: StillClock) -> Iterator[Desk]:
    with database.transaction() as tx:
        yield Desk(tx, vault, clock)


def test_another_date_lays_out_anew_who_has_none_of_their_own(desk: Desk) -> None:
    done = desk.date("3/3/2026")
    assert (done.cohort.dates, done.officers, done.own, done.begun) == ({"workshop_date": "2026-03-03"}, 1, 1, 0)
    assert desk.anew() == {desk.alma}
    assert json.loads(
        desk.tx.execute(select(AuditEntry.detail).order_by(AuditEntry.id.desc())).scalars().first() or ""
    ) == {"workshop_date": "2026-03-03"}


def test_the_same_date_changes_nothing(desk: Desk) -> None:
    assert desk.date("2/3/2026").officers == 0
    assert (desk.anew(), desk.tx.execute(select(AuditEntry.id).where(AuditEntry.action == "cohort date")).all()) == (
        set(),
        [],
    )


def test_what_has_begun_by_the_date_before_is_told(desk: Desk) -> None:
    desk.begin(desk.alma, "w01.1")
    desk.begin(desk.alma, "consent")  # counts from no date
    desk.begin(desk.bruno, "w01.1")  # has a date of his own
    assert desk.date("3/3/2026").begun == 1


def test_the_date_of_another_programmes_cohort_is_not_ours_to_set(desk: Desk) -> None:
    desk.tx.execute(update(Cohort).values(programme="otra"))
    with pytest.raises(Exception, match="the cohort prueba-1 belongs to the programme otra"):
        desk.date("3/3/2026")


def test_who_has_a_zone_of_their_own_keeps_it(desk: Desk) -> None:
    desk.tx.execute(update(Contact).where(Contact.id == desk.bruno).values(timezone="America/Tijuana"))
    done = cohorts.set_zone(desk.tx, "prueba-1", "cancun", desk.clock(), "test")
    assert (done.cohort.timezone, done.officers, done.own, desk.anew()) == ("America/Cancun", 1, 1, {desk.alma})
    zones = desk.tx.execute(select(Contact.timezone).order_by(Contact.id)).scalars().all()
    assert zones == ["America/Cancun", "America/Tijuana"]
    assert cohorts.set_zone(desk.tx, "prueba-1", "Cancún", desk.clock(), "test").officers == 0
