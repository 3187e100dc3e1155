"""The programmes: published, with help lines and a person responsible, with numbers, with people who answer, and with alerts that arrive.
Uses the first steps of the console, and says of each the remedy."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from app.conversations.library import Library
from app.doctor.findings import Area, Finding, Level, fault
from app.scheduler import first_steps
from app.scheduler.first_steps import Setup, Step, StepCode
from app.store import alert_deliveries
from app.store.status import UNTRIED
from app.store.tables import COHORT
from app.wording import Sentence

AREAS = {
    StepCode.safety: Area.help_lines,
    StepCode.senders: Area.senders,
    StepCode.people: Area.people,
    StepCode.alerts: Area.alerts,
    StepCode.alerts_tried: Area.alerts,
}
"""The first steps that belong to an installation; the others are a coordinator's, and Primeros pasos in the console shows them."""

_FACTS = Sentence("Complete it in the flow file, and publish it: docs/safety.md")
_SENDER = Sentence("Set TRATO_TWILIO_FROM_WHATSAPP, TRATO_TWILIO_FROM_SMS or TRATO_TWILIO_MESSAGING_SERVICE_SID")
_ROLE = Sentence("Run `trato user add NAME --role coordinator`; roles are in docs/people.md")
_ADMINISTRATOR = Sentence("Run `trato user add NAME --role administrator`")
_TEST = Sentence("Run `trato alerts test`, and ask the people whether it has arrived")

MISSING: Mapping[str, tuple[str, str]] = {
    "launch-help-lines": (Sentence("help lines are missing, or have a placeholder"), _FACTS),
    "launch-contact": (Sentence("a person responsible with a telephone is missing"), _FACTS),
    "launch-reading-hours": (Sentence("the hours at which a person reads are missing"), _FACTS),
    "launch-reply-time": (Sentence("how soon a person replies is missing"), _FACTS),
    "launch-notices": (Sentence("the notice help or support does not name the help"), _FACTS),
    "number": (Sentence("it has no number to write from"), _SENDER),
    "handle-cases": (Sentence("nobody who can sign in handles its cases"), _ROLE),
    "handle-crises": (Sentence("nobody who can sign in handles a crisis"), _ROLE),
    "accounts": (Sentence("nobody who can sign in administers accounts"), _ADMINISTRATOR),
    "receivers": (
        Sentence("it names nobody under alerts"),
        Sentence("Add alerts to the flow file, with email or webhook"),
    ),
    "mail_server": (
        Sentence("its alerts go by e-mail, and there is no mail server"),
        Sentence("Set TRATO_SMTP_HOST and TRATO_SMTP_FROM"),
    ),
    "failed": (Sentence("the last test alert did not reach everybody"), _TEST),
    "never": (Sentence("no test alert was ever sent"), _TEST),
}
_WARNINGS = frozenset({"never", "accounts"})


def published(library: Library) -> Finding:
    """The programmes that officers are in."""
    if not library.published:
        return fault(
            Area.programmes,
            Sentence("no programme is published"),
            Sentence(
                "Put a flow file into the folder of TRATO_FLOWS; `trato check` and `trato publish` say what it lacks"
            ),
        )
    return Finding(Area.programmes, Sentence("published: {codes}", codes=", ".join(sorted(library.published))))


def zones(tx: Connection, library: Library) -> set[str]:
    """The time zones of programmes and cohorts."""
    own = {library.programmes[version].definition.timezone for version in library.current.values()}
    return own | set(tx.execute(select(COHORT.c.timezone).distinct()).scalars())


def steps(tx: Connection, library: Library, setup: Setup) -> Iterator[Finding]:
    """What each programme lacks, and the areas in which none lacks anything."""
    lacking: set[Area] = set()
    for code in sorted(library.published):
        for step in first_steps.steps(tx, library, setup, code):
            if step.code in AREAS and not step.done:
                lacking.add(AREAS[step.code])
                yield from _of_step(step, code, reaches_people=setup.reaches_people)
    if library.published:
        yield from (
            Finding(area, _FINE[area]) for area in dict.fromkeys(AREAS.values()) if area in _FINE.keys() - lacking
        )


_FINE = {
    Area.help_lines: Sentence("every programme names its help lines and a person responsible"),
    Area.people: Sentence("somebody can handle cases, crises and accounts"),
}


def _of_step(step: Step, code: str, *, reaches_people: bool) -> Iterator[Finding]:
    for missing in step.missing:
        text, remedy = MISSING[missing]
        level = Level.fault if reaches_people and step.blocks and missing not in _WARNINGS else Level.warning
        yield Finding(AREAS[step.code], Sentence("{programme}: {what}", programme=code, what=text), remedy, level)


def alerts(tx: Connection, now: datetime) -> Iterator[Finding]:
    """Alerts that wait because a server does not take them."""
    for reason, number in alert_deliveries.undelivered(tx, now - UNTRIED).items():
        text = Sentence("{number} alerts are not delivered: {reason}", number=number, reason=reason)
        yield fault(
            Area.alerts, text, Sentence("Mend the mail server or the webhook; they are tried again by themselves")
        )
