"""Folding: a reply as typed becomes lower-case words without accents, so that every way of typing looks the same.

It owns characters only (accents, width, emoji, punctuation) and what a token is; it knows no meaning of any word.
The work is linear in the length of the text, and no text raises.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 1600
"""Carriers deliver at most so many characters."""

YES, NO, SHRUG = "👍", "👎", "🤷"
_EMOJI = {
    **dict.fromkeys("👍👌✅✔☑💯🙆🆗", YES),
    **dict.fromkeys("👎❌✖✗✘🚫⛔🙅", NO),
    "🤷": SHRUG,
    "🤔": "🤔",
}
_SPECIAL = {
    "\n": ";", "№": " numero ", "×": "x", "¿": "?", "½": " y medio ", "🅰": " a ", "🅱": " b ", "🔟": " 10 ", "⁄": "/",
    "➕": "+", "➖": "-", "−": "-", "°": " ",
}  # fmt: skip
_KEPT = frozenset(",;.:/-+?%<>&=#$^)")
_LONGEST_LIGATURE = 4
COMMAS = frozenset(",;")
_UNKNOWN = "^"
_CACHE = 8192

_NUMERO = re.compile(r"\b[nN][º°]")
_TOKEN = re.compile(
    r"\d+(?:[.,:/]\d+)+"
    r"|\d+(?:er|ro|ra|do|da|to|ta|mo|ma|vo|va|no|na|o|a)(?![^\W_])"
    r"|\d+|[^\W\d_]+|\S"
)


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded reply. `tokens` are words, numbers and single signs in order; `words` are the tokens without signs.

    `accented` says that the reply begins with «sí» written with its accent, which is never the «si» of a condition.
    """

    line: str
    tokens: tuple[str, ...]
    words: tuple[str, ...]
    accented: bool = False

    @property
    def clauses(self) -> tuple[str, ...]:
        """The words with the commas between them, which no wording reaches across."""
        return clauses(self.tokens)

    def has(self, *signs: str) -> bool:
        """Whether one of the signs stands anywhere in the reply."""
        return any(map(self.line.__contains__, signs))


class _Characters(dict[int, str]):
    """The folded form of each character, worked out once a character."""

    def __missing__(self, code: int) -> str:
        folded = _character(chr(code))
        if len(self) < _CACHE:
            self[code] = folded
        return folded


def _character(char: str) -> str:
    if char in _SPECIAL:
        return _SPECIAL[char]
    if char in _EMOJI:
        return f" {_EMOJI[char]} "
    category = unicodedata.category(char)
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    if category[0] == "L":
        return _letters(unicodedata.normalize("NFKD", char))
    if category in ("Mn", "Me", "Cf", "Cs") or "\U0001f3fb" <= char <= "\U0001f3ff":
        return ""
    if category == "No":
        return _enumerated(char)
    if category == "Pd":
        return "-"
    plain = unicodedata.normalize("NFKD", char)
    return plain if plain in _KEPT else " "


def _letters(decomposed: str) -> str:
    kept = "".join(char for char in decomposed if unicodedata.category(char)[0] == "L").casefold()
    # Casefolding may bring combining marks back (as with the Turkish dotted I).
    return "".join(char for char in kept if unicodedata.category(char)[0] == "L")[:_LONGEST_LIGATURE]


def _enumerated(char: str) -> str:
    """Circled and dotted digits stand for a number; an exponent or a fraction is nothing that was asked for."""
    if unicodedata.decomposition(char).startswith("<circle>"):
        return f" {int(unicodedata.numeric(char))} "
    return f" {_UNKNOWN} "


_CHARACTERS = _Characters()


@lru_cache(maxsize=512)
def fold(text: str) -> Folded:
    """Fold a reply: NFKD, case, accents, width, skin tones and keycaps are gone; tokens are apart. The last replies are kept: each is
    folded for more than one reader."""
    line = _NUMERO.sub(" numero ", text).translate(_CHARACTERS)
    tokens = tuple(_TOKEN.findall(line))
    return Folded(line.strip(), tokens, tuple([token for token in tokens if token not in _KEPT]), _accented(text))


def is_word(token: str) -> bool:
    """Whether a token is a word or a number, and not a sign."""
    return token not in _KEPT


@lru_cache(maxsize=512)
def clauses(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """Tokens without signs other than commas."""
    return tuple([token for token in tokens if token not in _KEPT or token in COMMAS])


def _accented(text: str) -> bool:
    start = unicodedata.normalize("NFC", text.lstrip(" ¡*_\"'«“")[:4]).casefold()
    return start.startswith("sí")


def phrase(text: str) -> tuple[str, ...]:
    """The words of a wording, folded: what is compared. Two wordings with the same phrase are the same reply."""
    return fold(text).words


_RUN = re.compile(r"(.)\1+")


@lru_cache(maxsize=20_000)
def squeeze(word: str) -> str:
    """«siii» → «si», «doos» → «dos»: a letter held down counts once."""
    return _RUN.sub(r"\1", word)
