"""Signing in with a browser: what a right and a wrong attempt get, sessions and their end, and the usual attacks. On both databases."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.people import accounts, passwords, sessions, throttle, totp
from app.people.actors import Grant
from app.people.roles import Role
from app.store import alerts
from app.store.database import Database
from app.store.ledger import Ledger
from app.store.tables import ACCOUNT, ALERT, SIGN_IN_FAILURE, WEB_SESSION
from app.store.vault import Vault
from app.web.gate import Gate
from tests.conftest import REAL_HASH, StillClock
from tests.people.people import OURS, PASSWORD, House, said

NOT_IN = "Para ver esto, entre con su cuenta. Un programa manda su clave: Authorization: Bearer …"
WRONG = "El nombre, la contraseña o el código no es correcto."


@pytest.fixture
def house(database: Database, vault: Vault, clock: StillClock) -> House:
    return House(database, vault, clock)


def test_who_signs_in_is_known_by_name_and_role(house: House) -> None:
    answer = house.sign_in()
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    page = house.ask("GET", "/me", dict(answer.cookies))
    assert "<strong>ana</strong>" in page.text
    assert "<li>coordinación, todos los programas</li>" in page.text
    assert house.audited()[-1] == ("ana", "sign in", "account:1")


def test_the_cookie_is_for_this_host_and_encrypted_connections_only(house: House) -> None:
    cookie = house.sign_in().headers["set-cookie"]
    assert cookie.startswith("__Host-trato=")
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert parts == {"httponly", "secure", "samesite=lax", "path=/", "max-age=43200"}


def test_without_https_the_cookie_is_plain(database: Database, vault: Vault, clock: StillClock) -> None:
    house = House(database, vault, clock, "http://127.0.0.1:8000")
    cookie = house.sign_in(Origin="http://127.0.0.1:8000").headers["set-cookie"]
    assert cookie.startswith("trato=")
    assert "secure" not in cookie.lower()


def test_the_database_has_only_the_hash_of_the_token(house: House) -> None:
    (token,) = house.signed_in().values()
    with house.database.reading() as tx:
        row = str(tx.execute(select(WEB_SESSION)).mappings().one())
    assert token not in row
    assert sessions.digest(token) in row


@pytest.mark.parametrize("kind", ["wrong password", "no such account", "disabled", "no password", "no code"])
def test_nothing_tells_why_a_sign_in_failed(house: House, kind: str) -> None:
    name, password = "ana", PASSWORD
    with house.database.transaction() as tx:
        if kind == "disabled":
            accounts.disable(tx, "ana", house.clock(), "test")
        if kind == "no password":
            accounts.add(tx, "beto", None, house.clock(), "test")
            name = "beto"
        if kind == "no code":
            secret = totp.new_secret()
            code = totp.code(secret, totp.step_of(house.clock()))
            accounts.set_second_factor(tx, house.vault, "ana", secret, code, house.clock(), "test")
    if kind == "wrong password":
        password = "otra cosa distinta"
    if kind == "no such account":
        name = "nadie"
    answer = house.sign_in(name, password)
    assert (answer.status_code, said(answer), "set-cookie" in answer.headers) == (401, WRONG, False)
    actor, action, subject = house.audited()[-1]
    assert (actor, action) == ("sign-in", "sign in failed")
    assert subject == {"no such account": "account:unknown", "no password": "account:2"}.get(kind, "account:1")
    assert name not in answer.text


@pytest.mark.parametrize("name", ["ana", "nadie"])
def test_a_password_is_verified_by_the_same_work_whether_the_name_is_known_or_not(
    house: House, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    verified, verify = [], passwords._HASH.verify

    def counted(password: str, stored: str) -> bool:
        verified.append(stored.rsplit("$", 2)[0])  # the algorithm and its costs
        return verify(password, stored)

    monkeypatch.setattr(passwords._HASH, "verify", counted)
    assert house.sign_in(name, "otra cosa distinta").status_code == 401
    assert verified == ["$argon2id$v=19$m=8,t=1,p=1"]


def test_a_hash_takes_much_memory_and_time() -> None:
    assert REAL_HASH.hash(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_failures_of_a_name_without_an_account_are_slowed_like_those_of_one_with_it(house: House) -> None:
    seen = []
    for name, address in (("ana", "192.0.2.1"), ("nadie", "192.0.2.2")):
        answers = [house.sign_in(name, "otra cosa distinta", address=address) for _ in range(throttle.ACCOUNT.free + 1)]
        seen.append([(one.status_code, said(one), one.headers.get("retry-after")) for one in answers])
    assert seen[0] == seen[1]
    assert seen[0][-1] == (429, "Demasiados intentos. Espere 15 segundos.", "15")


def test_a_slowed_account_is_not_looked_at_and_waits_longer_each_time(house: House) -> None:
    for _ in range(throttle.ACCOUNT.free):
        house.sign_in(password="otra cosa distinta")
    assert house.sign_in().status_code == 429, "even the right password"
    waits = []
    for _ in range(8):
        answer = house.sign_in()
        waits.append(int(answer.headers["retry-after"]))
        house.clock.advance(seconds=waits[-1])
        assert house.sign_in(password="otra cosa distinta").status_code == 401
    assert waits == [15, 30, 60, 120, 240, 480, 900, 900]
    house.clock.advance(seconds=900)
    assert house.sign_in().status_code == 303
    assert house.sign_in(password="otra cosa distinta").status_code == 401, "a success starts afresh"


def slowed(house: House) -> list[tuple[str, int]]:
    """The open alerts of failures: subject and times."""
    with house.database.reading() as tx:
        return sorted((one.subject, one.times) for one in alerts.open_alerts(tx, throttle.SLOWED))


def wrong(house: House, name: str, times: int, address: str = "192.0.2.7") -> None:
    for _ in range(times):
        assert house.sign_in(name, "otra cosa distinta", address=address).status_code == 401


def test_an_alert_says_once_that_an_account_is_slowed_and_ends_when_its_person_is_in(house: House) -> None:
    wrong(house, "ana", throttle.ACCOUNT.free - 1)
    assert slowed(house) == []
    wrong(house, "ana", 1)
    assert slowed(house) == [("account:1", 1)]
    assert house.sign_in().status_code == 429
    assert slowed(house) == [("account:1", 1)], "an attempt that was not looked at is none"
    house.clock.advance(seconds=15)
    wrong(house, "ana", 1)
    assert slowed(house) == [("account:1", 2)]
    house.clock.advance(seconds=30)
    house.signed_in()
    assert slowed(house) == []


def test_the_last_free_attempt_with_the_right_password_is_no_alert(house: House) -> None:
    wrong(house, "ana", throttle.ACCOUNT.free - 1)
    house.signed_in()
    with house.database.reading() as tx:
        assert tx.execute(select(ALERT.c.id)).all() == []


def test_names_without_an_account_and_many_addresses_ring_one_alert(house: House) -> None:
    for place in (1, 2):
        for name in range(throttle.ADDRESS.free // throttle.ACCOUNT.free):
            wrong(house, f"nadie{place}{name}", throttle.ACCOUNT.free, f"192.0.2.{place}")
    assert slowed(house) == [("address", 2)]


def test_the_alert_ends_with_a_new_password_or_a_day_without_failures(house: House) -> None:
    def look() -> None:
        with house.database.transaction() as tx:
            throttle.close_over(tx, house.clock())

    wrong(house, "ana", throttle.ACCOUNT.free)
    with house.database.transaction() as tx:
        accounts.set_password(tx, house.vault, "ana", "otra contraseña larga", house.clock(), "test")
    assert slowed(house) == []
    wrong(house, "ana", throttle.ACCOUNT.free)
    house.clock.advance(hours=24)
    look()
    assert slowed(house) == [("account:1", 1)]
    house.clock.advance(seconds=1)
    look()
    assert slowed(house) == []
    wrong(house, "ana", throttle.ACCOUNT.free - 1)
    assert slowed(house) == [], "the count began anew"


def test_failures_are_counted_once_each(house: House) -> None:
    wrong(house, "ana", 2)
    wrong(house, "nadie", 1)
    house.signed_in()
    with house.database.reading() as tx:
        assert throttle.total(tx) == 3
        (ana,) = accounts.listed(tx, house.vault, house.clock())
        assert ana.waiting == timedelta()
    wrong(house, "ana", throttle.ACCOUNT.free)
    house.clock.advance(seconds=5)
    with house.database.reading() as tx:
        assert accounts.listed(tx, house.vault, house.clock())[0].waiting == timedelta(seconds=10)


def test_guesses_that_come_all_at_once_are_counted_too(house: House) -> None:
    async def guess() -> list[int]:
        ledger = Ledger(house.database, house.vault, house.clock, {})
        gate = Gate(house.database, ledger, house.vault, house.clock, house.url)
        attempts = (gate.sign_in("ana", "otra cosa distinta", "", "192.0.2.7", None) for _ in range(12))
        found = await asyncio.gather(*attempts, return_exceptions=True)
        await ledger.close()
        return [sum(isinstance(one, kind) for one in found) for kind in (sessions.Refused, throttle.TooOften)]

    assert asyncio.run(guess()) == [throttle.ACCOUNT.free, 12 - throttle.ACCOUNT.free]


def test_one_address_that_tries_many_names_is_slowed_and_others_are_not(house: House) -> None:
    for place in range(throttle.ADDRESS.free):
        assert house.sign_in(f"nombre{place}", "otra cosa distinta").status_code == 401
    assert house.sign_in().status_code == 429
    assert house.sign_in(address="192.0.2.8").status_code == 303


def test_addresses_of_one_ipv6_network_are_one(house: House) -> None:
    for place in range(throttle.ADDRESS.free):
        house.sign_in(f"nombre{place}", "otra cosa distinta", address=f"2001:db8::{place:x}")
    assert house.sign_in(address="2001:db8::ffff:1").status_code == 429
    assert house.sign_in(address="2001:db8:0:1::1").status_code == 303


@pytest.mark.parametrize("believed", [True, False])
def test_a_forwarded_address_counts_only_from_our_proxy(house: House, believed: bool) -> None:
    house.proxies = frozenset({"192.0.2.7"} if believed else ())
    for place in range(throttle.ADDRESS.free):
        forwarded = {"X-Forwarded-For": f"198.51.100.{place}, 203.0.113.5"}
        house.sign_in(f"nombre{place}", "otra cosa distinta", **forwarded)
    assert house.sign_in(**{"X-Forwarded-For": "203.0.113.6"}).status_code == (303 if believed else 429)
    assert house.sign_in(**{"X-Forwarded-For": "203.0.113.5"}).status_code == 429


def test_names_and_addresses_of_failures_are_not_stored_in_clear(house: House) -> None:
    house.sign_in("nadie", "otra cosa distinta")
    with house.database.reading() as tx:
        rows = str(tx.execute(select(SIGN_IN_FAILURE)).all())
    assert "nadie" not in rows
    assert "192.0.2.7" not in rows


def test_a_session_that_somebody_planted_is_not_taken_over(house: House) -> None:
    planted = {"__Host-trato": "planted-by-somebody-else"}
    answer = house.sign_in(cookies=planted)
    new = dict(answer.cookies)
    assert new["__Host-trato"] != planted["__Host-trato"]
    assert house.is_in(new)
    assert not house.is_in(planted)


def test_signing_in_again_ends_the_session_that_the_browser_had(house: House) -> None:
    first = house.signed_in()
    second = dict(house.sign_in(cookies=first).cookies)
    assert first != second
    assert not house.is_in(first)
    assert house.is_in(second)


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null", "https://trato.example.org.evil.example"])
@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
def test_a_page_of_somebody_else_changes_nothing(house: House, path: str, origin: str | None) -> None:
    cookies = house.signed_in()
    before = house.audited()
    headers = {} if origin is None else {"Origin": origin}
    form = {"name": "ana", "password": PASSWORD}
    answer = house.ask("POST", path, cookies, data=form, headers=headers)
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    assert house.is_in(cookies)
    assert house.audited() == before


def test_signing_out_ends_the_session_in_the_database_too(house: House) -> None:
    cookies = house.signed_in()
    answer = house.ask("POST", "/sign-out", cookies, headers=OURS)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert "max-age=0" in answer.headers["set-cookie"].lower()
    assert not house.is_in(cookies)
    assert house.audited()[-1] == ("ana", "sign out", "account:1")


def test_a_session_ends_when_nobody_uses_it(house: House) -> None:
    cookies = house.signed_in()
    house.clock.advance(minutes=59)
    assert house.is_in(cookies)
    house.clock.advance(minutes=59)
    assert house.is_in(cookies)
    house.clock.advance(minutes=60)
    answer = house.ask("GET", "/me", cookies)
    assert (answer.status_code, said(answer)) == (401, NOT_IN)
    assert 'name="next" value="/me"' in answer.text


def test_a_session_ends_after_a_day_of_work(house: House) -> None:
    cookies = house.signed_in()
    for _ in range(23):
        house.clock.advance(minutes=30)
        assert house.is_in(cookies)
    house.clock.advance(minutes=30)
    assert not house.is_in(cookies)


@pytest.mark.parametrize("what", ["disable", "password", "sign out", "second factor"])
def test_an_administrator_ends_sessions(house: House, what: str) -> None:
    secret = totp.new_secret()
    with house.database.transaction() as tx:
        code = totp.code(secret, totp.step_of(house.clock()))
        accounts.set_second_factor(tx, house.vault, "ana", secret, code, house.clock(), "test")
    house.clock.advance(minutes=1)
    cookies = dict(house.sign_in(code=totp.code(secret, totp.step_of(house.clock()))).cookies)
    assert house.is_in(cookies)
    with house.database.transaction() as tx:
        now = house.clock()
        match what:
            case "disable":
                accounts.disable(tx, "ana", now, "test")
            case "password":
                accounts.set_password(tx, house.vault, "ana", "otra contraseña larga", now, "test")
            case "sign out":
                accounts.sign_out(tx, "ana", now, "test")
            case _:
                accounts.remove_second_factor(tx, "ana", now, "test")
    assert not house.is_in(cookies)


def test_a_session_that_began_while_its_account_was_disabled_is_none(house: House) -> None:
    cookies = house.signed_in()
    with house.database.transaction() as tx:
        tx.execute(update(ACCOUNT).values(disabled_at=house.clock()))
    assert not house.is_in(cookies)


def test_a_role_that_is_given_or_taken_counts_at_once(house: House) -> None:
    cookies = house.signed_in()
    with house.database.transaction() as tx:
        accounts.take_role(tx, "ana", Grant(Role.coordinator, ""), house.clock(), "test")
    assert "<li>ninguna</li>" in house.ask("GET", "/me", cookies).text


def test_a_code_is_used_once_and_a_late_one_is_none(house: House) -> None:
    secret = totp.new_secret()
    with house.database.transaction() as tx:
        code = totp.code(secret, totp.step_of(house.clock()))
        accounts.set_second_factor(tx, house.vault, "ana", secret, code, house.clock(), "test")
    assert house.sign_in(code=code).status_code == 401, "it proved the secret: it is used"
    house.clock.advance(minutes=2)
    now = totp.step_of(house.clock())
    assert house.sign_in(code=totp.code(secret, now - 2)).status_code == 401
    spaced = totp.code(secret, now)[:3] + " " + totp.code(secret, now)[3:]
    assert house.sign_in(code=spaced).status_code == 303
    assert house.sign_in(code=totp.code(secret, now)).status_code == 401
    assert house.sign_in(code=totp.code(secret, now - 1)).status_code == 401
    assert house.sign_in(code=totp.code(secret, now + 1)).status_code == 303, "the telephone's clock may be ahead"


@pytest.mark.parametrize(
    ("wanted", "where"),
    [
        ("/phone", "/phone"),
        ("", "/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/a\r\nSet-Cookie: x=y", "/"),
    ],
)
def test_after_signing_in_one_stays_here(house: House, wanted: str, where: str) -> None:
    form = {"name": "ANA ", "password": PASSWORD, "next": wanted}
    answer = house.ask("POST", "/sign-in", data=form, headers=OURS)
    assert (answer.status_code, answer.headers["location"]) == (303, where)


def test_what_is_wanted_is_shown_as_text(house: House) -> None:
    page = house.ask("GET", "/sign-in?next=%22%3E%3Cscript%3E").text
    assert "<script>" not in page
    assert 'value="&#34;&gt;&lt;script&gt;"' in page


@pytest.mark.parametrize("body", ["x=" + "y" * 40000, "&".join(f"f{n}=1" for n in range(50)), "name=%ff", "", "\0"])
def test_a_form_that_is_none_is_refused(house: House, body: str) -> None:
    answer = house.ask("POST", "/sign-in", content=body, headers=OURS)
    assert answer.status_code in {401, 413}


def test_old_sessions_and_failures_are_deleted(house: House) -> None:
    house.signed_in()
    house.sign_in("nadie", "otra cosa distinta")
    house.clock.advance(days=1, hours=1)
    with house.database.transaction() as tx:
        sessions.clean_up(tx, house.clock())
        assert tx.execute(select(SIGN_IN_FAILURE)).all() == []
        assert len(tx.execute(select(WEB_SESSION)).all()) == 1
        sessions.clean_up(tx, house.clock() + timedelta(days=30))
        assert tx.execute(select(WEB_SESSION)).all() == []
