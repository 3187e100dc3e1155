"""The state of Twilio's Content API: contents with their variables, WhatsApp's word on each, and how one is put into a message.
Here is refused what Twilio and WhatsApp refuse: titles too long or twice, too many buttons, values that are empty or have
line breaks."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.carrier.rules import Refusal

QUICK, LIST, TEXT = "twilio/quick-reply", "twilio/list-picker", "twilio/text"
_MARK = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_SEVERAL_SPACES = re.compile(r"[\r\n\t]| {4,}")
BUTTONS_IN_SESSION = 3


@dataclass(frozen=True, slots=True)
class Rendered:
    """A content with its values put in. `buttons` are (id, title)."""

    kind: str
    body: str
    buttons: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Content:
    """One content. `approval` is WhatsApp's word on it, None if it was never asked."""

    sid: str
    name: str
    language: str
    variables: dict[str, str]
    types: dict[str, dict[str, Any]]
    approval: dict[str, str] | None = None

    @property
    def approved(self) -> bool:
        """Whether it may open a conversation."""
        return self.approval is not None and self.approval["status"] == "approved"

    def marks(self) -> set[str]:
        """The names of its variables."""
        return set(_MARK.findall(json.dumps(self.types)))

    def resource(self, account: str, base: str) -> dict[str, object]:
        """As the API shows it."""
        url = f"{base}/v1/Content/{self.sid}"
        return {
            "sid": self.sid,
            "account_sid": account,
            "friendly_name": self.name,
            "language": self.language,
            "variables": self.variables,
            "types": self.types,
            "url": url,
            "date_created": "2026-03-01T16:00:00Z",
            "date_updated": "2026-03-01T16:00:00Z",
            "links": {
                "approval_create": f"{url}/ApprovalRequests/whatsapp",
                "approval_fetch": f"{url}/ApprovalRequests",
            },
        }

    def approvals(self, account: str, base: str) -> dict[str, object]:
        """WhatsApp's word on it, as the API shows it."""
        none = {"status": "unsubmitted", "category": "", "rejection_reason": "", "name": ""}
        word = {"type": "whatsapp", "content_type": next(iter(self.types)), **(self.approval or none)}
        return {
            "sid": self.sid,
            "account_sid": account,
            "whatsapp": word,
            "url": f"{base}/v1/Content/{self.sid}/ApprovalRequests",
        }


@dataclass(slots=True)
class Shelf:
    """All contents of an account."""

    new_sid: Callable[[str], str]
    contents: dict[str, Content] = field(default_factory=dict)

    def put(
        self, sid: str, types: str | dict[str, dict[str, Any]], *, status: str = "approved", **more: Any
    ) -> Content:
        """Have a content as if it had been made and submitted before. A text alone is a `twilio/text`."""
        whole = {TEXT: {"body": types}} if isinstance(types, str) else types
        approval = {
            "status": status,
            "category": more.pop("category", "UTILITY"),
            "rejection_reason": more.pop("reason", ""),
            "name": sid.lower(),
        }
        content = Content(sid, more.get("name", sid), more.get("language", "es_MX"), {}, whole, approval)
        content.variables = {mark: f"valor {mark}" for mark in content.marks()}
        self.contents[sid] = content
        return content

    def make(self, given: Mapping[str, Any]) -> Content | Refusal:
        """Make what was posted."""
        wrong = _malformed(given)
        if wrong:
            return Refusal(400, 20001, wrong)
        content = Content(
            self.new_sid("HX"),
            given["friendly_name"],
            given["language"],
            dict(given.get("variables") or {}),
            dict(given["types"]),
        )
        self.contents[content.sid] = content
        return content

    def submit(self, content: Content, given: Mapping[str, Any]) -> Refusal | None:
        """Ask WhatsApp to approve. A list cannot be approved."""
        if LIST in content.types or not re.fullmatch(r"[a-z0-9_]+", str(given.get("name"))):
            return Refusal(400, 20001, "This content cannot be submitted")
        if given.get("category") not in ("UTILITY", "MARKETING", "AUTHENTICATION"):
            return Refusal(400, 20001, "Unknown category")
        content.approval = {
            "status": "received",
            "category": given["category"],
            "rejection_reason": "",
            "name": given["name"],
        }
        return None

    def refuse(self, form: Mapping[str, str], in_window: bool) -> Refusal | None:
        """The obstacle to a message with a content."""
        content = self.contents.get(form["ContentSid"])
        if content is None:
            return Refusal(400, 21655, "The ContentSid is Invalid")
        values = values_of(form)
        if values.keys() != content.marks():
            return Refusal(400, 21656, "The ContentVariables Parameter is invalid: not the content's variables")
        for value in values.values():
            if not value.strip() or _SEVERAL_SPACES.search(value):
                return Refusal(400, 21656, "The ContentVariables Parameter is invalid: empty, or with line breaks")
            if len(value) > 1600:
                return Refusal(400, 21658, "Parameter exceeded character limit")
        kind = kind_for(content, form["To"])
        if kind is None:
            return Refusal(400, 63006, "Could not format given content for the channel")
        wrong = _unshowable(rendered(content, kind, values), content.approved and not in_window)
        return Refusal(400, 63021, wrong) if wrong else None


def values_of(form: Mapping[str, str]) -> dict[str, str]:
    """The values of a message's variables."""
    return dict(json.loads(form.get("ContentVariables") or "{}"))


def kind_for(content: Content, to: str) -> str | None:
    """The richest of a content's types that a channel can show."""
    shown = (LIST, QUICK, TEXT) if to.startswith("whatsapp:") else (TEXT,)
    return next((kind for kind in shown if kind in content.types), None)


def rendered(content: Content, kind: str, values: Mapping[str, str]) -> Rendered:
    """A content with its values; a missing one is its sample."""

    def fill(text: object) -> str:
        return _MARK.sub(lambda mark: values.get(mark[1], content.variables.get(mark[1], "")), str(text))

    given = content.types[kind]
    pressed = [(one.get("id") or one.get("title"), one["title"]) for one in given.get("actions", ())]
    pressed += [(one["id"], one["item"]) for one in given.get("items", ())]
    return Rendered(kind, fill(given["body"]), tuple((fill(key), fill(title)) for key, title in pressed))


def _unshowable(content: Rendered, as_template: bool) -> str | None:
    if not content.body.strip() or len(content.body) > (1600 if content.kind == TEXT else 1024):
        return "the body is empty or too long"
    longest, most = {QUICK: (20, 10 if as_template else BUTTONS_IN_SESSION), LIST: (24, 10), TEXT: (0, 0)}[content.kind]
    titles = [title for _, title in content.buttons]
    if len(titles) > most:
        return f"{len(titles)} options, and {most} are allowed"
    if any(not title.strip() or len(title) > longest for title in titles):
        return "a title is empty or too long"
    if len(set(titles)) < len(titles) or len({key for key, _ in content.buttons}) < len(titles):
        return "a title or an id is there twice"
    return "an id is too long" if any(not 0 < len(key) <= 200 for key, _ in content.buttons) else None


def _malformed(given: Mapping[str, Any]) -> str | None:
    unknown = given.keys() - {"friendly_name", "language", "variables", "types"}
    if unknown:
        return f"Unknown field {min(unknown)}"
    if not isinstance(given.get("friendly_name"), str) or not re.fullmatch(
        r"[a-z]{2}(_[A-Z]{2})?", str(given.get("language"))
    ):
        return "friendly_name or language is missing"
    types = given.get("types")
    if not isinstance(types, dict) or not types or types.keys() - {QUICK, LIST, TEXT}:
        return "types are missing or unknown"
    marks, named = set(_MARK.findall(json.dumps(types))), set(given.get("variables") or {})
    if marks != named or marks != {str(number) for number in range(1, len(marks) + 1)}:
        return "variables need samples, and are numbered from 1 on"
    return next((wrong for kind, one in types.items() if (wrong := _wrong_type(kind, one))), None)


def _wrong_type(kind: str, given: Mapping[str, Any]) -> str | None:
    keys = {
        QUICK: ("actions", {"title", "id"}, 10, "title", 20),
        LIST: ("items", {"item", "id", "description"}, 10, "item", 24),
    }
    if not isinstance(given.get("body"), str) or not 0 < len(given["body"]) <= 1024:
        return f"the body of {kind} is missing or too long"
    if kind == TEXT:
        return None
    listed, fields, most, title, longest = keys[kind]
    options = given.get(listed)
    if not isinstance(options, list) or not 1 <= len(options) <= most:
        return f"{kind} has 1 to {most} {listed}"
    if any(
        set(option) != fields or not all(isinstance(value, str) and value for value in option.values())
        for option in options
    ):
        return f"the {listed} of {kind} each have {', '.join(sorted(fields))}"
    if kind == LIST and not 0 < len(str(given.get("button", ""))) <= 20:
        return "button is missing or too long"
    return f"a {title} is too long" if any(len(option[title]) > longest for option in options) else None
