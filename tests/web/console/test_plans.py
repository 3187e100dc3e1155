"""Every page of the console, with its filters and further pages, asks both databases through indexes, so that what it takes does not grow with
a study. The addresses are found as `python -m benchmarks console` finds them: a new page is in this test by itself."""

import pytest

from app.people import accounts
from app.people.actors import Grant
from app.people.roles import Role
from app.store import damaged_rows
from app.store.database import Database
from app.store.vault import Vault
from app.web.console import today
from benchmarks import pages
from benchmarks.console import TYPED
from tests.cases.world import CRISIS
from tests.conftest import StillClock
from tests.conversations.talking import ALMA, STRANGER
from tests.store.explained import by_officers, explained, noted, scanned
from tests.web.console.desk import Office, bruno_tells

PARTIAL = frozenset({"ix_case_open", "ix_case_closed", "ix_outbound_due", "ix_response_text", "uq_session_open"})
"""Indexes of a few rows among many, such as the conversations under way; and those that a page goes through as far as its end."""

ONE_ROW = "SELECT session.id FROM session"
"""Whether any conversation has begun: the first row that is no tryout's says so."""

ALLOWED = {
    "contact": "the officers of the roster are counted: 100,000 entries of an index",
    "audit_entry": "the latest entries, as many as a page has",
}
"""Tables that a page may go through, and why."""
MOST_ALIKE = 2


@pytest.fixture
def office(database: Database, vault: Vault, clock: StillClock) -> Office:
    """An office with something on every page, and ana, who has every role."""
    made = Office(database, vault, clock)
    with made.desk() as desk:
        bruno_tells(desk, "Escuché primero")
        desk.deliver()
        desk.say(ALMA, CRISIS)
        desk.say(STRANGER, "¿quién es?")
    made.hire("ana", Role.administrator)
    with database.transaction() as tx:
        for role in set(Role) - {Role.administrator}:
            accounts.give_role(tx, "ana", Grant(role, ""), clock(), "test")
        damaged_rows.note_found(tx, [], clock())  # as the clock has by then
    return made


def test_no_page_goes_through_a_whole_table(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(today, "FEW", 0)  # no cohort is so small that its lists go from officer to officer
    asked: dict[str, tuple[str, object]] = {}
    seen: set[str] = set()
    alike: dict[str, int] = {}
    waiting = [*pages.first(), *TYPED]
    while waiting:
        address = waiting.pop(0)
        if (kind := pages.kind_of(address)) is None or kind in seen:
            continue
        names = pages.names_of(kind)
        if (number := alike.get(names, 0)) == MOST_ALIKE:
            continue
        seen.add(kind)
        alike[names] = number + 1
        with noted(office.database) as statements:
            answer = office.ask("ana", "GET", address)
        assert answer.status_code < 500, address
        for statement, parameters in statements:
            if statement.startswith(("SELECT", "WITH")) and not " ".join(statement.split()).startswith(ONE_ROW):
                asked.setdefault(statement, (statement, parameters))
        waiting += [*pages.addresses(answer.text, address, office.clock()), answer.headers.get("location", "")]
    assert len(asked) > 80
    wrong = []
    with office.database.transaction() as tx:
        for plan, statement in zip(explained(office.database, tx, list(asked.values())), asked, strict=True):
            if found := (scanned(plan, partial=PARTIAL) | by_officers(plan)) - ALLOWED.keys():
                wrong.append(f"{sorted(found)} {' '.join(statement.split())}\n{plan}")
    assert not wrong, "\n\n".join(wrong)
