"""How many SMS a text becomes, against an independent GSM 03.38 codec."""

import pytest
from gsm0338 import Codec
from hypothesis import given
from hypothesis import strategies as st

from app.flows.segments import measure
from tests.shares import asserted, mostly

_CODEC = Codec()
_SPANISH = st.text(alphabet="abcñÑáéíóúüÜ¿¡€[]{}~|^\\ \n,.AÉ0çΔ👍–", max_size=400)


@pytest.mark.parametrize(
    ("text", "encoding", "segments", "forced_by"),
    [
        ("", "GSM-7", 1, None),
        ("a" * 160, "GSM-7", 1, None),
        ("a" * 161, "GSM-7", 2, None),
        ("a" * 306, "GSM-7", 2, None),
        ("a" * 307, "GSM-7", 3, None),
        ("€" * 80, "GSM-7", 1, None),
        ("€" * 81, "GSM-7", 2, None),
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 3, None),
        ("¿Qué tal, señor Núñez?".replace("ú", "u"), "GSM-7", 1, None),
        ("á" + "a" * 69, "UCS-2", 1, "á"),
        ("a" * 70 + "ó", "UCS-2", 2, "ó"),
        ("ú" * 134, "UCS-2", 2, "ú"),
        ("ú" * 135, "UCS-2", 3, "ú"),
        ("a" * 66 + "👍" * 2 + "í" * 64, "UCS-2", 3, "👍"),
        ("👍" * 35, "UCS-2", 1, "👍"),
    ],
)
def test_segments(text: str, encoding: str, segments: int, forced_by: str | None) -> None:
    found = measure(text)
    assert (found.encoding, found.segments, found.forced_by) == (encoding, segments, forced_by)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("¿Qué pasó? Así es, señor.", "¿Qué paso? Asi es, señor."),
        ("«Entiendo» – dijo…", '"Entiendo" - dijo...'),
        ("Bien hecho 👍", "Bien hecho"),
        ("Oficial 👮🏽‍♀️ Alma", "Oficial Alma"),
        ("ÁÍÓÚ áíóú", "AIOU aiou"),
        ("¿Él? ¡Sí, señor Núñez! Ñ ü É", "¿Él? ¡Si, señor Nuñez! Ñ ü É"),
        ("e\u0301l, n\u0303", "él, ñ"),
        ("media ½ hora, 3 × 4", "media 1/2 hora, 3 x 4"),
        ("Nada de acentos:  dos espacios", "Nada de acentos:  dos espacios"),
    ],
)
def test_plain_wording(text: str, plain: str) -> None:
    assert measure(text).plain == plain


@pytest.mark.parametrize(("char", "units"), [("\uffff", 1), ("\U00010000", 2), ("ł", 1), ("👮", 2)])
def test_a_character_is_as_many_units_as_in_utf_16(char: str, units: int) -> None:
    assert measure(char * (70 // units)).segments == 1
    assert measure(char * (70 // units) + "x").segments == 2


@mostly(0.1)
@given(_SPANISH | st.text(max_size=200))
def test_gsm7_agrees_with_the_codec(text: str) -> None:
    try:
        septets = len(_CODEC.encode(text)[0])
    except UnicodeEncodeError:
        septets = None
    found = measure(text)
    if septets is None or "\x1b" in text:
        assert found.encoding == "UCS-2"
        return
    asserted()
    assert found.encoding == "GSM-7"
    least = 1 if septets <= 160 else -(-septets // 153)
    assert least <= found.segments <= least + 1


@given(st.text(max_size=200))
def test_plain_wording_is_gsm7(text: str) -> None:
    plain = measure(text).plain
    assert measure(plain).encoding == "GSM-7"
    assert measure(plain).plain == plain
