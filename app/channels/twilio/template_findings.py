"""Faults in the approved templates and generic contents of one environment: differences between the flows and Twilio. Pure:
the uses, the map and Twilio's answers are arguments. Each finding is one line that names the remedy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.channels.interactive import CONTENTS
from app.channels.templates import Approval, Finding
from app.channels.twilio.contents import Content
from app.channels.twilio.generic_contents import resource
from app.flows.whatsapp_templates import Use
from app.wording import Sentence

_WAITING = frozenset({"received", "pending", "submitted", "in_review"})


@dataclass(frozen=True, slots=True)
class AtTwilio:
    """Twilio's content under a SID of the map, None if there is none, and WhatsApp's decision on it."""

    content: Content | None
    approval: Approval


def unmapped(name: str, uses: Sequence[Use]) -> Finding:
    """A template that is used and that is missing in the map."""
    if all(use.spare for use in uses):
        return Finding(
            name,
            Sentence("not in the map: what it asks goes by SMS, or not at all. Add its HX… to TRATO_TEMPLATES"),
            warning=True,
        )
    return Finding(
        name,
        Sentence(
            "not in the map: outside the 24 hours its messages go by SMS, or fail. Add its HX… to TRATO_TEMPLATES"
        ),
    )


def of_template(name: str, uses: Sequence[Use], found: AtTwilio) -> list[Finding]:
    """Faults of an approved template."""
    content = found.content
    if content is None:
        return [Finding(name, Sentence("its HX… is no content of this account: correct the map"))]
    faults = [*_of_approval(found.approval)]
    for use in uses:
        where = f"{use.flow}.{use.step}"
        faults += [(Sentence("{name}: {what}", name=where, what=text), False) for text in _of_use(use, content)]
    return [Finding(name, text, warning) for text, warning in dict(faults).items()]


def _of_approval(approval: Approval) -> list[tuple[Sentence, bool]]:
    category = approval.category
    faults = []
    if approval.status in _WAITING:
        faults.append((Sentence("waits for WhatsApp's approval"), False))
    elif approval.status == "unsubmitted":
        faults.append((Sentence("was never submitted to WhatsApp: submit it in Twilio's console"), False))
    elif approval.status != "approved":
        refused = Sentence("is {status} by WhatsApp", status=approval.status)
        why = Sentence("{fault} ({reason})", fault=refused, reason=approval.reason) if approval.reason else refused
        faults.append((why, False))
    if category and category != "UTILITY":
        faults.append(
            (
                Sentence(
                    "is of category {category}, not UTILITY: it costs more, and WhatsApp holds some back (63049)",
                    category=category,
                ),
                True,
            )
        )
    return faults


def _of_use(use: Use, content: Content) -> list[Sentence]:
    faults = []
    if _family(content.language) != _family(use.language):
        faults.append(
            Sentence("the language at Twilio is {there}, and {here} here", there=content.language, here=use.language)
        )
    wanted = {str(number) for number in range(1, len(use.variables) + 1)}
    if content.marks != wanted:
        faults.append(
            Sentence("{there} at Twilio, and {here} in the step", there=_counted(content.marks), here=_counted(wanted))
        )
    elif use.comparable and _plain(content.body) not in [_plain(body) for body in use.bodies]:
        faults.append(Sentence("the text at Twilio is not the step's: submit it anew, or change the step"))
    return faults + _of_options(use, content)


def _of_options(use: Use, content: Content) -> list[Sentence]:
    """Faults of a template's buttons. A pressed button sends its title, and its id if it has one."""
    if use.options is None or (not use.options and not content.buttons):
        return []
    if not content.buttons:
        hidden = use.comparable and _plain(content.body) == _plain(use.text)
        return [Sentence("the options are neither in the text at Twilio nor on buttons")] if hidden else []
    labels, keys = [label for _, label in use.options], {label: key for key, label in use.options}
    titles = [title for title, _ in content.buttons]
    if titles != labels:
        return [
            Sentence(
                "the buttons at Twilio are {there}, and the options {here}", there=_quoted(titles), here=_quoted(labels)
            )
        ]
    wrong = [title for title, key in content.buttons if key in keys.values() and key != keys[title]]
    return [Sentence("the button «{title}» carries the id of another option", title=title) for title in wrong]


def of_generic(name: str, found: Content | None) -> list[Finding]:
    """Faults of a generic content that is in the map."""
    if found is None:
        return [
            Finding(
                name, Sentence("its HX… is no content of this account: `trato templates --create-content` makes it")
            )
        ]
    if not found.is_like(Content.of(resource(CONTENTS[name]))):
        return [
            Finding(name, Sentence("is not what this release makes: `trato templates --create-content` makes it anew"))
        ]
    return []


def not_made(name: str, questions: int) -> Finding:
    """A generic content that is missing in the map. `questions`: how many would use it."""
    how = (
        Sentence("1 question goes out as numbered text")
        if questions == 1
        else Sentence("{number} questions go out as numbered text", number=questions)
    )
    text = Sentence("not in the map: {how}. `trato templates --create-content` makes it", how=how)
    return Finding(name, text, warning=True)


def lacking(mapped: Mapping[str, str], listed: Sequence[Content]) -> dict[str, str | None]:
    """The generic contents that are missing or wrong in the map, each with the SID of an equal content in the account, if any."""
    at_twilio = {content.sid: content for content in listed}
    found: dict[str, str | None] = {}
    for name, generic in CONTENTS.items():
        wanted = Content.of(resource(generic))
        mine = at_twilio.get(mapped.get(name, ""))
        if mine is None or not mine.is_like(wanted):
            found[name] = next((one.sid for one in listed if one.name == name and one.is_like(wanted)), None)
    return found


def _family(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].lower()


def _counted(marks: "frozenset[str] | set[str]") -> Sentence:
    if not marks:
        return Sentence("no variables are")
    return Sentence("the variables {names} are", names=", ".join(sorted(marks)))


def _quoted(titles: Sequence[str]) -> str:
    return ", ".join(f"«{title}»" for title in titles)


def _plain(text: str) -> str:
    return " ".join(text.replace("{{ ", "{{").replace(" }}", "}}").split())
