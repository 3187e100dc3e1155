"""Twilio's Content API: the contents of an account, WhatsApp's decision on each, and the creation of the generic ones. Sends no
message and submits nothing for approval: only a person asks WhatsApp for a template. Credentials go into requests only."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from app.channels.templates import Approval
from app.channels.twilio import hosts
from app.channels.twilio.codes import answered
from app.errors import ExternalError
from app.wording import Sentence

QUICK_REPLY, LIST_PICKER = "twilio/quick-reply", "twilio/list-picker"
PAGE_SIZE = 100
MOST_PAGES = 100
_MARK = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_SID = re.compile(r"HX[0-9a-fA-F]{32}")


@dataclass(frozen=True, slots=True)
class Content:
    """A content as Twilio stores it. `marks` are the names of its variables, `buttons` are (title, id) with their variables not
    filled in, `kinds` are its types, such as `twilio/quick-reply`."""

    sid: str
    name: str
    language: str
    body: str
    buttons: tuple[tuple[str, str], ...]
    kinds: tuple[str, ...]
    marks: frozenset[str]

    @classmethod
    def of(cls, resource: Mapping[str, Any]) -> "Content":
        """From a resource of the API, or one of ours before it is posted."""
        types = resource.get("types")
        types = types if isinstance(types, dict) else {}
        order = (LIST_PICKER, QUICK_REPLY, *types)
        richest: dict[str, Any] = next((types[kind] for kind in order if isinstance(types.get(kind), dict)), {})
        pressed = [
            option for option in richest.get("actions") or richest.get("items") or () if isinstance(option, dict)
        ]
        return cls(
            sid=str(resource.get("sid") or ""),
            name=str(resource.get("friendly_name") or ""),
            language=str(resource.get("language") or ""),
            body=str(richest.get("body") or ""),
            buttons=tuple(
                (str(one.get("title") or one.get("item") or ""), str(one.get("id") or "")) for one in pressed
            ),
            kinds=tuple(sorted(types)),
            marks=frozenset(_MARK.findall(json.dumps(types, ensure_ascii=False))),
        )

    def is_like(self, other: "Content") -> bool:
        """Whether both look the same with the same values."""
        return (self.body, self.buttons, self.kinds, self.marks) == (
            other.body,
            other.buttons,
            other.kinds,
            other.marks,
        )


class TwilioContents:
    """The contents of one account. `credentials` as for messages. `client` is for tests."""

    def __init__(
        self,
        credentials: tuple[str, str],
        *,
        api_url: str = "https://api.twilio.com",
        client: httpx.AsyncClient | None = None,
    ) -> None:
        self._base = hosts.of("content", api_url)
        self._auth = httpx.BasicAuth(*credentials)
        self._own_client = client is None
        self._client = client or httpx.AsyncClient(timeout=30.0)

    async def find(self, sid: str) -> Content | None:
        """A content by its SID, or None if the account does not have it. Raises ExternalError."""
        found = await self._ask("GET", f"{self._base}/v1/Content/{sid}") if _SID.fullmatch(sid) else None
        return None if found is None else Content.of(found)

    async def approval(self, sid: str) -> Approval:
        """WhatsApp's decision on a content. Raises ExternalError."""
        found = await self._ask("GET", f"{self._base}/v1/Content/{sid}/ApprovalRequests") or {}
        word = found.get("whatsapp")
        word = word if isinstance(word, dict) else {}
        status = str(word.get("status") or "unsubmitted").lower()
        return Approval(status, str(word.get("category") or "").upper(), str(word.get("rejection_reason") or ""))

    async def all(self) -> list[Content]:
        """Every content of the account. Raises ExternalError."""
        contents: list[Content] = []
        url: object = f"{self._base}/v1/Content?PageSize={PAGE_SIZE}"
        for _ in range(MOST_PAGES):
            if not isinstance(url, str) or not url.startswith(f"{self._base}/"):  # credentials go nowhere else
                return contents
            page = await self._ask("GET", url) or {}
            listed, meta = page.get("contents"), page.get("meta")
            if not isinstance(listed, list):
                raise ExternalError(Sentence("Twilio's answer cannot be read: a list of contents was asked for"))
            contents += [Content.of(one) for one in listed if isinstance(one, dict)]
            url = meta.get("next_page_url") if isinstance(meta, dict) else None
        raise ExternalError(
            Sentence("Twilio's list of contents has more than {most} entries", most=MOST_PAGES * PAGE_SIZE)
        )

    async def create(self, resource: Mapping[str, object]) -> str:
        """Create a content and return its SID. Raises ExternalError."""
        made = await self._ask("POST", f"{self._base}/v1/Content", resource) or {}
        sid = made.get("sid")
        if not isinstance(sid, str) or not _SID.fullmatch(sid):
            raise ExternalError(
                Sentence("Twilio's answer cannot be read: the content may exist now. Run the command again")
            )
        return sid

    async def aclose(self) -> None:
        """Close connections."""
        if self._own_client:
            await self._client.aclose()

    async def _ask(self, method: str, url: str, body: Mapping[str, object] | None = None) -> dict[str, Any] | None:
        """One request: the answer's object, or None if the resource does not exist."""
        try:
            response = await self._client.request(method, url, json=body, auth=self._auth, follow_redirects=False)
            answer = response.json()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ExternalError(
                Sentence("Twilio's Content API does not answer: {fault}", fault=type(error).__name__)
            ) from None
        except (ValueError, RecursionError):
            raise ExternalError(
                Sentence(
                    "Twilio's Content API answers HTTP {status} with something unreadable", status=response.status_code
                )
            ) from None
        if response.status_code == 404 and method == "GET":
            return None
        if not 200 <= response.status_code < 300 or not isinstance(answer, dict):
            code = answer.get("code") if isinstance(answer, dict) else None
            answer = answered(response.status_code, code)
            raise ExternalError(Sentence("Twilio's Content API refuses: {answer}", answer=answer))
        return answer
