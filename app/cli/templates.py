"""`trato templates`: which WhatsApp templates the flows name and what they must say, whether the environment's map has them,
and whether Twilio has what the flows say. Makes the generic contents for buttons and lists. Submits nothing to WhatsApp."""

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
from app.channels.twilio.contents import Approval, TwilioContents
from app.channels.twilio.template_check import (
    AtTwilio,
    Finding,
    lacking,
    not_made,
    of_generic,
    of_template,
    unmapped,
)
from app.cli._common import installation, show_json
from app.conversations.library import Library
from app.errors import ConfigurationError, UsageError
from app.flows.language.definition import Programme
from app.flows.loader import load_folder
from app.flows.whatsapp_templates import Use, presented, uses
from app.main import make_contents
from app.main import templates as mapped
from app.settings import Settings

T = TypeVar("T")


@dataclass(slots=True)
class Report:
    """What the command found. `uses` are by template, each with whose it is: published, draft or both."""

    sids: Mapping[str, str]
    uses: dict[str, dict[Use, list[str]]]
    questions: Counter[str]
    approvals: dict[str, Approval] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def templates(
    check: Annotated[
        bool, typer.Option("--check", help="Ask Twilio about each. Exit code 1 if anything is wrong.")
    ] = False,
    create_content: Annotated[
        bool, typer.Option("--create-content", help="Make the generic contents for buttons and lists at Twilio, once.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the WhatsApp templates that flows name, and check them at Twilio.

    The wording is shown as it is to be submitted for approval, with its values as {{1}}, {{2}}. Names are tied to Content SIDs
    by the JSON file that TRATO_TEMPLATES names.
    """
    if check and create_content:
        raise UsageError("--check and --create-content are two errands: give one after the other")
    with installation() as place:
        settings = place.settings
        with place.database.reading() as tx:
            library = Library()
            library.refresh(tx)
            published = [library.programmes[version].definition for version in library.current.values()]
    if create_content:
        _create(settings, as_json)
        return
    report = _report(mapped(settings), published, _drafts(settings))
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


def _report(sids: Mapping[str, str], published: Sequence[Programme], drafts: Sequence[Programme]) -> Report:
    found: dict[str, dict[Use, list[str]]] = {}
    for whose, programmes in (("published", published), ("draft", drafts)):
        for programme in programmes:
            for use in uses(programme):
                found.setdefault(use.template, {}).setdefault(use, []).append(whose)
    names = {(content.shape, content.count): name for name, content in CONTENTS.items()}
    latest = {programme.programme: programme for programme in (*published, *drafts)}
    shown = [one for programme in latest.values() for one in presented(programme)]
    return Report(sids, dict(sorted(found.items())), Counter(names[shape, count] for shape, count in shown if shape))


# -- asking Twilio ------------------------------------------------------------------------------------------------------


def _check(settings: Settings, report: Report) -> None:
    report.findings += [unmapped(name) for name in report.uses if name not in report.sids]
    report.findings += [
        not_made(name, count) for name, count in sorted(report.questions.items()) if name not in report.sids
    ]
    contents = make_contents(settings)
    if contents is None:  # the simulator approves of all
        report.approvals = dict.fromkeys(report.uses, Approval("approved", "UTILITY"))
    else:
        _asking(contents, lambda asked: _ask(asked, report))
    report.findings.sort(key=lambda finding: (finding.warning, finding.name))


async def _ask(contents: TwilioContents, report: Report) -> None:
    for name, used in report.uses.items():
        if (sid := report.sids.get(name)) is not None:
            content = await contents.find(sid)
            report.approvals[name] = await contents.approval(sid) if content else Approval("unknown")
            report.findings += of_template(name, list(used), AtTwilio(content, report.approvals[name]))
    for name in CONTENTS:
        if (sid := report.sids.get(name)) is not None:
            report.findings += of_generic(name, await contents.find(sid))


def _asking(contents: TwilioContents, work: Callable[[TwilioContents], Awaitable[T]]) -> T:
    async def run() -> T:
        try:
            return await work(contents)
        finally:
            await contents.aclose()

    return asyncio.run(run())


# -- making the generic contents ------------------------------------------------------------------------------------------


def _create(settings: Settings, as_json: bool) -> None:
    contents = make_contents(settings)
    if contents is None:
        raise UsageError("the simulator needs no contents: TRATO_CHANNEL=twilio and its settings name the account")
    path = settings.templates.resolve() if settings.templates else None
    before = dict(mapped(settings)) if path is None or path.exists() else {}
    made = _asking(contents, lambda asked: _make(asked, before))
    if path is not None and made:
        _write(path, {**before, **made})
    whole = {name: {**before, **made}[name] for name in CONTENTS}
    if as_json or path is None:
        show_json(whole)
        return
    for name, sid in whole.items():
        typer.echo(f"{name:16} {sid}  {'new in the map' if name in made else 'in the map already'}")
    typer.echo(
        f"{path}: start `trato serve` again to use {'them' if len(made) > 1 else 'it'}"
        if made
        else f"{path}: unchanged"
    )


async def _make(contents: TwilioContents, before: Mapping[str, str]) -> dict[str, str]:
    """Make what is missing. One that the account has already, from a run that was broken off, is taken."""
    missing = lacking(before, await contents.all())
    return {name: sid or await contents.make(CONTENTS[name].resource()) for name, sid in missing.items()}


def _write(path: Path, sids: Mapping[str, str]) -> None:
    """Replace the map as a whole, or not at all."""
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_text(json.dumps(sids, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        if path.exists():
            shutil.copymode(path, new)
        new.replace(path)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written ({error.strerror}). It should have: {json.dumps(sids)}"
        ) from None


# -- showing ------------------------------------------------------------------------------------------------------------


def _show(report: Report) -> None:
    for name, used in report.uses.items():
        approval = report.approvals.get(name)
        said = f"  {approval.status} {approval.category}".rstrip() if approval else ""
        typer.echo(f"{name}  {report.sids.get(name) or 'not in the map'}{said}")
        for use, whose in used.items():
            typer.echo(f"  {use.programme} {use.flow}.{use.step} ({', '.join(whose)}, {use.language})")
            for line in use.text.splitlines():
                typer.echo(f"    {line}".rstrip())
            for place, value in enumerate(use.variables, 1):
                typer.echo(f"    {{{{{place}}}}} = {value}")
            if use.options:
                how = "buttons" if use.buttons else "options, to be written in the text"
                typer.echo(f"    {how}: {', '.join(f'{label} (id {key})' for key, label in use.options)}")
    for name, count in sorted(report.questions.items()):
        typer.echo(
            f"{name}  {report.sids.get(name) or 'not in the map'}  {count} {'question' if count == 1 else 'questions'}"
        )
    for finding in report.findings:
        typer.echo(f"{'warning' if finding.warning else 'wrong'}: {finding.name}: {finding.text}")


def _as_json(report: Report) -> dict[str, object]:
    return {
        "templates": [
            {
                "name": name,
                "sid": report.sids.get(name),
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
            {"name": name, "sid": report.sids.get(name), "questions": report.questions[name]} for name in CONTENTS
        ],
        "findings": [asdict(finding) for finding in report.findings],
    }
