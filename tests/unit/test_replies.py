"""Replies, by hand and by property: what must be understood, what must not be invented, and that no text raises."""

import unicodedata
from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.flows.replies import lexicon, reader
from app.flows.replies.fold import fold, squeeze
from app.flows.replies.forms import AnswerKind, Form, Option, Parsed, Unparsed
from app.flows.replies.fuzzy import Speller
from app.flows.replies.missing import MISSING
from app.flows.replies.numbers import cardinal
from app.flows.replies.reader import LONGEST_CLOSED
from tests.shares import asserted, mostly

AT = datetime(2026, 3, 11, 10, 0, tzinfo=ZoneInfo("America/Mexico_City"))
YES_NO = (Option("si", "Sí", 1), Option("no", "No", 0))
CONTACTS = tuple(
    Option(key, label, value)
    for value, (key, label) in enumerate(
        [
            ("aux", "Auxilio o queja"),
            ("inf", "Infracción o revisión"),
            ("con", "Conflicto vecinal"),
            ("det", "Detención"),
        ],
        1,
    )
)
EVERY = frozenset("dnr")
FORMS = {
    "yes_no": Form(AnswerKind.yes_no, YES_NO, missing=EVERY),
    "choice": Form(AnswerKind.choice, CONTACTS),
    "multi": Form(AnswerKind.multi, CONTACTS, minimum=1, maximum=3),
    "number": Form(AnswerKind.number, minimum=0, maximum=5),
    "any number": Form(AnswerKind.number, whole=False),
    "scale": Form(AnswerKind.scale, minimum=1, maximum=5),
    "text": Form(AnswerKind.text, maximum=20, missing=frozenset("r")),
    "date": Form(AnswerKind.date),
    "past date": Form(AnswerKind.date, past=True),
    "time": Form(AnswerKind.time),
    "media": Form(AnswerKind.media, media=("image", "audio")),
    "choice, or a code": Form(AnswerKind.choice, CONTACTS, missing=EVERY),
    "several, or a code": Form(AnswerKind.multi, CONTACTS, minimum=1, maximum=3, missing=EVERY),
}


def read(form: str, text: str, media: tuple[str, ...] = ()) -> Parsed | Unparsed:
    return reader(FORMS[form]).read(text, AT, media)


@pytest.mark.parametrize(
    ("form", "text", "value", "rule"),
    [
        ("yes_no", "Sí", 1, "label"),
        ("yes_no", "Simón", 1, "lexicon"),
        ("yes_no", "2️⃣", 0, "number"),
        ("yes_no", "la dos", 0, "number_word"),
        ("yes_no", "afirmatvo", 1, "fuzzy"),
        ("choice", "B)", 2, "letter"),
        ("choice", "1.-", 1, "number"),
        ("choice", "detensión", 4, "fuzzy"),
        ("choice", "DETENCION.", 4, "label"),
        ("choice", "queja", 1, "label"),
        ("number", "una vez", 1, "number_word"),
        ("number", "como 4", 4, "number"),
        ("number", "3/5", 3, "number"),
        ("number", "todas", 5, "number_word"),
        ("any number", "2,5", 2.5, "number"),
        ("any number", "dieciseis", 16, "number_word"),
        ("scale", "4 de 5", 4, "number"),
        ("multi", "auxilio y detencion", "aux det", "multi"),
        ("multi", "13", "aux con", "multi"),
        ("multi", "3", "con", "number"),
        ("text", "  Lo escuché. ", "Lo escuché.", "text"),
        ("date", "hace dos días", "2026-03-09", "date"),
        ("date", "biernes", "2026-03-06", "fuzzy"),
        ("time", "a las 7 de la noche", "19:00", "time"),
        ("yes_no", "No, se me olvidó", 0, "label"),
        ("yes_no", "sí, aunque no quería escuchar", 1, "label"),
        ("yes_no", "no, andaba en el sector 2", 0, "label"),
        ("yes_no", "nel había mucha gente", 0, "lexicon"),
        ("choice", "revisión de un vehículo con 3 personas", 2, "label"),
        ("choice", "auxilio vial", 1, "label"),
        ("choice", "Nº 3", 3, "number"),
        ("choice", "vecinales", 3, "fuzzy"),
        ("multi", "la una y la dos", "aux inf", "multi"),
        ("multi", "primero detención y luego infracción", "inf det", "multi"),
        ("multi", "las dos primeras", "aux inf", "multi"),
        ("multi", "1 y 3 nada más", "aux con", "multi"),
        ("number", "ninguno de los 5", 0, "number_word"),
        ("number", "4 sobre 5", 4, "number"),
        ("any number", "dos docenas", 24, "number_word"),
        ("date", "10 del mes pasado", "2026-02-10", "date"),
        ("date", "10 del presente", "2026-03-10", "date"),
        ("date", "10 de mallo", "2026-05-10", "fuzzy"),
        ("date", "ayer a las 5", "2026-03-10", "date"),
        ("date", "esta mañana", "2026-03-11", "date"),
        ("date", "22 feb 26", "2026-02-22", "date"),
        ("time", "07 30", "07:30", "time"),
        ("time", "7 10 am", "07:10", "time"),
        ("time", "8 de la noche", "20:00", "time"),
        ("any number", "media docena", 6, "number_word"),
        ("any number", "una docena", 12, "number_word"),
        ("number", "#3", 3, "number"),
        ("number", "3!", 3, "number"),
        ("time", "12 de la noche", "00:00", "time"),
        ("time", "3 de la tarde", "15:00", "time"),
        ("time", "12 am", "00:00", "time"),
        ("time", "12 pm", "12:00", "time"),
        ("any number", "999 mil", 999_000, "number"),
        ("any number", "nuebe", 9, "number_word"),
        ("any number", "nuve", 9, "number_word"),
        ("any number", "osho", 8, "number_word"),
        ("any number", "diesinueve", 19, "number_word"),
        ("multi", "1, 1, 1, 1, 2, 2, 2, 2", "aux inf", "multi"),
    ],
)
def test_understood_with_its_rule(form: str, text: str, value: object, rule: str) -> None:
    found = read(form, text)
    assert isinstance(found, Parsed)
    assert (found.value, found.rule) == (value, rule)
    assert 0 < found.score <= 1


@pytest.mark.parametrize(
    ("form", "text", "reason"),
    [
        ("yes_no", "   ", "empty"),
        ("yes_no", "si y no", "ambiguous"),
        ("yes_no", "sino", "no_match"),
        ("yes_no", "silla", "no_match"),
        ("yes_no", "3", "out_of_range"),
        ("yes_no", "sí " * 200, "too_long"),
        ("choice", "1 o 2", "ambiguous"),
        ("choice", "5", "out_of_range"),
        ("choice", "no sé", "no_match"),
        ("multi", "todas", "too_many"),
        ("multi", "ninguna", "no_match"),
        ("multi", "1 y 7", "out_of_range"),
        ("number", "6", "out_of_range"),
        ("number", "entre 3 y 5", "ambiguous"),
        ("number", "10:30", "no_match"),
        ("number", "no más de 3", "ambiguous"),
        ("number", "2 y 2", "ambiguous"),
        ("number", "dos dos", "ambiguous"),
        ("number", "3%", "ambiguous"),
        ("time", "hace dos horas", "no_match"),
        ("time", "hace 20 min", "no_match"),
        ("any number", "1500 mil", "ambiguous"),
        ("any number", "mil mil", "ambiguous"),
        ("multi", "1, 1, 1, 1, 1, 2, 2, 2, 2", "no_match"),
        ("time", "7 9", "ambiguous"),
        ("number", "2x2", "no_match"),
        ("number", "x3", "no_match"),
        ("number", "no 3", "ambiguous"),
        ("time", "7 8 pm", "ambiguous"),
        ("date", "ayer 9 de marzo", "ambiguous"),
        ("number", "4 de 10", "no_match"),
        ("any number", "5555550101", "no_match"),
        ("any number", "9" * 299, "no_match"),
        ("scale", "4.5", "no_match"),
        ("text", "\u200b \ufe0f", "empty"),
        ("text", "x" * 21, "too_long"),
        ("past date", "mañana", "future"),
        ("date", "30/2", "no_match"),
        ("time", "a las 7", "ambiguous"),
        ("time", "25:00", "out_of_range"),
        ("media", "ahí va", "not_media"),
        ("yes_no", "no, quiero participar", "ambiguous"),
        ("yes_no", "sí, se me olvidó", "ambiguous"),
        ("yes_no", "sí, tal ves", "ambiguous"),
        ("yes_no", "no todo el tiempo", "ambiguous"),
        ("yes_no", "1, 8", "ambiguous"),
        ("yes_no", "acepta", "no_match"),
        ("yes_no", "¿1?", "no_match"),
        ("choice", "conflicto de pareja", "no_match"),
        ("choice", "detención, creo que no", "ambiguous"),
        ("choice", "detención pero no", "ambiguous"),
        ("choice", "auxilio en una detención", "ambiguous"),
        ("choice", "fueron 4", "ambiguous"),
        ("choice", "2 vecinal", "ambiguous"),
        ("multi", "una detención y dos auxilios", "ambiguous"),
        ("multi", "auxilio y un choque", "no_match"),
        ("multi", "hubo de todo", "ambiguous"),
        ("number", "3 al día", "ambiguous"),
        ("number", "la 3", "ambiguous"),
        ("any number", "todos los días", "no_match"),
        ("any number", ".5", "no_match"),
        ("any number", "1.000", "no_match"),
        ("any number", "$5", "no_match"),
        ("date", "los lunes", "no_match"),
        ("date", "este miércoles", "no_match"),
        ("date", "hace ocho días", "ambiguous"),
        ("date", "el 28", "no_match"),
        ("time", "13 de la noche", "ambiguous"),
        ("time", "mañana a las 7", "ambiguous"),
        ("time", "8 horas", "no_match"),
        ("text", "...", "empty"),
    ],
)
def test_not_invented_with_the_reason(form: str, text: str, reason: str) -> None:
    assert read(form, text) == Unparsed(reason)


FIVE = tuple(
    Option(f"k{n}", label, n) for n, label in enumerate(["Plática", "Cateo", "Multa", "Traslado", "Denuncia"], 1)
)
TIMES = (Option("dos", "2 veces", 1), Option("una", "1 vez", 2))
"""Labels with numbers that are not theirs."""
EVER = (Option("si", "Sí, siempre", 1), Option("no", "No, nunca", 2))
LETTERS = (Option("x", "B", 1), Option("y", "A", 2), Option("z", "C", 3))
"""The letters of options, in another order than theirs."""
ELEVEN = tuple(Option(f"k{n}", f"{letter * 3}ote", n) for n, letter in enumerate("bcdfgjklmnp", 1))
LONG = (
    Option(
        "a", "Le expliqué a la persona con calma y con respeto por qué la detenía y qué iba a pasar con su vehículo", 1
    ),
    Option(
        "b",
        "Le expliqué a la persona con prisa y sin más por qué la detenía, porque no hubo condiciones en el lugar",
        2,
    ),
)


@pytest.mark.parametrize(
    ("options", "text", "value"),
    [
        *((FIVE, text, 3) for text in ("la de en medio", "la de enmedio", "la del medio", "el de en medio")),
        *((FIVE, text, 4) for text in ("penúltima", "la penultima", "el penúltimo")),
        (FIVE, "la última", 5),
        *((ELEVEN, text, 10) for text in ("la 10a", "10a", "la 10ª", "10o", "penúltima")),
        (ELEVEN, "la 11a", 11),
        (ELEVEN, "la de en medio", 6),
        *((TIMES, text, 1) for text in ("2 veces", "pues 2 veces")),
        *((EVER, text, 1) for text in ("sí, siempre", "sí sí siempre", "sí, sí, siempre")),
        *((LETTERS, text, 2) for text in ("a", "la a", "pues la a")),
        *((YES_NO, text, 1) for text in ("x supuesto", "X supuesto.", "pues x supuesto", "por supuesto")),
        *((LONG, text, 1) for text in (LONG[0].label, LONG[0].label.upper() + ".", LONG[0].label.replace("é", "e"))),
        (LONG, LONG[1].label, 2),
    ],
)  # fmt: skip
def test_one_of_several_options(options: tuple[Option, ...], text: str, value: object) -> None:
    found = reader(Form(AnswerKind.choice, options)).read(text, AT)
    assert isinstance(found, Parsed)
    assert found.value == value
    several = reader(Form(AnswerKind.multi, options)).read(text, AT)
    assert isinstance(several, Parsed)
    assert several.value == found.key


QUOTED = tuple(
    Option(key, f"{begins} {'muy despacio y con mucha calma ' * 15}al final", value)
    for value, (key, begins) in enumerate([("a", "Le expliqué"), ("b", "No hubo tiempo ni manera de explicarle")], 1)
)


def test_a_label_longer_than_any_reply_may_be_copied_whole() -> None:
    one, two = (option.label for option in QUOTED)
    assert len(one) > LONGEST_CLOSED
    found = reader(Form(AnswerKind.choice, QUOTED)).read(one, AT)
    assert isinstance(found, Parsed)
    assert found.value == 1
    assert reader(Form(AnswerKind.choice, QUOTED)).read(f"{two}. {two}. {two}", AT) == Unparsed("too_long")
    words = tuple(Option(letter, letter.upper() * 400, place) for place, letter in enumerate("abc", 1))
    all_three = reader(Form(AnswerKind.multi, words)).read(", ".join(option.label for option in words), AT)
    assert isinstance(all_three, Parsed)
    assert all_three.value == "a b c"


@pytest.mark.parametrize(
    ("label", "part"),
    [
        ("No hubo tiempo", "hubo tiempo"), ("No se calmó", "calmó"), ("Persona no tranquila", "persona tranquila"),
        ("Actitud sin respeto", "actitud respeto"),
    ],
)  # fmt: skip
def test_part_of_a_label_without_the_word_that_turns_it_is_not_that_option(label: str, part: str) -> None:
    options = (Option("uno", label, 1), Option("dos", "Otra cosa", 2))
    assert isinstance(reader(Form(AnswerKind.choice, options)).read(part, AT), Unparsed)
    plain = (Option("uno", label.replace("No ", "").replace("no ", "").replace("sin ", "").capitalize(), 1), options[1])
    assert isinstance(reader(Form(AnswerKind.choice, plain)).read(part, AT), Parsed)


@pytest.mark.parametrize("text", ["la de en medio", "la 5a", "la 0a"])
def test_none_of_four_options(text: str) -> None:
    assert isinstance(read("choice", text), Unparsed)


@pytest.mark.parametrize("text", ["ningna", "nimguna", "ninghuna", "ningunaa", "ningunas", "ninguno", "ningún"])
@pytest.mark.parametrize("form", ["number", "any number"])
def test_slips_of_none_are_zero(form: str, text: str) -> None:
    found = read(form, text)
    assert isinstance(found, Parsed)
    assert found.value == 0


@pytest.mark.parametrize("text", ["1 o 2", "1 u 2", "la 1 o la 2", "queja o detención", "1, 3 o 4", "ni 1 ni 2"])
def test_in_a_list_either_is_ambiguous(text: str) -> None:
    assert read("multi", text) == Unparsed("ambiguous")


def test_other_is_explained_in_a_few_words_in_a_list() -> None:
    """A longer reply may be half of the answer."""
    several = reader(Form(AnswerKind.multi, (*CONTACTS, Option("otro", "Otro", 5))))
    assert several.read("otro, apoyo en el evento", AT) == Parsed("otro", "otro", "Otro", "label", 0.9)
    long = "otro, porque ese día estuvimos apoyando en el evento del parque con los vecinos"
    assert several.read(long, AT) == Unparsed("ambiguous")


@pytest.mark.parametrize(
    ("text", "score"), [("9 de marzo de 2025", 0.95), ("hace dos semanas", 0.95), ("9 de marzo", 0.9)]
)
def test_a_date_whose_year_was_told_is_surer(text: str, score: float) -> None:
    found = read("date", text)
    assert isinstance(found, Parsed)
    assert found.score == score


def test_missing_codes_only_where_allowed() -> None:
    assert read("yes_no", "la verdad no sé") == Parsed(None, None, "No sé", "missing", 1.0, "d")
    assert read("yes_no", "no venía al caso") == Parsed(None, None, "No aplica", "missing", 1.0, "n")
    assert read("text", "Prefiero no decir.") == Parsed(None, None, "Prefiero no decir", "missing", 1.0, "r")
    assert isinstance(read("text", "no sé"), Parsed)
    assert read("text", "no sé") == Parsed("no sé", None, "no sé", "text", 1.0)
    assert read("text", "prefiero no discutir") == Parsed(
        "prefiero no discutir", None, "prefiero no discutir", "text", 1.0
    )
    assert read("several, or a code", "norecuerdo") == Parsed(None, None, "No sé", "missing", 0.95, "d")
    assert read("yes_no", "no, se me fue").missing is None  # type: ignore[union-attr]
    assert read("number", "no sé") == Unparsed("no_match")
    for text in ("no sé, una", "la verdad no sé, una"):
        assert read("choice, or a code", text) == Parsed(None, None, "No sé", "missing", 1.0, "d")
        assert read("several, or a code", text) == Parsed(None, None, "No sé", "missing", 1.0, "d")


def test_an_option_of_its_own_comes_before_the_missing_code() -> None:
    options = (*YES_NO, Option("nc", "No venía al caso", 3))
    read = reader(Form(AnswerKind.choice, options, missing=EVERY)).read
    found = Parsed(3, "nc", "No venía al caso", "lexicon", 0.95)
    assert read("no aplica", AT) == found
    assert read("no aplica en mi caso", AT) == found


def test_media_by_family() -> None:
    assert read("media", "", ("image/jpeg",)) == Parsed("image", None, "Foto", "media", 1.0)
    assert read("media", "", ("application/pdf", "audio/ogg")) == Parsed("audio", None, "Audio", "media", 1.0)
    assert read("media", "", ("video/mp4",)) == Unparsed("not_media")
    assert reader(Form(AnswerKind.media)).read("", AT, ("application/pdf",)) == Parsed(
        "document", None, "Documento", "media", 1.0
    )


def test_a_wording_that_two_options_share_is_never_guessed() -> None:
    options = (Option("a", "Patrulla", 1, ("unidad",)), Option("b", "Moto", 2, ("unidad",)))
    assert reader(Form(AnswerKind.choice, options)).read("unidad", AT) == Unparsed("ambiguous")


def test_labels_that_are_numbers_beside_other_numbers_are_never_guessed() -> None:
    options = tuple(Option(f"n{n}", str(n), n) for n in (0, 1, 2))
    read = reader(Form(AnswerKind.choice, options)).read
    assert read("1", AT) == Unparsed("ambiguous")
    assert read("0", AT) == Parsed(0, "n0", "0", "label", 1.0)


def test_a_slip_that_may_be_two_words_is_not_mended() -> None:
    speller = Speller(["junio", "julio", "detencion"], known=["sino"])
    assert speller.slipped("juio") is None
    assert speller.slipped("detensión") is None
    assert speller.slipped("detension") == "detencion"
    assert speller.slipped("deetncion") == "detencion"
    assert speller.slipped("dtenion") is None
    assert Speller(["si", "simon"], known=["sino"]).slipped("sino") is None
    assert Speller(["uno"]).slipped("un") is None
    assert Speller(["acepto"]).slipped("acepte") is None
    assert Speller(["revision"]).slipped("revisiones") == "revision"


@pytest.mark.parametrize(
    ("word", "like"),
    [
        ("oy", "hoy"),
        ("mallo", "mayo"),
        ("sinco", "cinco"),
        ("konflicto", "conflicto"),
        ("revicion", "revision"),
        ("keja", "queja"),
        ("jente", "gente"),
    ],
)
def test_words_are_mended_by_ear(word: str, like: str) -> None:
    assert Speller([like]).heard(word) == like
    assert Speller([like], known=[word]).heard(word) is None


def test_a_sound_that_may_be_two_words_is_not_mended() -> None:
    assert Speller(["vaya", "valla"]).heard("balla") is None


def test_a_year_is_the_nearest_and_the_latest_for_the_past() -> None:
    january = datetime(2026, 1, 2, 9, tzinfo=AT.tzinfo)
    assert _value(reader(FORMS["date"]).read("28/12", january)) == "2025-12-28"
    december = datetime(2026, 12, 20, 9, tzinfo=AT.tzinfo)
    assert _value(reader(FORMS["date"]).read("5/1", december)) == "2027-01-05"
    assert _value(reader(FORMS["past date"]).read("5/1", december)) == "2026-01-05"
    assert reader(FORMS["past date"]).read("13/3", AT) == Unparsed("future")
    assert _value(reader(FORMS["past date"]).read("24/12", AT)) == "2025-12-24"


def test_days_are_the_officers_own() -> None:
    late = datetime(2026, 3, 12, 5, 30, tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo("America/Mexico_City"))
    assert _value(reader(FORMS["date"]).read("hoy", late)) == "2026-03-11"
    assert _value(reader(FORMS["date"]).read("hoy", late.astimezone(ZoneInfo("America/Cancun")))) == "2026-03-12"


def _value(found: Parsed | Unparsed) -> object:
    return found.value if isinstance(found, Parsed) else found


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("cero", 0), ("veintidos", 22), ("treinta y uno", 31), ("treintaicinco", 35), ("diez y seis", 16),
        ("ciento uno", 101), ("quinientos cincuenta y cinco", 555), ("mil", 1000), ("dos mil veintiseis", 2026),
        ("novecientos noventa y nueve mil novecientos noventa y nueve", 999_999), ("sinco", 5),
    ],
)  # fmt: skip
def test_number_words(words: str, value: int) -> None:
    parts = tuple(words.split())
    assert cardinal(parts, 0) == (value, len(parts))


def test_folding() -> None:
    assert fold("  ＳÍ́, 2️⃣ ①").words == ("si", "2", "1")
    assert fold("👍🏽👍🏿").words == ("👍", "👍")
    assert fold("5² ½").words[0] == "5"
    assert "52" not in fold("5²").words
    assert squeeze("siii") == "si"


CORE = [
    "sí",
    "no",
    "la",
    "una",
    "dos",
    "tres",
    "1",
    "2",
    "3/5",
    "10:30",
    "4",
    "de",
    "5",
    "o",
    "y",
    "ni",
    "todas",
    "menos",
    "ninguna",
    "auxilio",
    "detención",
    "queja",
    "hace",
    "ayer",
    "lunes",
    "marzo",
    "5",
    "mil",
    "cien",
    ",",
    ".",
    "-",
    "?",
    "+",
    "👍",
    "👎",
    "tal",
    "vez",
    "no",
    "sé",
    "a",
    "las",
    "7",
    "noche",
    "media",
    "cuarto",
    "para",
    "mil",
    "99999999999999",
    "½",
    "²",
    "un",
]
GROUPS = (lexicon.YES, lexicon.NO, lexicon.FILLERS, lexicon.HEDGES, lexicon.BECAUSE)
WORDINGS = sorted(
    {" ".join(words) for group in GROUPS for words in group} | lexicon.UNITS | lexicon.VERBS | lexicon.QUALIFIERS
)
CODES = sorted({" ".join(words) for group in MISSING.values() for words in group})
PIECES = (
    st.sampled_from(CORE)
    | st.sampled_from(WORDINGS)
    | st.sampled_from(CODES)
    | st.text("aeiou náé", min_size=1, max_size=6)
)
LINKS = st.sampled_from([" ", " ", "", ", ", "\n", " con "])
TEXTS = st.text(max_size=60) | st.builds(lambda words, link: link.join(words), st.lists(PIECES, max_size=7), LINKS)


ANSWERS = {
    AnswerKind.yes_no: ["sí", "no", "nel", "claro", "1", "a", "la segunda", "no sé"],
    AnswerKind.choice: ["1", "b)", "auxilio", "detensión", "la última", "la tercera", "queja", "no sé"],
    AnswerKind.multi: ["1 y 3", "todas", "13", "auxilio y queja", "todas menos la 2", "la última", "ninguna", "b, c"],
    AnswerKind.number: ["3", "una vez", "como 4", "ninguna", "3/5", "dos o tres", "99", "2,5", "-1", "no sé"],
    AnswerKind.scale: ["4", "4 de 5", "cinco", "0", "6", "como un 3", "la última", "5/5"],
    AnswerKind.text: ["Lo escuché.", "prefiero no decir", "1"],
    AnswerKind.date: [
        "ayer",
        "hace dos días",
        "el lunes",
        "3 de marzo",
        "10/03/2026",
        "mañana",
        "antier",
        "31 de febrero",
    ],
    AnswerKind.time: ["7:30", "a las 8 de la noche", "a las 7", "13 hrs", "siete y media", "mediodía", "25:00", "4 am"],
}


@pytest.mark.parametrize("form", [form for form in FORMS if form != "media"])
@mostly(0.1)
@given(data=st.data())
def test_no_text_raises_and_what_is_stored_belongs_to_the_question(form: str, data: st.DataObject) -> None:
    asked = FORMS[form]
    likely = st.builds(
        "{}{}{}".format,
        st.sampled_from(["", "", "pues "]),
        st.sampled_from(ANSWERS[asked.kind]),
        st.sampled_from(["", ".", " "]),
    )
    text = data.draw(TEXTS if data.draw(st.integers(0, 3)) == 3 else likely, label="text")
    found = reader(asked).read(text, AT)
    if isinstance(found, Unparsed):
        return
    asserted()
    assert 0 < found.score <= 1
    if found.missing is not None:
        assert found.missing in asked.missing
        assert found.value is None
        return
    match asked.kind:
        case AnswerKind.yes_no | AnswerKind.choice:
            assert found.value in [option.value for option in asked.options]
        case AnswerKind.multi:
            keys = str(found.value).split()
            assert keys == [option.key for option in asked.options if option.key in keys]
            assert 1 <= len(keys) <= 3
        case AnswerKind.number | AnswerKind.scale:
            assert isinstance(found.value, int | float)
            assert asked.minimum is None or asked.minimum <= found.value
            assert asked.maximum is None or found.value <= asked.maximum
        case AnswerKind.date:
            datetime.fromisoformat(str(found.value))
            assert not asked.past or str(found.value) <= "2026-03-11"
        case AnswerKind.time:
            assert time.fromisoformat(str(found.value)).second == 0
        case _:
            assert found.value


@given(text=TEXTS)
def test_no_text_is_a_photo(text: str) -> None:
    assert isinstance(reader(FORMS["media"]).read(text, AT), Unparsed)


@given(text=TEXTS | st.sampled_from(ANSWERS[AnswerKind.yes_no]))
def test_how_accents_are_encoded_changes_nothing(text: str) -> None:
    read = reader(FORMS["yes_no"]).read
    assert read(unicodedata.normalize("NFD", text), AT) == read(unicodedata.normalize("NFC", text), AT)


@given(
    n=st.integers(0, 5),
    form=st.sampled_from(["{}", " {} ", "{}.", "*{}*", "{} veces", "como {}", "en {}", "{}/5", "{} de 5"]),
)
def test_every_number_in_every_dress(n: int, form: str) -> None:
    assert _value(read("number", form.format(n))) == n
