"""The model beside the patterns: what it adds, what it contradicts, and that its weights belong to the corpus."""

import pytest

from app.cli.reply import form_of
from app.flows.replies import reader
from app.flows.replies.acts import act_of
from app.flows.replies.fold import LONGEST, fold
from app.flows.replies.forms import AnswerKind
from app.flows.replies.message import MODEL, ActKind
from app.flows.replies.model import WEIGHTS, Shares, parted, shares_of, unpacked
from app.flows.replies.patterns import line_of
from app.flows.replies.safety import crisis_in, serious_in
from tests.replies import train
from tests.unit.test_acts import AT


def shares(text: str) -> Shares:
    return shares_of(line_of(fold(text)))


def test_the_weights_were_trained_on_the_corpus_as_it_is() -> None:
    assert unpacked(WEIGHTS.read_bytes()).corpus == train.digest(train.corpus())


@pytest.mark.parametrize("text", ["", "?", "👍", "no", "ya no quiero vivir", "a" * LONGEST, "me quiero morir " * 100])
def test_shares_are_shares_and_always_the_same(text: str) -> None:
    found = shares(text)
    assert found == shares(text)
    assert all(0 <= share <= 1 for share in (found.crisis, found.serious, found.leave, found.perhaps))
    assert found.danger + found.leave + found.perhaps <= 1


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("tengo la pistola en las piernas y estoy llorando, perdónenme", ActKind.crisis),
        ("mis compañeros me avientan agua y me dicen que soy una vergüenza por denunciar al jefe", ActKind.serious),
        ("por cuestiones personales le pido me retire de sus envíos", ActKind.leave),
    ],
)
def test_the_model_finds_what_no_pattern_knows(text: str, kind: ActKind) -> None:
    line = line_of(fold(text))
    assert crisis_in(line) is serious_in(line) is None
    found = act_of(text)
    assert (found.kind, found.rule) == (kind, f"{kind.value}: {MODEL}")


@pytest.mark.parametrize(
    "text",
    ["me violaron mi derecho a descanso según el reglamento", "me acosa el sueño", "me extorsiona mi hija con dulces"],
)
def test_the_model_contradicts_a_pattern(text: str) -> None:
    assert serious_in(line_of(fold(text))) is not None
    assert act_of(text).kind is ActKind.other


def test_a_word_of_an_option_is_an_answer() -> None:
    kinds = reader(form_of(AnswerKind.choice, ["Auxilio o queja", "Detención", "Otro"], {}))
    outcome = kinds.read("auxilio", AT)
    assert act_of("auxilio", outcome, kind=AnswerKind.choice).kind is ActKind.answer
    assert act_of("auxilio").kind is ActKind.crisis


def test_training_tells_small_classes_apart_and_packs_what_it_found() -> None:
    messages = [("me quiero morir", "crisis", 1.0), ("denme de baja", "leave", 1.0), ("todo tranquilo", "rest", 1.0)]
    weights, bias = train.trained(messages)
    scores = train.matrix([text for text, *_ in messages]) @ weights + bias
    assert [int(row.argmax()) for row in scores[:2]] == [0, 2]
    assert (scores[2] < 0).all()
    again = unpacked(train.packed(weights, bias, "here"))
    assert again.corpus == "here"
    assert max(abs(weight) for row in again.rows for weight in parted(row, 2)) == 127


def test_a_line_of_the_corpus_may_stand_for_several_messages() -> None:
    assert train._spelt_out("(a|b) c (|d)") == ["a c", "a c d", "b c", "b c d"]
    assert train._spelt_out("sin novedad") == ["sin novedad"]
