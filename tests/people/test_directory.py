"""Signing in by an organisation's directory: the whole way, with a directory of our own, and what must not get in. On both databases."""

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette

from app.people import accounts, throttle
from app.store.database import Database
from app.store.ledger import Ledger
from app.store.vault import Vault
from app.web import directory, sign_in
from app.web.gate import Gate
from tests.conftest import StillClock
from tests.people.people import HERE, House, said

ISSUER = "https://idp.example.org"
KEY = RSAKey.generate_key(2048, {"kid": "one"})
OTHER = RSAKey.generate_key(2048, {"kid": "one"})
UNKNOWN = "Su organización no confirmó una cuenta de esta instalación."


class Provider:
    """The directory: it knows ana@example.org, and tells what it is told to tell."""

    def __init__(self, clock: StillClock) -> None:
        self.clock = clock
        self.asked: dict[str, str] = {}
        self.claims: dict[str, Any] = {}
        self.sign: Callable[[dict[str, Any]], str] = lambda claims: jwt.encode(
            {"alg": "RS256", "kid": "one"}, claims, KEY
        )
        self.issuer = ISSUER
        self.away = False

    def answer(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("away")
        match request.url.path:
            case "/.well-known/openid-configuration":
                names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
                return httpx.Response(200, json={"issuer": self.issuer} | {name: f"{ISSUER}/{name}" for name in names})
            case "/jwks_uri":
                return httpx.Response(200, json={"keys": [KEY.as_dict(private=False)]})
            case "/token_endpoint":
                return self.token({name: values[0] for name, values in parse_qs(request.content.decode()).items()})
        return httpx.Response(404)

    def token(self, form: dict[str, str]) -> httpx.Response:
        known = form["code"] == "the-code" and form["client_secret"] == "hush" and form["client_id"] == "trato"
        proven = create_s256_code_challenge(form["code_verifier"]) == self.asked["code_challenge"]
        if not known or not proven or form["redirect_uri"] != f"{HERE}/sign-in/directory/callback":
            return httpx.Response(400, json={"error": "invalid_grant"})
        now = int(self.clock().timestamp())
        claims = {
            "iss": ISSUER,
            "sub": "7",
            "aud": "trato",
            "iat": now,
            "exp": now + 300,
            "nonce": self.asked["nonce"],
            "email": "Ana@example.org",
            "email_verified": True,
        }
        claims |= self.claims
        return httpx.Response(200, json={"id_token": self.sign({k: v for k, v in claims.items() if v is not None})})


class Street(House):
    """A house whose people are in the directory."""

    def __init__(self, database: Database, vault: Vault, clock: StillClock) -> None:
        super().__init__(database, vault, clock)
        self.provider = Provider(clock)
        with database.transaction() as tx:
            accounts.set_directory(tx, "ana", "ana@example.org", clock(), "test")

    async def _ask(self, method: str, path: str, cookies: dict[str, str], address: str, **more: Any) -> httpx.Response:
        ledger = Ledger(self.database, self.vault, self.clock, {})
        gate = Gate(self.database, ledger, self.vault, self.clock, self.url, directory=True)
        found = directory.Directory(ISSUER, "trato", "hush", self.url, httpx.MockTransport(self.provider.answer))
        app = Starlette(routes=[*sign_in.routes(gate), *directory.routes(gate, found)])
        transport = httpx.ASGITransport(app=app, client=(address, 5))
        async with httpx.AsyncClient(transport=transport, base_url=self.url, cookies=cookies) as client:
            answer = await client.request(method, path, **more)
        await ledger.close()
        return answer

    def leave(self, wanted: str = "/phone") -> dict[str, str]:
        """A browser goes to the directory. Its cookies."""
        answer = self.ask("GET", f"/sign-in/directory?next={wanted}")
        assert answer.status_code == 303
        address = urlsplit(answer.headers["location"])
        assert f"{address.scheme}://{address.netloc}{address.path}" == f"{ISSUER}/authorization_endpoint"
        self.provider.asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        return dict(answer.cookies)

    def back(self, cookies: dict[str, str], code: str = "the-code", state: str | None = None) -> httpx.Response:
        query = {"code": code, "state": self.provider.asked["state"] if state is None else state}
        return self.ask("GET", "/sign-in/directory/callback", cookies, params=query)


@pytest.fixture
def street(database: Database, vault: Vault, clock: StillClock) -> Street:
    return Street(database, vault, clock)


def test_the_whole_way(street: Street) -> None:
    assert 'href="/sign-in/directory?next=/phone"' in street.ask("GET", "/sign-in?next=/phone").text
    cookies = street.leave()
    asked = street.provider.asked
    assert (asked["response_type"], asked["scope"], asked["code_challenge_method"]) == ("code", "openid email", "S256")
    answer = street.back(cookies)
    assert (answer.status_code, answer.headers["location"]) == (303, "/phone")
    assert street.is_in({"__Host-trato": answer.cookies["__Host-trato"]})
    assert street.audited()[-1] == ("ana", "sign in", "account:1")


def test_what_the_browser_carries_tells_nothing(street: Street) -> None:
    cookies = street.leave()
    plain = bytes.fromhex(cookies["trato-directory"])
    assert street.provider.asked["nonce"].encode() not in plain
    assert b"/phone" not in plain


def put_together(head: dict[str, Any], claims: dict[str, Any]) -> str:
    parts = (json.dumps(one).encode() for one in (head, claims))
    return ".".join(base64.urlsafe_b64encode(one).rstrip(b"=").decode() for one in parts)


def hmac_of_the_public_key(claims: dict[str, Any]) -> str:
    """The classic: signed with HS256, and the public key as its secret."""
    signed = put_together({"alg": "HS256", "kid": "one"}, claims)
    digest = hmac.digest(KEY.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def unsigned(claims: dict[str, Any]) -> str:
    return put_together({"alg": "none"}, claims) + "."


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"aud": ["trato", "another"], "azp": "another"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email_verified": None},
        {"email": None},
        {"email": "eva@example.org"},
        {"email": ["ana@example.org"]},
    ],
)
def test_an_answer_that_is_not_for_us_lets_nobody_in(street: Street, claims: dict[str, Any]) -> None:
    street.provider.claims = claims
    answer = street.back(street.leave())
    assert (answer.status_code, said(answer)) == (401, UNKNOWN)
    assert "__Host-trato" not in answer.cookies


@pytest.mark.parametrize(
    "sign",
    [
        lambda claims: jwt.encode({"alg": "RS256", "kid": "one"}, claims, OTHER),
        hmac_of_the_public_key,
        unsigned,
        lambda _: "",
        lambda _: "a.b.c",
    ],
)
def test_a_signature_that_is_not_the_directorys_lets_nobody_in(
    street: Street, sign: Callable[[dict[str, Any]], str]
) -> None:
    street.provider.sign = sign
    answer = street.back(street.leave())
    assert (answer.status_code, said(answer)) == (401, UNKNOWN)


@pytest.mark.parametrize(
    "kind", ["another state", "no cookie", "another cookie", "too late", "another code", "no code"]
)
def test_an_answer_to_another_browser_lets_nobody_in(street: Street, kind: str) -> None:
    cookies, more = street.leave(), {}
    match kind:
        case "another state":
            more = {"state": "x"}
        case "no cookie":
            cookies = {}
        case "another cookie":
            cookies = {"trato-directory": "00" + cookies["trato-directory"][2:]}
        case "too late":
            street.clock.advance(minutes=11)
        case "another code":
            more = {"code": "another"}
        case _:
            more = {"code": ""}
    answer = street.back(cookies, **more)
    assert (answer.status_code, said(answer)) == (401, UNKNOWN)
    assert "__Host-trato" not in answer.cookies


def test_a_disabled_account_is_not_let_in(street: Street) -> None:
    with street.database.transaction() as tx:
        accounts.disable(tx, "ana", street.clock(), "test")
    assert street.back(street.leave()).status_code == 401
    assert street.audited()[-1] == ("sign-in", "sign in failed", "account:1")


def test_addresses_that_have_no_account_are_slowed(street: Street) -> None:
    street.provider.claims = {"email": "eva@example.org"}
    statuses = [street.back(street.leave()).status_code for _ in range(throttle.ADDRESS.free + 1)]
    assert statuses == [401] * throttle.ADDRESS.free + [429]


@pytest.mark.parametrize("fault", ["away", "another issuer"])
def test_a_directory_that_does_not_answer_is_told(street: Street, fault: str) -> None:
    if fault == "away":
        street.provider.away = True
    else:
        street.provider.issuer = "https://evil.example"
    answer = street.ask("GET", "/sign-in/directory")
    assert (answer.status_code, said(answer)) == (503, "El sistema no responde. Inténtelo más tarde.")


def test_after_signing_in_one_stays_here(street: Street) -> None:
    assert street.back(street.leave("https://evil.example")).headers["location"] == "/"
