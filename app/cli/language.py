"""The language in which the command line speaks: `--lang`, else TRATO_LANG, else the locale; English where none of them says. Takes
`--lang` from wherever it stands on the line, and prints sentences in the language."""

import os
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path

import typer

from app.errors import UsageError
from app.web.console.texts import Texts
from app.wording import ENGLISH, LANGUAGES, SPANISH, Sentence

_OPTION = "--lang"
_CHOSEN: ContextVar[str | None] = ContextVar("language", default=None)


def take(arguments: Sequence[str]) -> list[str]:
    """Take `--lang` out of the words of a command line, and speak that language from now on. Raises UsageError."""
    left, chosen = list(arguments), None
    end = left.index("--") if "--" in left else len(left)
    for place in [place for place in range(end) if left[place].partition("=")[0] == _OPTION][:1]:
        named, equals, chosen = left.pop(place).partition("=")
        if not equals:
            chosen = left.pop(place) if place < len(left) else ""
        if chosen not in LANGUAGES:
            raise UsageError(Sentence("{option} is es or en, not {value}", option=named, value=chosen or '""'))
    _CHOSEN.set(chosen)
    return left


def language() -> str:
    """The language of this command, `es` or `en`."""
    return _CHOSEN.get() or _of_installation() or of_locale(os.environ)


def _of_installation() -> str | None:
    """TRATO_LANG, from the environment or the file of settings. A wrong value is reported with the other settings."""
    named = os.environ.get("TRATO_LANG")
    if named is None and Path(".env").is_file():
        from dotenv import dotenv_values  # noqa: PLC0415 - 16 ms, which most calls do without

        named = dotenv_values(".env").get("TRATO_LANG")
    return named if named in LANGUAGES else None


def of_locale(environment: Mapping[str, str]) -> str:
    """The language of a locale such as es_MX.UTF-8."""
    named = next((found for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (found := environment.get(name))), "")
    return SPANISH if named.partition("_")[0].partition(".")[0].lower() == SPANISH else ENGLISH


def word(family: str, code: str) -> str:
    """A code of the store, such as the reason why nothing is sent: as it is in English, in Spanish as the console says it."""
    return Texts(SPANISH).named(family, code) if language() == SPANISH else code


def said(text: str) -> str:
    """A sentence in the language of this command; any other text as it is."""
    return text.into(language()) if isinstance(text, Sentence) else text  # a long table is mostly other text


def ask_twice(text: str) -> str:
    """Ask for a secret, which is not shown, and once more."""
    again = said(Sentence("Repeat for confirmation"))
    return str(typer.prompt(said(text), hide_input=True, confirmation_prompt=again))


def agreed(text: str, *, err: bool = False) -> bool:
    """Ask for a yes, in the language of this command; nothing typed is a no. Raises typer.Abort at the end of the input."""
    if language() != SPANISH:
        return typer.confirm(text, err=err)
    answer = typer.prompt(f"{said(text)} [s/N]", default="", show_default=False, err=err)
    return answer.strip().lower() in ("s", "si", "sí", "y", "yes")


def tell(text: str, *, err: bool = False) -> None:
    """Print a sentence in the language of this command."""
    typer.echo(said(text), err=err)
