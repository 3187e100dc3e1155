"""The conversations of a police force, as rows of the database: officers who answer all, some or nothing, messages that fail, cases, reviews
and codes of texts, and the entries of the log. Chance is drawn from one seed, so that two databases of a size are the same."""

import random
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.flows.engine.compiled import answer_of, expand
from app.flows.engine.state import Frame, State
from app.flows.language.definition import Ask, Programme, Say, variable_name
from app.store import answer_words
from app.store.sealing import (
    ANNOUNCED,
    INBOUND_BODY,
    INBOUND_FORM,
    OUTBOUND_BODY,
    RESPONSE_WORDS,
    SESSION_STATE,
    SealedColumn,
)
from app.store.vault import Vault

_DAY = 86_400
_TIMES = [f" {second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.000000" for second in range(_DAY)]
_DAYS: dict[int, str] = {}
_WAIT = 48 * 3600
"""Seconds after which a conversation ends without an answer."""
_REPLIES = (
    "Le expliqué el motivo y qué seguía",
    "Escuché primero y luego pregunté",
    "No hubo tiempo",
    "Se molestó y se fue",
)
_SAID = (
    "Le hago una pregunta de su último turno: ¿qué fue lo último que atendió, y cómo quedó la persona con la que trató?"
)
_CAUSES = ("recipient_unreachable", "filtered", "unknown", "outside_window")
_REASONS = ("unclear", "question", "late", "audio", "complaint", "nothing_open", "leave", "serious", "crisis")
_ACTIONS = ("officers show", "cases show", "text show", "officers find", "cases answer", "text review", "roster import")
_PEOPLE = ("ana", "berta", "carlos", "dora", "ernesto", "flor")
_OPEN_CASES = 400
_OF = {
    "session": "id contact_id flow_version_id flow wave channel state step wake_at outcome started_at ended_at",
    "outbound_message": "id uid contact_id session_id flow step kind channel body characters priority due_at status rank attempts sid"
    " segments error_class error_cause created_at sent_at delivered_at read_at options resend",
    "inbound_message": "id sid contact_id lookup channel body characters sealed kind session_id step outcome act act_rule needs_person"
    " received_at",
    "response": "id session_id contact_id inbound_id flow_version_id flow step variable wave level principle kind raw words value number key"
    " label rule score attempt status late asked_at answered_at",
    "message_event": "outbound_id sid status at",
    "case": "id contact_id reason opened_at last_at owner waiting_since calls closed_at outcome",
    "case_message": "case_id inbound_id",
    "text_review": "response_id decision by at",
    "text_code": "response_id variable coder codes at",
    "audit_entry": "at actor action subject detail",
    "announcement": "id programme sealed status officers after due_at created_at created_by ended_at",
    "announcement_officer": "announcement_id contact_id outbound_id",
}
"""The columns of the rows, by table."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a conversation. `options` are key, label and value; none for an open text or a number."""

    step: str
    variable: str
    level: str | None
    principle: str | None
    kind: str
    options: tuple[tuple[str, str, str | None], ...]

    @property
    def is_text(self) -> bool:
        """Whether it is answered in one's own words."""
        return self.kind == "text"


@dataclass(frozen=True, slots=True)
class FlowScript:
    """A conversation: its questions, and the texts that it says after them."""

    asks: tuple[Question, ...]
    says: int

    @property
    def usual_messages(self) -> float:
        """The mean number of messages, with those who do not answer."""
        return 0.58 * (0.7 * (2 * len(self.asks) + self.says) + 0.3 * 2)


def scripts(programme: Programme | None) -> dict[str, FlowScript]:
    """The conversations of a programme."""
    assert programme is not None  # noqa: S101 - it is ours
    found = {}
    for code, flow in programme.flows.items():
        steps = expand(flow)
        asks = tuple(_question(programme, code, one) for one in steps if isinstance(one, Ask))
        found[code] = FlowScript(asks, max(1, sum(isinstance(one, Say) for one in steps)))
    return found


def _question(programme: Programme, flow: str, ask: Ask) -> Question:
    answer = answer_of(programme, ask.answer)
    kind = next(
        one
        for one in ("yes_no", "choice", "multi", "number", "scale", "text", "date", "time", "media")
        if getattr(answer, one)
    )
    options: tuple[tuple[str, str, str | None], ...] = ()
    if kind == "choice" and isinstance(answer.choice, Mapping):
        options = tuple((key, str(key), str(place)) for place, key in enumerate(answer.choice, 1))
    elif kind != "text":
        options = tuple((str(one), str(one), str(one)) for one in range(1, 5))
    return Question(ask.ask, variable_name(flow, ask), ask.level, ask.principle, kind, options)


def as_text(moment: int) -> str:
    """A moment in seconds as SQLite has it."""
    day, second = divmod(moment, _DAY)
    if (begin := _DAYS.get(day)) is None:
        begin = _DAYS[day] = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).strftime("%Y-%m-%d")
    return begin + _TIMES[second]


@dataclass(slots=True)
class Talk:
    """Makes the rows of one planned flow after the other, and writes them when it is told to. `messages` have been made."""

    vault: Vault
    flows: dict[str, FlowScript]
    messages: int = 0
    _programme: str = ""
    _version: int = 0
    _now: int = 0
    _session: int = 0
    _out: int = 0
    _in: int = 0
    _response: int = 0
    _case: int = 0
    _open: dict[int, int] = field(default_factory=dict)
    """The last moment of the open conversation of an officer."""
    _candidates: list[tuple[int, int, int]] = field(default_factory=list)
    """Messages about which a case may be: the message, the officer, the moment."""
    _texts: list[tuple[int, int]] = field(default_factory=list)
    """Answers in own words: the answer, the moment."""
    _rows: dict[str, list[tuple[object, ...]]] = field(default_factory=lambda: {table: [] for table in _OF})
    _nudges: list[tuple[object, ...]] = field(default_factory=list)
    _chance: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 - no secret

    def begin(self, programme: str, version: int, now: int) -> None:
        """The conversations are of this programme in this version, and go up to this moment."""
        self._programme, self._version, self._now = programme, version, now

    def about(
        self,
        nudge: int,
        officer: int,
        flow: str,
        wave: str | None,
        status: str,
        at: int,
        agreed: int,
    ) -> None:
        """The conversation of a planned flow, or why there is none."""
        if status != "planned":
            return
        draw = self._chance.random()
        reason = "no_consent" if not agreed else "cap" if draw < 0.08 else None
        if officer in self._open:
            reason = "session_open"
        if reason is not None:
            self._nudges.append((nudge, "skipped", reason, flow, None, as_text(at)))
            return
        choices = [one for one in flow.split(" | ") if one in self.flows]
        chosen = self._chance.choice(choices)
        self._session += 1
        self._nudges.append((nudge, "started", None, chosen, self._session, as_text(at)))
        self._converse(officer, chosen, wave, at)

    def _converse(self, officer: int, flow: str, wave: str | None, at: int) -> None:
        script, eagerness = self.flows[flow], (officer * 2654435761 % 1000) / 1000
        answers = self._chance.random() < 0.25 + 0.75 * eagerness
        session, moment, asked = self._session, at, 0
        for question in script.asks:
            if moment > self._now:
                break
            arrived = self._write(officer, session, flow, question.step, "ask", moment)
            asked += 1
            if not (answers and arrived) or self._chance.random() < 0.02:
                answers = False
                break
            moment += 30 + int(self._chance.random() * 1800)
            if moment > self._now:
                break
            self._answer(officer, session, flow, wave, question, moment)
        is_over = (answers or not script.asks) and moment <= self._now
        if is_over:
            for _ in range(script.says):
                self._write(officer, session, flow, "cierre", "say", moment)
        else:
            moment += _WAIT
        self._end(officer, session, flow, wave, at, moment, script, asked, completed=is_over)

    def _end(
        self,
        officer: int,
        session: int,
        flow: str,
        wave: str | None,
        at: int,
        moment: int,
        script: FlowScript,
        asked: int,
        *,
        completed: bool,
    ) -> None:
        outcome = "completed" if completed else "expired"
        begun, ended = as_text(at), as_text(moment)
        step = state = wake = None
        if moment > self._now:
            outcome = ended = None  # type: ignore[assignment]
            step, wake = script.asks[max(asked - 1, 0)].step, as_text(moment)
            since, until = (datetime.fromtimestamp(one, UTC) for one in (at, moment))
            plain = State((Frame(flow, step),), since, since, until)
            state = self._sealed(SESSION_STATE, officer, plain.to_json())
            self._open[officer] = moment
        row = (session, officer, self._version, flow, wave, "whatsapp", state, step, wake, outcome, begun, ended)
        self._rows["session"].append(row)

    def _write(self, officer: int, session: int | None, flow: str | None, step: str | None, kind: str, at: int) -> bool:
        """A message of ours. Gives whether it arrived."""
        self._out += 1
        self.messages += 1
        key, fate = self._out, self._chance.random()
        uid = f"{key:012x}"
        failed = fate < 0.03
        status = (
            ("undelivered", 4)
            if failed
            else ("sent", 3)
            if fate < 0.08
            else ("delivered", 5)
            if fate < 0.4
            else ("read", 6)
        )
        sent, delivered, read = as_text(at + 1), as_text(at + 3), as_text(at + 20)
        error = ("final", _CAUSES[key % 4]) if failed else (None, None)
        body = self._sealed(OUTBOUND_BODY, uid, _SAID)
        times = (as_text(at), sent, delivered if status[1] > 4 else None, read if status[1] > 5 else None)
        self._rows["outbound_message"].append(
            (
                key,
                uid,
                officer,
                session,
                flow,
                step,
                kind,
                "whatsapp",
                body,
                len(_SAID),
                int(kind == "ask"),
                times[0],
                *status,
                1,
                f"SM{key:030x}",
                1,
                *error,
                *times,
                "[]",
                0,
            )
        )
        self._rows["message_event"].append((key, f"SM{key:030x}", status[0], sent))
        return not failed

    def _answer(self, officer: int, session: int, flow: str, wave: str | None, question: Question, at: int) -> None:
        self._in += 1
        self._response += 1
        self.messages += 1
        key, sid, moment = self._in, f"MM{self._in:030x}", as_text(at)
        unclear = self._chance.random() < 0.03
        option = None if unclear or question.is_text or not question.options else self._chance.choice(question.options)
        text = option[0] if option else _REPLIES[key % 4]
        self._rows["inbound_message"].append(
            (
                key,
                sid,
                officer,
                f"{officer:064x}",
                "whatsapp",
                self._sealed(INBOUND_BODY, sid, text),
                len(text),
                self._sealed(INBOUND_FORM, sid, '{"Body": "…"}'),
                "text",
                session,
                question.step,
                "unclear" if unclear else "answer",
                "answer",
                "reader",
                False,
                moment,
            )
        )
        words = None if option else self._sealed(RESPONSE_WORDS, key, answer_words.written(text, text, text) or "")
        value, number = (option[2], float(option[2] or 0)) if option else (None, None)
        asked = as_text(at - 30)
        self._rows["response"].append(
            (
                self._response,
                session,
                officer,
                key,
                self._version,
                flow,
                question.step,
                question.variable,
                wave,
                question.level,
                question.principle,
                question.kind,
                option and option[0],
                words,
                value,
                number,
                option and option[0],
                option[1] if option else "",
                "lexicon" if option else "open",
                0.95,
                1,
                "unclear" if unclear else "ok",
                False,
                asked,
                moment,
            )
        )
        if words is not None:
            self._texts.append((self._response, at))
        if unclear and key % 8 == 0:
            self._candidates.append((key, officer, at))
        if key % 12 == 0:
            self._log(at, f"contact:{officer}", key)

    def _log(self, at: int, subject: str, key: int) -> None:
        action = _ACTIONS[key // 12 % len(_ACTIONS)]
        self._rows["audit_entry"].append(
            (as_text(at), _PEOPLE[key // 7 % len(_PEOPLE)], action, subject, '{"moments": 12}')
        )

    def _sealed(self, column: SealedColumn, key: object, text: str) -> bytes:
        return self.vault.seal(text, column.context(key))

    # -- what people did --------------------------------------------------------------------------------------------------

    def finish(self, officers: Iterable[int]) -> None:
        """The cases, of which the latest are open, the reviews and codes of the earlier half of the texts, and a notice to these officers."""
        self._announce(list(officers))
        seen: set[int] = set()
        for message, officer, at in reversed(self._candidates):
            is_open = officer not in seen and len(seen) < _OPEN_CASES
            seen |= {officer} if is_open else set()
            self._one_case(message, officer, at, is_open=is_open)
        for response, at in self._texts[: len(self._texts) // 2]:
            moment = as_text(at + _DAY)
            decision = "withhold" if response % 20 == 0 else "ok"
            self._rows["text_review"].append((response, decision, _PEOPLE[response % 3], moment))
            if decision == "ok" and response % 3 == 0:
                for coder in ("A", "B"):
                    code = ("tiempo", "riesgo", "mando", "otro")[(response + (coder == "B" and response % 7 == 0)) % 4]
                    self._rows["text_code"].append((response, "motivo", coder, code, moment))

    def _announce(self, officers: list[int]) -> None:
        at = self._now - 2 * _DAY
        sealed = self._sealed(ANNOUNCED, 1, '{"text": "El taller cambia de lugar.", "variables": []}')
        written, ended = as_text(at), as_text(at + 60)
        row = (1, self._programme, sealed, "laid_out", len(officers), officers[-1], written, written, "ana", ended)
        self._rows["announcement"].append(row)
        for officer in officers:
            self._write(officer, None, None, None, "announcement", at)
            self._rows["announcement_officer"].append((1, officer, self._out))

    def _one_case(self, message: int, officer: int, at: int, *, is_open: bool) -> None:
        self._case += 1
        moment, reason = as_text(at), _REASONS[self._case % (len(_REASONS) if self._case % 10 == 0 else 7)]
        owner = None if is_open and self._case % 3 else _PEOPLE[self._case % 6]
        end = (None, None) if is_open else (as_text(at + 7200), "handled")
        self._rows["case"].append((self._case, officer, reason, moment, moment, owner, moment, 0, *end))
        self._rows["case_message"].append((self._case, message))

    def flush(self, connection: sqlite3.Connection) -> None:
        """Write what has been made."""
        for table, rows in self._rows.items():
            names = _OF[table].split()
            marks = ", ".join("?" for _ in names)
            connection.executemany(f'INSERT INTO "{table}" ({", ".join(names)}) VALUES ({marks})', rows)  # noqa: S608 - names
            rows.clear()
        connection.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS become (id INTEGER PRIMARY KEY, status, reason, flow, session_id, at)"
        )
        connection.executemany("INSERT INTO become VALUES (?, ?, ?, ?, ?, ?)", self._nudges)
        connection.execute(
            "UPDATE nudge SET status = become.status, reason = become.reason, flow = become.flow, session_id = become.session_id,"
            " decided_at = become.at FROM become WHERE nudge.id = become.id"
        )
        connection.execute("DELETE FROM become")
        self._nudges.clear()
