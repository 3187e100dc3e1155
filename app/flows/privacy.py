"""Privacy notices: what a consent flow asks agreement to. A version names one text, so that a stored consent says what was agreed
to. An officer who agreed to another version is asked again before the next message."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.flows.language.campaign import Campaign
from app.flows.language.definition import Ask, Flow, FlowKind, Programme, Say


@dataclass(frozen=True, slots=True)
class PrivacyNotice:
    """A notice as a programme has it. `texts` has everything that is said up to the question, the question too, by language;
    blanks and line breaks do not count."""

    flow: str
    step: str
    version: str
    texts: Mapping[str, str]


def notice_of(programme: Programme, flow: str | None) -> PrivacyNotice | None:
    """The notice of a consent flow; None for any other flow, and for None."""
    found = programme.flows.get(flow or "")
    asking = None if found is None else _asking(found)
    if found is None or flow is None or asking is None or asking.consent is None:
        return None
    return PrivacyNotice(flow, asking.ask, asking.consent, _texts(programme, found, asking))


def notices(programme: Programme) -> list[PrivacyNotice]:
    """The notices of a programme's consent flows."""
    found = [notice_of(programme, code) for code, flow in programme.flows.items() if flow.kind is FlowKind.consent]
    return [one for one in found if one is not None]


def version_asked(programme: Programme, campaign: Campaign) -> str | None:
    """The version of the notice that a campaign asks agreement to; None if it asks for none."""
    found = programme.flows.get(campaign.consent or "")
    asking = None if found is None else _asking(found)
    return None if asking is None else asking.consent


def versions_asked(programme: Programme) -> dict[str, str | None]:
    """The version of the notice that each campaign asks agreement to."""
    return {code: version_asked(programme, campaign) for code, campaign in programme.campaigns.items()}


def is_outdated(agreed: str | None, wanted: str | None) -> bool:
    """Whether an officer who agreed to the version `agreed` has to be asked for `wanted`. None: not known, or nothing is asked."""
    return agreed is not None and wanted is not None and agreed != wanted


def _asking(flow: Flow) -> Ask | None:
    return next((step for step in flow.steps if isinstance(step, Ask) and step.consent is not None), None)


def _texts(programme: Programme, flow: Flow, asking: Ask) -> dict[str, str]:
    said = [step.text for step in flow.steps[: flow.steps.index(asking)] if isinstance(step, Say)]
    texts = [*said, asking.text]
    languages = {programme.language, *(language for text in texts if isinstance(text, dict) for language in text)}
    return {language: " ".join(_wording(text, programme, language) for text in texts) for language in languages}


def _wording(text: str | Mapping[str, str], programme: Programme, language: str) -> str:
    wording = text if isinstance(text, str) else text.get(language, text.get(programme.language, ""))
    return " ".join(wording.split())


def changed(new: Programme, old: Programme) -> Iterator[PrivacyNotice]:
    """The notices of a programme whose text differs from that of the same version in another. A language more or less changes no
    text."""
    mine = {notice.version: notice for notice in notices(new)}
    for before in notices(old):
        now = mine.get(before.version)
        if now is not None and differs(now, before):
            yield now


def differs(one: PrivacyNotice, other: PrivacyNotice) -> bool:
    """Whether two notices say different things in a language that both have."""
    return any(one.texts[language] != other.texts[language] for language in one.texts.keys() & other.texts.keys())
