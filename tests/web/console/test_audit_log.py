"""Bitácora, through the application, on both databases: its readers, its filters, and the faults that verifying finds."""

import pytest

from app.people.roles import Role
from app.store import audit, audit_chain
from app.store.database import Database
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.web.console.desk import Office, alert, words


@pytest.fixture
def office(database: Database, vault: Vault, clock: StillClock) -> Office:
    """An office with an administrator, and a log of many entries."""
    made = Office(database, vault, clock)
    made.hire("root", Role.administrator)
    with database.transaction() as tx:
        for number in range(60):
            audit.record(tx, clock(), "ana" if number % 2 else "claims to be luz", "case show", f"case:{number}")
    return made


def test_it_is_read_in_pages_and_by_person_action_and_subject(office: Office) -> None:
    page = office.ask("root", "GET", "/console/audit").text
    assert page.count("<tr>") == 51
    assert "case:59" in page
    assert "case:1<" not in page
    older = page.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert "case:1 " in office.see("root", older) + " "
    by_luz = office.see("root", "/console/audit?by=luz")
    assert "claims to be luz" in by_luz
    assert "case:59" not in by_luz
    one = office.ask("root", "GET", "/console/audit?subject=case:7&action=case%20show").text
    assert one.count("<tr>") == 2
    assert "Nada coincide" in office.see("root", "/console/audit?by=nobody")
    assert len(office.audited("audit list")) == 5


def test_verifying_finds_what_was_changed_behind_its_back(office: Office) -> None:
    with office.database.transaction() as tx:
        audit_chain.link(tx, office.clock())
        anchor = audit_chain.anchor(tx)
    done = words(office.ask("root", "POST", "/console/audit/verify", data={"anchors": str(anchor)}))
    assert "Está completa" in done
    assert str(anchor) in done
    wrong = office.ask("root", "POST", "/console/audit/verify", data={"anchors": "x"})
    assert (wrong.status_code, alert(wrong)[:22]) == (400, "Un ancla se escribe PO")
    other = f"{anchor.position if anchor else 1}:{'0' * 64}"
    assert "no está como se escribió" in words(
        office.ask("root", "POST", "/console/audit/verify", data={"anchors": other})
    )


def test_only_administrators_of_everything_read_it(office: Office) -> None:
    for role in set(Role) - {Role.administrator}:
        office.hire(str(role), role)
        assert office.ask(str(role), "GET", "/console/audit").status_code == 403
        assert office.ask(str(role), "POST", "/console/audit/verify").status_code == 403
    assert office.audited("audit list") == []
