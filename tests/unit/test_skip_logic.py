"""`app.flows.skip_logic`: the answers on which a question depends, in words."""

from app.flows.loader import load
from app.flows.skip_logic import asked_if
from tests.excerpts import whole

FLOW = """\
flows:
  prueba:
    title: Prueba
    kind: report
    variants: [corta, larga]
    steps:
      - {ask: uno, text: ¿Uno?, answer: yes_no, go: {no: despedida}}
      - {ask: dos, text: ¿Dos?, answer: {number: {min: 0, max: 9}}}
      - branch: segun
        cases: [{when: {step: dos, at_least: 5}, go: cuatro}]
        else: tres
      - {ask: tres, text: ¿Tres?, answer: text, go: despedida}
      - {ask: cuatro, text: ¿Cuatro?, answer: text, when: {var: variant, is: larga}}
      - {say: aviso, text: Casi., when: {step: uno, is: si}, go: despedida}
      - {ask: cinco, text: ¿Cinco?, answer: text}
      - {ask: despedida, text: ¿Algo más?, answer: text}
"""


def test_ways_branches_and_conditions_in_words() -> None:
    loaded = load(whole(FLOW), "prueba.yaml")
    assert loaded.programme is not None, loaded.problems
    assert asked_if(loaded.programme, "prueba") == {
        "dos": "uno: Sí o no se entendió",
        "tres": "uno: Sí o no se entendió; no se cumple que dos es 5 o más",
        "cuatro": "uno: Sí o no se entendió; dos es 5 o más; la versión es larga",
        "cinco": "uno: Sí o no se entendió; dos es 5 o más; no se cumple que uno es «Sí»",
    }, "and what is asked of everybody has no words"
