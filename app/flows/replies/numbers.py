"""Number words in Spanish, as written and as misspelt: cardinals up to 999,999 and the ordinals up to ten."""

from collections.abc import Collection

from app.flows.replies.lexicon import word_list

_ONES = word_list("cero uno dos tres cuatro cinco seis siete ocho nueve")
_TEENS = word_list("diez once doce trece catorce quince dieciseis diecisiete dieciocho diecinueve")
_TENS = dict(
    zip(word_list("veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa"), range(20, 100, 10), strict=True)
)
_HUNDREDS = dict(
    zip(
        word_list("doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"),
        range(200, 1000, 100),
        strict=True,
    )
) | {"cien": 100, "ciento": 100}
_MISSPELT = {
    "sero": 0, "zero": 0, "un": 1, "una": 1, "huno": 1, "1no": 1, "doz": 2, "trez": 3, "tre": 3, "quatro": 4, "kuatro": 4,
    "cuatr": 4, "sinco": 5, "cinko": 5, "zinco": 5, "seiz": 6, "ceis": 6, "sies": 6, "ciete": 7, "ziete": 7, "osho": 8,
    "hocho": 8, "nuebe": 9, "nuve": 9, "dies": 10, "diec": 10, "onse": 11, "honce": 11, "dose": 12, "doze": 12,
    "trese": 13, "katorce": 14, "catorse": 14, "kince": 15, "quinse": 15, "diesiseis": 16, "diciseis": 16,
    "diecisies": 16, "diesisiete": 17, "diesiocho": 18, "diesinueve": 19, "beinte": 20, "vente": 20, "veinti": 20,
    "sien": 100, "unito": 1, "dosito": 2, "tresito": 3, "cuatrito": 4, "cincito": 5, "cinquito": 5,
}  # fmt: skip


def _glued() -> dict[str, int]:
    """«veintidos», «treintaicinco», «treintaycinco»: tens and ones in one word."""
    ones = [*enumerate(_ones for _ones in _ONES), (1, "un"), (1, "una")]
    glued = {f"veinti{word}": 20 + one for one, word in ones if one}
    glued |= {f"beinti{word}": 20 + one for one, word in ones if one}
    for tens, ten in _TENS.items():
        glued |= {f"{tens}{link}{word}": ten + one for one, word in ones if one for link in ("i", "y")}
    return glued


SMALL = {word: value for value, word in enumerate(_ONES + _TEENS)} | _MISSPELT | _glued() | dict(_TENS)
"""One word, one number, below a hundred."""

SPELT = (
    frozenset(_ONES + _TEENS)
    | frozenset(f"veinti{word}" for word in _ONES[1:])
    | frozenset(_TENS)
    | frozenset(_HUNDREDS)
)
"""Number words as they should be."""

_JOINING = {**_TENS, "diez": 10, "dies": 10, "beinte": 20}
_BELOW_TEN = {word: value for word, value in SMALL.items() if 0 < value < 10}

ORDINALS = {
    stem + ending: value
    for value, stem in enumerate(word_list("primer segund tercer cuart quint sext septim octav noven decim"), 1)
    for ending in ("o", "a")
} | {"primer": 1, "tercer": 3}

VOCABULARY = frozenset(SMALL) | frozenset(_HUNDREDS) | {"mil"}

MOST_DIGITS = 12


def whole(token: str) -> int | None:
    """The number that a token of digits stands for; None for anything else and for what is absurdly long."""
    return int(token) if token.isdecimal() and len(token) <= MOST_DIGITS else None


def ordinal(token: str) -> int | None:
    """«primera», «2da», «1o» → its number."""
    if token in ORDINALS:
        return ORDINALS[token]
    digits = token.rstrip("abcdefghijklmnopqrstuvwxyz")
    return int(digits) if digits != token and digits.isdecimal() and len(digits) <= 2 else None


def cardinal(words: tuple[str, ...], start: int) -> tuple[int, int] | None:
    """The number in words (or digits) that begins at `start`, and the place after it; None if none begins there."""
    if start >= len(words) or not (words[start] in VOCABULARY or words[start].isdecimal()):
        return None
    digits = whole(words[start])
    if digits is not None and not (start + 1 < len(words) and words[start + 1] == "mil"):
        return digits, start + 1
    group = _below_thousand(words, start) if digits is None else (digits, start + 1)
    value, place = group or (1, start)
    if place < len(words) and words[place] == "mil" and 0 < value < 1000:
        rest = _below_thousand(words, place + 1) or _digits_below_thousand(words, place + 1) or (0, place + 1)
        return value * 1000 + rest[0], rest[1]
    return group


def cardinals(words: tuple[str, ...], but: Collection[str]) -> list[tuple[int, int, int]] | None:
    """Every number in words or digits, as (value, place, place after it), `but` words that may be articles. None if digits stand
    there that are no number."""
    found, place = list[tuple[int, int, int]](), 0
    while place < len(words):
        number = None if words[place] in but else cardinal(words, place)
        if number is not None:
            found.append((number[0], place, number[1]))
        elif words[place][0].isdecimal():
            return None
        place = number[1] if number is not None else place + 1
    return found


def _digits_below_thousand(words: tuple[str, ...], start: int) -> tuple[int, int] | None:
    value = whole(words[start]) if start < len(words) else None
    return (value, start + 1) if value is not None and value < 1000 else None


def _below_thousand(words: tuple[str, ...], start: int) -> tuple[int, int] | None:
    if start < len(words) and words[start] in _HUNDREDS:
        value = _HUNDREDS[words[start]]
        rest = _below_hundred(words, start + 1)
        return (value + rest[0], rest[1]) if rest else (value, start + 1)
    return _below_hundred(words, start)


def _below_hundred(words: tuple[str, ...], start: int) -> tuple[int, int] | None:
    if start >= len(words):
        return None
    word = words[start]
    if word in _JOINING and start + 2 < len(words) and words[start + 1] == "y" and words[start + 2] in _BELOW_TEN:
        return _JOINING[word] + _BELOW_TEN[words[start + 2]], start + 3
    if word == "veinti" and start + 1 < len(words) and words[start + 1] in _BELOW_TEN:
        return 20 + _BELOW_TEN[words[start + 1]], start + 2
    return (SMALL[word], start + 1) if word in SMALL else None
