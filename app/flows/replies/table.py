"""The table of a question with options: every wording that means one of them, compiled once.

Put in from the surest to the least: labels, the author's other wordings, parts of labels joined by «o», the lexicon's
synonyms for options that are a yes, a no, a none…, the missing codes, and last what may be said around an answer.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.flows.replies import lexicon as lex
from app.flows.replies.asked import plain_words, said_again
from app.flows.replies.fold import phrase
from app.flows.replies.forms import AnswerKind, Form, Option
from app.flows.replies.fuzzy import SHORTEST, Speller
from app.flows.replies.kin import Kin
from app.flows.replies.lexicon import Words
from app.flows.replies.missing import MISSING
from app.flows.replies.numbers import SMALL, SPELT, cardinal
from app.flows.replies.phrases import BECAUSE, EITHER, FILLER, FORGOTTEN, HEDGE, REASON, Meaning, MeaningKind, Phrases

_GROUPS = (lex.DONT_KNOW, lex.NOT_APPLICABLE, lex.REFUSED, lex.NONE, lex.NONE_OF_THESE, lex.OTHER)
_PLAIN = (
    (lex.YES, frozenset({("si",), ("acepto",), ("cierto",), ("verdadero",), ("correcto",)})),
    (lex.NO, frozenset({("no",), ("no", "acepto"), ("falso",), ("incorrecto",)})),
)
_OPENING = {("si",): lex.YES, ("no",): lex.NO}

_YES_AND_NO = frozenset((("si",), ("no",)))
_NEVER = [
    (led, end)
    for led in (("no",), ("nunca",), ("jamas",), ("aun", "no"), ("todavia", "no"), ("yo", "no"))
    for end in ((), ("ninguna",), ("ninguno",), ("nada",), ("nunca",), ("aun",), ("todavia",), ("a", "nadie"))
    if (led, end) != (("no",), ())
]
"""«nunca he pedido», «no he pedido ninguna»: a label that begins with a no, said as strongly as officers do."""
_ALTERNATIVES = re.compile(r"\s+[ou]\s+|/", re.IGNORECASE)
_ASIDE = re.compile(r"\([^()]*\)")
_FILLING = frozenset(words[0] for words in lex.FILLERS if len(words) == 1)


@dataclass(frozen=True, slots=True)
class Label:
    """An option's label as words: all of them, and those that carry its meaning."""

    joined: str
    content: Words


@dataclass(frozen=True, slots=True)
class Table:
    """The words that a question with options knows. `polar` are the options that are a plain yes or no, `noes` the latter,
    `others` those that stand for what is not listed, `nones` those that say that nothing is, `owners` those that are what a missing code would be («No venía al caso»),
    `synonyms` whole replies that mean one without its words, `wholly` the labels themselves."""

    phrases: Phrases
    labels: tuple[Label, ...]
    carriers: dict[str, frozenset[int]]
    polar: frozenset[int]
    noes: frozenset[int]
    others: frozenset[int]
    nones: frozenset[int]
    owners: dict[str, int]
    synonyms: dict[Words, int]
    speller: Speller
    kin: Kin
    wholly: frozenset[Words]

    def fills(self, word: str) -> bool:
        """Whether a word may stand beside an answer without meaning anything."""
        meaning = self.phrases.meanings.get((word,))
        return meaning is not None and meaning.what is MeaningKind.filler


_COULD_NOT = (
    ("no", "se", "pudo"),
    ("no", "pude"),
    ("no", "fue", "posible"),
    ("no", "hubo", "modo"),
    ("no", "hubo", "manera"),
)
"""How an option begins that says that it could not be done."""


PIECE = 0.93
"""The score of a piece of a label that no other has."""


def compiled(form: Form, options: Sequence[Option]) -> Table:
    """Compile the options of a form (for a scale: its points)."""
    phrases = Phrases()
    # A scale's points are numbers by themselves; a list's labels are only numbered.
    labelled = [(i, phrase(option.label)) for i, option in enumerate(options) if not _is_point(form, option)]
    _claim(phrases, labelled, "label", 1.0)
    _claim(phrases, [(i, phrase(also)) for i, option in enumerate(options) for also in option.also], "alias", 1.0)
    parts = [
        (i, part)
        for i, option in enumerate(options)
        if not _is_point(form, option)
        for part in _alternatives(option.label)
    ]
    _claim(phrases, parts, "label", 0.95)
    _claim(phrases, _pieces(options, labelled), "label", PIECE, doubts=False)
    stronger = [
        (i, words + label[1:]) for i, label in labelled for words in lex.INTENSELY.get(label[:1], ()) if label[1:]
    ]
    doubled = [(i, label[:1] + label) for i, label in labelled if label[:1] in _OPENING and label[1:]]
    denied = [
        (i, led + label[1:] + end) for i, label in labelled for led, end in _NEVER if label[:1] == ("no",) and label[1:]
    ]
    _claim(phrases, stronger + doubled + denied, "alias", 0.95, doubts=False)
    plainly = phrases.vocabulary()
    groups = _groups(options) if form.kind != AnswerKind.scale else []
    fits = [group for _, group in groups]
    hindered = [i for i, label in labelled if any(label[: len(one)] == one for one in _COULD_NOT)]
    if len(hindered) == 1:
        phrases.add(lex.COULD_NOT, Meaning(MeaningKind.option, hindered[0], rule="lexicon", score=0.95))
    for index, group in groups:
        # «Ni al caso» is a no only where no option says that it does not apply.
        wordings = group - lex.NOT_APPLICABLE if group is lex.NO and lex.NOT_APPLICABLE in fits else group
        phrases.add(wordings, Meaning(MeaningKind.option, index, rule="lexicon", score=0.95))
    own = plainly | {words[0] for words in phrases.meanings if len(words) == 1}
    if form.kind not in (AnswerKind.scale, AnswerKind.yes_no):
        _positions(phrases, len(options))
    _repeating(phrases, form.asked, _spoken_for(groups, lex.NO))
    _around(phrases, form.kind)
    carried = {word for option in options for word in phrase(option.label)}
    phrases.add([(word,) for word in said_again(form.asked) - carried], FILLER)
    labels = tuple(_label(option.label) for option in options)
    owners = {code: index for index, group in groups for code, wordings in MISSING.items() if group is wordings}
    speller = _speller(phrases, labels, groups, own)
    return Table(
        phrases,
        labels,
        _carriers(labels, options),
        _spoken_for(groups, lex.YES, lex.NO),
        _spoken_for(groups, lex.NO),
        _spoken_for(groups, lex.OTHER),
        _spoken_for(groups, lex.NONE),
        owners,
        _synonyms(labelled) | _degrees(labelled),
        speller,
        Kin(
            [label.content or tuple(label.joined.split()) for label in labels],
            [word for word in plain_words(form.asked) if word not in carried],
            _known_words(phrases),
            nouns=form.kind is AnswerKind.multi,
        ),
        frozenset(label for _, label in labelled if label not in _YES_AND_NO),
    )


def _known_words(phrases: Phrases) -> frozenset[str]:
    """The words that mean something by themselves."""
    return frozenset([words[0] for words in phrases.meanings if len(words) == 1])


def _is_point(form: Form, option: Option) -> bool:
    return form.kind == AnswerKind.scale and option.label == str(option.value)


_ONE = frozenset(("un", "una", "uno"))


def _repeating(phrases: Phrases, asked: Words, noes: frozenset[int]) -> None:
    """What repeats a question's number («en estos siete días»), or denies what it counts («ninguna revisión hice»)."""
    counted = [
        pair
        for pair in pairwise(asked)
        if cardinal(pair[:1], 0) is not None and pair[0] not in _ONE and pair[1].isalpha()
    ]
    phrases.add([*counted, *((these, *pair) for pair in counted for these in ("estos", "estas"))], FILLER)
    if len(noes) == 1:
        things = [word for word in asked if word in lex.UNITS]
        denied = [(no, thing) for thing in things for no in ("ningun", "ninguna")] + [
            ("ni", one, thing) for thing in things for one in ("un", "una")
        ]
        phrases.add(denied, Meaning(MeaningKind.option, min(noes), rule="lexicon", score=0.9))


def _around(phrases: Phrases, kind: AnswerKind) -> None:
    """Wordings used instead of an option or around one."""
    if kind == AnswerKind.multi:
        phrases.add(lex.ALL, Meaning(MeaningKind.all))
    phrases.add(lex.FORGOT, FORGOTTEN)
    for code, wordings in MISSING.items():
        phrases.add(wordings, Meaning(MeaningKind.missing, code=code))
    if kind == AnswerKind.scale:
        phrases.add(lex.APPROXIMATE | lex.POINTS | {("simon",), ("sip",), ("full",)}, FILLER)
    elif kind == AnswerKind.yes_no:
        phrases.add([("he",), ("hemos",), ("nos",)], FILLER)
    else:
        phrases.add(lex.DEGREES, FILLER)
    phrases.add(lex.NONE_OF_THESE, HEDGE)
    phrases.add(lex.EITHER, EITHER)
    phrases.add(lex.HEDGES, HEDGE)
    phrases.add(lex.REASONS, REASON)
    phrases.add(lex.BECAUSE, BECAUSE)
    # «Sí, la detención»: where there is no yes to be chosen, it only opens the reply.
    phrases.add(lex.FILLERS | lex.ADJUNCTS | {("si",)}, FILLER)


def _positions(phrases: Phrases, count: int) -> None:
    """«la última», «la de en medio»."""
    phrases.add([("ultima",), ("ultimo",)], Meaning(MeaningKind.option, count - 1, rule="number_word"))
    if count > 1:
        phrases.add([("penultima",), ("penultimo",)], Meaning(MeaningKind.option, count - 2, rule="number_word"))
    if count % 2 and count > 1:
        phrases.add(
            [("enmedio",), ("en", "medio"), ("del", "medio")],
            Meaning(MeaningKind.option, count // 2, rule="number_word"),
        )


def _claim(
    phrases: Phrases, wordings: list[tuple[int, Words]], rule: str, score: float, *, doubts: bool = True
) -> None:
    """Add wordings of one rank; one that two options claim means neither: it leaves open what is meant, or (without `doubts`) means
    nothing of its own."""
    owners: defaultdict[Words, set[int]] = defaultdict(set)
    for index, words in wordings:
        owners[words].add(index)
    for words, indexes in owners.items():
        if len(indexes) == 1:
            phrases.add([words], Meaning(MeaningKind.option, min(indexes), rule=rule, score=score))
        elif doubts:
            phrases.add([words], HEDGE)


def _alternatives(label: str) -> list[Words]:
    """«Auxilio o queja» is meant by either word; «Más o menos» and «1 o 2» by neither."""
    plain = _ASIDE.sub(" ", label)
    parts = [phrase(part) for part in _ALTERNATIVES.split(plain)]
    found = [words for words in parts if any(_carries(word) for word in words)]
    return [*found, phrase(plain)] if len(found) == len(parts) else [phrase(plain)]


def _between_commas(label: str) -> list[Words]:
    """«Nadie» and «fue recorrido» of «Nadie, fue recorrido»: what stands between the commas of a label."""
    return [words for part in label.split(",") if (words := phrase(part))] if "," in label else []


def _pieces(options: Sequence[Option], labelled: list[tuple[int, Words]]) -> list[tuple[int, Words]]:
    """The pieces of labels that say which option is meant: between commas («antes» for «Sí, antes»), and what is left of a label without
    the words that another shares («poco» for «Poco difícil» beside «Nada difícil»)."""
    found = [(i, piece) for i, _ in labelled for piece in _between_commas(options[i].label) if _tells_apart(piece)]
    held = Counter(word for _, label in labelled for word in set(label))
    for i, label in labelled:
        rest = tuple([word for word in label if held[word] == 1])
        if (
            rest
            and len(rest) < len(label)
            and label[: len(rest)] == rest
            and _tells_apart(rest)
            and rest not in lex.STOCK
        ):
            found.append((i, rest))
    return found


def _degrees(labelled: list[tuple[int, Words]]) -> dict[Words, int]:
    """«poco» for «Poco difícil»: the degree by which one label differs from others, as a whole reply or its first clause."""
    held = Counter(word for _, label in labelled for word in set(label))
    return {
        label[:1]: i
        for i, label in labelled
        if len(label) > 1
        and label[0] in lex.POLARITY - {"no", "si", "sin", "ni", "mas", "menos"}
        and held[label[0]] == 1
        and any(held[word] > 1 for word in label[1:])
    }


def _tells_apart(words: Words) -> bool:
    """Whether words can stand for a label: a «sí», a «no» and their like, or what stands around any answer, cannot."""
    return lex.POLARITY.isdisjoint(words) and not all((word,) in lex.FILLERS for word in words)


def _carries(word: str) -> bool:
    return len(word) >= SHORTEST and word.isalpha() and word not in lex.POLARITY and word not in _FILLING


def _groups(options: Sequence[Option]) -> list[tuple[int, frozenset[Words]]]:
    """Which options the lexicon's groups speak for: by the whole label, else by the only label that opens with
    «sí» or «no»."""
    labels = [phrase(option.label) for option in options]
    members = [*((group, plain) for group, plain in _PLAIN), *((group, group) for group in _GROUPS)]
    found = [(index, group) for group, whole in members for index, label in enumerate(labels) if label in whole]
    found += [(index, other) for index, group in found for other in _also_meant(group, labels[index], found)]
    for opening, group in _OPENING.items():
        opened = [index for index, label in enumerate(labels) if label[:1] == opening]
        # «No hubo tiempo» in a list in which nothing is a yes is no answer to «no».
        if len(opened) == 1 and group is lex.NO and (other := _opposite(labels, opened[0])) is not None:
            found.append((other, lex.YES))
        if len(opened) == 1 and group not in [held for _, held in found] and _has_counterpart(options, labels, group):
            found.append((opened[0], group))
    return found


def _also_meant(
    group: frozenset[Words], label: Words, found: list[tuple[int, frozenset[Words]]]
) -> tuple[frozenset[Words], ...]:
    """«Ninguna» is none of these too, and «Ninguna de las anteriores» none; «Otro» is none of these if no option says that there
    is none."""
    if group is lex.NONE_OF_THESE:
        return (lex.NONE,)
    if group is lex.NONE:
        return (lex.NONE_OF_THESE,) if label[0].startswith("ningun") else ()
    return (lex.NONE_OF_THESE,) if group is lex.OTHER and lex.NONE not in [held for _, held in found] else ()


def _opposite(labels: list[Words], place: int) -> int | None:
    """«Ya me ha tocado» to «No me ha tocado»: the label that says the same without the no."""
    rest = labels[place][1:]
    alike = [
        at for at, label in enumerate(labels) if at != place and rest and label in (rest, ("ya", *rest), ("si", *rest))
    ]
    return alike[0] if len(alike) == 1 else None


def _synonyms(labelled: list[tuple[int, Words]]) -> dict[Words, int]:
    """The words that only one option names."""
    named = [(index, group) for index, label in labelled for labels, group in lex.SYNONYMS if label in labels]
    once = [(index, group) for index, group in named if sum(group is other for _, other in named) == 1]
    written = {label for _, label in labelled}
    return {words: index for index, group in once for words in group if words not in written}


def _has_counterpart(options: Sequence[Option], labels: list[Words], group: frozenset[Words]) -> bool:
    """Whether an option is the yes to this no, or the no to this yes: by its label, its key or what the author wrote beside it."""
    if group is lex.NO and any(
        label[:1] == ("no",) and _opposite(labels, at) is not None for at, label in enumerate(labels)
    ):
        return True
    opening, other = (("si",), lex.YES) if group is lex.NO else (("no",), lex.NO)
    return any(
        label[:1] == opening or (option.key,) == opening or any(phrase(also) in other for also in option.also)
        for option, label in zip(options, labels, strict=True)
    )


def _spoken_for(groups: list[tuple[int, frozenset[Words]]], *wanted: frozenset[Words]) -> frozenset[int]:
    return frozenset(index for index, group in groups if group in wanted)


def _label(label: str) -> Label:
    words = phrase(label)
    return Label(" ".join(words), tuple(word for word in words if word in lex.POLARITY or word not in _FILLING))


def _carriers(labels: tuple[Label, ...], options: Sequence[Option]) -> dict[str, frozenset[int]]:
    """Which options a word may point to. Labels with digits are only meant as a whole."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for index, label in enumerate(labels):
        if label.content != phrase(options[index].label) or not any(word.isdecimal() for word in label.content):
            for word in label.content:
                found[word].add(index)
    return {word: frozenset(indexes) for word, indexes in found.items()}


def _speller(
    phrases: Phrases, labels: tuple[Label, ...], groups: list[tuple[int, frozenset[Words]]], own: set[str]
) -> Speller:
    """Mends towards labels from four letters on, towards the lexicon from five; a word with a meaning stays. A verb of the
    lexicon's longer wordings is never mended to: «quiere» is not the «quiero» of «quiero participar»."""
    plain = {word for label in labels for word in label.content}
    wordings = {
        word for _, group in groups if group in (lex.YES, lex.NO) for words in group for word in words
    } - lex.VERBS
    numbers = {word for word in SPELT if 1 <= SMALL.get(word, 0) <= len(labels)}
    vocabulary = plain | {word for word in own | wordings if len(word) != SHORTEST} | numbers
    meant = {words[0] for words in phrases.meanings if len(words) == 1}
    counted = {unit for unit in lex.UNITS if not plain & {unit, unit.removesuffix("s"), unit.removesuffix("es")}}
    return Speller(vocabulary, (meant | lex.REAL_WORDS | set(SMALL) | counted) - vocabulary)
