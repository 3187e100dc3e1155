"""docs/contenido.md: true as of the flow files; and how easy a text is to read, by values that were counted by hand."""

import pytest

from tools.content_paper import TARGET, main, paper
from tools.reading_ease import reading_ease, syllables


def test_the_paper_is_what_the_flow_files_say(capsys: pytest.CaptureFixture[str]) -> None:
    assert TARGET.read_text(encoding="utf-8") == paper(), "python -m tools.content_paper"
    assert main(["--check"]) == 0
    assert capsys.readouterr().err == ""


def test_a_text_that_changed_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.content_paper.paper", lambda: "otra cosa")
    assert main(["--check"]) == 1


def test_every_text_to_an_officer_is_in_it_and_nobody_has_confirmed_any() -> None:
    text = paper()
    for words in (
        "¿Le repitió lo que la persona le contó?",
        "Es rápido: su contacto",
        "Mi gente cumple mejor cuando sabe por qué.",
    ):
        assert words in text
    assert "Confirmó: ______" in text


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("policía", 4),
        ("averigua", 4),
        ("país", 2),
        ("muy", 1),
        ("y", 1),
        ("rey", 1),
        ("aeropuerto", 5),
        ("ciudadanía", 5),
        ("oír", 2),
        ("quien", 1),
        ("guerra", 2),
        ("vergüenza", 3),
        ("pingüino", 3),
        ("construido", 3),
        ("mm", 1),
    ],
)
def test_syllables(word: str, count: int) -> None:
    assert syllables(word) == count


def test_reading_ease() -> None:
    # Twelve words, twenty syllables, four sentences: 206.84 - 60 * 20 / 12 - 1.02 * 12 / 4.
    assert reading_ease("El perro come. La gata duerme. El perro come. La gata duerme.") == pytest.approx(103.78)
    # Ten words, thirty syllables, one sentence: 206.84 - 180 - 10.2.
    assert reading_ease("mira " * 5 + "policía " * 5) == pytest.approx(206.84 - 60 * 30 / 10 - 1.02 * 10)
    assert reading_ease("Buen día.") is None


def test_texts_are_plain() -> None:
    """No message of a conversation is harder than a newspaper."""
    rows = [line.removesuffix(" |").split(" | ") for line in paper().splitlines() if line.startswith("| `steps.")]
    eases = [(int(row[4]), row[1]) for row in rows if len(row) == 5 and row[4].isdigit()]
    assert len(eases) > 100
    assert [text for ease, text in eases if ease < 60] == []
