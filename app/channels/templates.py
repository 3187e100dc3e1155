"""Message templates, which WhatsApp approves before they can be sent: what a carrier that manages them offers to
`trato templates`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from app.flows.whatsapp_templates import Use


@dataclass(frozen=True, slots=True)
class Approval:
    """WhatsApp's decision on a template: `approved`, `pending`, `rejected`, `unsubmitted`…"""

    status: str
    category: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a template or content. A warning has a cost, but stops no message."""

    name: str
    text: str
    warning: bool = False


@dataclass(slots=True)
class Review:
    """The result of a check: WhatsApp's decision by template, and the faults."""

    approvals: dict[str, Approval] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


class Templates(Protocol):
    """The templates of one account. `ids` are the carrier's ids by name, from the file that TRATO_TEMPLATES names."""

    async def check(
        self, uses: Mapping[str, Sequence[Use]], questions: Mapping[str, int], ids: Mapping[str, str]
    ) -> Review:
        """Compare the templates that flows use, and the generic contents that `questions` need (how many use each), with the
        carrier's. Raises ExternalError."""
        ...

    async def create(self, ids: Mapping[str, str]) -> dict[str, str]:
        """Create the generic contents that are missing or wrong in `ids`: their new ids by name. Raises ExternalError."""
        ...
