"""An officer's phone with a clock of its own, for rehearsing a flow: `trato play` and the transcript tests. Does the
service's part around the engine (names filled in, keywords, due moments, WhatsApp's 24 hours) and reloads the
session's state from JSON before every turn. Sends and stores nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from app.flows.engine import commands, engine
from app.flows.engine.asides import DANGER_TOLD_AGAIN, TOLD_AGAIN, unasked
from app.flows.engine.compiled import Ask, CompiledProgramme, Scalar
from app.flows.engine.engine import Back, Contact, Reply, Wake
from app.flows.engine.events import (
    ConsentRecorded,
    Event,
    Failure,
    MessageCreated,
    PersonNeeded,
    ReplySetAside,
    ReplyUnclear,
    ResponseRecorded,
    ResponseSuperseded,
    SessionEnded,
    SessionOutcome,
    Sprint,
)
from app.flows.engine.render import fill, placeholders, written
from app.flows.engine.state import State
from app.flows.free_text_window import in_window
from app.flows.privacy import notice_of, notices
from app.flows.replies.acts import act_of
from app.flows.replies.consent import is_accepted_late
from app.flows.replies.keywords import Keyword, Name, keyword
from app.flows.replies.message import Act, ActKind
from app.flows.shifts import Shift
from app.flows.transcripts.coverage import Visits

DEFAULT_START = "2026-03-02 10:00"
"""A Monday morning."""

FIRST, LAST = datetime(1971, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""The clock of a rehearsal moves between these two, and stops at the latter."""

_MOST_WAKES = 20
_AMID_CRISIS = ("support", "help", "opted_out")
"""The notices that `app/store/holds.py` lets through while a person holds the officer."""


@dataclass(frozen=True, slots=True)
class InventedOfficer:
    """The invented officer who holds the phone. `fields` are the programme's."""

    identity: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Scalar] = field(default_factory=dict)
    language: str = "es-MX"
    timezone: str = "America/Mexico_City"


@dataclass(frozen=True, slots=True)
class Bubble:
    """A message as the officer reads it, options included. `refused`: WhatsApp would refuse it."""

    text: str
    at: datetime
    step: str = ""
    kind: str = "notice"
    refused: bool = False


def moment(written: str, timezone: str) -> datetime:
    """A local date and time at which a rehearsal may begin. Raises ValueError with a message for the author."""
    try:
        naive = datetime.fromisoformat(written)
    except ValueError:
        raise ValueError(f"must be a local date and time such as {DEFAULT_START}") from None
    if naive.tzinfo is not None:
        raise ValueError(f"is local time and has no offset: write {naive:%Y-%m-%d %H:%M}")
    if not FIRST.year <= naive.year < LAST.year:
        raise ValueError(f"must be in the years {FIRST.year} to {LAST.year - 1}")
    return naive.replace(tzinfo=ZoneInfo(timezone))


class NoSuchButton(LookupError):
    """The open question has no such option. The message lists those it has."""


class RehearsalPhone:
    """A conversation from its start. Every method that makes a move returns the messages that follow."""

    def __init__(
        self, compiled: CompiledProgramme, person: InventedOfficer, at: datetime, channel: str = "sms"
    ) -> None:
        self.compiled = compiled
        self.person = person
        self.contact = Contact(person.language, person.timezone, {**placeholders(), **person.fields})
        self.at = at
        self.channel = channel
        self.heard_at: datetime | None = None
        self.outcome: SessionOutcome | None = None
        self.failure: Failure | None = None
        self.responses: list[ResponseRecorded] = []
        self.visits = Visits()
        self.opted_out = False
        self.agreed = True
        self.held = False
        """After a crisis: nothing goes on until a person closes the case, which a rehearsal does not have."""
        self.shift: Shift | None = None
        self._state: str | None = None
        self._told_at: dict[str, datetime] = {}
        self._put_again_at: datetime | None = None

    @property
    def state(self) -> State | None:
        """The state of the conversation, read from JSON; None once it has ended."""
        return None if self._state is None else State.from_json(self._state)

    @property
    def answers(self) -> dict[str, ResponseRecorded]:
        """The valid response of each variable: the last one that was not taken back."""
        return {response.variable: response for response in self.responses}

    def start(self, flow: str, variant: str | None = None, opening: int | None = None) -> list[Bubble]:
        """Begin a flow. KeyError if the compiled programme has none of that name, ValueError if the flow has no such variant or
        opening."""
        self.agreed = notice_of(self.compiled.definition, flow) is None  # every other flow comes after consent
        return self._after(engine.start(self.compiled, flow, self.contact, self.at, variant, None, opening))

    def send(self, text: str, media: Sequence[str] = ()) -> list[Bubble]:
        """The officer writes."""
        self.heard_at = self.at
        if (word := keyword(text)) and (said := self._obey(word)) is not None:
            return said
        return self._give(Reply(text, None, tuple(media)))

    def press(self, key: str) -> list[Bubble]:
        """The officer presses the button of an option. Raises NoSuchButton."""
        ask = self.asked()
        titles = {option.key: option.label for option in ask.form.options} if ask else {}
        if key not in titles:
            raise NoSuchButton(f"no button is called {key}; there is {', '.join(titles) or 'none'}")
        self.heard_at = self.at
        return self._give(Reply(titles[key], key))

    def wait(self, delay: timedelta) -> list[Bubble]:
        """Let time pass, with everything that becomes due in it."""
        until = self.at + min(delay, max(LAST - self.at, timedelta()))
        said: list[Bubble] = []
        for _ in range(_MOST_WAKES):
            state = self.state
            if state is None or self.held or state.wake_at > until:
                break
            self.at = max(self.at, state.wake_at)
            said += self._give(Wake())
        self.at = until
        return said

    def wait_until_due(self) -> list[Bubble]:
        """Jump to the next reminder, timeout or expiry."""
        state = self.state
        return [] if state is None else self.wait(max(state.wake_at - self.at, timedelta()))

    def asked(self) -> Ask | None:
        """The open question."""
        state = self.state
        if state is None:
            return None
        flow = self.compiled.flows[state.flow]
        step = flow.steps[flow.index[state.step]]
        return step if isinstance(step, Ask) else None

    # -- what comes of it -------------------------------------------------------------------------------------------

    def _give(self, given: engine.Input) -> list[Bubble]:
        state = self.state
        if self.held:
            return self._amid_a_crisis(given.text) if isinstance(given, Reply) else []
        if state is None:
            return self._unasked(given.text if isinstance(given, Reply) else "")
        return self._after(engine.resume(self.compiled, state, self.contact, given, self.at), state)

    def _after(self, sprint: Sprint, before: State | None = None) -> list[Bubble]:
        self.visits.record(self.compiled, before, sprint)
        self._state = None if sprint.state is None else sprint.state.to_json()
        return [bubble for event in sprint.events for bubble in self._happened(event)]

    def _happened(self, event: Event) -> list[Bubble]:
        match event:
            case MessageCreated():
                text = written(event.kind, event.text, [(choice.number, choice.label) for choice in event.options])
                return [self._bubble(text, event.step, event.kind, event.template)]
            case ResponseRecorded():
                self.responses.append(event)
            case ResponseSuperseded():
                last = next(item for item in reversed(self.responses) if item.step == event.step)
                self.responses.remove(last)
            case Failure():
                self.failure = event
            case SessionEnded():
                self.outcome = event.outcome
            case ReplySetAside():
                return self._acted(event.act)
            case ConsentRecorded():
                self.agreed = event.granted
            case ReplyUnclear() | PersonNeeded():
                pass
        return []

    def _acted(self, act: Act) -> list[Bubble]:
        """The service's reply to an act that the engine does not decide on."""
        match act.kind:
            case ActKind.leave:
                return self._opt_out()
            case ActKind.crisis:
                self.held = True
                return self._seldom("support", DANGER_TOLD_AGAIN)
            case ActKind.serious:
                if self._state is not None and not self.held:
                    self._state, self.outcome = None, SessionOutcome.stopped
                return [] if self.opted_out else self._seldom("serious", DANGER_TOLD_AGAIN)
            case _:
                return []

    def _amid_a_crisis(self, text: str) -> list[Bubble]:
        """A person reads everything, and nothing is an answer; danger and a wish to leave are acted on even so."""
        return self._acted(act_of(text, extra=self.compiled.extra))

    def _bubble(self, text: str, step: str, kind: str, template: str | None) -> Bubble:
        cold = not in_window(self.heard_at, self.at)
        refused = self.channel == "whatsapp" and cold and template is None
        return Bubble(fill(text, self.person.identity), self.at, step, kind, refused)

    def _unasked(self, text: str) -> list[Bubble]:
        """The answer to a message without an open question, each from time to time; after BAJA only to a crisis."""
        act = act_of(text, extra=self.compiled.extra)
        if act.kind in (ActKind.crisis, ActKind.serious, ActKind.leave):
            return self._acted(act)
        if (again := self._accepted_late(text)) is not None:
            return again
        name, _ = unasked(act, text)
        return [] if self.opted_out or name is None else self._seldom(name, TOLD_AGAIN)

    def _seldom(self, name: str, again: timedelta) -> list[Bubble]:
        """A notice, unless it has been given lately."""
        told_at = self._told_at.get(name)
        if told_at is not None and self.at < told_at + again:
            return []
        self._told_at[name] = self.at
        return self._notice(name)

    def _accepted_late(self, text: str) -> list[Bubble] | None:
        """The question for consent again, to who accepts after it has ended; None if that is not what happens."""
        asked = notices(self.compiled.definition)
        if self.opted_out or self.agreed or not asked:
            return None
        decided = any(isinstance(one.key, str) and one.step == asked[0].step for one in self.responses)
        lately = self._put_again_at is not None and self.at < self._put_again_at + timedelta(days=1)
        if lately or not is_accepted_late(text, decided=decided):
            return None
        self.outcome, self._put_again_at = None, self.at
        return [*self._notice("consent_again"), *self.start(asked[0].flow)]

    def _notice(self, name: str, **values: object) -> list[Bubble]:
        wording = self.compiled.notices.get(name)
        if wording is None or (self.held and name not in _AMID_CRISIS):
            return []
        text = wording.of(self.contact.language).render({**self.contact.fields, **values})
        return [self._bubble(text, name, "notice", None)]

    def _obey(self, word: Keyword) -> list[Bubble] | None:
        """Carry out a keyword, as the service would; None if it means nothing here and is read as an answer."""
        match word.name:
            case Name.BAJA:
                return self._opt_out()
            case Name.ALTA:
                return self._opt_in()
            case Name.AYUDA:
                return self._notice("help")
            case Name.PAUSA if not self.opted_out:
                return self._notice("paused", dias=commands.pause_days(word))
            case Name.ATRAS if self._state is not None:
                return self._give(Back())
            case Name.IDIOMA if not self.opted_out:
                return self._speak(word.argument)
            case Name.TURNO if not self.opted_out:
                return self._note_shift(word)
            case Name.PAUSA | Name.ATRAS | Name.IDIOMA | Name.TURNO:
                return None

    def _opt_in(self) -> list[Bubble]:
        """Ask for consent where there is none, again if the question is open. Amid a crisis a person decides."""
        self.opted_out = False
        if self.held:
            return []
        state, asked = self.state, notices(self.compiled.definition)
        if self.agreed or not asked or (state is not None and state.flow != asked[0].flow):
            return self._notice("opted_in")
        self.outcome = None
        return self.start(asked[0].flow)

    def _opt_out(self) -> list[Bubble]:
        """Confirm once."""
        if self.opted_out:
            return []
        if self._state is not None:
            self._state, self.outcome = None, SessionOutcome.stopped
        self.opted_out, self.agreed = True, False
        return self._notice("opted_out")

    def _speak(self, wanted: str) -> list[Bubble] | None:
        chosen = commands.language(self.compiled.definition, wanted)
        if chosen is None:
            told = commands.languages(self.compiled.definition, wanted, asked=self._state is not None)
            return None if told is None else self._told(told)
        self.contact = replace(self.contact, language=chosen)
        return self._notice("help")

    def _note_shift(self, word: Keyword) -> list[Bubble] | None:
        told = commands.shift(word, self.shift, self.at, self.contact.timezone, asked=self._state is not None)
        if told is None:
            return None
        self.shift = told.shift or self.shift
        return self._told(told)

    def _told(self, told: commands.Notice) -> list[Bubble]:
        return self._notice(told.notice, **told.values)
