"""Signing in by an organisation's own directory, with OpenID Connect: the authorization code with PKCE, state and nonce. The directory
vouches for an e-mail address, and an account that has this address is signed in. No account is made here."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.errors import ConfigurationError, ExternalError
from app.people.sessions import Refused
from app.store.vault import Vault
from app.web.console.rendering import HEADERS, texts_for
from app.web.gate import DIRECTORY, Gate
from app.web.refusals import page
from app.web.sign_in import safely, set_cookie, signed_in

CALLBACK = f"{DIRECTORY}/callback"
COOKIE = "trato-directory"
LIFETIME = timedelta(minutes=10)
"""How long a person may take at the directory."""

_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures with a public key only: with `none` anybody could sign, with HS256 anybody who has our secret."""

_CONTEXT = "directory sign-in"
_SECONDS = 10
_LEEWAY = 60
"""Seconds that the clock of the directory may differ."""


@dataclass(frozen=True, slots=True)
class Errand:
    """A person who was sent to the directory: what must come back, and the page that is wanted afterwards."""

    state: str
    nonce: str
    verifier: str
    wanted: str
    at: float

    def seal(self, vault: Vault) -> str:
        """As a cookie that only this installation can read."""
        fields = [self.state, self.nonce, self.verifier, self.wanted, self.at]
        return vault.seal(json.dumps(fields), _CONTEXT).hex()


def opened(vault: Vault, cookie: str, now: datetime) -> Errand:
    """The errand of a cookie. Raises Refused if it is not ours, or too old."""
    try:
        errand = Errand(*json.loads(vault.open(bytes.fromhex(cookie), _CONTEXT)))
    except (ConfigurationError, ValueError, TypeError):
        raise Refused("nobody was sent to the directory") from None
    if not 0 <= now.timestamp() - errand.at <= LIFETIME.total_seconds():
        raise Refused("the directory's answer came too late")
    return errand


@dataclass(frozen=True, slots=True)
class Directory:
    """The directory of an organisation. `here` is the address of this installation; `transport` replaces the network in tests."""

    issuer: str
    client_id: str
    client_secret: str
    here: str
    transport: httpx.AsyncBaseTransport | None = None

    async def begin(self, wanted: str, now: datetime) -> tuple[str, Errand]:
        """Where to send the person, and what must come back. Raises ExternalError."""
        state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
        errand = Errand(state, nonce, verifier, wanted, now.timestamp())
        metadata = await self._metadata()
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.here + CALLBACK,
            "scope": "openid email",
            "state": errand.state,
            "nonce": errand.nonce,
            "code_challenge": create_s256_code_challenge(errand.verifier),
            "code_challenge_method": "S256",
        }
        return f"{metadata['authorization_endpoint']}?{urlencode(asked)}", errand

    async def finish(self, errand: Errand, state: str, code: str, now: datetime) -> str:
        """The e-mail address that the directory vouches for. Raises Refused, ExternalError."""
        if not secrets.compare_digest(state.encode(), errand.state.encode()) or not code:
            raise Refused("the directory's answer is not that of this errand")
        metadata = await self._metadata()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.here + CALLBACK,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "code_verifier": errand.verifier,
        }
        answer = await self._ask("POST", metadata["token_endpoint"], form)
        keys = await self._ask("GET", metadata["jwks_uri"])
        return self._email(str(answer.get("id_token", "")), keys, errand.nonce, now)

    def _email(self, id_token: str, keys: Mapping[str, Any], nonce: str, now: datetime) -> str:
        options = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self.client_id},
            "nonce": {"essential": True, "value": nonce},
        }
        try:
            found = jwt.decode(id_token, KeySet.import_key_set(dict(keys)), algorithms=_ALGORITHMS)  # type: ignore[arg-type]
            claims = CodeIDToken(found.claims, found.header, options, {"nonce": nonce, "client_id": self.client_id})
            claims.validate(now=int(now.timestamp()), leeway=_LEEWAY)
        except (JoseError, ValueError, KeyError, TypeError):
            raise Refused("the directory's answer is not valid") from None
        email = claims.get("email")
        if claims.get("email_verified") is not True or not isinstance(email, str):
            raise Refused("the directory does not vouch for an e-mail address")
        return email.casefold()

    async def _metadata(self) -> dict[str, Any]:
        found = await self._ask("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:
            raise ExternalError("the directory has another name than TRATO_OIDC_ISSUER")
        return found

    async def _ask(self, method: str, url: str, form: dict[str, str] | None = None) -> dict[str, Any]:
        try:
            async with httpx.AsyncClient(timeout=_SECONDS, transport=self.transport) as client:
                answer = await client.request(method, url, data=form)
            found = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            raise ExternalError("the directory does not answer") from None
        if answer.status_code == 400:
            raise Refused("the directory does not know this code")
        if answer.status_code != 200 or not isinstance(found, dict):
            raise ExternalError("the directory does not answer")
        return found


def routes(gate: Gate, directory: Directory) -> list[Route]:
    """The routes to the directory and back."""
    pages = _Pages(gate, directory)
    return [
        Route(DIRECTORY, safely(gate, pages.there), methods=["GET"]),
        Route(CALLBACK, pages.back, methods=["GET"]),
    ]


@dataclass(frozen=True, slots=True)
class _Pages:
    gate: Gate
    directory: Directory

    async def there(self, request: Request) -> Response:
        address, errand = await self.directory.begin(request.query_params.get("next", "")[:500], self.gate.clock())
        done = RedirectResponse(address, 303, HEADERS)
        set_cookie(done, self.gate, COOKIE, errand.seal(self.gate.vault), LIFETIME)
        return done

    async def back(self, request: Request) -> Response:
        done = await safely(self.gate, self._signed_in)(request)
        done.delete_cookie(COOKIE, path="/", secure=self.gate.is_https, httponly=True, samesite="lax")
        return done

    async def _signed_in(self, request: Request) -> Response:
        now, query = self.gate.clock(), request.query_params
        try:
            errand = opened(self.gate.vault, request.cookies.get(COOKIE, ""), now)
            email = await self.directory.finish(errand, query.get("state", ""), query.get("code", ""), now)
            old = request.cookies.get(self.gate.cookie)
            token = await self.gate.sign_in_by_directory(email, self.gate.address(request), old)
        except Refused:
            return page(self.gate, request, "", texts_for(request)("refused.unknown_to_directory"), 401)
        return signed_in(self.gate, token, errand.wanted)
