"""Signing in and out with a real `trato serve`: as a browser does, by pages, and as a program does, by JSON. The commands that an
administrator has meanwhile are processes of their own."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Column, select, update

from app.store.database import Database
from app.store.tables import API_TOKEN, AUDIT_ENTRY, WEB_SESSION
from tests.acceptance.processes import Installation, until
from tests.conftest import postgresql_by_night
from tests.people.people import PASSWORD, said
from tests.world import PROGRAMME

NOT_IN = "Para ver esto, entre con su cuenta. Un programa manda su clave: Authorization: Bearer …"
WRONG = "El nombre, la contraseña o el código no es correcto."
SLOWED = "ALERT sign_in_slowed account:1, 1 times"


class Office(Installation):
    """An installation with the simulated phones, and an administrator at its machine."""

    def environment(self) -> dict[str, str]:
        """Without a carrier's settings, beside which the simulator does not run."""
        return {name: value for name, value in Installation.environment(self).items() if "TWILIO" not in name}

    def run(self, *words: str, typed: str = "") -> str:
        done = self.trato(*words, typed=typed)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def put(self, column: Column[Any], year: int) -> None:
        """Put a moment of all rows into a year: no test waits for hours."""
        database = Database(self.database_url)
        with database.transaction() as tx:
            tx.execute(update(column.table).values({column.name: datetime(year, 1, 1, tzinfo=UTC)}))
        database.close()

    def audited(self) -> list[str]:
        database = Database(self.database_url)
        with database.reading() as tx:
            found = list(tx.execute(select(AUDIT_ENTRY.c.action)).scalars())
        database.close()
        return found


class Browser:
    """A browser at the installation."""

    def __init__(self, office: Office) -> None:
        self.client = httpx.Client(base_url=office.url, headers={"Origin": office.url}, timeout=20)

    def signs_in(self, password: str = PASSWORD) -> httpx.Response:
        return self.client.post("/sign-in", data={"name": "ana", "password": password, "next": "/phone"})

    def sees(self, path: str = "/phone") -> tuple[int, str]:
        """The status of a page, and the line that says why it is refused."""
        answer = self.client.get(path)
        return answer.status_code, said(answer)

    def asks(self) -> tuple[int, str]:
        """The status of a request of the phones' page, and the line of its JSON."""
        answer = self.client.get("/phone/api/phones")
        return answer.status_code, answer.json().get("detail", "")


@pytest.fixture
def browser(office: Office) -> Iterator[Browser]:
    found = Browser(office)
    yield found
    found.client.close()


@pytest.fixture
def office(tmp_path: Path, database_url: str) -> Office:
    return Office(tmp_path, database_url, PROGRAMME, {"TRATO_CHANNEL": "simulator", "TRATO_ACTOR": "operator"})


@postgresql_by_night
def test_people_and_programs_come_and_go(office: Office, browser: Browser) -> None:
    with office.serving():
        assert browser.sees() == browser.asks() == (200, ""), "until there is an account"
        office.run("user", "add", "ana", "--role", "coordinator", typed=f"{PASSWORD}\n{PASSWORD}\n")
        _in_and_out(browser)
        _sessions_end(office, browser)
        _a_program(office)
        _too_often(office, browser)
    audited = office.audited()
    assert [audited.count(one) for one in ("sign in", "sign out", "sign in failed")] == [5, 1, 6]
    assert PASSWORD not in office.log


def _in_and_out(browser: Browser) -> None:
    assert browser.sees() == browser.sees("/me") == browser.asks() == (401, NOT_IN)
    wrong = browser.signs_in("otra cosa distinta")
    assert (wrong.status_code, said(wrong), browser.asks()) == (401, WRONG, (401, NOT_IN))
    assert browser.signs_in().headers["location"] == "/phone"
    assert browser.sees() == browser.sees("/me") == browser.asks() == (200, "")
    kept = dict(browser.client.cookies)
    assert browser.client.post("/sign-out").headers["location"] == "/sign-in"
    assert browser.sees() == browser.asks() == (401, NOT_IN)
    browser.client.cookies.update(kept)
    assert browser.sees() == browser.asks() == (401, NOT_IN), "the session has ended, not the cookie alone"
    browser.client.cookies.clear()


def _sessions_end(office: Office, browser: Browser) -> None:
    browser.signs_in()
    assert "ana: 1 sessions ended" in office.run("user", "sign-out", "ana")
    assert browser.sees() == browser.asks() == (401, NOT_IN)
    for moment in (WEB_SESSION.c.expires_at, WEB_SESSION.c.seen_at):
        browser.signs_in()
        assert browser.asks() == (200, "")
        office.put(moment, 2026)
        assert browser.sees() == browser.asks() == (401, NOT_IN), moment.name


def _a_program(office: Office) -> None:
    made = json.loads(office.run("token", "add", "ana", "--label", "noche", "--scope", "phone", "--json"))

    def calls(secret: str | None = made["secret"]) -> list[tuple[int, str]]:
        """The API and the phones, as a program that shows no page."""
        headers = {} if secret is None else {"Authorization": f"Bearer {secret}"}
        answers = [
            httpx.get(office.url + path, headers=headers, timeout=20)
            for path in ("/api/v1/openapi.json", "/phone/api/phones")
        ]
        return [(one.status_code, "" if one.status_code == 200 else one.json()["detail"]) for one in answers]

    refused = [(401, "send a token: Authorization: Bearer …"), (401, NOT_IN)]
    assert calls() == [(200, ""), (200, "")]
    assert calls(None) == calls("trato_of-nobody") == refused
    office.put(API_TOKEN.c.expires_at, 2026)
    assert calls() == refused
    office.put(API_TOKEN.c.expires_at, 2999)
    assert calls() == [(200, ""), (200, "")]
    office.run("token", "revoke", str(made["token"]))
    assert calls() == refused


def _too_often(office: Office, browser: Browser) -> None:
    for _ in range(5):
        assert browser.signs_in("otra cosa distinta").status_code == 401
    slowed = browser.signs_in()
    assert (slowed.status_code, 0 < int(slowed.headers["retry-after"]) <= 15) == (429, True)
    assert SLOWED in office.run("status")
    office.run("user", "password", "ana", typed="otra contraseña larga\n" * 2)
    until(lambda: "sign_in_slowed" not in office.run("status"), "it is over")
    assert browser.signs_in("otra contraseña larga").headers["location"] == "/phone"
