"""The interface for programs: who gets in, what they get, and what is kept of it; on both databases."""

import asyncio
import csv
import io
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio import CapacityLimiter
from sqlalchemy import func, select, update

from app.exports.tables import TABLES
from app.main import build, create_app
from app.people import accounts, throttle, tokens
from app.people.actors import Grant
from app.people.roles import Permission, Role
from app.settings import Settings
from app.store import alerts
from app.store import audit as audits
from app.store.database import Database
from app.store.ledger import Ledger
from app.store.tables import API_TOKEN, AuditEntry, Contact, Response
from app.store.vault import Vault
from app.web import downloads
from app.web.api import api
from app.web.gate import Gate
from app.web.guard import LARGEST_BODY, Guard
from tests.conftest import StillClock
from tests.review.texts import Desk
from tests.world import OTHER_PROGRAMME, enrol, flows_folder, published

READER, REVIEWER = "lee", "revisa"
"""Accounts, each with the one role and a token."""


class Door:
    """The interface over a database, with an officer's answers in it. A caller is named by the account."""

    def __init__(self, database: Database, vault: Vault, clock: StillClock) -> None:
        self.database, self.vault, self.clock = database, vault, clock
        with database.transaction() as tx:
            self.ids = Desk(tx, vault, clock).tells("Le expliqué el motivo", "=1+1, Juana")
            published(tx, clock(), OTHER_PROGRAMME)
        self.tokens: dict[str, str] = {}
        self.add(READER, Role.researcher, Permission.answers)
        self.add(REVIEWER, Role.reviewer, Permission.free_text)

    def add(self, name: str, role: Role, *scopes: Permission, role_in: str = "", token_in: str = "") -> None:
        with self.database.transaction() as tx:
            accounts.add(tx, name, None, self.clock(), "test")
            accounts.give_role(tx, name, Grant(role, role_in), self.clock(), "test")
            _, self.tokens[name] = tokens.make(tx, name, "a program", scopes, token_in, 90, self.clock(), "test")

    def ask(self, path: str, token: str | None = READER, method: str = "GET", **more: Any) -> httpx.Response:
        return asyncio.run(self._ask(path, token, method, **more))

    async def _ask(self, path: str, token: str | None, method: str, **more: Any) -> httpx.Response:
        ledger = Ledger(self.database, self.vault, self.clock, {})
        gate = Gate(self.database, ledger, self.vault, self.clock, "http://inside")
        app = Guard(lambda: api(self.database, ledger, self.clock, CapacityLimiter(1)), gate)
        bearer = {} if token is None else {"Authorization": f"Bearer {self.tokens.get(token, token)}"}
        headers = {**bearer, **more.pop("headers", {})}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://inside") as client:
            answer = await client.request(method, path, headers=headers, **more)
        await ledger.close()
        return answer

    def decide(self, response: int, token: str = REVIEWER, **decision: str) -> httpx.Response:
        return self.ask(f"/texts/{response}/review", token, "POST", json=decision)

    def audited(self) -> list[tuple[str, str, str, dict[str, Any]]]:
        with self.database.reading() as tx:
            rows = tx.execute(
                select(AuditEntry.actor, AuditEntry.action, AuditEntry.subject, AuditEntry.detail).order_by(
                    AuditEntry.id
                )
            )
            return [
                (actor, action, subject, json.loads(detail))
                for actor, action, subject, detail in rows
                if ", token " in actor
            ]


@pytest.fixture
def door(database: Database, vault: Vault, clock: StillClock) -> Iterator[Door]:
    return Door(database, vault, clock)


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic TOKEN", "Bearer TOKENx", "bearerTOKEN", "TOKEN", "Bearer \xff", "Bearer trato_"],
)
@pytest.mark.parametrize("path", ["/exports/responses.csv", "/texts", "/openapi.json", "/nothing"])
def test_who_has_no_token_gets_nothing(door: Door, header: str, path: str) -> None:
    header = header.replace("TOKEN", door.tokens[READER])
    answer = door.ask(path, None, headers={"Authorization": header.encode("latin-1")})  # type: ignore[dict-item]
    assert (answer.status_code, answer.headers["www-authenticate"], answer.headers["content-type"]) == (
        401,
        "Bearer",
        "application/problem+json",
    )
    assert door.audited() == []


def test_a_table_as_csv_without_what_nobody_has_reviewed(door: Door) -> None:
    answer = door.ask("/exports/responses.csv")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert answer.headers["content-length"] == str(len(answer.content))
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["variable"], row["raw"], row["withheld"]) for row in rows] == [
        ("contact_any", "sí", "0"),
        ("story", "", "1"),
    ] * 2
    assert door.audited() == [
        (
            "lee, token 1",
            "api export",
            "responses",
            {
                "cohort": None,
                "format": "csv",
                "k": None,
                "level": None,
                "programme": None,
                "rows": 4,
                "since": None,
                "unchanged": False,
                "until": None,
            },
        ),
    ]


def test_rare_combinations_are_told_and_suppressed_on_request(door: Door) -> None:
    with door.database.transaction() as tx:
        enrol(tx, door.vault, door.clock(), "+525555550102")
    answer = door.ask("/exports/officers.csv")
    many = len(answer.text.splitlines()) - 1
    assert answer.headers["trato-rare-combinations"] == f"{many} of {many}; k=5"
    with door.database.transaction() as tx:
        first = tx.execute(select(func.min(Contact.id))).scalar_one()
        tx.execute(update(Contact).where(Contact.id == first).values(attributes='{"sector": "norte"}'))
    answer = door.ask(f"/exports/officers.csv?k={many}")
    assert answer.headers["trato-rare-combinations"] == f"{many} of {many}; k={many}"
    assert {row["attr_sector"] for row in csv.DictReader(io.StringIO(answer.text))} == {".k"}
    assert door.audited()[-1][3]["k"] == many
    refused = door.ask(f"/exports/officers.csv?k={many + 1}")
    assert (refused.status_code, "nothing hides them" in refused.text) == (400, True)


def test_a_download_says_which_officers_it_leaves_out(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "trato-left-out" not in door.ask("/exports/responses.csv").headers
    with door.database.transaction() as tx:
        study_ids = sorted(
            tx.execute(update(Contact).values(timezone="Mars/Phobos").returning(Contact.study_id)).scalars()
        )
    answer = door.ask("/exports/responses.csv")
    assert sorted(answer.headers["trato-left-out"].split(", ")) == study_ids
    assert len(answer.text.splitlines()) == 1
    assert door.ask("/exports/responses.csv", headers={"If-None-Match": answer.headers["etag"]}).headers[
        "trato-left-out"
    ]
    assert door.audited()[-1][3]["left_out"] == len(study_ids)
    assert "trato-left-out" not in door.ask("/exports/responses.csv?programme=prueba&cohort=prueba-1&level=x").headers
    monkeypatch.setattr("app.web.api.MOST_LEFT_OUT", 1)
    more = door.ask("/exports/responses.csv").headers["trato-left-out"]
    assert more.endswith(f", and {len(study_ids) - 1} more") or len(study_ids) == 1


def test_a_table_as_json_lines_with_filters(door: Door) -> None:
    answer = door.ask(
        "/exports/responses.jsonl?level=behaviour&programme=prueba&cohort=prueba-1&since=2026-03-02&until=2026-03-02"
    )
    assert answer.headers["content-type"] == "application/jsonl"
    assert [json.loads(line)["variable"] for line in answer.text.splitlines()] == ["contact_any"] * 2
    assert door.audited()[0][3]["until"] == "2026-03-02"
    assert door.ask("/exports/responses.jsonl?since=2026-03-03").content == b""
    assert door.ask("/exports/responses.jsonl?until=2026-03-01").content == b""


@pytest.mark.parametrize("table", [table.name for table in TABLES])
@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_every_table_is_there(door: Door, table: str, ending: str) -> None:
    assert door.ask(f"/exports/{table}.{ending}").status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/exports/response.csv", 404, "Did you mean responses?"),
        ("/exports/responses.xlsx", 404, "TABLE.csv or TABLE.jsonl"),
        ("/exports/responses", 404, "TABLE.csv"),
        ("/exports/..%2f..%2fetc%2fpasswd", 404, ""),
        ("/exports/responses.csv?cohrt=norte", 422, "cohrt"),
        ("/exports/responses.csv?with_text=1", 422, "with_text"),
        ("/exports/responses.csv?since=ayer-Juana", 422, "since"),
        ("/exports/responses.csv?until=9999-12-31", 422, "until"),
        ("/exports/responses.csv?level=inner", 422, "level"),
        ("/exports/responses.csv?since=2026-03-02&until=2026-03-01", 422, "until must not be before since"),
        ("/exports/responses.csv?cohort=prueba1", 400, "Did you mean prueba-1?"),
        ("/exports/responses.csv?programme=prueva", 400, "Did you mean prueba?"),
        ("/nothing", 404, ""),
    ],
)
def test_what_cannot_be_is_a_problem(door: Door, path: str, status: int, said: str) -> None:
    answer = door.ask(path)
    assert (answer.status_code, answer.headers["content-type"], answer.json()["status"]) == (
        status,
        "application/problem+json",
        status,
    )
    assert said in answer.json()["detail"]
    assert "ayer-Juana" not in answer.text
    assert door.audited() == []


def test_what_has_not_changed_is_not_sent_again(door: Door) -> None:
    first = door.ask("/exports/responses.csv")
    etag = first.headers["etag"]
    for header in (etag, f'"other", W/{etag}', "*"):
        again = door.ask("/exports/responses.csv", headers={"If-None-Match": header})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert (door.audited()[-1][3]["unchanged"], door.audited()[-1][3]["rows"]) == (True, 0)
    with door.database.transaction() as tx:
        tx.execute(update(Response).where(Response.id == door.ids[0]).values(status="superseded"))  # no new row
    after = door.ask("/exports/responses.csv", headers={"If-None-Match": etag})
    assert (after.status_code, after.headers["etag"] != etag) == (200, True)
    assert door.ask("/exports/responses.jsonl", headers={"If-None-Match": etag}).status_code == 200


def test_only_a_reviewer_reads_what_has_not_been_reviewed(door: Door) -> None:
    assert door.ask("/texts").status_code == 403
    assert door.decide(door.ids[0], READER, decision="ok", mark="x").status_code == 403
    assert door.audited() == []
    found = door.ask("/texts", REVIEWER).json()
    assert found["next"] is None
    assert [(text["response_id"], text["text"], text["question"]) for text in found["texts"]] == [
        (door.ids[0], "Le expliqué el motivo", "¿Qué pasó?"),
        (door.ids[1], "=1+1, Juana", "¿Qué pasó?"),
    ]
    (actor, action, _, detail) = door.audited()[0]
    assert (actor, action, detail["rows"]) == ("revisa, token 2", "api texts", 2)


def test_the_queue_comes_in_pages(door: Door) -> None:
    page = door.ask("/texts?limit=1", REVIEWER).json()
    assert (len(page["texts"]), page["next"]) == (1, door.ids[0])
    page = door.ask(f"/texts?limit=1&after={page['next']}", REVIEWER).json()
    assert page["texts"][0]["response_id"] == door.ids[1]
    assert door.ask(f"/texts?after={page['next']}", REVIEWER).json() == {"texts": [], "next": None}
    assert door.ask("/texts?limit=501", REVIEWER).status_code == 422


def test_a_decision_and_what_is_exported_then(door: Door) -> None:
    first, second = door.ask("/texts", REVIEWER).json()["texts"]
    assert door.decide(door.ids[0], decision="ok", mark=first["mark"]).json() == {"changed": True}
    assert door.decide(door.ids[1], decision="redact", redacted_text="=1+1, [nombre]", mark=second["mark"]).json() == {
        "changed": True
    }
    assert door.decide(door.ids[0], decision="ok", mark=first["mark"]).json() == {"changed": False}
    answer = door.ask("/exports/responses.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["raw"] for row in rows if row["variable"] == "story"] == ["Le expliqué el motivo", "'=1+1, [nombre]"]
    assert "Juana" not in answer.text
    assert door.ask("/texts", REVIEWER).json()["texts"] == []
    assert len(door.ask("/texts?reviewed=true", REVIEWER).json()["texts"]) == 2
    assert [entry[1] for entry in door.audited()].count("text review") == 2


def test_decisions_that_cannot_be_kept(door: Door) -> None:
    text = door.ask("/texts", REVIEWER).json()["texts"][0]
    cases = [
        ({"decision": "maybe", "mark": text["mark"]}, 422, "decision must be"),
        ({"decision": "redact", "mark": text["mark"]}, 422, "redacted_text"),
        ({"decision": "ok", "mark": "x"}, 409, "mark"),
        ({"decision": "ok"}, 422, "mark"),
        ({"decision": "ok", "mark": text["mark"], "extra": "1"}, 422, "extra"),
        ({"decision": "redact", "mark": text["mark"], "redacted_text": "Juana\0"}, 422, "control characters"),
    ]
    for decision, status, said in cases:
        answer = door.decide(door.ids[0], **decision)
        assert (answer.status_code, said in answer.json()["detail"], "Juana" in answer.text) == (status, True, False), (
            decision
        )
    assert door.decide(door.ids[0], decision="withhold", mark=text["mark"]).status_code == 200
    late = door.decide(door.ids[0], decision="ok", mark=text["mark"])
    assert (late.status_code, "revisa, token 2 has decided withhold meanwhile" in late.json()["detail"]) == (409, True)
    assert door.decide(999_999, decision="ok", mark="x").status_code == 404
    assert door.ask("/texts/x/review", REVIEWER, "POST", json={}).status_code == 422
    assert door.ask(f"/texts/{2**70}/review", REVIEWER, "POST", json={"decision": "ok", "mark": "x"}).status_code == 422
    assert door.ask(f"/texts/{door.ids[0]}/review", REVIEWER, "POST", content=b"{").status_code == 422


@pytest.mark.parametrize("length", [str(LARGEST_BODY + 1), "x", "-1", "٣"])
def test_a_body_that_is_too_large_is_not_read(door: Door, length: str) -> None:
    answer = door.ask("/texts/1/review", REVIEWER, "POST", content=b"{}", headers={"Content-Length": length.encode()})  # type: ignore[dict-item]
    assert answer.status_code == 413


def test_what_breaks_inside_is_told_without_its_data(
    door: Door, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("Juana")

    monkeypatch.setattr(downloads.package, "write", broken)
    answer = door.ask("/exports/responses.csv")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    said = "".join(capsys.readouterr())
    assert "ValueError" in said
    assert "Juana" not in answer.text + said


def test_what_cannot_be_audited_does_not_leave(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("full")

    monkeypatch.setattr(audits, "record", broken)
    answer = door.ask("/exports/responses.csv")
    assert (answer.status_code, "study_id" in answer.text) == (500, False)


def test_its_description(door: Door) -> None:
    paths = door.ask("/openapi.json").json()["paths"]
    assert set(paths) == {"/exports/{file}", "/texts", "/texts/{response}/review"}


@pytest.mark.parametrize(
    ("role_in", "token_in", "asked", "status"),
    [
        ("", "", "", 200),
        ("", "", "?programme=prueba", 200),
        ("prueba", "", "", 403),
        ("prueba", "", "?programme=prueba", 200),
        ("", "prueba", "", 403),
        ("", "prueba", "?programme=prueba", 200),
        ("", "otro", "?programme=prueba", 403),
    ],
)
def test_a_token_sees_its_programmes(door: Door, role_in: str, token_in: str, asked: str, status: int) -> None:
    door.add("ana", Role.researcher, Permission.answers, role_in=role_in, token_in=token_in)
    answer = door.ask(f"/exports/responses.csv{asked}", "ana")
    assert answer.status_code == status
    if not asked and status == 403:
        assert answer.json()["detail"] == "name a programme: ana, token 3 may do this only in prueba"


@pytest.mark.parametrize("programme", ["prueba", "otro"])
def test_a_reviewer_decides_in_the_own_programme(door: Door, programme: str) -> None:
    door.add("ana", Role.reviewer, Permission.free_text, token_in=programme)
    text = door.ask("/texts", REVIEWER).json()["texts"][0]
    answer = door.decide(door.ids[0], "ana", decision="ok", mark=text["mark"])
    assert answer.status_code == (200 if programme == "prueba" else 403)


def test_a_role_that_is_taken_away_is_away_from_its_tokens(door: Door) -> None:
    with door.database.transaction() as tx:
        accounts.take_role(tx, READER, Grant(Role.researcher, ""), door.clock(), "test")
    answer = door.ask("/exports/responses.csv")
    assert answer.status_code == 403
    assert answer.json()["detail"] == "lee, token 1 may not do this: it needs the role researcher (answers)"


@pytest.mark.parametrize("end", ["revoked", "expired", "disabled"])
def test_a_token_that_has_ended_is_none(door: Door, end: str) -> None:
    assert door.ask("/exports/officers.csv").status_code == 200
    with door.database.transaction() as tx:
        if end == "revoked":
            tokens.revoke(tx, 1, door.clock(), "test")
        elif end == "disabled":
            accounts.disable(tx, READER, door.clock(), "test")
    if end == "expired":
        door.clock.advance(days=90)
    assert door.ask("/exports/officers.csv").status_code == 401


def test_a_token_is_stored_as_a_hash_and_its_use_is_noted(door: Door) -> None:
    door.ask("/exports/officers.csv")
    with door.database.reading() as tx:
        row = tx.execute(select(API_TOKEN).where(API_TOKEN.c.id == 1)).mappings().one()
        audited = str(tx.execute(select(AuditEntry.detail)).all())
    secret = door.tokens[READER]
    assert row["digest"] == sha256(secret.encode()).hexdigest()
    assert secret not in str(dict(row)) + audited
    assert row["used_at"] == door.clock()


def test_guessing_tokens_is_slowed_and_a_true_one_is_let_in(door: Door) -> None:
    for _ in range(throttle.TOKENS.free):
        assert door.ask("/texts", "trato_guess").status_code == 401
    slowed = door.ask("/texts", "trato_guess")
    assert (slowed.status_code, slowed.headers["retry-after"]) == (429, "15")
    with door.database.reading() as tx:
        assert [one.subject for one in alerts.open_alerts(tx, throttle.SLOWED)] == ["token"]
    assert door.ask("/exports/officers.csv").status_code == 200
    door.clock.advance(seconds=15)
    assert door.ask("/texts", "trato_guess").status_code == 401
    assert door.ask("/texts", "trato_guess").headers["retry-after"] == "30"


def test_a_service_has_it_for_whoever_has_a_token(database_url: str, tmp_path: Path) -> None:
    settings = Settings.load(
        database_url=database_url, flows=flows_folder(tmp_path / "flows"), secret_key="a secret that only tests have"
    )

    async def ask() -> list[int]:
        service = build(settings)
        with service.database.transaction() as tx:
            accounts.add(tx, READER, None, service.clock(), "test")
            accounts.give_role(tx, READER, Grant(Role.researcher, ""), service.clock(), "test")
            _, token = tokens.make(tx, READER, "x", [Permission.answers], "", 1, service.clock(), "test")
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=create_app(service)), base_url="http://localhost"
        ) as client:
            address = "/api/v1/exports/officers.csv"
            answers = [
                await client.get(address, headers={"Authorization": f"Bearer {one}"}) for one in ("trato_no", token)
            ]
        await service.ledger.close()
        service.database.close()
        return [answer.status_code for answer in answers]

    assert asyncio.run(ask()) == [401, 200]
