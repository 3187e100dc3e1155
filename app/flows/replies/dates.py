"""Reading a date as people write it: «ayer», «el lunes», «hace dos días», «5/3», «5 de marzo».

The day comes before the month. Without a year it is the nearest such day; this year's, if the question is about the past
and it is over. «el lunes» is the last Monday before today, «el 5» the last fifth. Everything said must agree: «lunes 10 de
marzo» on a Tuesday is `ambiguous`.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from app.flows.replies import lexicon as lex
from app.flows.replies.asked import without
from app.flows.replies.fold import Folded, is_word
from app.flows.replies.forms import AMBIGUOUS, NO_MATCH, Form, Parsed, Reading, Unparsed
from app.flows.replies.fuzzy import Speller, mending
from app.flows.replies.lexicon import Words
from app.flows.replies.missing import missing_answer, missing_code
from app.flows.replies.numbers import cardinal, ordinal
from app.flows.replies.phrases import FILLER, Meaning, MeaningKind, Phrases, spelled_out

DAYS = lex.word_list("lunes martes miercoles jueves viernes sabado domingo")
MONTHS = lex.word_list("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre")
_DAY_NAMES = lex.word_list("lunes martes miércoles jueves viernes sábado domingo")
_SHORT_MONTHS = lex.word_list("ene feb mar abr may jun jul ago sep oct nov dic")
_RELATIVE = {
    "hoy": 0, "hoy mismo": 0, "este mismo dia": 0, "ayr": -1, "el dia de ayer": -1, "el dia de hoy": 0, "ahora": 0, "ahorita": 0, "ayer": -1, "anoche": -1, "ayer mismo": -1, "antier": -2, "anteayer": -2,
    "antes de ayer": -2, "antes de antier": -3, "trasantier": -3, "tras antier": -3, "antenoche": -2, "antes de anoche": -2, "anteanoche": -2,
    "manana": 1, "manana mismo": 1, "mnn": 1, "pasado manana": 2,
    **{f"esta {part}": 0 for part in ("manana", "tarde", "noche")},
}  # fmt: skip
_WAYS = {"hace": -1, "en": 1, "dentro": 1}
_ROUND = (8, 15)
"""«Hace ocho días» is a week ago, or eight days; «quince» two weeks, or fifteen days."""
_FARTHEST = 5 * 366
_YEARS = range(1920, 2101)
_SHORT_YEARS = range(20, 40)
_NEAR = timedelta(days=10)
_NUMERIC = re.compile(
    r"(?<!\d)(?:(\d{4})[-/](\d\d?)[-/](\d\d?)|(\d\d?)([/.-])(\d\d?)(?:\5(\d{4}|\d\d))?)(?![\d:]|[/.-]\d)"
)
_HOUR = re.compile(r"(?:como )?a las? (?:[a-z0-9:.]+ ?){1,6}$")


_HOUR_INSIDE = re.compile(
    r"\b(?:como )?a las? \w+(?::\d\d)?(?: y \w+)?(?: (?:am|pm|hrs|horas))?(?: (?:de|en|por) la (?:manana|tarde|noche|madrugada))?"
)


_OF_SOMETHING = re.compile(
    r"\b(?:hoy|ayer) (?:es|fue) (?:el|la|un|una|dia) (?!ultim|turno|guardia|servicio|\d)|\bhace (?:muchos|varios|\w+) anos\b"
    r"|\bahorita\W+(?:estoy|ando|voy|traigo|vengo)|"
    r"\bfue (?:el|la|un|una) (?=[a-z])(?!ultim|turno|guardia|servicio|dia\b|pasad|lunes|martes|mierc|jueves|viernes|sab|domingo|\d)"
)
"""«el lunes fue el juicio»."""
_SHIFT = re.compile(r"\b(?:de |del? )?(?:12|24|48|8) ?x ?(?:12|24|48|36|72)\b")
"""«salí del 24x48»: the kind of shift is no date."""
_IN_THE_MORNING = re.compile(r"(?<=\bhoy )(?:en|por) la manana\b")


def _phrases() -> Phrases:
    phrases = Phrases()
    for text, days in _RELATIVE.items():
        phrases.add([tuple(text.split())], Meaning(MeaningKind.number, days, "offset"))
    for index, day in enumerate(DAYS):
        phrases.add([(day,)], Meaning(MeaningKind.number, index, "weekday"))
        phrases.add(
            [("los", day), ("cada", day), ("un", day), ("algun", day), ("cualquier", day), ("uno", "de", "los", day)],
            Meaning(MeaningKind.hedge),
        )
    for month, (name, short) in enumerate(zip(MONTHS, _SHORT_MONTHS, strict=True), 1):
        phrases.add([(name,), (short,)], Meaning(MeaningKind.number, month, "month"))
    for name, weekday in (("lun", 0), ("mie", 2), ("jue", 3), ("vie", 4), ("sab", 5), ("dom", 6)):
        phrases.add([(name,)], Meaning(MeaningKind.number, weekday, "weekday"))
    phrases.add([("setiembre",), ("sept",)], Meaning(MeaningKind.number, 9, "month"))
    for words, week in (
        ("de la semana pasada", -1),
        ("de esta semana", 0),
        ("este", 0),
        ("de la semana que viene", 1),
        ("de la proxima semana", 1),
    ):
        phrases.add([tuple(words.split())], Meaning(MeaningKind.number, week, "week"))
    for words in ("del presente", "del presente mes", "del actual", "del mes en curso", "de este mes", "del mes"):
        phrases.add([tuple(words.split())], Meaning(MeaningKind.number, 0, "months"))
    phrases.add([("del", "mes", "pasado"), ("del", "mes", "anterior")], Meaning(MeaningKind.number, -1, "months"))
    for words in ("proximo", "que viene", "siguiente", "que entra"):
        phrases.add([tuple(words.split())], Meaning(MeaningKind.number, 1, "turn"))
    phrases.add([("pasado",), ("anterior",), ("ultimo",)], Meaning(MeaningKind.number, -1, "turn"))
    for part in ("manana", "noche", "tarde", "madrugada"):
        phrases.add([(link, "la", part) for link in ("en", "por", "de", "a")], FILLER)
    phrases.add([("temprano",), ("al", "mediodia"), ("al", "medio", "dia")], FILLER)
    phrases.add(
        [
            ("de", "este", "ano"),
            ("del", "presente", "ano"),
            ("dia",),
            ("fecha",),
            ("apenas",),
            ("paso",),
            ("mero",),
            ("exacta",),
            ("exacto",),
        ],
        FILLER,
    )
    phrases.add([("mzo",)], Meaning(MeaningKind.number, 3, "month"))
    phrases.add((lex.HEDGES | lex.EITHER) - {("igual", "y")}, Meaning(MeaningKind.hedge))
    phrases.add(lex.FILLERS, FILLER)
    return phrases


_PHRASES = _phrases()
_TARGETS = {
    *DAYS,
    *MONTHS,
    "ayer",
    "antier",
    "anteayer",
    "anoche",
    "hoy",
    "pasado",
    "proximo",
    "hace",
    "dias",
    "semana",
}
_SPELLER = Speller(_TARGETS, (_PHRASES.vocabulary() | lex.REAL_WORDS | {"noche"}) - _TARGETS)


_LONGEST = 30
_AHEAD = frozenset(("proximo", "proxima", "siguiente"))
"""A question with one of these asks for a day to come."""
_BEHIND = frozenset(("fue", "ultimo", "ultima", "paso", "ocurrio"))
"""A question with one of these asks for a day that has been: «mañana» puts the answer off."""
_NOW = re.compile(
    r"\b(?:que|cual) dia (?:le |se |nos )?(?!fue\b)[a-z]{3,}[ae]\b(?<!aba)(?<!ia)(?:.*(?P<week>\besta semana\b))?"
)
"""«¿Qué día descansa?», «¿qué día le toca?» ask for a day to come; with «esta semana», for one of this week."""
_JOINS = frozenset(lex.word_list("y pero sea que porque pq xq"))
_WORK = frozenset(lex.word_list(
    "trabaje trabajamos sali salimos saliendo salgo acabe acabamos termine terminamos entregue entregamos labore estuve fue era tuve entre turno"
    " guardia servicio ultimo ultima cubri doble franco descanse descanso vacaciones incapacitado incapacitada"
))  # fmt: skip
_REST = frozenset(lex.word_list(
    "descanse descanso descansando franco franca libre vacaciones incapacitado incapacitada falte permiso entro manana"
))  # fmt: skip
"""A clause with one of these speaks of other days."""
_TALK = frozenset(lex.word_list(
    "no ni nunca o u contesto contestar respondo mensaje pregunta encuesta quiza quizas creo antes despues proximo proxima"
)) - {"creo"}  # fmt: skip


@dataclass(slots=True)
class Clues:
    """The date that a reply states. `marked` says that a bare number was announced as a day («el 5»)."""

    said: dict[str, int] = field(default_factory=dict)
    given: list[date] = field(default_factory=list)
    marked: bool = False
    unknown: bool = False
    doubtful: bool = False

    def say(self, what: str, value: int) -> None:
        """One clue; a second one of its kind that differs makes the reply doubtful."""
        self.doubtful = self.doubtful or self.said.get(what, value) != value
        self.said[what] = value


class Dates:
    """Reads the date that one form asks for."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self._to_come = _to_come(form.asked)

    def read(self, folded: Folded, today: date) -> Reading:
        """The date meant, as ISO text; its label is the date in words."""
        if folded.has("?", "+", "<", ">", "%", "^"):
            return NO_MATCH
        if (code := missing_code(folded)) is not None:
            return missing_answer(self.form, code)
        line = folded.line
        numeric = list(_NUMERIC.finditer(line))
        if len(numeric) == 1:
            return self._numeric(numeric[0], line, today)
        tokens = without(spelled_out(folded.tokens), self.form.asked)
        found = mending(lambda tokens, _: self._worded(tokens, today), tokens, _PHRASES, _SPELLER)
        return found if isinstance(found, Parsed) else self._told(tokens, today) or found

    def _told(self, tokens: Words, today: date) -> Parsed | None:
        """«ayer salí de guardia», «descansé ayer, o sea que el sábado fue»: the only date of the clauses that speak of work."""
        line = _SHIFT.sub("turno", " ".join(tokens).replace("o sea", ","))
        if _OF_SOMETHING.search(line):
            return None
        tokens = tuple(_HOUR_INSIDE.sub(" ", _IN_THE_MORNING.sub(" ", line)).split())
        if len(tokens) > _LONGEST or _TALK & set(tokens) or not self.form.asked:
            return None
        if (first := self._first(tokens, today)) is not None:
            return first
        found = set[date]()
        label: Parsed | None = None
        if not (_WORK | _REST) & set(tokens):
            return None
        for clause in _clauses(tokens):
            if _REST & set(clause):
                continue
            read = self._part(clause, today)
            if isinstance(read, Parsed):
                found.add(date.fromisoformat(str(read.value)))
                label = read
            elif read is None:
                return None
        return replace(label, score=0.8) if label is not None and len(found) == 1 and max(found) <= today else None

    def _first(self, tokens: Words, today: date) -> Parsed | None:
        """«ayer, 12 horas de corrido»: a date, and then clauses that name no other and tell no days off."""
        clauses = _clauses(tokens)
        if len(clauses) < 2 or _REST & set(tokens):
            return None
        read = self._worded(clauses[0], today)
        behind = [self._clues(tuple([word for word in clause if not word.isdecimal()])) for clause in clauses[1:]]
        if not isinstance(read, Parsed):
            return None
        weekday = {"weekday": date.fromisoformat(str(read.value)).weekday()}
        if any(clues.doubtful or clues.said not in ({}, weekday) for clues in behind):
            return None
        return replace(read, score=0.8) if date.fromisoformat(str(read.value)) <= today else None

    def _part(self, clause: Words, today: date) -> Reading | None:
        """The date of a clause; NO_MATCH if it names none; None if it is doubtful."""
        clues = self._clues(tuple(_HOUR.sub("", " ".join(clause)).split()))
        if clues.doubtful:
            return None
        if not clues.said:
            return NO_MATCH
        read = self._resolved(replace(clues), today)
        return read if isinstance(read, Parsed) else None

    def _numeric(self, match: re.Match[str], line: str, today: date) -> Reading:
        """«5/3», «5-3-26», «2026-03-05», perhaps with a weekday that must agree."""
        rest = line[: match.start()] + " " + line[match.end() :]
        clues = self._clues(tuple(re.findall(r"[^\W_]+", rest)))
        if clues.unknown or clues.doubtful or set(clues.said) - {"weekday"}:
            return NO_MATCH
        if match[1]:
            clues.said |= {"year": int(match[1]), "month": int(match[2]), "day": int(match[3])}
        else:
            clues.said |= {"day": int(match[4]), "month": int(match[6])}
            if match[7]:
                clues.said["year"] = int(match[7]) + (2000 if len(match[7]) == 2 else 0)
        return self._resolved(clues, today)

    def _worded(self, tokens: Words, today: date) -> Reading:
        clues = self._clues(tuple(_HOUR.sub("", " ".join(tokens)).split()))
        if clues.unknown:
            return NO_MATCH
        if clues.doubtful:
            return AMBIGUOUS if clues.said else NO_MATCH
        return self._resolved(clues, today)

    def _clues(self, tokens: Words) -> Clues:
        clues, place = Clues(), 0
        words = tuple(filter(is_word, tokens))
        while place < len(words):
            place = self._step(words, place, clues)
        return clues

    def _step(self, words: Words, place: int, clues: Clues) -> int:
        if (way := _WAYS.get(words[place])) and (span := _span(words, place + 1)) is not None:
            clues.say("offset", way * span[0])
            clues.doubtful = clues.doubtful or span[0] in _ROUND
            return span[1]
        found = _PHRASES.at(words, place)
        number = None if words[place] in ("un", "una", "unos") else cardinal(words, place)
        if found is None and number is None and (nth := ordinal(words[place])) == 1:
            number = nth, place + 1
        if number is not None:
            clues.marked = clues.marked or (place > 0 and words[place - 1] in ("el", "dia", *DAYS))
            dated = number[0] in _SHORT_YEARS and {"day", "month"} <= clues.said.keys()
            clues.say("year" if dated or number[0] in _YEARS else "day", number[0] + 2000 * dated)
            return number[1]
        if found is None:
            clues.unknown = True
            return place + 1
        meaning, end = found
        if meaning.what is MeaningKind.number:
            clues.say(meaning.code, meaning.index)
        elif meaning.what is MeaningKind.hedge:
            clues.doubtful = True
        return end

    def _resolved(self, clues: Clues, today: date) -> Reading:
        """Combine the clues to one date, or say why not."""
        said = clues.said
        candidates: list[date | None] = []
        if "offset" in said:
            candidates.append(today + timedelta(days=said["offset"]))
        if "day" in said and "months" in said:
            year, month = _month(today, said["months"])
            said.setdefault("month", month)
            said.setdefault("year", year)
        if "day" in said and "month" in said:
            candidates.append(self._day_of_year(said, today))
        elif "day" in said:
            candidates.append(self._day_of_month(said["day"], said.get("weekday"), today) if clues.marked else None)
        elif "month" in said or "year" in said:
            return NO_MATCH
        if not candidates and "weekday" in said:
            if self._to_come is not None and not said.keys() & {
                "turn",
                "week",
            }:  # «el jueves pasado» says which one itself
                said.update((self._to_come,))
            candidates.append(_weekday(said, today))
        if not candidates or None in candidates:
            return NO_MATCH
        return self._agreed({found for found in candidates if found is not None}, said, today)

    def _agreed(self, candidates: set[date], said: dict[str, int], today: date) -> Reading:
        found = min(candidates)
        if len(candidates) > 1 or said.get("weekday", found.weekday()) != found.weekday():
            return AMBIGUOUS
        is_past = self.form.past or (not _BEHIND.isdisjoint(self.form.asked) and _AHEAD.isdisjoint(self.form.asked))
        if is_past and found > today:
            return Unparsed("future")
        label = f"{named(found)} de {found.year}"
        return Parsed(found.isoformat(), None, label, "date", 0.95 if "year" in said or "offset" in said else 0.9)

    def _day_of_year(self, said: dict[str, int], today: date) -> date | None:
        if "year" in said:
            return _date(said["year"], said["month"], said["day"]) if said["year"] in _YEARS else None
        near = [_date(today.year + shift, said["month"], said["day"]) for shift in (-1, 0, 1)]
        if self.form.past and near[1] is not None and near[1] <= today:
            return near[1]
        return min((found for found in near if found is not None), key=lambda found: abs(found - today), default=None)

    def _day_of_month(self, day: int, weekday: int | None, today: date) -> date | None:
        """The last such day for the past, else one so near that no other can be meant; or the nearest one that falls on
        the weekday that was named."""
        months = [_month(today, shift) for shift in (0, -1, -2, 1)]
        dates = [found for year, month in months if (found := _date(year, month, day)) is not None]
        if weekday is not None:
            dates = [found for found in dates if found.weekday() == weekday]
        elif self.form.past:
            return max((found for found in dates if found <= today), default=None)
        else:
            dates = [found for found in dates if abs(found - today) <= _NEAR]
        return min(dates, key=lambda found: abs(found - today), default=None)


def _to_come(asked: Words) -> tuple[str, int] | None:
    """The clue that a question for a day to come gives to a bare weekday."""
    if not _AHEAD.isdisjoint(asked):
        return "turn", 1
    if (found := _NOW.search(" ".join(asked))) is None:
        return None
    return ("week", 0) if found["week"] else ("turn", 1)


def _clauses(tokens: Words) -> list[Words]:
    """Parts between commas and what joins two statements."""
    parts: list[list[str]] = [[]]
    for token in tokens:
        if not is_word(token) or token in _JOINS:
            parts.append([])
        else:
            parts[-1].append(token)
    return [tuple(part) for part in parts if part]


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _span(words: Words, place: int) -> tuple[int, int] | None:
    """The days in «dos días», «como 3 dias», «una semana», and the place after them."""
    while place < len(words) and words[place] in ("como", "unos", "unas", "apenas", "de"):
        place += 1
    number = cardinal(words, place)
    if number is None or number[1] >= len(words):
        return None
    factor = {"dia": 1, "dias": 1, "semana": 7, "semanas": 7}.get(words[number[1]])
    days = number[0] * factor if factor else 0
    return (days, number[1] + 1) if factor and days <= _FARTHEST else None


def _weekday(said: dict[str, int], today: date) -> date | None:
    """The last such day before today; of the week or the next one that is said."""
    if "week" in said:
        # «Este sábado», on a Saturday, may be this one or the last.
        if said["week"] == 0 and said["weekday"] == today.weekday():
            return None
        return today + timedelta(days=said["weekday"] - today.weekday() + 7 * said["week"])
    back = (today.weekday() - said["weekday"]) % 7 or 7
    return (
        today + timedelta(days=7 - back if back < 7 else 7) if said.get("turn") == 1 else today - timedelta(days=back)
    )


def _month(today: date, shift: int) -> tuple[int, int]:
    months = today.year * 12 + today.month - 1 + shift
    return months // 12, months % 12 + 1


def named(day: date) -> str:
    """A day in words: «lunes 2 de marzo»."""
    return f"{_DAY_NAMES[day.weekday()]} {day.day} de {MONTHS[day.month - 1]}"


def local_day(at: datetime) -> date:
    """The officer's own day at a moment in the officer's zone."""
    return at.date()
