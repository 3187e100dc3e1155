"""A person's reading of a message: that it answers a question, or gives or refuses consent. The officer's words are stored as they were
written, with the person who judged; an open question is answered by it, and the conversation goes on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from app.cases import handling
from app.conversations.library import Library
from app.conversations.sessions import NUDGE, Turn, apply, contact_of, decide, following, response, write_batch
from app.errors import ConflictError, UsageError
from app.flows.engine import engine
from app.flows.engine.compiled import YES
from app.flows.engine.engine import Reply
from app.flows.engine.events import ResponseRecorded
from app.people.actors import name_of
from app.store import audit, cases, conversations, judged, questions
from app.store.cases import Case, Message
from app.store.contacts import Officer
from app.store.conversations import Changes
from app.store.questions import AskedQuestion, PutQuestion
from app.store.sealing import UNREADABLE
from app.store.tables import ContactStatus
from app.wording import Sentence

MOST_PUT = 20
"""The number of our latest messages that are searched for questions."""

_TYPED = {True: "sí", False: "no"}
"""How an officer would have typed the decision."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question that a message may count for. `number` is by which a person names it; `options` are as the officer saw them."""

    number: int
    flow: str
    step: str
    asked_at: datetime
    text: str
    options: tuple[tuple[int, str], ...]
    is_open: bool
    is_answered: bool
    asks_consent: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """A message that counts now. `label` is the answer as the programme words it; `goes_on`: the question was open, and the conversation
    goes on."""

    study_id: str
    flow: str
    step: str
    label: str
    goes_on: bool


def asked(tx: Connection, library: Library, case: Case) -> list[Question]:
    """The questions that the officer of a case was asked last, the latest first; none for an unknown number."""
    if case.contact_id is None:
        return []
    officer = handling.officer_of(tx, case)
    return [
        Question(
            number,
            put.asked.flow,
            put.asked.step,
            put.asked.asked_at,
            put.text,
            tuple((option["number"], option["label"]) for option in json.loads(put.options)),
            _is_open(officer, put.asked),
            put.is_answered,
            _asks_consent(tx, library, put.asked),
        )
        for number, put in enumerate(questions.put_lately(tx, case.contact_id, MOST_PUT), 1)
    ]


def count(
    tx: Connection,
    library: Library,
    case_id: int,
    meant: str,
    now: datetime,
    actor: str,
    *,
    message: int | None = None,
    number: int = 1,
    instead: bool = False,
) -> Judged:
    """Count a message of a case, the latest if none is named, as the answer to a question, by its number in `asked`. `meant` is the answer
    as the officer could have typed it; `instead`: another answer that counts gives way. Raises UsageError for a text that
    does not answer that question, ConflictError if it has one, or if the case is closed or another's."""
    judging = _Judging.begin(tx, library, case_id, now, actor, message)
    put = judging.put(number)
    if _asks_consent(tx, library, put.asked):
        raise UsageError(
            Sentence("that question asks for consent: `trato cases consent` accepts or refuses it"), "asks_consent"
        )
    return judging.settle(put, meant, instead=instead)


def consent(
    tx: Connection,
    library: Library,
    case_id: int,
    now: datetime,
    actor: str,
    *,
    granted: bool,
    message: int | None = None,
) -> Judged:
    """Accept a message of a case as consent, or as a refusal, to the question for consent that the officer was asked last. The decision
    counts from the moment of the message, and keeps who judged. Raises UsageError if there was no such question, ConflictError
    if the officer has left, or if the case is closed or another's."""
    judging = _Judging.begin(tx, library, case_id, now, actor, message)
    if granted and judging.officer.status == ContactStatus.opted_out:
        text = Sentence(
            "officer {officer} has left the programme since: consent cannot be taken", officer=judging.officer.study_id
        )
        raise ConflictError(text, "left_since")
    for put in judging.questions:
        if _asks_consent(tx, library, put.asked):
            return judging.settle(put, _TYPED[granted], instead=True)
    raise UsageError(
        Sentence(
            "officer {officer} was never asked for consent: `trato officers invite` asks",
            officer=judging.officer.study_id,
        ),
        "never_asked",
    )


def _is_open(officer: Officer, which: AskedQuestion) -> bool:
    return officer.session is not None and (officer.session.id, officer.session.step) == (which.session_id, which.step)


def _asks_consent(tx: Connection, library: Library, which: AskedQuestion) -> bool:
    return library.compiled(tx, which.flow_version_id).ask(which.flow, which.step).consent is not None


@dataclass(frozen=True, slots=True)
class _Judging:
    """One judgement: the case, its officer, the message, and the questions."""

    turn: Turn
    actor: str
    case: Case
    officer: Officer
    message: Message
    questions: Sequence[PutQuestion]

    @classmethod
    def begin(
        cls, tx: Connection, library: Library, case_id: int, now: datetime, actor: str, message: int | None
    ) -> "_Judging":
        case = handling.begin(tx, case_id, actor)
        officer = handling.officer_of(tx, case)
        handling.check_sound(tx, officer)
        handling.check_read(tx, case, actor)
        said = cases.messages(tx, case_id)
        if not said or not 1 <= (message or len(said)) <= len(said):
            text = Sentence(
                "case {case} has {number} messages of the officer: `trato cases show {case}`",
                case=case_id,
                number=len(said),
            )
            raise UsageError(text, "no_message")
        chosen = said[(message or len(said)) - 1]
        if chosen.body == UNREADABLE:
            raise ConflictError(
                Sentence(
                    "the words of message {number} cannot be opened, so nobody can judge them",
                    number=message or len(said),
                ),
                "unreadable",
            )
        turn = Turn(
            tx,
            library,
            Changes(earlier={chosen.sid: chosen.id}),
            now,
            NUDGE,
            inbound_sid=chosen.sid,
            channel=chosen.channel,
            written_at=chosen.at,
            words=chosen.body,
        )
        return cls(turn, actor, case, officer, chosen, questions.put_lately(tx, officer.id, MOST_PUT))

    def put(self, number: int) -> PutQuestion:
        """A question by its number."""
        if not 1 <= number <= len(self.questions):
            raise UsageError(
                Sentence(
                    "there is no question {number}: `trato cases show {case}` lists the {most} that were asked last",
                    number=number,
                    case=self.case.id,
                    most=len(self.questions),
                ),
                "no_question",
            )
        return self.questions[number - 1]

    def settle(self, put: PutQuestion, meant: str, *, instead: bool) -> Judged:
        """Record the message as the answer, and go on with the conversation if the question is open."""
        recorded = self.read(put.asked, meant)
        goes_on = _is_open(self.officer, put.asked)
        if put.is_answered and not instead:
            raise ConflictError(
                Sentence(
                    "question {flow}.{step} has an answer that counts: --instead replaces it",
                    flow=put.asked.flow,
                    step=put.asked.step,
                ),
                "answered",
            )
        if goes_on and self.officer.holds:
            raise ConflictError(
                Sentence(
                    "officer {officer} is on hold, and the question is open: close the case first, and "
                    "it is asked again",
                    officer=self.officer.study_id,
                ),
                "held",
            )
        if goes_on:
            self.go_on(meant, recorded)
        else:
            self.record(put, recorded)
        self.keep_judge()
        write_batch(self.turn.tx, self.turn.library, self.turn.changes, self.turn.now)
        handling.keep(self.turn.tx, self.case, self.actor, self.turn.now)
        detail = {
            "message": self.message.id,
            "session": put.asked.session_id,
            "step": put.asked.step,
            "flow": put.asked.flow,
        }
        consents = [one.granted for one in self.turn.changes.consents]
        action = "case consent" if consents else "case count"
        audit.record(self.turn.tx, self.turn.now, self.actor, action, f"case:{self.case.id}", detail)
        return Judged(self.officer.study_id, put.asked.flow, put.asked.step, recorded.label, goes_on)

    def read(self, which: AskedQuestion, meant: str) -> ResponseRecorded:
        """The person's reading of the message, read as the officer's own answer would be."""
        compiled = self.turn.library.compiled(self.turn.tx, which.flow_version_id)
        found = engine.late_response(
            compiled, which.flow, which.step, contact_of(self.officer), Reply(meant), which.asked_at, self.message.at
        )
        if found is None or found.status != "ok":
            options = ", ".join(option.label for option in compiled.ask(which.flow, which.step).form.options)
            raise UsageError(
                Sentence(
                    "that is no answer to {flow}.{step}, which takes {options}",
                    flow=which.flow,
                    step=which.step,
                    options=options,
                )
                if options
                else Sentence("that is no answer to {flow}.{step}", flow=which.flow, step=which.step),
                "no_answer",
                options=options,
            )
        return self.as_judged(found)

    def as_judged(self, found: ResponseRecorded) -> ResponseRecorded:
        """The answer with the officer's own words, read by a person."""
        return replace(found, raw=self.message.body, rule=judged.BY_PERSON, score=1.0)

    def go_on(self, meant: str, recorded: ResponseRecorded) -> None:
        """Answer the open question."""
        sprint = following(self.turn, self.officer, Reply(meant))
        events = [
            self.as_judged(event) if isinstance(event, ResponseRecorded) and event.step == recorded.step else event
            for event in sprint.events
        ]
        apply(self.turn, self.officer, replace(sprint, events=tuple(events)))

    def record(self, put: PutQuestion, recorded: ResponseRecorded) -> None:
        """Record the answer to a question that its session no longer waits for. It is late if it was written after that."""
        which, changes = put.asked, self.turn.changes
        in_time = (self.message.session_id, self.message.step) == (which.session_id, which.step)
        late = not in_time or self.message.outcome == "late"
        changes.supersede(which.session_id, which.flow, which.step)
        changes.responses.append(response(self.turn, self.officer, which, recorded, late=late))
        ask = self.turn.library.compiled(self.turn.tx, which.flow_version_id).ask(which.flow, which.step)
        if ask.consent is not None:
            granted, channel = recorded.key == YES, self.message.channel
            decide(self.turn, self.officer, which.session_id, ask.consent, put.text, channel, granted=granted)

    def keep_judge(self) -> None:
        """Put the person's name to the answer and to the decision. What was recorded of the same message for the same question gives
        its place."""
        changes, person = self.turn.changes, name_of(self.actor)
        conversations.supersede(self.turn.tx, changes.superseded)
        changes.superseded = []
        mark = judged.mark(person, self.turn.now)
        answers = [one._replace(judged=mark) for one in changes.responses]
        changes.responses = [one for one in answers if not judged.replace(self.turn.tx, self.message.id, one)]
        proof = f"case {self.case.id}, judged by {person}"
        changes.consents = [one._replace(proof=proof) for one in changes.consents]
