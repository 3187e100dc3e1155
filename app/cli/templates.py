"""`trato templates`: the WhatsApp templates that flows use and their wording, compared with the environment's map and with the
carrier. Creates the generic contents for buttons and lists. Submits nothing to WhatsApp."""

import asyncio
import json
import shutil
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from app.channels.interactive import CONTENTS
from app.channels.templates import Approval, Finding, Review, Templates
from app.cli._common import installation, library_of, show_json
from app.cli.language import said, tell
from app.clock import system_clock
from app.conversations.doubting import WHO_TEMPLATE
from app.errors import ConfigurationError, UsageError, reason
from app.flows.language.definition import Programme
from app.flows.loader import load_folder
from app.flows.whatsapp_templates import Use, presented, uses, wording
from app.from_settings import make_channel
from app.from_settings import templates as mapped
from app.scheduler.end_watch import FAREWELL_TEMPLATE
from app.settings import Settings
from app.store.endings import FAREWELL
from app.store.holds import WHO
from app.wording import Sentence

T = TypeVar("T")


@dataclass(slots=True)
class Report:
    """The result of the command. `uses` are by template, each with the programmes that use it: published, draft or both. `ids` are
    the carrier's, by name."""

    ids: Mapping[str, str]
    uses: dict[str, dict[Use, list[str]]]
    questions: Counter[str]
    approvals: dict[str, Approval] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def checked_by(self, templates: Templates) -> Awaitable[Review]:
        """The carrier's answer on all of them."""
        return templates.check({name: list(used) for name, used in self.uses.items()}, self.questions, self.ids)


def templates(
    check: Annotated[bool, typer.Option("--check", help="Ask the carrier about each. Exit code 1 on a fault.")] = False,
    create_content: Annotated[
        bool,
        typer.Option(
            "--create-content", help="Create the generic contents for buttons and lists at the carrier, once."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the WhatsApp templates that flows use, and compare them with the carrier's.

    The wording is shown as it is submitted for approval, with its values as {{1}}, {{2}}. The JSON file of TRATO_TEMPLATES
    maps names to the carrier's ids.
    """
    if check and create_content:
        raise UsageError(Sentence("--check or --create-content, not both"))
    with installation() as place:
        settings = place.settings
        with place.database.reading() as tx:
            library = library_of(tx)
            published = [library.programmes[version].definition for version in library.current.values()]
    if create_content:
        _create(settings, as_json)
        return
    report = report_of(mapped(settings), published, _drafts(settings))
    if check:
        _check(settings, report)
    if as_json:
        show_json(_as_json(report))
    else:
        _show(report)
    if check and any(not finding.warning for finding in report.findings):
        raise typer.Exit(1)


def _drafts(settings: Settings) -> list[Programme]:
    return [item.programme for item in load_folder(settings.flows) if item.programme is not None]


_NOTICES = {WHO: WHO_TEMPLATE, FAREWELL: FAREWELL_TEMPLATE}
"""The notices that may go out where only a template may, by the names of these in the map."""


def _notices(programme: Programme) -> list[Use]:
    """The templates that the programme's notices use, and no flow: without them these go by SMS."""
    return [
        Use(
            template,
            programme.programme,
            "notices",
            notice,
            programme.language,
            wording(getattr(programme.notices, notice), programme.language),
            (),
            spare=True,
        )
        for notice, template in _NOTICES.items()
        if notice != FAREWELL or programme.ends is not None
    ]


def report_of(ids: Mapping[str, str], published: Sequence[Programme], drafts: Sequence[Programme]) -> Report:
    """The templates that programmes use, and the carrier's ids of them."""
    found: dict[str, dict[Use, list[str]]] = {}
    for whose, programmes in (("published", published), ("draft", drafts)):
        for programme in programmes:
            for use in (*uses(programme), *_notices(programme)):
                found.setdefault(use.template, {}).setdefault(use, []).append(whose)
    names = {(content.shape, content.count): name for name, content in CONTENTS.items()}
    latest = {programme.programme: programme for programme in (*published, *drafts)}
    shown = [one for programme in latest.values() for one in presented(programme)]
    return Report(ids, dict(sorted(found.items())), Counter(names[shape, count] for shape, count in shown if shape))


# -- asking the carrier -------------------------------------------------------------------------------------------------


def _check(settings: Settings, report: Report) -> None:
    review = _asking(settings, report.checked_by)
    if review is None:  # the simulator approves all
        review = Review(dict.fromkeys(report.uses, Approval("approved", "UTILITY")))
    report.approvals = review.approvals
    report.findings = sorted(review.findings, key=lambda finding: (finding.warning, finding.name))


def _asking(settings: Settings, work: Callable[[Templates], Awaitable[T]]) -> T | None:
    """The result of the work; None if the carrier has no templates."""

    async def run() -> T | None:
        channel = make_channel(settings, system_clock)
        try:
            return None if channel.templates is None else await work(channel.templates)
        finally:
            await channel.aclose()

    return asyncio.run(run())


# -- creating the generic contents ----------------------------------------------------------------------------------------


def _create(settings: Settings, as_json: bool) -> None:
    path = settings.templates.resolve() if settings.templates else None
    before = dict(mapped(settings)) if path is None or path.exists() else {}
    made = _asking(settings, lambda templates: templates.create(before))
    if made is None:
        raise UsageError(
            Sentence("the simulator needs no contents: TRATO_CHANNEL=twilio and its settings name the account")
        )
    if path is not None and made:
        _write(path, {**before, **made})
    whole = {name: {**before, **made}[name] for name in CONTENTS}
    if as_json or path is None:
        show_json(whole)
        return
    for name, sid in whole.items():
        is_new = name in made
        tell(
            Sentence("{name:16} {id}  new in the map", name=name, id=sid)
            if is_new
            else Sentence("{name:16} {id}  in the map already", name=name, id=sid)
        )
    if not made:
        tell(Sentence("{path}: unchanged", path=path))
    elif len(made) > 1:
        tell(Sentence("{path}: start `trato serve` again to use them", path=path))
    else:
        tell(Sentence("{path}: start `trato serve` again to use it", path=path))


def _write(path: Path, ids: Mapping[str, str]) -> None:
    """Replace the map as a whole, or not at all."""
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_text(json.dumps(ids, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        if path.exists():
            shutil.copymode(path, new)
        new.replace(path)
    except OSError as error:
        raise ConfigurationError(
            Sentence(
                "{path} cannot be written ({reason}). It should have: {ids}",
                path=path,
                reason=reason(error),
                ids=json.dumps(ids),
            )
        ) from None


# -- showing ------------------------------------------------------------------------------------------------------------


def _show(report: Report) -> None:
    for name, used in report.uses.items():
        approval = report.approvals.get(name)
        state = f"  {approval.status} {approval.category}".rstrip() if approval else ""
        typer.echo(f"{name}  {said(report.ids.get(name) or _NOT_THERE)}{state}")
        for use, whose in used.items():
            typer.echo(f"  {use.programme} {use.flow}.{use.step} ({', '.join(whose)}, {use.language})")
            for line in use.text.splitlines():
                typer.echo(f"    {line}".rstrip())
            for place, value in enumerate(use.variables, 1):
                typer.echo(f"    {{{{{place}}}}} = {value}")
            if use.options:
                how = Sentence("buttons") if use.buttons else Sentence("options, to be written in the text")
                options = ", ".join(f"{label} (id {key})" for key, label in use.options)
                tell(Sentence("    {how}: {options}", how=how, options=options))
    for name, count in sorted(report.questions.items()):
        id_ = report.ids.get(name) or _NOT_THERE
        tell(
            Sentence("{name}  {id}  1 question", name=name, id=id_)
            if count == 1
            else Sentence("{name}  {id}  {number} questions", name=name, id=id_, number=count)
        )
    for finding in report.findings:
        tell(
            Sentence("warning: {name}: {text}", name=finding.name, text=finding.text)
            if finding.warning
            else Sentence("wrong: {name}: {text}", name=finding.name, text=finding.text)
        )


_NOT_THERE = Sentence("not in the map")


def _as_json(report: Report) -> dict[str, object]:
    return {
        "templates": [
            {
                "name": name,
                "sid": report.ids.get(name),
                "approval": asdict(report.approvals[name]) if name in report.approvals else None,
                "uses": [
                    {
                        "programme": use.programme,
                        "flow": use.flow,
                        "step": use.step,
                        "language": use.language,
                        "of": whose,
                        "text": use.text,
                        "variables": use.variables,
                        "buttons": use.buttons,
                        "options": None
                        if use.options is None
                        else [{"key": key, "label": label} for key, label in use.options],
                    }
                    for use, whose in used.items()
                ],
            }
            for name, used in report.uses.items()
        ],
        "contents": [
            {"name": name, "sid": report.ids.get(name), "questions": report.questions[name]} for name in CONTENTS
        ],
        "findings": [asdict(finding) for finding in report.findings],
    }
