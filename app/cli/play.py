"""`trato play`: a phone in the terminal. Plays a flow with an invented officer and a clock to move, and can save the
conversation as a transcript test. Opens no database and sends nothing."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.box import ROUNDED
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from app.cli.language import said, tell
from app.cli.rehearsals import programme_of, programmes, tried_settings
from app.errors import UsageError, reason
from app.flows.engine.events import ResponseRecorded, SessionOutcome
from app.flows.language.nearby import unknown
from app.flows.language.problems import UNSEEN
from app.flows.transcripts.append import TranscriptDraft, append_transcript
from app.flows.transcripts.player import DEFAULT_START, Bubble, InventedOfficer, NoSuchButton, RehearsalPhone, moment
from app.flows.transcripts.runner import answer, step
from app.flows.transcripts.talk import (
    AdvanceClock,
    Move,
    SwitchChannel,
    message_lines,
    move_text,
    read_brackets,
    read_officer_line,
)
from app.wording import Sentence

HELP = Sentence(
    "/+24h moves the clock, /timeout to what is due next, /channel sms|whatsapp, /state, /quit; [button si] presses a button, [quick] comes before a message that was not seen before our last one"
)

_OUTCOMES = {
    "completed": Sentence("completed"),
    "expired": Sentence("expired"),
    "stopped": Sentence("stopped"),
    "failed": Sentence("failed"),
}


class ChannelName(StrEnum):
    """The officer's channel."""

    sms = "sms"
    whatsapp = "whatsapp"


def play(
    flow: Annotated[str, typer.Argument(help="The flow to talk through.")],
    channel: Annotated[ChannelName, typer.Option(help="The officer's channel.")] = ChannelName.sms,
    save: Annotated[Path | None, typer.Option(help="Add the conversation to this transcript file.")] = None,
    nombre: Annotated[str, typer.Option(help="The invented officer's name.")] = "Alma",
    at: Annotated[str, typer.Option(help="The start, in the programme's local time.")] = DEFAULT_START,
    variant: Annotated[
        str | None, typer.Option(help="The variant of a flow with variants; the first if not given.")
    ] = None,
    opening: Annotated[
        int | None, typer.Option(help="The number of the opening of a flow with openings; the first if not given.")
    ] = None,
    programme: Annotated[str | None, typer.Option(help="The programme, if the flow is in several.")] = None,
    flows: Annotated[Path | None, typer.Option(help="The folder of flow files; TRATO_FLOWS if not given.")] = None,
) -> None:
    """Talk through a flow in the terminal, as an officer would. Lines may also come from standard input.

    By the rules of the service, also for quick messages, corrections, late answers and a number that is denied. Only the service has
    quotations, campaigns and waves, the last message of a programme, the persons who read, and the officer's other conversations.
    `--at` with a day after the programme's `ends`, or a clock that is moved there, shows what officers get then.
    """
    compiled = programme_of(programmes(flows or tried_settings().flows), flow, programme)
    person = InventedOfficer({"nombre": nombre}, {}, compiled.definition.language, compiled.definition.timezone)
    phone = RehearsalPhone(compiled, person, _moment(at, person.timezone), channel.value)
    variants = compiled.flows[flow].variants
    if variant is not None and variant not in variants:
        text = Sentence("{flow} has no variant {variant}", flow=flow, variant=variant)
        raise UsageError(unknown(text, variant, variants))
    if opening is not None and not 1 <= opening <= (known := compiled.flows[flow].openings):
        raise UsageError(
            Sentence("{flow} has {number} openings", flow=flow, number=known)
            if known
            else Sentence("{flow} has no openings", flow=flow)
        )
    talk = Talk(phone, TranscriptDraft(compiled.programme, flow, at, channel.value, nombre, variant, opening))
    if save is not None:
        _added(save, talk)  # before the conversation: afterwards it would be lost
    talk.run(flow)
    if save is not None:
        _save(save, talk)
    if phone.outcome is SessionOutcome.failed:
        raise typer.Exit(1)


def _moment(written: str, timezone: str) -> datetime:
    try:
        return moment(written, timezone)
    except ValueError as error:
        raise UsageError(Sentence("--at {fault}", fault=error.args[0])) from None


def _save(file: Path, talk: "Talk") -> None:
    after, name = _added(file, talk)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(after, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            Sentence("the conversation cannot be added to {file}: {reason}", file=file, reason=reason(error))
        ) from None
    tell(Sentence("saved as {name} in {file}", name=name, file=file), err=True)


def _added(file: Path, talk: "Talk") -> tuple[str, str]:
    """The file with the conversation, and its name there. Raises UsageError."""
    try:
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        return append_transcript(before, str(file), talk.recorded, {talk.phone.compiled.programme: talk.phone.compiled})
    except (OSError, ValueError) as error:
        raise UsageError(
            Sentence("the conversation cannot be added to {file}: {reason}", file=file, reason=error)
        ) from None


@dataclass(slots=True)
class Talk:
    """The conversation in the terminal: shows the messages and records them."""

    phone: RehearsalPhone
    recorded: TranscriptDraft
    console: Console = field(default_factory=lambda: Console(highlight=False))
    ended: bool = False
    stands_still: bool = False
    shown: dict[str, ResponseRecorded] = field(default_factory=dict)

    def run(self, flow: str) -> None:
        """Talk until the officer leaves or the input ends."""
        if self.console.is_terminal:
            self.note(HELP)
        if self.phone.ended:
            self.note(
                Sentence("after the last day of the programme no conversation begins; who writes gets what follows")
            )
        self.show(self.phone.start(flow, self.recorded.variant, self.recorded.opening))
        for line in self.lines():
            if line in ("/quit", "/q"):
                break
            self.obey(line)
        self.recorded.answers = {name: answer(response) for name, response in self.phone.answers.items()}
        self.recorded.ends = str(self.phone.outcome or "open")

    def lines(self) -> Iterator[str]:
        """The input, typed or piped; piped lines are shown. Invisible characters, which a transcript cannot hold, are
        removed."""
        if sys.stdin.isatty():
            while True:
                try:
                    yield UNSEEN.sub("", input("> "))
                except (EOFError, KeyboardInterrupt):
                    self.say("")
                    return
        for line in sys.stdin:
            text = UNSEEN.sub("", line.rstrip("\r\n"))
            if not text.startswith("/"):
                self.say(f"> {text}")
            yield text

    def obey(self, line: str) -> None:
        """Handle one line: a command, or the officer's message."""
        if not line.startswith("/"):
            self.move(read_officer_line(line.strip()))
        elif line == "/state":
            state = self.phone.state
            self.say(
                json.dumps(json.loads(state.to_json()), ensure_ascii=False, indent=2)
                if state
                else Sentence("no question is open")
            )
        elif line == "/timeout":
            self.jump_to_what_is_due()
        elif (command := self.command(line)) is not None:
            self.move(command)
        else:
            self.note(HELP)

    def command(self, line: str) -> Move | None:
        """The move of `/+24h` or `/channel sms`; None if it is neither."""
        words = line[1:].removeprefix("channel").strip()
        found = read_brackets(f"({words})")
        return found if isinstance(found, SwitchChannel) is line.startswith("/channel") else None

    def jump_to_what_is_due(self) -> None:
        """Jump to the reminder, the timeout or the expiry, whichever comes next."""
        state = self.phone.state
        if state is None:
            self.note(Sentence("nothing is waited for"))
        else:
            minutes = -((self.phone.at - state.wake_at) // timedelta(minutes=1))
            self.move(AdvanceClock(timedelta(minutes=max(1, minutes))))

    def move(self, move: Move) -> None:
        """Make a move, show the messages that follow, and record both."""
        try:
            bubbles = step(self.phone, move)
        except NoSuchButton as error:
            self.note(error.args[0])
            return
        self.recorded.lines += move_text(move).split("\n")
        if isinstance(move, AdvanceClock | SwitchChannel):
            text = Sentence(
                "{move} {moment:%a %d %b %H:%M}, {channel}",
                move=move_text(move),
                moment=self.phone.at,
                channel=self.phone.channel,
            )
            self.note(text)
        self.show(bubbles)

    # -- showing ----------------------------------------------------------------------------------------------------

    def show(self, bubbles: list[Bubble]) -> None:
        """Show messages of the service."""
        for bubble in bubbles:
            lines = message_lines("<", bubble.text)
            self.recorded.lines += lines
            if self.console.is_terminal:
                title = f"{bubble.at:%H:%M} {bubble.kind}"
                self.console.print(Panel.fit(Text(bubble.text), title=title, title_align="left", box=ROUNDED))
            else:
                self.say("\n".join(lines))
            if bubble.refused:
                self.note(
                    Sentence("WhatsApp would refuse this: more than 24 hours have passed, and there is no template")
                )
        if self.phone.held and not self.stands_still:
            self.stands_still = True
            self.note(Sentence("a crisis: the conversation stands still until a person closes the case"))
        if self.phone.outcome is not None:
            self.summarise()

    def summarise(self) -> None:
        """Show how the conversation ended, once, and the recorded answers that have not been shown."""
        if not self.ended:
            self.show_end()
        for name, response in self.phone.answers.items():
            if self.shown.get(name) != response:
                self.note(f"{name} = {answer(response)}  {response.label}".rstrip())
        self.shown = self.phone.answers

    def show_end(self) -> None:
        """Show how the conversation ended."""
        self.ended = True
        if failure := self.phone.failure:
            self.note(
                Sentence(
                    "the flow failed at {step} ({code}): {text}",
                    step=failure.step,
                    code=failure.code,
                    text=failure.text,
                )
            )
        self.note(_OUTCOMES.get(str(self.phone.outcome), str(self.phone.outcome)))

    def say(self, text: str) -> None:
        """Print a text as it is."""
        self.console.print(Text(said(text)), soft_wrap=True)

    def note(self, text: str) -> None:
        """Print a remark about the conversation."""
        self.console.print(Text(f"· {said(text)}", style="dim"), soft_wrap=True)
