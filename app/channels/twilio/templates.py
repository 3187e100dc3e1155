"""The templates of a Twilio account, as `trato templates` checks and creates them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.channels.interactive import CONTENTS
from app.channels.templates import Approval, Review
from app.channels.twilio.contents import TwilioContents
from app.channels.twilio.generic_contents import resource
from app.channels.twilio.template_findings import AtTwilio, lacking, not_made, of_generic, of_template, unmapped
from app.flows.whatsapp_templates import Use


@dataclass(frozen=True, slots=True)
class TwilioTemplates:
    """See Templates. `ids` are Content SIDs, HX…"""

    contents: TwilioContents

    async def check(
        self, uses: Mapping[str, Sequence[Use]], questions: Mapping[str, int], ids: Mapping[str, str]
    ) -> Review:
        """See Templates."""
        review = Review()
        review.findings += [unmapped(name, used) for name, used in uses.items() if name not in ids]
        review.findings += [not_made(name, count) for name, count in sorted(questions.items()) if name not in ids]
        for name, used in uses.items():
            if (sid := ids.get(name)) is not None:
                content = await self.contents.find(sid)
                approval = await self.contents.approval(sid) if content else Approval("unknown")
                review.approvals[name] = approval
                review.findings += of_template(name, used, AtTwilio(content, approval))
        for name in CONTENTS:
            if (sid := ids.get(name)) is not None:
                review.findings += of_generic(name, await self.contents.find(sid))
        return review

    async def create(self, ids: Mapping[str, str]) -> dict[str, str]:
        """See Templates. A content that an interrupted run has left in the account is reused."""
        missing = lacking(ids, await self.contents.all())
        return {name: sid or await self.contents.create(resource(CONTENTS[name])) for name, sid in missing.items()}
