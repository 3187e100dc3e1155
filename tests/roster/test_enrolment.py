"""Taking over a roster, on both databases: sealed at once, updated without losing anything, all or nothing; and the commands
that a coordinator types: `roster import`, `plan`, `export`."""

import json
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from click.testing import Result
from sqlalchemy import Connection, insert, select, update
from typer.testing import CliRunner

from app.channels.addresses import canonical
from app.cli import main
from app.conversations.inbound import receive
from app.conversations.library import Library
from app.errors import UsageError
from app.flows.language.definition import Programme
from app.flows.loader import load
from app.roster import enrolment, numbers
from app.roster.conflicts import conflicts, spelling_warnings
from app.roster.enrolment import RosterImport
from app.roster.rows import read_roster
from app.roster.study_ids import new_study_id
from app.sheets.table_files import read_table
from app.store.database import Database
from app.store.tables import (
    CONTACT,
    Address,
    Assignment,
    AuditEntry,
    Cohort,
    Consent,
    Contact,
    Identity,
    InboundMessage,
)
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.world import PROGRAMME, enrol, flows_folder, message, published, sealed

SOURCE = PROGRAMME.replace("notices:", "fields: [sexo, sector]\nnotices:", 1)
HEADER = "nombre,telefono,cohorte"


class Desk:
    """A coordinator's desk: rosters come, officers are there."""

    def __init__(self, tx: Connection, vault: Vault, clock: StillClock) -> None:
        self.tx, self.vault, self.clock = tx, vault, clock
        loaded = load(SOURCE, "prueba.yaml").programme
        assert loaded is not None
        self.programme: Programme = loaded
        self.ids = (f"ID{number:06d}" for number in count())

    def take(self, text: str, campaign: str | None = "seguimiento") -> RosterImport:
        found = read_roster(read_table("padron.csv", text.encode()), self.programme)
        assert found.faults == ()
        assert conflicts(self.tx, self.vault, self.programme, found) == []
        return enrolment.enrol(
            self.tx,
            self.vault,
            self.programme,
            found.entries,
            campaign,
            lambda: next(self.ids),
            self.clock(),
            columns=found.columns,
        )

    def contact(self, number: str = "+525555550101") -> Any:
        found = select(Address.contact_id).where(Address.lookup == self.vault.lookup(canonical("sms", number)))
        return self.tx.execute(select(CONTACT).where(Contact.id == self.tx.execute(found).scalars().first())).one()

    def name(self, contact: int) -> str:
        sealed = self.tx.execute(select(Identity.sealed).where(Identity.contact_id == contact)).scalar_one()
        return str(json.loads(self.vault.open(sealed, f"identity:{contact}"))["nombre"])

    def all(self, *columns: Any) -> Sequence[Any]:
        return [tuple(row) for row in self.tx.execute(select(*columns))]


@pytest.fixture
def desk(database: Database, vault: Vault, clock: StillClock) -> Iterator[Desk]:
    with database.transaction() as tx:
        yield Desk(tx, vault, clock)


def test_a_new_officer_is_sealed_at_once(desk: Desk) -> None:
    done = desk.take(f"{HEADER},canal,zona,fecha_taller,sexo\nÍñigo Peña,55 5555 0101,norte,sms,Tijuana,2/3/2026,H\n")
    assert (done.added, done.updated, done.unchanged, done.cohorts) == (1, 0, 0, ["norte"])
    row = desk.contact()
    assert (row.study_id, row.channel, row.timezone, row.status) == ("ID000000", "sms", "America/Tijuana", "active")
    assert (json.loads(row.attributes), json.loads(row.dates)) == ({"sexo": "H"}, {"workshop_date": "2026-03-02"})
    assert (row.consented_at, row.created_at) == (None, desk.clock())
    assert desk.name(row.id) == "Íñigo Peña"
    addresses = desk.all(Address.channel, Address.lookup, Address.sealed)
    assert sorted(channel for channel, _, _ in addresses) == ["sms", "whatsapp"]
    assert {lookup for _, lookup, _ in addresses} == {desk.vault.lookup("+525555550101")}
    assert {desk.vault.open(sealed, f"address:{row.id}") for _, _, sealed in addresses} == {"+525555550101"}
    assert desk.all(Assignment.contact_id, Assignment.campaign) == [(row.id, "seguimiento")]
    assert desk.all(Cohort.code, Cohort.programme) == [("norte", "prueba")]


def test_nobodys_name_or_number_is_in_the_clear(desk: Desk, database: Database, tmp_path: Path) -> None:
    desk.take(f"{HEADER}\nÍñigo Peña,55 5555 0101,norte\n")
    everything = repr(
        [desk.all(table_.__table__) for table_ in (Contact, Address, Identity, Cohort, Assignment, AuditEntry)]
    )
    assert "igo" not in everything
    assert "55555501" not in everything


def test_the_same_roster_again_changes_nothing(desk: Desk) -> None:
    text = f"{HEADER},fecha_taller,consentimiento\nAlma,5555550101,norte,2/3/2026,1/3/2026\nBruno,5555550102,norte,,\n"
    desk.take(text)
    tables = (Contact, Address, Identity, Assignment, Consent, Cohort)
    before = [desk.all(one.__table__) for one in tables]
    desk.clock.advance(days=1)
    done = desk.take(text)
    assert (done.added, done.updated, done.unchanged) == (0, 0, 2)
    assert [desk.all(one.__table__) for one in tables] == before
    assert desk.all(AuditEntry.action, AuditEntry.subject)[-1] == ("roster import", "prueba")


def test_who_is_there_is_brought_up_to_date_and_loses_nothing(desk: Desk) -> None:
    desk.take(
        f"{HEADER},zona,canal,fecha_taller,sexo,sector\nAlma,5555550101,norte,Tijuana,sms,2/3/2026,M,7\nBruno,5555550102,norte,,,,,\n"
    )
    before = desk.contact()
    desk.tx.execute(update(Assignment).values(planned_version_id=None))
    # Written otherwise, with a new name and sector; the cells and columns that are not there say nothing.
    done = desk.take(
        f"{HEADER},sexo,sector,fecha_taller\nAlma Rivera,+52 1 55 5555 0101,norte,,8,\nBruno,5555550102,norte,,,\n"
    )
    assert (done.added, done.updated, done.unchanged) == (0, 1, 1)
    after = desk.contact()
    assert (after.id, after.study_id, after.channel, after.timezone) == (
        before.id,
        before.study_id,
        "sms",
        "America/Tijuana",
    )
    assert json.loads(after.attributes) == {"sexo": "M", "sector": 8}
    assert json.loads(after.dates) == {"workshop_date": "2026-03-02"}
    assert desk.name(after.id) == "Alma Rivera"


def changes(done: RosterImport) -> list[tuple[str, int, str, str | None, str | None]]:
    return [(done.study_ids[one.contact_id], one.row, one.field, one.before, one.after) for one in done.changes.fields]


def test_what_changes_is_told_field_by_field_and_what_stays_is_counted(desk: Desk) -> None:
    header = f"{HEADER},zona,canal,fecha_taller,sexo,sector,turno,entra"
    first = desk.take(
        f"{header}\nAlma,5555550101,norte,Tijuana,sms,2/3/2026,M,7,24x48,2026-03-02 07:00\nBruno,5555550102,norte,,,2/3/2026,H,8,,\n"
        "Celia,5555550103,norte,,,,,,,\n"
    )
    assert (first.changes.fields, first.changes.kept, first.absent) == ([], {}, 0)
    done = desk.take(
        f"{header}\nAlma,5555550101,norte,Tijuana,sms,2/3/2026,M,7,24x48,2026-03-02 07:00\n"
        "Bruno Salas,5555550102,sur,Cancún,sms,9/3/2026,,9,12x36,2026-03-02 19:00\n"
    )
    assert changes(done) == [
        ("ID000001", 3, "sector", "8", "9"),
        ("ID000001", 3, "channel", "whatsapp", "sms"),
        ("ID000001", 3, "cohort", "norte", "sur"),
        ("ID000001", 3, "workshop_date", "2026-03-02", "2026-03-09"),
        ("ID000001", 3, "shift", None, "12x36 from 2026-03-02T19:00"),
        ("ID000001", 3, "timezone", "America/Mexico_City", "America/Cancun"),
        ("ID000001", 3, "name", None, None),
    ]
    assert (done.updated, done.unchanged, done.absent) == (1, 1, 1), "Celia is not in the second roster"
    assert done.changes.kept == {"sexo": 1}
    last = desk.take(f"{header}\nAlma,5555550101,norte,,,,,,,\n")
    assert (last.changes.fields, last.changes.kept) == ([], {"sexo": 1, "sector": 1, "workshop_date": 1, "shift": 1})
    without = desk.take(f"{HEADER}\nAlma,5555550101,norte\n")
    assert without.changes.kept == {}, "a roster without the column says nothing about it"


def test_consents_that_are_given_corrected_or_refused_are_told(desk: Desk) -> None:
    published(desk.tx, desk.clock(), SOURCE)
    library = Library()
    library.refresh(desk.tx)
    header = f"{HEADER},consentimiento,versión del aviso"
    desk.take(
        f"{header}\nAlma,5555550101,norte,,\nBruno,5555550102,norte,1/2/2026,papel\nCelia,5555550103,norte,1/2/2026,\n"
    )
    receive(desk.tx, library, [message(desk.vault, "+525555550103", "BAJA")], desk.clock())
    done = desk.take(
        f"{header}\nAlma,5555550101,norte,1/3/2026,\nBruno,5555550102,norte,2/2/2026,papel\nCelia,5555550103,norte,1/2/2026,\n"
    )
    assert changes(done) == [
        ("ID000000", 2, "consent", None, "2026-03-01 (roster)"),
        ("ID000001", 3, "consent", "2026-02-01 (papel)", "2026-02-02 (papel)"),
    ]
    assert (done.updated, done.corrected, done.changes.refused) == (2, 1, 1)
    last = desk.take(f"{header}\nAlma,5555550101,norte,,\nBruno,5555550102,norte,no,\nCelia,5555550103,norte,,\n")
    assert (last.unchanged, last.changes.kept) == (3, {"consent": 2}), "a roster withdraws no consent"


def test_a_cohort_that_exists_in_another_spelling_is_a_conflict(desk: Desk) -> None:
    desk.take(f"{HEADER}\nAlma,5555550101,Centro 1\n")
    found = read_roster(read_table("x.csv", f"{HEADER}\nAlma,5555550101,Centro 1\n".encode()), desk.programme)
    assert conflicts(desk.tx, desk.vault, desk.programme, found) == []
    found = read_roster(read_table("x.csv", f"{HEADER}\nBruno,5555550102,centro-1\n".encode()), desk.programme)
    assert [str(fault) for fault in conflicts(desk.tx, desk.vault, desk.programme, found)] == [
        "row 2, column cohorte: 'centro-1' is probably the cohort 'Centro 1', which exists: write it so"
    ]


def test_an_attribute_that_officers_have_in_another_spelling_is_a_warning(desk: Desk) -> None:
    desk.take(f"{HEADER},sector\nAlma,5555550101,norte,Centro\nBruno,5555550102,norte,7\n")
    text = f"{HEADER},sector\nAlma,5555550101,norte,Centro\nCelia,5555550103,norte,CENTRO\nDora,5555550104,norte,sur\n"
    found = read_roster(read_table("x.csv", text.encode()), desk.programme)
    assert [str(one) for one in spelling_warnings(desk.tx, desk.programme, found)] == [
        "row 3, column sector: 'CENTRO' may be 'Centro', which officers of the programme have: write it so"
    ]


def test_another_date_lays_the_campaign_out_anew(desk: Desk, clock: StillClock) -> None:
    library = published(desk.tx, clock(), SOURCE)
    version = library.campaigns[library.current["prueba"]]["seguimiento"]
    desk.take(f"{HEADER},fecha_taller,sector\nAlma,5555550101,norte,2/3/2026,1\nBruno,5555550102,norte,2/3/2026,1\n")
    desk.tx.execute(update(Assignment).values(planned_version_id=version))
    desk.take(f"{HEADER},fecha_taller,sector\nAlma,5555550101,norte,9/3/2026,1\nBruno,5555550102,norte,2/3/2026,2\n")
    assert sorted(desk.all(Assignment.planned_version_id), key=str) == [(version,), (None,)]


def test_who_left_stays_away_and_keeps_their_choices(desk: Desk) -> None:
    library = published(desk.tx, desk.clock(), SOURCE)
    desk.take(f"{HEADER}\nAlma,5555550101,norte\n")
    receive(desk.tx, library, [message(desk.vault, "+525555550101", "BAJA")], desk.clock())
    desk.take(f"{HEADER}\nAlma,5555550101,sur\n")
    assert desk.contact().status == "opted_out"


def test_consent_on_paper_is_recorded_once_and_never_against_a_decision(desk: Desk) -> None:
    desk.take(f"{HEADER},consentimiento\nAlma,5555550101,norte,1/3/2026\nBruno,5555550102,norte,\n")
    assert desk.contact().consented_at.isoformat() == "2026-03-01T18:00:00+00:00"
    assert desk.all(Consent.version, Consent.granted, Consent.channel) == [("roster", True, "paper")]
    bruno = desk.contact("5555550102")
    assert bruno.consented_at is None
    refusal = {
        "contact_id": bruno.id,
        "version": "aviso_1",
        "granted": False,
        "text": "¿Acepta?",
        "channel": "sms",
        "at": desk.clock(),
    }
    desk.tx.execute(insert(Consent), sealed(desk.tx, Consent, refusal))
    done = desk.take(f"{HEADER},consentimiento\nAlma,5555550101,norte,1/3/2026\nBruno,5555550102,norte,1/3/2026\n")
    assert done.unchanged == 2
    assert len(desk.all(Consent.id)) == 2
    assert desk.contact("5555550102").consented_at is None


PAPER = f"{HEADER},consentimiento,versión del aviso,comprobante de consentimiento"


def test_consent_on_paper_has_its_own_version_and_proof(desk: Desk) -> None:
    desk.take(f"{PAPER}\nAlma,5555550101,norte,1/3/2026,papel 2026-1,carpeta 3\nBruno,5555550102,norte,1/3/2026,,\n")
    assert desk.all(Consent.version, Consent.proof) == [("papel 2026-1", "carpeta 3"), ("roster", None)]
    assert desk.contact().consented_to == desk.contact("5555550102").consented_to == "aviso_1"  # the notice in force


def test_consent_on_paper_to_a_notice_of_ours_covers_that_one(desk: Desk) -> None:
    published(desk.tx, desk.clock(), SOURCE)
    after = SOURCE.replace("consent: aviso_1", "consent: aviso_2").replace("¿Acepta participar?", "¿Acepta el aviso?")
    published(desk.tx, desk.clock(), after)
    desk.take(f"{PAPER}\nAlma,5555550101,norte,1/3/2026,aviso_1,\nBruno,5555550102,norte,1/3/2026,otro,\n")
    assert (desk.contact().consented_to, desk.contact("5555550102").consented_to) == ("aviso_1", "aviso_2")


def test_a_wrong_date_is_corrected_by_the_next_roster_with_a_trace(desk: Desk) -> None:
    desk.take(f"{PAPER}\nAlma,5555550101,norte,1/3/2030,,carpeta 3\n")
    done = desk.take(f"{PAPER}\nAlma,5555550101,norte,1/3/2026,,\n")
    assert (done.updated, done.corrected) == (1, 1)
    assert desk.contact().consented_at.isoformat() == "2026-03-01T18:00:00+00:00"
    assert [(at.year, proof) for at, proof in desk.all(Consent.at, Consent.proof)] == [
        (2030, "carpeta 3"),
        (2026, "carpeta 3"),
    ]
    [detail] = [
        detail for action, detail in desk.all(AuditEntry.action, AuditEntry.detail) if action == "consent correct"
    ]
    trace = json.loads(detail)
    assert (trace["before"]["at"][:10], trace["after"]["at"][:10]) == ("2030-03-01", "2026-03-01")
    assert "carpeta" not in detail
    again = desk.take(f"{PAPER}\nAlma,5555550101,norte,1/3/2026,,\n")
    assert (again.unchanged, again.corrected) == (1, 0)


def test_no_roster_corrects_what_an_officer_decided_since(desk: Desk) -> None:
    desk.take(f"{PAPER}\nAlma,5555550101,norte,1/3/2026,,\n")
    published(desk.tx, desk.clock(), SOURCE)
    library = Library()
    library.refresh(desk.tx)
    receive(desk.tx, library, [message(desk.vault, "+525555550101", "BAJA")], desk.clock())
    done = desk.take(f"{PAPER}\nAlma,5555550101,norte,28/2/2026,,\n")
    assert (done.unchanged, desk.contact().consented_at) == (1, None)


def test_consent_that_comes_later(desk: Desk) -> None:
    desk.take(f"{HEADER}\nAlma,5555550101,norte\n")
    done = desk.take(f"{HEADER},consentimiento\nAlma,5555550101,norte,1/3/2026\n")
    assert (done.updated, desk.contact().consented_at is None) == (1, False)


def test_study_ids_that_are_taken_are_drawn_again(desk: Desk) -> None:
    desk.ids = iter(["ID1", "ID1", "ID1", "ID2", "ID1", "ID2", "ID3"])  # type: ignore[assignment]
    desk.take(f"{HEADER}\nAlma,5555550101,norte\n")
    desk.take(f"{HEADER}\nBruno,5555550102,norte\nCelia,5555550103,norte\n")
    assert sorted(desk.all(Contact.study_id)) == [("ID1",), ("ID2",), ("ID3",)]


def test_study_ids_are_random_and_easily_read() -> None:
    drawn = {new_study_id() for _ in range(1000)}
    assert len(drawn) == 1000
    assert all(len(one) == 8 and set(one) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ") for one in drawn)


def test_many_officers_in_few_statements(desk: Desk) -> None:
    text = HEADER + "".join(f"\nOficial {number},55555{number:05d},c{number % 3}" for number in range(2_500))
    done = desk.take(text)
    assert (done.added, done.cohorts) == (2_500, ["c0", "c1", "c2"])
    assert len(desk.all(Address.id)) == 5_000
    assert desk.name(desk.contact("+525555502499").id) == "Oficial 2499"


def test_cohorts_and_officers_of_other_programmes_are_conflicts(desk: Desk, vault: Vault, clock: StillClock) -> None:
    enrol(desk.tx, vault, clock(), "+525555550101", programme="otra")
    found = read_roster(
        read_table(
            "x.csv", f"{HEADER}\nAlma,5555550101,norte\nBruno,5555550102,otra-1\nCelia,5555550103,norte\n".encode()
        ),
        desk.programme,
    )
    assert [str(fault) for fault in conflicts(desk.tx, vault, desk.programme, found, naming=True)] == [
        "row 2, column telefono: this number takes part in the programme otra",
        "row 3, column cohorte: this cohort belongs to the programme otra",
    ]


def test_a_number_of_an_officer_of_another_name_is_a_mistake_until_somebody_says_it_is_none(desk: Desk) -> None:
    desk.take(
        f"{HEADER}\nAlma Rivera Cruz,5555550101,norte\nBruno Salas,5555550102,norte\nMaría José de la Luz Peña,5555550103,norte\n"
    )
    text = (
        f"{HEADER}\nCelia Mora Díaz,5555550101,norte\nSALAS Bruno Iván,5555550102,norte\nMaría Soto,5555550103,norte\n"
    )
    found = read_roster(read_table("x.csv", text.encode()), desk.programme)
    assert [(fault.row, fault.column) for fault in conflicts(desk.tx, desk.vault, desk.programme, found)] == [
        (2, "telefono"),
        (4, "telefono"),
    ]
    shown = str(conflicts(desk.tx, desk.vault, desk.programme, found, naming=True)[0])
    assert "officer ID000000's, who has another name" in shown
    assert not {"Celia", "Alma", "5555550101"} & set(shown.split())
    assert conflicts(desk.tx, desk.vault, desk.programme, found, rename=True) == []


def test_a_shift_is_kept_and_another_one_lays_the_campaign_out_anew(desk: Desk, clock: StillClock) -> None:
    library = published(desk.tx, clock(), SOURCE)
    version = library.campaigns[library.current["prueba"]]["seguimiento"]
    header = f"{HEADER},turno,entra"
    desk.take(f"{header}\nAlma,5555550101,norte,24x48,2026-03-02 07:00\nBruno,5555550102,norte,,\n")
    assert desk.contact().shift == '{"on": 24, "off": 48, "from": "2026-03-02T07:00"}'
    desk.tx.execute(update(Assignment).values(planned_version_id=version))
    done = desk.take(f"{header}\nAlma,5555550101,norte,24x48,2/3/2026 7:00\nBruno,5555550102,norte,,\n")
    assert (done.unchanged, desk.all(Assignment.planned_version_id)) == (2, [(version,), (version,)])
    assert desk.take(f"{header}\nAlma,5555550101,norte,,\nBruno,5555550102,norte,12x36,2026-03-02 19:00\n").updated == 1
    assert sorted(desk.all(Assignment.planned_version_id), key=str) == [(version,), (None,)]
    assert desk.contact().shift is not None, "an empty cell changes nothing"


def test_the_zone_is_the_officers_or_the_cohorts(desk: Desk) -> None:
    desk.take(f"{HEADER},zona\nAlma,5555550101,norte,Tijuana\nBruno,5555550102,sur,Cancún\nCelia,5555550103,sur,\n")
    assert desk.all(Cohort.code, Cohort.timezone) == [("norte", "America/Tijuana"), ("sur", "America/Mexico_City")]
    desk.take(f"{HEADER}\nAlma,5555550101,sur\nBruno,5555550102,norte\nDora,5555550104,norte\n")
    zones = {number: desk.contact(f"555555010{number}").timezone for number in (1, 2, 3, 4)}
    assert zones == {
        1: "America/Mexico_City",  # went with the cohort
        2: "America/Cancun",  # had a zone of their own, and keeps it
        3: "America/Mexico_City",
        4: "America/Tijuana",  # new, in a cohort that has one
    }


def test_who_has_no_date_and_whose_cohort_has_none(desk: Desk) -> None:
    assert desk.take(f"{HEADER},fecha_taller\nAlma,5555550101,norte,2/3/2026\nBruno,5555550102,norte,\n").undated == 1
    desk.tx.execute(update(Cohort).values(dates='{"workshop_date": "2026-03-02"}'))
    assert desk.take(f"{HEADER}\nAlma,5555550101,norte\nBruno,5555550102,norte\nCelia,5555550103,sur\n").undated == 1


def test_a_number_that_was_given_up_is_a_mistake_for_its_officer_and_none_for_a_new_one(desk: Desk) -> None:
    desk.take(f"{HEADER}\nAlma Rivera,5555550101,norte\n")
    numbers.change(desk.tx, desk.vault, "ID000000", "+525555550177", desk.clock())
    old = read_roster(read_table("x.csv", f"{HEADER}\nalma rivera,5555550101,norte\n".encode()), desk.programme)
    assert [str(fault) for fault in conflicts(desk.tx, desk.vault, desk.programme, old, naming=True)] == [
        "row 2, column telefono: officer ID000000 has another number now: write that one, or leave the row out"
    ]
    assert desk.take(f"{HEADER}\nAlma Rivera,5555550177,norte\n").unchanged == 1
    assert desk.take(f"{HEADER}\nCelia,5555550101,norte\n").added == 1


@pytest.mark.parametrize(("body", "status"), [("hola", "active"), ("BAJA", "opted_out")])
def test_what_an_officer_wrote_before_being_enrolled_is_theirs(desk: Desk, body: str, status: str) -> None:
    library = published(desk.tx, desk.clock(), SOURCE)
    receive(desk.tx, library, [message(desk.vault, "+525555550101", body)], desk.clock())
    desk.take(f"{HEADER}\nAlma,5555550101,norte\nBruno,5555550102,norte\n")
    alma = desk.contact()
    assert desk.all(InboundMessage.contact_id, InboundMessage.outcome) == [(alma.id, "history")]
    assert (alma.status, desk.contact("+525555550102").status) == (status, "active")
    assert ("whatsapp", desk.clock()) in desk.all(Address.channel, Address.last_inbound_at)


# -- the commands -----------------------------------------------------------------------------------------------------


class Shell:
    """An installation, and the commands typed in it."""

    def __init__(self, database_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        monkeypatch.setenv("TRATO_DATABASE_URL", database_url)
        monkeypatch.setenv("TRATO_SECRET_KEY", "a secret that only tests have")
        monkeypatch.setenv("TRATO_FLOWS", str(flows_folder(folder / "flows", SOURCE)))

    def __call__(self, *words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main.app, list(words))
        assert result.exit_code == code, result.output
        return result

    def json(self, *words: str, code: int = 0) -> Any:
        return json.loads(self(*words, "--json", code=code).stdout)

    def roster(self, text: str) -> str:
        path = self.folder / "padron.csv"
        path.write_text(text, encoding="utf-8")
        return str(path)


@pytest.fixture
def shell(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(database_url, tmp_path, monkeypatch)


def test_from_a_roster_to_a_plan_and_an_export(shell: Shell) -> None:
    file = shell.roster(f"{HEADER},fecha_taller,correo\nAlma,5555550101,norte,2030-03-04,x\nBruno,5555550102,sur,,y\n")
    dry = shell("roster", "import", "--dry-run", file).stdout
    assert "2 officers would be added, 0 would be updated, 0 unchanged" in dry
    assert "column 'correo' is not used" in dry
    assert "1 have no workshop_date, nor has their cohort" in dry
    assert shell.json("plan") == [], "a dry run keeps nothing"
    done = shell.json("roster", "import", file)
    assert (done["added"], done["cohorts"], done["without_date"], done["faults"]) == (2, ["norte", "sur"], 1, [])
    plan = shell.json("plan", "--until", "2030-03-31")
    assert {line["cohort"] for line in plan if line["slot"] == "consent"} == {"norte", "sur"}
    assert [line["slot"] for line in plan if line["slot"] != "consent"] == [
        f"w{week:02d}.{place}" for week in range(1, 5) for place in (1, 2)
    ]
    assert {line["status"] for line in plan} == {"planned"}
    assert shell.json("plan", "--since", "2030-03-01", "--days", "5") == [
        line for line in plan if line["slot"] == "w01.1"
    ]
    assert {line["cohort"] for line in shell.json("plan", "--cohort", "sur", "--days", "1000")} == {"sur"}
    shown = shell("plan", "--days", "1400").stdout
    assert "nothing was sent" in shown
    assert "Alma" not in shown
    written = {item["name"]: item["rows"] for item in shell.json("export", str(shell.folder / "out"))}
    assert (written["officers.csv"], written["responses.csv"]) == (2, 0)


def test_a_roster_with_mistakes_imports_nothing(shell: Shell) -> None:
    file = shell.roster(f"{HEADER}\nAlma,5555550101,norte\nBruno,12,norte\n")
    shown = shell("roster", "import", file, code=1)
    assert shown.stderr == f"{file}: row 3, column telefono: the number is too short\n1 mistake; nothing was imported\n"
    refused = shell.json("roster", "import", file, code=1)
    assert (refused["added"], refused["faults"]) == (
        0,
        [{"row": 3, "column": "telefono", "text": "the number is too short"}],
    )
    assert shell.json("plan") == []


def workbook(folder: Path, rows: Sequence[Sequence[object]], hidden: int | None = None) -> str:
    """A workbook with this table below a title, on its second sheet; the row `hidden`, from 1, is hidden."""
    path = folder / "padron.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("Instrucciones").write(0, 0, "Llene la otra hoja")
        sheet = book.add_worksheet("Padrón")
        sheet.write(0, 0, "Padrón de oficiales")
        for place, row in enumerate(rows, 2):
            sheet.write_row(place, 0, row)
        if hidden is not None:
            sheet.set_row(hidden - 1, options={"hidden": True})
    return str(path)


def test_hidden_rows_are_a_choice(shell: Shell) -> None:
    rows = [HEADER.split(","), ["Alma Peña", 5555550101, "norte"], ["Bruno", 5555550102, "norte"]]
    file = workbook(shell.folder, rows, hidden=5)
    asked = shell("roster", "import", file, code=1)
    assert "1 row is hidden or filtered out (row 5): give --hidden include, or --hidden skip" in asked.stderr
    dry = shell("roster", "import", file, "--dry-run", "--hidden", "include")
    assert "the headers are in row 3 of the sheet 'Padrón'" in dry.stdout
    assert "a name from the file, to see whether its letters are right: Alma Peña" in dry.stdout
    assert "2 officers would be added" in dry.stdout
    done = shell.json("roster", "import", file, "--hidden", "skip")
    assert (done["added"], done["header_row"], done["sample"]) == (1, 3, None)
    assert done["notes"][1] == "1 row is hidden or filtered out (row 5): left out"
    words = (
        "officers",
        "mend",
        shell.json("officers", "find", "--reason", "called", "Alma")["officers"][0]["study_id"],
        "--from-roster",
        file,
    )
    assert "give --hidden include" in shell(*words, code=1).stderr
    shell(*words, "--hidden", "skip")


def test_a_second_import_tells_what_would_change(shell: Shell) -> None:
    shell("roster", "import", shell.roster(f"{HEADER},sector\nAlma,5555550101,norte,7\nBruno,5555550102,norte,7\n"))
    alma = shell.json("officers", "find", "--reason", "called", "Alma")["officers"][0]["study_id"]
    file = shell.roster(f"{HEADER},sector\nAlma Rivera,5555550101,norte,8\n")
    dry = shell("roster", "import", "--dry-run", file).stdout
    assert f"  {alma} (row 2): sector 7 -> 8, name\n" in dry
    assert "1 officers of these cohorts are not in the roster: they stay as they are" in dry
    assert "Rivera" not in dry
    told = shell.json("roster", "import", "--dry-run", file)
    assert told["changes"] == [
        {"study_id": alma, "row": 2, "field": "sector", "before": "7", "after": "8"},
        {"study_id": alma, "row": 2, "field": "name", "before": None, "after": None},
    ]
    assert (told["absent"], told["kept"], told["consents_refused"]) == (1, {}, 0)
    assert shell.json("roster", "import", "--dry-run", file)["updated"] == 1, "a dry run changes nothing"


def test_changes_of_many_officers_are_counted(shell: Shell) -> None:
    rows = [f"Oficial {place},55555501{place:02d},norte" for place in range(60)]
    shell("roster", "import", shell.roster(f"{HEADER},sector\n" + "".join(f"{row},7\n" for row in rows)))
    again = shell.roster(f"{HEADER},sector\n" + "".join(f"{row},8\n" for row in rows))
    lines = shell("roster", "import", again).stdout.splitlines()
    assert sum("sector 7 -> 8" in line for line in lines) == 50
    assert "  and 10 more; of all: sector 60" in lines


def test_a_roster_whose_columns_are_called_otherwise(shell: Shell) -> None:
    file = shell.roster("Elemento,Celular personal,Grupo,Placa\nAlma,5555550101,norte,7\n")
    columns = shell.folder / "columnas.txt"
    columns.write_text("Elemento=name\nPlaca=sector\n", encoding="utf-8")
    done = shell.json("roster", "import", "--map", "Celular personal=phone", "--mapping", str(columns), file)
    assert (done["added"], done["ignored_columns"]) == (1, [])
    columns.write_text("Elemento=name\n\nPlaca=color\n", encoding="utf-8")
    result = CliRunner().invoke(main.app, ["roster", "import", "--mapping", str(columns), file])
    assert str(result.exception).startswith(f"{columns}:3: a column cannot mean 'color'")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["roster", "import", "nowhere.csv"], "cannot read nowhere.csv"),
        (["roster", "import", "--campaign", "otra", "nowhere.csv"], "no campaign otra; it has: seguimiento"),
        (["plan", "--cohort", "nort"], "there is no cohort 'nort'"),
        (["plan", "--since", "2030-01-02", "--until", "2030-01-01"], "must not be before"),
        (["export", "out", "--cohort", "nort"], "there is no cohort 'nort'"),
        (["export", "out", "--until", "9999-12-31"], "a day lies between"),
        (["export", "out", "--since", "2030-01-02", "--until", "2030-01-01"], "must not be before"),
    ],
)
def test_what_cannot_be_carried_out_is_said(shell: Shell, words: list[str], text: str) -> None:
    result = CliRunner().invoke(main.app, words)
    assert isinstance(result.exception, UsageError)
    assert text in str(result.exception)
