"""Reviews of texts: which one a text has, which texts nobody has confirmed, and what reviewers see in the sheet."""

import pytest

from app.flows.language.definition import Programme
from app.flows.loader import launch, load
from app.flows.reviews import review_of
from tests.excerpts import whole

FLOWS = """\
flows:
  consejo:
    title: Consejo
    kind: tip
    steps:
      - {say: saludo, text: Salude antes de preguntar., template: consejo_saludo}
      - {say: fin, text: Y agradezca.}
  otro:
    title: Otro
    kind: tip
    steps: [{say: uno, text: Uno., template: otro_uno}]
"""
REVIEWS = """\
reviews:
  flows.consejo: {purpose: Recordar el trato., evidence: Propia., confirmed_by: Alma Rivera, confirmed_on: "2026-12-01"}
  flows.consejo.steps.saludo: {evidence: Otra., lawyer: La norma local.}
  notices.help: {purpose: Decir quién responde.}
"""


def programme(reviews: str = REVIEWS) -> Programme:
    loaded = load(whole(FLOWS + reviews), "f.yaml")
    assert loaded.programme is not None, loaded.problems
    return loaded.programme


def test_what_is_said_of_a_longer_place_replaces_what_is_said_of_a_shorter_one() -> None:
    told = review_of(programme(), "flows.consejo.steps.saludo.text")
    assert (told.purpose, told.evidence, told.lawyer, told.confirmed_by) == (
        "Recordar el trato.",
        "Otra.",
        "La norma local.",
        "Alma Rivera",
    )
    told = review_of(programme(), "flows.consejo.steps.fin.text")
    assert (told.evidence, told.lawyer) == ("Propia.", None)
    assert review_of(programme(), "flows.consejos").purpose is None


def test_a_launch_names_what_nobody_has_confirmed_and_only_that() -> None:
    found = launch(load(whole(FLOWS + REVIEWS), "f.yaml"))
    assert [problem.text for problem in found if problem.code == "launch-unconfirmed"] == [
        "nobody has confirmed the texts of otro",
        "nobody has confirmed notices.help",
    ]
    assert "launch-unconfirmed" not in {problem.code for problem in launch(load(whole(FLOWS), "f.yaml"))}


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("flows.consejos", "flows.consejos: there is no consejos there"),
        ("flows.consejo.steps.saluda", "flows.consejo.steps.saluda: there is no saluda there"),
        ("notices.support", "notices.support: there is no support there"),
        ("aviso", "aviso: there is no aviso there"),
    ],
)
def test_a_review_of_no_place_is_an_error(place: str, text: str) -> None:
    loaded = load(whole(f"{FLOWS}reviews:\n  {place}: {{purpose: P}}\n"), "f.yaml")
    assert [(problem.code, problem.text) for problem in loaded.problems] == [("review-place", text)]
