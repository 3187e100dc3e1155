"""Cuentas, through the application, on both databases: people get in by a link that works once, roles and tokens come and go, and somebody can
always administer."""

import re
from datetime import timedelta

import httpx
import pytest
from structlog.testing import capture_logs

from app.people import totp
from app.people.actors import Grant
from app.people.roles import Role
from app.store import accounts as rows
from app.store.database import Database
from app.store.vault import Vault
from app.web.gate import Gate
from tests.conftest import StillClock
from tests.web.console.desk import HERE, Office, alert, words

PASSWORD = "tres tristes tigres"
LIST = "/console/accounts"


@pytest.fixture
def office(database: Database, vault: Vault, clock: StillClock) -> Office:
    """An office with an administrator."""
    made = Office(database, vault, clock)
    with made.desk():
        pass
    made.hire("root", Role.administrator)
    return made


def do(office: Office, name: str, word: str, **fields: str) -> httpx.Response:
    return office.ask("root", "POST", f"{LIST}/{name}/{word}", data=fields)


def add(office: Office, name: str, role: Role = Role.coordinator) -> str:
    """Add an account. Returns the path of its link."""
    done = office.ask("root", "POST", LIST, data={"name": name, "role": str(role), "programme": ""})
    assert done.status_code == 200, alert(done)
    found = re.search(rf"{HERE}(/new-password/[\w-]+)", done.text)
    assert found is not None
    return found[1]


def sign_in(office: Office, name: str, password: str = PASSWORD, code: str = "") -> int:
    fields = {"name": name, "password": password, "code": code}
    return office.ask(None, "POST", "/sign-in", data=fields).status_code


def test_a_person_gets_in_by_a_link_that_works_once_and_nobody_else_knows_the_password(office: Office) -> None:
    link = add(office, "luz")
    assert "tiene un enlace" in office.see("root", LIST)
    assert "Su nombre de usuario es luz" in words(office.ask(None, "GET", link))
    differ = office.ask(None, "POST", link, data={"password": PASSWORD, "again": "otra"})
    assert (differ.status_code, alert(differ)) == (400, "Las dos contraseñas no son iguales.")
    weak = office.ask(None, "POST", link, data={"password": "corta", "again": "corta"})
    assert (weak.status_code, alert(weak)[:30]) == (400, "Una contraseña tiene de 12 a 2")
    assert sign_in(office, "luz") == 401
    done = office.ask(None, "POST", link, data={"password": PASSWORD, "again": PASSWORD})
    assert (done.status_code, done.headers["location"]) == (303, "/sign-in")
    assert sign_in(office, "luz") == 303
    for again in (office.ask(None, "GET", link), office.ask(None, "POST", link, data={})):
        assert (again.status_code, alert(again)[:26]) == (410, "Este enlace ya se usó o ve")
    assert office.audited("account link") == [("root", "account:2")]
    assert office.audited("account password") == [("luz", "account:2")]


def test_a_link_ends_after_two_days_by_another_and_with_the_account(office: Office) -> None:
    first = add(office, "luz")
    second = re.search(r"/new-password/[\w-]+", do(office, "luz", "link").text)
    assert second is not None
    assert office.ask(None, "GET", first).status_code == 410
    assert office.ask(None, "GET", second[0]).status_code == 200
    do(office, "luz", "disable")
    assert office.ask(None, "GET", second[0]).status_code == 410
    do(office, "luz", "enable")
    assert office.ask(None, "GET", second[0]).status_code == 410
    third = re.search(r"/new-password/[\w-]+", do(office, "luz", "link").text)
    assert third is not None
    office.at(office.clock() + timedelta(days=2))
    assert office.ask(None, "GET", third[0]).status_code == 410


def test_a_link_needs_a_page_of_ours(office: Office) -> None:
    link = add(office, "luz")
    fields = {"password": PASSWORD, "again": PASSWORD}
    for origin in (b"https://evil.example", b"http://ins\xedde"):
        foreign = office.ask(None, "POST", link, data=fields, headers={"Origin": origin})
        assert foreign.status_code == 403
    assert sign_in(office, "luz") == 401


def test_the_log_of_a_page_that_fails_has_no_link(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> str:
        raise RuntimeError

    link = add(office, "luz")
    monkeypatch.setattr(Gate, "name_of_link", fail)
    with capture_logs() as lines:
        assert office.ask(None, "GET", link).status_code == 500
    assert [line["route"] for line in lines if line["log_level"] == "error"] == ["/new-password/{token}"]
    assert link.rpartition("/")[2] not in str(lines)


def test_roles_are_given_and_taken_and_count_at_once(office: Office) -> None:
    office.hire("luz", Role.coordinator)
    assert office.ask("luz", "GET", "/console/data").status_code == 403
    assert do(office, "luz", "role", role="researcher", programme="prueba").status_code == 303
    assert office.ask("luz", "GET", "/console/data").status_code == 200
    twice = do(office, "luz", "role", role="researcher", programme="prueba")
    assert (twice.status_code, alert(twice)) == (400, "luz ya tiene esa función.")
    assert do(office, "luz", "role-take", role="researcher", programme="prueba").status_code == 303
    assert office.ask("luz", "GET", "/console/data").status_code == 403
    assert alert(do(office, "luz", "role", role="king")) == "Elija una función."


def test_nobody_takes_away_the_last_administrator(office: Office) -> None:
    refused = [do(office, "root", "disable"), do(office, "root", "role-take", role="administrator", programme="")]
    office.hire("eva", Role.administrator, "prueba")  # of one programme only
    add(office, "noe", Role.administrator)  # cannot sign in yet
    refused.append(do(office, "root", "disable"))
    assert [(one.status_code, alert(one)[:25]) for one in refused] == [(409, "Nadie más podría administ")] * 3
    office.hire("ada", Role.administrator)
    assert do(office, "root", "disable").status_code == 303
    assert office.ask("root", "GET", LIST).status_code == 401
    assert office.ask("ada", "POST", f"{LIST}/ada/disable").status_code == 409


def test_an_administrator_of_one_programme_does_not_see_accounts(office: Office) -> None:
    office.hire("eva", Role.administrator, "prueba")
    for method, path in (("GET", LIST), ("GET", f"{LIST}/root"), ("POST", f"{LIST}/eva/role"), ("POST", LIST)):
        fields = {"name": "otra", "role": "administrator", "programme": ""}
        assert office.ask("eva", method, path, data=fields if method == "POST" else None).status_code == 403
    with office.database.reading() as tx:
        assert rows.grants(tx, 2) == [("administrator", "prueba")]
    for role in set(Role) - {Role.administrator}:
        office.hire(str(role), role)
        assert office.ask(str(role), "GET", LIST).status_code == 403


def test_a_person_adds_a_second_factor_and_an_administrator_removes_it(office: Office) -> None:
    link = add(office, "luz")
    office.ask(None, "POST", link, data={"password": PASSWORD, "again": PASSWORD})
    office.hire("ana", Role.coordinator)
    begun = office.ask("ana", "POST", "/me/second-factor")
    secret = re.search(r'name="secret" value="([A-Z2-7]{32})"', begun.text)
    assert secret is not None
    wrong = office.ask("ana", "POST", "/me/second-factor", data={"secret": secret[1], "code": "000000"})
    assert (wrong.status_code, alert(wrong)[:27]) == (400, "Ese no es el código de ahor")
    code = totp.code(secret[1], totp.step_of(office.clock()))
    assert office.ask("ana", "POST", "/me/second-factor", data={"secret": secret[1], "code": code}).status_code == 303
    assert "se le pide un código" in office.see("ana", "/me")
    other = totp.new_secret()
    again = {"secret": other, "code": totp.code(other, totp.step_of(office.clock()))}
    assert office.ask("ana", "POST", "/me/second-factor", data=again).status_code == 400
    assert sign_in(office, "ana", "cuatro tazas de café") == 401
    assert do(office, "ana", "second-factor-remove").status_code == 303
    assert sign_in(office, "ana", "cuatro tazas de café") == 303
    assert office.ask("ana", "GET", "/me").status_code == 401, "her sessions have ended"


def test_tokens_are_shown_once_and_revoked(office: Office) -> None:
    office.hire("ines", Role.researcher)
    made = do(office, "ines", "token", label="R", answers="yes", days="30", programme="")
    token = re.search(r"trato_[\w-]+", made.text)
    assert token is not None
    page = office.see("root", f"{LIST}/ines")
    assert token[0] not in page
    assert "R answers todos los programas · vale" in page
    refused = do(office, "ines", "token", label="R", days="30", **{"free-text": "yes"})
    assert alert(refused) == "La cuenta ines no puede eso, y por eso su clave tampoco."
    assert alert(do(office, "ines", "token", label="R", days="30")) == "Elija qué puede la clave."
    assert alert(do(office, "root", "token-revoke", token="1")) == "No existe esa clave."
    assert do(office, "ines", "token-revoke", token="1").status_code == 303
    assert "anulada" in office.see("root", f"{LIST}/ines")


def test_names_and_addresses_are_checked(office: Office) -> None:
    for name, said in (("Ana López", "Un nombre de usuario tiene"), ("root", "Ya hay una cuenta root.")):
        refused = office.ask("root", "POST", LIST, data={"name": name, "role": "coordinator"})
        assert (refused.status_code, alert(refused)[: len(said)]) == (400, said)
    assert office.ask("root", "GET", f"{LIST}/nobody").status_code == 404
    assert do(office, "nobody", "disable").status_code == 404
    assert alert(do(office, "root", "directory", email="x"))[:18] == "Escriba un correo,"
    assert do(office, "root", "directory", email="root@example.org").status_code == 303
    assert do(office, "root", "directory", email="").status_code == 303
    with office.database.reading() as tx:
        assert [grant.role for grant in (Grant(Role(role), where) for role, where in rows.grants(tx, 1))] == [
            Role.administrator
        ]
