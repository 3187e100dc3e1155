"""The programmes that ship, `flows/principles.yaml` and the small one of `docs/mandos`: sound, whole, walked by their transcripts to the
last branch, and within what an officer can bear."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise, product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.cli.synth import TURNS
from app.cli.test import Run, rehearse
from app.flows.burden import questions_by_flow
from app.flows.engine.buttons import Shape, title
from app.flows.engine.compiled import Ask as Asked
from app.flows.engine.compiled import answer_of, bind, expand
from app.flows.engine.engine import Contact, start
from app.flows.engine.events import MessageCreated
from app.flows.engine.render import placeholders
from app.flows.language import definition as d
from app.flows.language.definition import Ask, FlowKind, Level, Programme
from app.flows.loader import lint, load
from app.flows.segments import measure
from app.flows.shifts import Duty, Shift
from app.flows.variables import asked
from app.flows.whatsapp_templates import presented
from app.scheduler import nudge_policy, planning
from app.scheduler.occasions import ANY_DAY, occasions
from app.scheduler.recurring import ALMANAC

ROOT = Path(__file__).parents[2]
FLOWS = ROOT / "flows"
MANAGERS = ROOT / "docs" / "mandos"
FILES = {"principles": FLOWS / "principles.yaml", "mandos": MANAGERS / "mandos.yaml"}
MEASURING = (FlowKind.quiz, FlowKind.survey)
SITUATIONS = {FlowKind.tip, FlowKind.vignette, FlowKind.plan, FlowKind.story}
PRINCIPLES = ("voz", "neutralidad", "respeto", "confianza")


def read(name: str) -> Programme:
    loaded = load(FILES[name].read_bytes(), FILES[name].name)
    assert [str(problem) for problem in (*loaded.problems, *lint(loaded))] == []
    assert loaded.programme is not None
    return loaded.programme


@pytest.fixture(scope="module")
def programme() -> Programme:
    return read("principles")


@pytest.fixture(scope="module", params=FILES)
def either(request: pytest.FixtureRequest) -> Programme:
    return read(request.param)


@pytest.fixture(scope="module", params=[FLOWS, MANAGERS], ids=lambda folder: folder.name)
def run(request: pytest.FixtureRequest) -> Run:
    return rehearse(sorted((request.param / "transcripts").glob("*.yaml")))


def questions(programme: Programme) -> Iterator[tuple[str, str, Ask]]:
    """Every question with its flow and its variable, once."""
    for code, flow in programme.flows.items():
        for step in expand(flow):
            if isinstance(step, Ask):
                yield code, d.variable_name(code, step), step


# -- whole ----------------------------------------------------------------------------------------------------------------


def test_every_transcript_goes_as_written(run: Run) -> None:
    assert len(run.played) > 20
    assert {item.transcript.name: item.differences for item in run.failed} == {}


def test_the_transcripts_walk_every_step_and_every_branch(run: Run) -> None:
    assert {item.flow: item.missing for item in run.covered() if not item.whole} == {}


def test_each_principle_has_four_situations_a_report_and_a_reflection(programme: Programme) -> None:
    for principle in programme.principles:
        kinds = Counter(flow.kind for flow in programme.flows.values() if flow.principle == principle)
        assert kinds == dict.fromkeys([*SITUATIONS, FlowKind.report, FlowKind.reflection], 1)
    assert tuple(programme.principles) == PRINCIPLES


def test_names_and_places_are_asked_for_nowhere(either: Programme) -> None:
    for _, _, step in questions(either):
        if step.level is Level.knowledge:
            continue  # of an invented case: its answers are given
        text = str(step.text).lower()
        assert not any(
            word in text for word in ("cómo se llama usted", "dónde", "en qué calle", "colonia", "quién fue")
        )


# -- what is measured -----------------------------------------------------------------------------------------------------


def items(programme: Programme, form: str) -> dict[str, Ask]:
    return {name: ask for _, name, ask in questions(programme) if name.startswith(f"know_{form}")}


@pytest.mark.parametrize("form", ["a", "b"])
def test_a_form_has_two_items_a_principle_with_balanced_keys(programme: Programme, form: str) -> None:
    found = items(programme, form)
    assert Counter(ask.principle for ask in found.values()) == dict.fromkeys(PRINCIPLES, 2)
    positions, longest, shortest = Counter[int](), 0, 0
    for name, ask in found.items():
        answer = answer_of(programme, ask.answer)
        assert isinstance(answer.choice, dict)
        labels = [str(option.label) for option in answer.choice.values()]
        lengths = [len(label) for label in labels]
        place = list(answer.choice).index(str(ask.correct))
        positions[place] += 1
        longest += lengths[place] == max(lengths) and lengths.count(max(lengths)) == 1
        shortest += lengths[place] == min(lengths) and lengths.count(min(lengths)) == 1
        assert (len(labels), max(lengths) - min(lengths) <= 6) == (3, True), name
        # Every wrong answer has its misconception, and is read in the text as it is scored.
        assert [option.misconception is None for option in answer.choice.values()] == [
            at == place for at in range(3)
        ], name
        assert [line for line in str(ask.text).splitlines() if line[0] in "123"] == [
            f"{number} {label}" for number, label in enumerate(labels, 1)
        ], name
    assert max(positions.values()) <= 3
    assert longest <= 4
    assert shortest <= 4


def test_the_two_forms_share_no_variable_and_are_crossed_over(programme: Programme) -> None:
    parts = [programme.flows[code] for code in ("conocimiento_1", "conocimiento_2")]
    assert {(flow.crossover, tuple(flow.variants)) for flow in parts} == {("forma", ("a", "b"))}
    assert len({*items(programme, "a"), *items(programme, "b")}) == 16
    for wave in ("antes", "final"):
        assert {"conocimiento_1", "conocimiento_2"} <= set(programme.campaigns["seguimiento"].waves[wave].flows)
    assert not any(
        programme.flows[code].kind is FlowKind.quiz
        for code in programme.campaigns["seguimiento"].waves["intermedia"].flows
    )


def test_attitudes_are_one_a_principle_in_each_half_and_half_of_them_reversed(programme: Programme) -> None:
    for half in ("frases_1", "frases_2"):
        asks = [ask for code, _, ask in questions(programme) if code == half]
        assert [ask.principle for ask in asks] == list(PRINCIPLES)
        assert sum(ask.reverse for ask in asks) == 2
        # Reversed by the opposite idea, never by «no».
        statements = [str(ask.text).splitlines()[-6] for ask in asks]
        assert not any(statement.lower().startswith("no ") for statement in statements)
    fair = [ask for _, name, ask in questions(programme) if name.startswith("int_")]
    assert (len(fair), sum(ask.reverse for ask in fair)) == (4, 2)


def test_an_act_is_one_act_that_the_officer_can_see(programme: Programme) -> None:
    acts = [ask for _, name, ask in questions(programme) if ask.answer == "aplicado"]
    assert len(acts) == 18
    for ask in acts:
        asked_for = str(ask.text).rpartition("¿")[2]
        assert " y " not in asked_for
        assert "mismo criterio" not in asked_for
    shared = answer_of(programme, "aplicado")
    assert isinstance(shared.choice, dict)
    assert [option.value for option in shared.choice.values()] == [1, 0, "n", "u"]


def test_each_barrier_has_a_reply_of_its_own(programme: Programme) -> None:
    for principle in PRINCIPLES:
        (barrier,) = (
            ask for code, name, ask in questions(programme) if code == f"reporte_{principle}" and name == "barrier"
        )
        replies = [str(text) for text in barrier.feedback.values()]
        assert set(barrier.feedback) == {"tiempo", "riesgo", "ordenes", "actitud", "nada", "otro", "else"}
        assert len(set(replies)) == len(replies)
        # Nobody is told to do otherwise than ordered.
        assert "no depende de usted" in str(barrier.feedback["ordenes"])


# -- the campaign ---------------------------------------------------------------------------------------------------------


def test_the_campaign_sends_every_situation_once_and_never_a_principle_twice_running(programme: Programme) -> None:
    campaign = programme.campaigns["seguimiento"]
    planned = sorted(occasions(campaign.slots, ANY_DAY, ALMANAC.days), key=lambda one: one.day)
    taught = [
        programme.flows[one.flow].principle for one in planned if programme.flows[one.flow].kind is not FlowKind.report
    ]
    assert all(one is None or one != after for one, after in pairwise(taught))
    sent = Counter(one.flow for one in planned)
    for code, flow in programme.flows.items():
        if flow.kind in {*SITUATIONS, FlowKind.reflection} and code != "devolucion":
            assert sent[code] == 1, code


def test_the_principle_of_a_report_is_drawn_with_equal_chances(programme: Programme) -> None:
    (drawn,) = (slot.draw for slot in programme.campaigns["seguimiento"].slots if slot.draw)
    assert {(name, choice.p, tuple(choice.flows)) for name, choice in drawn.items()} == {
        (principle, 0.25, (f"reporte_{principle}",)) for principle in PRINCIPLES
    }


def test_reports_have_eight_openings_each_a_template(programme: Programme) -> None:
    openings = programme.openings["reporte"]
    assert len({opening.template for opening in openings}) == 8
    assert len({str(opening.text).split()[0] for opening in openings}) == 8
    opened = [code for code, _, ask in questions(programme) if ask.opening == "reporte"]
    assert opened == [f"reporte_{principle}" for principle in PRINCIPLES]


def test_the_pace_tapers_off_as_the_evidence_asks(programme: Programme) -> None:
    campaign = programme.campaigns["seguimiento"]
    weeks = Counter(
        ((one.day - ANY_DAY).days - 1) // 7 + 1
        for one in occasions(campaign.slots, ANY_DAY, ALMANAC.days)
        if one.flow != "devolucion"
    )
    assert [weeks[week] for week in range(1, 13)] == [2] * 4 + [1] * 8
    assert max(weeks[week] + weeks[week + 1] for week in range(14, 36)) == 1
    assert (campaign.cap.flows, campaign.cap.per.days, campaign.pause_after) == (3, 7, 3)


def test_something_is_asked_from_the_first_week(programme: Programme) -> None:
    first = min(occasions(programme.campaigns["seguimiento"].slots, ANY_DAY, ALMANAC.days), key=lambda one: one.day)
    assert questions_by_flow(programme)[first.flow] == 1


def test_who_errs_in_a_case_gets_the_tip_of_its_principle_again(programme: Programme) -> None:
    followups = programme.campaigns["seguimiento"].followups.values()
    assert {followup.when.flow for followup in followups} == {
        code for code, flow in programme.flows.items() if flow.kind is FlowKind.vignette
    }
    for followup in followups:
        (tip,) = followup.flows
        assert (programme.flows[tip].kind, programme.flows[tip].principle) == (
            FlowKind.tip,
            programme.flows[followup.when.flow].principle,
        )
        assert (followup.when.wrong, followup.most.flows, followup.most.per.days) == (True, 1, 7)
        assert followup.after > timedelta(days=2), "feedback is given at once; this is to remember it"


def test_a_full_wave_is_24_questions_in_five_contacts_and_the_middle_one_8_in_two(programme: Programme) -> None:
    asked_at_most, waves = questions_by_flow(programme), programme.campaigns["seguimiento"].waves
    assert [[asked_at_most[code] for code in wave.flows] for wave in waves.values()] == [
        [4, 5, 5, 5, 5],
        [4, 4],
        [4, 5, 5, 5, 5],
    ]
    for wave in (waves["antes"], waves["final"]):
        levels = {ask.level for code in wave.flows for _, ask in asked(programme, code)}
        assert levels == set(Level)


def test_an_ordinary_contact_asks_at_most_three_and_a_report_four(either: Programme) -> None:
    for code, most in questions_by_flow(either).items():
        kind = either.flows[code].kind
        assert most <= (5 if kind in MEASURING else 4 if kind is FlowKind.report else 3), code


def test_an_officer_who_answers_gets_all_of_it_under_the_cap_and_every_wave_whole(programme: Programme) -> None:
    campaign, quiet = programme.campaigns["seguimiento"], (time(21), time(9))
    now = datetime(2026, 5, 14, 16, tzinfo=UTC)
    officer = planning.Profile(planning.bucket_of("K7"), "America/Mexico_City", date(2026, 6, 1), now)
    pending = planning.plan(campaign, officer, quiet, ALMANAC)
    called = {"frases_1", "frases_2"}
    drawn = {"reporte_neutralidad", "reporte_respeto", "reporte_confianza"}  # a plan shows the first of a draw
    assert {nudge.flow for nudge in pending} == set(programme.flows) - called - drawn
    begun: list[tuple[datetime, planning.Planned]] = []
    skipped: list[planning.Planned] = []
    while pending:
        now += timedelta(minutes=30)
        for nudge in [nudge for nudge in pending if nudge.due_at <= now]:
            lately = tuple(moment for moment, _ in begun if moment > now - campaign.cap.per)
            measuring = any(other.wave is not None and other.due_at <= now for other in pending)
            situation = nudge_policy.Situation(
                "active", officer.timezone, bool(begun), None, False, False, measuring, lately, 0
            )
            match nudge_policy.decide_nudge(campaign, nudge, situation, quiet, ALMANAC, now):
                case nudge_policy.Begin():
                    begun.append((now, nudge))
                    pending.remove(nudge)
                case nudge_policy.Skip():
                    skipped.append(nudge)
                    pending.remove(nudge)
                case nudge_policy.Postpone(until):
                    pending[pending.index(nudge)] = replace(nudge, due_at=until)
    assert Counter(nudge.wave for _, nudge in begun if nudge.wave) == {"bl": 5, "md": 2, "el": 5}
    assert [nudge.flow for nudge in skipped] == []
    moments = [moment for moment, _ in begun]
    assert all(last - first >= campaign.cap.per for first, last in zip(moments, moments[4:], strict=False))
    ordinary = [moment for moment, nudge in begun if nudge.wave is None]
    assert all(last - first >= campaign.cap.per for first, last in zip(ordinary, ordinary[3:], strict=False))
    for wave in ("bl", "el"):
        measured = [moment for moment, nudge in begun if nudge.wave == wave]
        assert measured[-1] - measured[0] <= timedelta(days=10)


ANCHORS = (date(2026, 3, 2), date(2026, 6, 3), date(2026, 9, 11))
PHASES = [(hour, day) for hour in (6, 7, 15, 19, 22) for day in range(3)]


@pytest.mark.parametrize("turn", TURNS, ids=lambda turn: "x".join(map(str, turn)))
def test_with_every_shift_of_a_rehearsal_a_wave_ends_within_ten_days_with_something_taught_in_the_last(
    programme: Programme, turn: tuple[int, int]
) -> None:
    campaign, quiet, zone = programme.campaigns["seguimiento"], (time(21), time(9)), ZoneInfo(programme.timezone)
    for anchor, (hour, day), bucket in product(ANCHORS, PHASES, range(0, planning.BUCKETS, 16)):
        begins = datetime.combine(anchor, time(hour)) - timedelta(days=day)
        officer = planning.Profile(
            bucket,
            programme.timezone,
            anchor,
            datetime.combine(anchor - timedelta(days=16), time(7), zone),
            duty=Duty(Shift(*turn, begins, programme.timezone)),
        )
        planned = planning.plan(campaign, officer, quiet, ALMANAC)
        for wave in ("bl", "md", "el"):
            measured = [nudge for nudge in planned if nudge.wave == wave]
            assert [nudge.skip for nudge in measured] == [None] * len(measured)
            days = [nudge.due_at.astimezone(zone).date() for nudge in measured]
            assert (days[-1] - days[0]).days <= 10, (wave, anchor, begins, days)
        (tip,) = (nudge for nudge in planned if nudge.flow == "consejo_neutralidad")
        ends = [nudge.due_at for nudge in planned if nudge.wave == "el"]
        assert tip.skip is None
        assert ends[0] < tip.due_at < ends[-1]


def test_what_the_group_said_is_given_back_only_where_there_is_a_summary() -> None:
    source = FILES["principles"].read_text(encoding="utf-8")
    nobody = Contact("es-MX", "America/Mexico_City", placeholders())

    def sent(text: str) -> list[str]:
        found = load(text, "f.yaml").programme
        assert found is not None
        events = start(bind(found, "x"), "devolucion", nobody, datetime(2026, 4, 3, 16, tzinfo=UTC)).events
        return [event.text for event in events if isinstance(event, MessageCreated)]

    assert sent(source) == []
    filled = source.replace("  resumen_mandos:\n", "  resumen_mandos: La mitad dice que le explican las decisiones.\n")
    assert sent(filled) == [], "not while it says nobody it was given to"
    filled = filled.replace("  resumen_entregado_a:\n", "  resumen_entregado_a: la Dirección\n")
    filled = filled.replace("  resumen_fecha:\n", "  resumen_fecha: 2 de abril\n")
    assert sent(filled) == [
        (
            "Esto dijeron quienes toman el taller, del trato de los mandos: La mitad dice que le explican las decisiones. "
            "Lo tiene la Dirección desde el 2 de abril, sin nombres."
        )
    ]


# -- messages -------------------------------------------------------------------------------------------------------------


def test_what_teaches_opens_in_two_sms(programme: Programme) -> None:
    longer = {
        code: measure(step.text).segments
        for code, flow in programme.flows.items()
        if flow.kind in SITUATIONS
        and (step := flow.steps[0])
        and isinstance(getattr(step, "text", None), str)
        and measure(step.text).segments > 2
    }
    assert longer == {}


def test_every_title_of_a_button_or_list_is_understood_as_text(either: Programme) -> None:
    """A message that a sweep finds has the title, and not what the button carried."""
    at = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
    for flow in bind(either, "x").flows.values():
        for step in flow.steps:
            for choice in step.choices[""] if isinstance(step, Asked) and step.pressable else ():
                found = step.reader.read(title(choice.label), at)
                assert (flow.code, step.name, getattr(found, "key", found)) == (flow.code, step.name, choice.key)


def test_every_question_with_options_fits_buttons_or_a_list(either: Programme) -> None:
    assert {shape for shape, _ in presented(either)} == {Shape.buttons, Shape.list}
