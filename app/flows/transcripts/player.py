"""An officer's phone with a clock of its own, for rehearsing a flow: `trato play` and the transcript tests. Does the
service's part around the engine (names filled in, keywords, due moments, WhatsApp's 24 hours, quick messages, corrections, late
answers, a number that is denied, the end of the programme) and reloads the session's state from JSON before every turn. Sends and stores nothing. It has one
conversation: quotations, campaigns, waves, the last message of a programme, a person and the officer's other conversations are the service's alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from app.flows.engine import commands, engine
from app.flows.engine.afterwards import Begun, Standing, is_acknowledged, reopened, standing, thanks
from app.flows.engine.asides import DANGER_TOLD_AGAIN, TOLD_AGAIN, unasked
from app.flows.engine.before import (
    AFTER_THE_END,
    QUICK,
    Answered,
    anew,
    corrected,
    counts,
    fitting,
    follow,
    is_talk,
    is_what_counts,
    named,
    put_right,
    would_consent,
)
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
from app.flows.replies.bubbles import Bubble as Talk
from app.flows.replies.bubbles import BubbleKind, corrects, sentence
from app.flows.replies.consent import is_accepted_late
from app.flows.replies.forms import Parsed
from app.flows.replies.keywords import Keyword, Name, keyword
from app.flows.replies.message import Act, ActKind
from app.flows.replies.whose import denies, is_theirs
from app.flows.shifts import Shift
from app.flows.transcripts.coverage import Visits
from app.wording import Sentence

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
        raise ValueError(Sentence("must be a local date and time such as {moment}", moment=DEFAULT_START)) from None
    if naive.tzinfo is not None:
        raise ValueError(Sentence("is local time and has no offset: write {moment:%Y-%m-%d %H:%M}", moment=naive))
    if not FIRST.year <= naive.year < LAST.year:
        raise ValueError(Sentence("must be in the years {first} to {last}", first=FIRST.year, last=LAST.year - 1))
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
        self.doubted = False
        """Somebody has said that the number is not the officer's: only that is talked of until it is clear."""
        self._told_at: dict[str, datetime] = {}
        self._begun: Begun | None = None
        self._asked: tuple[str, str] | None = None
        self._unclear: list[str] = []
        self._written: tuple[str, datetime] | None = None
        self._before: str | None = None
        self._answered_at = self._ended_at = at
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
        opening. Nothing begins after the programme's last day."""
        if self.ended:
            return []
        self.agreed = notice_of(self.compiled.definition, flow) is None  # every other flow comes after consent
        self._begun = Begun(flow, variant, opening)
        return self._after(engine.start(self.compiled, flow, self.contact, self.at, variant, None, opening))

    def send(self, text: str, media: Sequence[str] = (), *, quick: bool = False) -> list[Bubble]:
        """The officer writes; `quick`: before the service's last messages could be seen."""
        self.heard_at = self.at
        before, self._written = self._written, (text, self.at)
        self._before = before[0] if before is not None and self.at - before[1] <= QUICK else None
        word = keyword(text)
        if self.doubted and not self.held:
            return self._in_doubt(text, word)
        if self.over and (word is None or word.name not in commands.OBEYED_AFTER_THE_END):
            return self._too_late(text)
        if word and (said := self._obey(word)) is not None:
            return said
        if not media and (said := self._about_another(text, quick=quick)) is not None:
            return said
        return self._give(Reply(text, None, tuple(media)))

    def press(self, key: str) -> list[Bubble]:
        """The officer presses the button of an option. Raises NoSuchButton."""
        ask = self.asked()
        titles = {option.key: option.label for option in ask.form.options} if ask else {}
        if key not in titles:
            raise NoSuchButton(f"no button is called {key}; there is {', '.join(titles) or 'none'}")
        self.heard_at = self.at
        if self.over and not self.doubted:
            return self._too_late("")
        return self._in_doubt("", None) if self.doubted else self._give(Reply(titles[key], key))

    def wait(self, delay: timedelta) -> list[Bubble]:
        """Let time pass, with everything that becomes due in it."""
        until = self.at + min(delay, max(LAST - self.at, timedelta()))
        said: list[Bubble] = []
        for _ in range(_MOST_WAKES):
            state = self.state
            if state is None or self.held or self.doubted or state.wake_at > until or self._is_over(state.wake_at):
                break
            self.at = max(self.at, state.wake_at)
            said += self._give(Wake())
        self.at = until
        if self.over:
            self._stop()
        return said

    @property
    def ended(self) -> bool:
        """Whether the programme's last day is over."""
        ended_at = self.compiled.definition.begins_nothing_from
        return ended_at is not None and self.at >= ended_at

    @property
    def over(self) -> bool:
        """Whether the programme takes no answers any more."""
        return self._is_over(self.at)

    def _is_over(self, moment: datetime) -> bool:
        over_at = self.compiled.definition.takes_no_answer_from
        return over_at is not None and moment >= over_at

    def wait_until_due(self) -> list[Bubble]:
        """Jump to the next reminder, timeout or expiry."""
        state = self.state
        return [] if state is None else self.wait(max(state.wake_at - self.at, timedelta()))

    def asked(self) -> Ask | None:
        """The open question."""
        state = self.state
        if state is None:
            return None
        step = self.compiled.step(state.flow, state.step)
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
                return [self._said(event)]
            case ResponseRecorded():
                self.responses.append(event)
                self._answered_at = self.at
            case ResponseSuperseded():
                last = next(
                    item for item in reversed(self.responses) if (item.flow, item.step) == (event.flow, event.step)
                )
                self.responses.remove(last)
            case Failure():
                self.failure = event
            case SessionEnded():
                self.outcome, self._ended_at = event.outcome, self.at
            case ReplySetAside():
                return self._acted(event.act)
            case ConsentRecorded():
                self.agreed = event.granted
            case ReplyUnclear():
                self._unclear.append(event.raw)
            case PersonNeeded():
                pass
        return []

    def _said(self, event: MessageCreated) -> Bubble:
        if event.kind in ("ask", "clarification", "offer", "aside", "reminder"):
            self._unclear = self._unclear if self._asked == (event.flow, event.step) else []
            self._asked = event.flow, event.step
        text = written(event.kind, event.text, [(choice.number, choice.label) for choice in event.options])
        return self._bubble(text, event.step, event.kind, event.template)

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

    def _too_late(self, text: str) -> list[Bubble]:
        """A message after the end of the programme: only danger and a wish to leave are acted on, and the end is said now and then."""
        act = act_of(text, extra=self.compiled.extra)
        if self.held or act.kind in (ActKind.crisis, ActKind.serious, ActKind.leave):
            return self._acted(act)
        self._stop()
        return [] if self.opted_out else self._seldom("ended", TOLD_AGAIN)

    def _stop(self) -> None:
        if self._state is not None:
            self._state, self.outcome = None, SessionOutcome.stopped

    # -- about another question than the open one -------------------------------------------------------------------

    def _about_another(self, text: str, *, quick: bool) -> list[Bubble] | None:
        """The service's way with a message that is no reply to the open question; None if it is one."""
        state = self.state
        heard = None if state is None else engine.hear(self.compiled, state, self.contact, Reply(text), self.at)
        act = act_of(text, extra=self.compiled.extra) if heard is None else heard.act
        if self.held or act.kind in (ActKind.crisis, ActKind.serious, ActKind.leave):
            return None
        if denies(act):
            self.doubted = True
            return self._notice("who")
        if self.opted_out:
            return None
        if state is not None:
            return self._about_before(text, quick=quick)
        if not corrects(text) and (said := self._afterwards(text)) is not None:
            return said
        if (again := self._accepted_late(text)) is not None:
            return again
        before = self._about_before(text, quick=quick)
        return self._afterwards(text) if before is None else before

    def _in_doubt(self, text: str, word: Keyword | None) -> list[Bubble]:
        """A message while it is not known whose the number is."""
        if word is not None and word.name is Name.BAJA:
            return self._opt_out()
        act = act_of(text, extra=self.compiled.extra) if word is None else None  # AYUDA is no cry for help
        if act is not None and act.kind in (ActKind.crisis, ActKind.serious, ActKind.leave):
            return self._acted(act)
        theirs = is_theirs(text, self._local()) if word is None and text else None
        if theirs is None:
            asked = word is not None and word.name in (Name.AYUDA, Name.ALTA)
            return self._notice("who_help") if asked else self._seldom("who_help", TOLD_AGAIN)
        if theirs:
            self.doubted = False
            return self._notice("who_yes")
        return self._opt_out()

    def _local(self) -> datetime:
        return self.at.astimezone(ZoneInfo(self.contact.timezone))

    def _afterwards(self, text: str) -> list[Bubble] | None:
        """An answer to the question on which the conversation has ended; None if there is none."""
        if self._asked is None or self.outcome not in (SessionOutcome.expired, SessionOutcome.completed):
            return None
        flow, step = self._asked
        given = [one.status for one in self.responses if (one.flow, one.step) == (flow, step)]
        is_unclear = self.outcome is SessionOutcome.completed
        if "ok" in given or (is_unclear and not given):
            return None
        ask, passed = self.compiled.ask(flow, step), self.at - self._ended_at
        found = standing(self.compiled, flow, ask, Reply(text), self._local(), passed, is_unclear=is_unclear)
        if found is None:
            return None
        how, parsed = found
        name = thanks(ask, how)
        if how is Standing.in_time and (sprint := self._reopened(text, parsed)) is not None:
            self.outcome = None
            said = [] if is_acknowledged(sprint) else self._notice(name, respuesta=parsed.label)
            return [*said, *self._after(sprint)]
        if ask.consent is not None:
            return None
        self._happened(engine.response_to(self.compiled, flow, step, text, parsed, self._ended_at))
        return self._seldom(name, TOLD_AGAIN) if how is Standing.late else self._notice(name, respuesta=parsed.label)

    def _reopened(self, text: str, parsed: Parsed) -> Sprint | None:
        """The conversation again, with an answer to the question on which it ended; None if there is no way back to it."""
        last, begun = self.responses[-1], self._begun
        if begun is None:
            return None
        answers = {
            (one.flow, one.step): Parsed(one.value, one.key, one.label, "stored", 1.0, one.missing)
            if one.status == "ok"
            else None
            for one in self.responses
        }
        given = Reply(text), parsed
        question = (last.flow, last.step)
        return reopened(
            self.compiled, begun, self.contact, answers, question, given, last.asked_at, last.attempt, self.at
        )

    def _about_before(self, text: str, *, quick: bool) -> list[Bubble] | None:
        """A message about an answer that was given already; None if it is none."""
        ask, is_over = self.asked(), self._state is None
        if is_over and self.at - self._ended_at > AFTER_THE_END:
            return None
        answers = self._answers()
        if (found := named([one for _, one in answers], ask, text)) is not None:
            place, bubble = found
            return [] if bubble.kind is BubbleKind.same else self._replace(*answers[place], bubble)
        last = answers[-1] if answers and answers[-1][1].is_understood else None
        if last is None:
            return None if ask is None else self._about_nothing_before(ask, text, quick=quick)
        if is_what_counts(self._before, text, last[1].raw):
            text = put_right(text)
        if quick:
            return self._goes_on(*last, ask, text)
        said = corrected(last[1], text) if corrects(text) else None
        if said is None or (is_over and would_consent(last[1], said)):
            return None
        if ask is not None and fitting(ask, text, self._local()) is not None:
            return self._notice("which_answer")
        return self._replace(*last, said)

    def _about_nothing_before(self, ask: Ask, text: str, *, quick: bool) -> list[Bubble] | None:
        """Words that complete what was not understood, or put it right, where nothing has been answered yet."""
        state, at = self.state, self._local()
        if state is None or (not quick and not corrects(text)):
            return None
        whole = sentence(ask.reader, [*self._unclear, text], at, ask.purpose) if quick and self._unclear else None
        understood = anew(ask, text, at)
        given = Reply(whole[0]) if whole else None if understood is None else Reply(text, understood=understood)
        if given is None:
            return None
        return self._after(engine.resume(self.compiled, state, self.contact, given, self.at), state)

    def _goes_on(self, given: ResponseRecorded, before: Answered, ask: Ask | None, text: str) -> list[Bubble] | None:
        """A message that was written before the open question could be seen."""
        if is_talk(before, ask, text):
            return None
        bubble = follow(before, text)
        if bubble.kind is BubbleKind.correction:
            return (
                self._replace(given, before, bubble) if ask is not None or not would_consent(before, bubble) else None
            )
        return self._supersede(given, before, None) if bubble.kind is BubbleKind.taken_back else []

    def _replace(self, given: ResponseRecorded, before: Answered, talk: Talk) -> list[Bubble]:
        if talk.parsed is None or not counts(before, talk, self.at - self._answered_at):
            return []
        said = self._supersede(given, before, (talk.text, talk.parsed))
        return [*self._notice("corrected", respuesta=talk.parsed.label), *said] if talk.is_said else said

    def _supersede(self, given: ResponseRecorded, before: Answered, answer: tuple[str, Parsed] | None) -> list[Bubble]:
        """Put another answer in the place of one, or take it back."""
        new = None
        if answer is not None:
            text, parsed = answer
            new = engine.response_to(self.compiled, given.flow, given.step, text, parsed, given.asked_at), parsed
        state, question = self.state, (given.flow, given.step)
        sprint = None
        if state is not None:
            sprint = engine.corrected(self.compiled, state, self.contact, question, new, self.at)
        if before.ask.consent is not None:
            self.agreed = False
        if sprint is not None:
            return self._after(sprint, state)
        self.responses.remove(given)
        if new is not None:
            self._happened(new[0])
        return []

    def _answers(self) -> list[tuple[ResponseRecorded, Answered]]:
        """The last response to each question, in the order of the questions."""
        found = {(one.flow, one.step): one for one in self.responses}
        return [
            (
                one,
                Answered(
                    self.compiled.ask(one.flow, one.step),
                    one.raw,
                    Parsed(one.value, one.key, one.label, "same", 1.0, one.missing),
                    self._local(),
                    one.status == "ok",
                ),
            )
            for one in sorted(found.values(), key=lambda one: one.asked_at)
        ]

    def _bubble(self, text: str, step: str, kind: str, template: str | None) -> Bubble:
        cold = not in_window(self.heard_at, self.at)
        refused = self.channel == "whatsapp" and cold and template is None
        return Bubble(fill(text, self.person.identity), self.at, step, kind, refused)

    def _unasked(self, text: str) -> list[Bubble]:
        """The answer to a message without an open question, each from time to time; after BAJA only to a crisis."""
        act = act_of(text, extra=self.compiled.extra)
        if act.kind in (ActKind.crisis, ActKind.serious, ActKind.leave):
            return self._acted(act)
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
        if self.ended and is_accepted_late(text, decided=decided):
            return self._seldom("farewell", TOLD_AGAIN)
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
        if self.ended:
            return self._notice("farewell")
        state, asked = self.state, notices(self.compiled.definition)
        if self.agreed or not asked or (state is not None and state.flow != asked[0].flow):
            return self._notice("opted_in")
        self.outcome = None
        return self.start(asked[0].flow)

    def _opt_out(self) -> list[Bubble]:
        """Confirm once."""
        if self.opted_out:
            return []
        self._stop()
        self.opted_out, self.agreed = True, False
        return self._notice("who_no" if self.doubted else "opted_out")

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
