"""A whole programme with invented officers: what comes out is a data set like any other, and the same seed gives the same."""

import csv
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from app.cli.main import app
from app.exports.package import MANIFEST
from app.store.database import Database
from app.store.tables import Assignment, Contact, Nudge, OutboundMessage, Response, Session
from tests.conversations.test_crossover import CROSSED
from tests.exports.test_mrt import twin as mrt_twin
from tests.world import PROGRAMME

ROOT = Path(__file__).parents[2]


@pytest.fixture
def flows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "flows"
    folder.mkdir()
    (folder / "prueba.yaml").write_text(PROGRAMME, encoding="utf-8")
    monkeypatch.setenv("TRATO_FLOWS", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder


def synth(folder: Path, *arguments: str, behaves: str = "") -> dict[str, Any]:
    if behaves:
        behaviour = folder.parent / f"{folder.name}.yaml"
        behaviour.write_text(behaves, encoding="utf-8")
        arguments = (*arguments, "--behaviour", str(behaviour))
    result = CliRunner().invoke(app, ["synth", str(folder), "--officers", "8", "--weeks", "3", "--json", *arguments])
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def count(folder: Path, table: Any, *conditions: Any) -> int:
    database = Database(f"sqlite:///{folder}/trato.db")
    with database.reading() as tx:
        found = tx.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()
    database.close()
    return found


def test_the_questions_that_officers_got_by_week(flows: Path) -> None:
    folder = flows.parent / "one"
    weeks = synth(folder)["questions_by_week"]
    asked = count(folder, OutboundMessage, OutboundMessage.kind == "ask", OutboundMessage.sent_at.is_not(None))
    assert sum(week["questions"] for week in weeks) == asked > 20
    assert all(week["median"] <= week["most"] <= week["questions"] and week["officers"] <= 8 for week in weeks)


KNOWN = """
consents: 1
answers: 1
goes_on: 1
differs: 0
fatigue: 0
unclear: 0
late: 0
leaves: 0
no_whatsapp: 0
unreachable: 0
items:
  know_a1: {p: 0.5, loading: 0.7}
  know_a2: {p: 0.5, loading: 0.7}
  know_b1: {p: 0.5, loading: 0.7}
  know_b2: {p: 0.9, loading: 0.7}
"""


@pytest.mark.nightly
def test_items_of_known_difficulty_go_through_the_whole_service(flows: Path) -> None:
    (flows / "prueba.yaml").write_text(CROSSED, encoding="utf-8")
    folder = flows.parent / "known"
    synth(folder, "--officers", "80", "--weeks", "10", "--seed", "7", behaves=KNOWN)
    with (folder / "export" / "responses.csv").open(encoding="utf-8") as file:
        answers = [row for row in csv.DictReader(file) if row["variable"].startswith("know_")]
    forms = {(row["study_id"], row["wave"]): row["variant"] for row in answers}
    first = [form for (_, wave), form in forms.items() if wave == "bl"]
    # All but those whom a shift of 12x12 leaves no hour for; half of them with each form, within three standard errors.
    assert len(first) > 60
    assert abs(first.count("a") - len(first) / 2) < 1.5 * len(first) ** 0.5
    both = [officer for officer, wave in forms if wave == "bl" and (officer, "el") in forms]
    assert len(both) > 60
    assert all(forms[officer, "bl"] != forms[officer, "el"] for officer in both)
    # Each item is answered once by each of them: four standard errors around what was put in.
    for variable, p in (("know_a1", 0.5), ("know_a2", 0.5), ("know_b1", 0.5), ("know_b2", 0.9)):
        right = [int(row["correct"]) for row in answers if row["variable"] == variable]
        assert len(right) > 60
        assert sum(right) / len(right) == pytest.approx(p, abs=4 * (p * (1 - p) / len(right)) ** 0.5)
    report = folder / "report.html"
    settings = {
        "TRATO_DATABASE_URL": f"sqlite:///{folder}/trato.db",
        "TRATO_SECRET_KEY": "a rehearsal protects nobody real",
    }
    made = CliRunner(env=settings).invoke(app, ["report", str(report), "--language", "en"])
    assert made.exit_code == 0, made.output
    text = " ".join(re.sub(r"<[^>]+>", " ", report.read_text(encoding="utf-8")).split())
    assert "Forms, crossed over" in text
    assert "Item by item" in text
    shown = [int(row["correct"]) for row in answers if row["variable"] == "know_a1" and row["wave"] == "bl"]
    assert f"know_a1 {len(shown)} {sum(shown) / len(shown):.2f}" in text
    assert "Minimum detectable" in text


ENDS = """ends: {last_day: "2026-03-10", answers_until: "2026-03-12", afterwards: [guardia@example.org]}
"""


def test_a_programme_that_ends_stops_with_its_last_message(flows: Path) -> None:
    (flows / "prueba.yaml").write_text(PROGRAMME.replace("notices:\n", f"{ENDS}notices:\n", 1), encoding="utf-8")
    folder = flows.parent / "one"
    synth(folder, "--weeks", "12")
    farewell = OutboundMessage.kind == "notice", OutboundMessage.step == "farewell"
    agreed = count(folder, Contact, Contact.consented_at.is_not(None), Contact.status == "active")
    assert 1 <= agreed <= count(folder, OutboundMessage, *farewell, OutboundMessage.sent_at.is_not(None)) <= 8
    last_day, over = datetime(2026, 3, 11, 6, tzinfo=UTC), datetime(2026, 3, 13, 6, tzinfo=UTC)
    assert count(folder, Session, Session.started_at >= last_day) == 0
    assert count(folder, Session, Session.ended_at.is_(None)) == 0
    assert count(folder, Response, Response.answered_at >= over) == 0
    assert count(folder, OutboundMessage, OutboundMessage.created_at >= over + timedelta(days=1)) == 0


def test_a_programme_that_ended_before_is_refused(flows: Path) -> None:
    (flows / "prueba.yaml").write_text(PROGRAMME.replace("notices:\n", f"{ENDS}notices:\n", 1), encoding="utf-8")
    result = CliRunner().invoke(app, ["synth", "one", "--anchor", "2026-03-11"])
    assert str(result.exception) == "the programme ends on 2026-03-10: name an --anchor before that day"
    assert not (flows.parent / "one").exists()


def test_the_same_seed_gives_the_same_data(flows: Path) -> None:
    one, two, other = (flows.parent / name for name in ("one", "two", "other"))
    assert synth(one) == synth(two)
    synth(other, "--seed", "2")
    same, again, different = (json.loads((folder / "export" / MANIFEST).read_text()) for folder in (one, two, other))
    assert same["files"] == again["files"]
    assert same["files"]["responses.csv"] != different["files"]["responses.csv"]


def test_everything_that_was_due_was_begun_or_skipped_with_a_reason(flows: Path) -> None:
    folder = flows.parent / "data"
    done = synth(folder)
    assert done["sent"] > 50
    assert done["received"] > 20
    assert count(folder, Contact) == 8
    assert count(folder, Response, Response.status == "ok") > 15
    assert count(folder, Nudge, Nudge.status == "started") > 15
    assert count(folder, Nudge, Nudge.status == "skipped", Nudge.reason.is_(None)) == 0  # type: ignore[union-attr]
    assert count(folder, OutboundMessage, OutboundMessage.status.in_(("sending", "unknown", "failed"))) == 0  # type: ignore[attr-defined]


def test_officers_behave_as_the_file_says(flows: Path) -> None:
    silent, refusing, leaving = (flows.parent / name for name in ("silent", "refusing", "leaving"))
    assert (
        synth(silent, behaves="answers: 0\ngoes_on: 0\nreminded: 0\ndiffers: 0\n")["received"] <= 8
    )  # consent alone is mostly given
    synth(refusing, behaves="consents: 0\n")
    assert count(refusing, Session, Session.flow == "reporte") == 0
    synth(leaving, "--weeks", "6", "--seed", "2", behaves="leaves: 1\ndelay: 5m\nanswers: 1\ndiffers: 0\n")
    assert count(leaving, Contact, Contact.status == "opted_out") >= 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("answers: 0.5\nanswer: 1\n", "2:1 answer: unknown"),
        ("answers: 1.5\n", "1:10 answers: Input should be less than or equal to 1"),
        ("delay: pronto\n", "1:8 delay: must be a duration"),
        ("answers: [\n", "yaml-syntax"),
    ],
)
def test_a_mistake_in_the_behaviour_is_said_with_its_place(flows: Path, text: str, says: str) -> None:
    file = flows.parent / "b.yaml"
    file.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(app, ["synth", str(flows.parent / "data"), "--behaviour", str(file)])
    assert says in f"{result.output}{result.exception}"
    assert not (flows.parent / "data").exists()


def test_what_is_there_is_never_overwritten(flows: Path) -> None:
    result = CliRunner().invoke(app, ["synth", str(flows)])
    assert "is not empty: name a new folder" in f"{result.output}{result.exception}"
    assert [path.name for path in flows.iterdir()] == ["prueba.yaml"]


STUDY = """\
study:
  title: Piloto
  seed: 7
  strata: [cohort]
  arms: {control: {share: 1}, mensajes: {share: 1, campaign: seguimiento}}
"""


def test_officers_of_a_study_are_drawn_to_its_arms(flows: Path) -> None:
    (flows / "prueba.yaml").write_text(PROGRAMME + STUDY, encoding="utf-8")
    folder = flows.parent / "drawn"
    synth(folder)
    assert count(folder, Assignment, Assignment.arm == "control") == 4
    assert count(folder, Assignment, Assignment.arm == "mensajes", Assignment.campaign == "seguimiento") == 4
    reached = select(Nudge.contact_id).distinct()
    assert count(folder, Assignment, Assignment.arm == "control", Assignment.contact_id.in_(reached)) == 0  # type: ignore[attr-defined]


def holds_what_the_programme_promises(export: Path) -> None:
    """The design of `flows/principles.yaml` as it comes out in the data: forms are crossed over, openings take turns, principles are drawn,
    and a wave asks at most 24 questions in at most 5 conversations."""

    def rows(table: str) -> list[dict[str, str]]:
        with (export / f"{table}.csv").open(encoding="utf-8") as file:
            return list(csv.DictReader(file))

    sessions, messages = rows("sessions"), rows("messages")
    forms: dict[str, dict[str, set[str]]] = {}
    for one in sessions:
        if one["flow"].startswith("conocimiento_"):
            forms.setdefault(one["study_id"], {}).setdefault(one["wave"], set()).add(one["variant"])
    assert {wave for waves in forms.values() for wave in waves} == {"bl", "el"}
    assert all(len(form) == 1 for waves in forms.values() for form in waves.values()), "one form a wave"
    assert all(waves["bl"] != waves["el"] for waves in forms.values() if len(waves) == 2)
    assert {frozenset(waves["bl"]) for waves in forms.values() if "bl" in waves} == {frozenset("a"), frozenset("b")}
    heard: dict[str, list[str]] = {}
    for message in messages:
        if re.fullmatch(r"reporte_\d", message["template"]):
            heard.setdefault(message["study_id"], []).append(message["template"])
    assert all(len(set(openings[:8])) == len(openings[:8]) for openings in heard.values())
    assert {one["flow"] for one in sessions if one["flow"].startswith("reporte_")} == {
        f"reporte_{principle}" for principle in ("voz", "neutralidad", "respeto", "confianza")
    }
    measured = Counter((one["study_id"], one["wave"]) for one in sessions if one["wave"])
    wave_of = {one["session_id"]: one["wave"] for one in sessions}
    questions = {
        (message["study_id"], wave_of[message["session_id"]], message["flow"], message["step"])
        for message in messages
        if message["kind"] == "ask" and wave_of.get(message["session_id"])
    }
    asked = Counter((officer, wave) for officer, wave, _, _ in questions)
    assert max(measured.values()) == 5
    assert max(asked.values()) <= 24
    assert {max(count for (_, wave), count in asked.items() if wave == "md")} == {8}


@pytest.mark.nightly
def test_the_analysts_example_runs_on_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRATO_FLOWS", str(ROOT / "flows"))
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["synth", "rehearsal", "--officers", "50", "--weeks", "22"])
    assert result.exit_code == 0, result.output
    holds_what_the_programme_promises(tmp_path / "rehearsal" / "export")
    guide = (ROOT / "docs" / "analysts.md").read_text(encoding="utf-8").partition("## A worked example")[2]
    examples = {language: re.findall(rf"```{language}\n(.*?)```", guide, re.DOTALL)[0] for language in ("python", "r")}
    run = {"python": [sys.executable, "-"], "r": [shutil.which("Rscript") or "", "--vanilla", "-"]}
    for language, command in run.items():
        if not command[0]:
            continue  # R is not everywhere; what the scripts load is held to the same rules in tests/exports
        done = subprocess.run(
            command, input=examples[language], cwd="rehearsal/export", capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "voz" in done.stdout
        if language == "python":
            assert int(done.stdout.split()[0]) >= 2, "officers who answered both waves, or there is nothing to compare"


SCORED_STUDY = """study:
  title: Estudio
  seed: 7
  arms: {control: {campaign: medir}, mensajes: {campaign: seguimiento}}
scores:
  saber: {title: Saber, level: knowledge, kind: share_right, items: [know_a, know_b, know_c]}
"""
MEASURED = """  saber:
    title: Saber
    kind: quiz
    steps:
""" + "".join(
    f"""      - ask: {item}
        text: ¿Qué hace en {item}?
        answer: {{choice: {{escucho: Escucho, sigo: Sigo}}}}
        records: know_{item}
        level: knowledge
        correct: escucho
"""
    for item in "abc"
)
CAMPAIGN = """  {name}:
    title: {name}
    anchor: workshop_date
    window: {{from: "10:00", to: "20:00"}}
    waves: {{final: {{suffix: el, day: 2, flows: [saber]}}}}
"""


@pytest.fixture
def study(flows: Path) -> Path:
    """Two arms that are measured alike, and get nothing else."""
    head, _, _ = PROGRAMME.partition("campaigns:\n")
    campaigns = "".join(CAMPAIGN.format(name=name) for name in ("medir", "seguimiento"))
    (flows / "prueba.yaml").write_text(f"{head}{MEASURED}campaigns:\n{campaigns}{SCORED_STUDY}", encoding="utf-8")
    return flows


ANSWERS = "{answers: 1, goes_on: 1, differs: 0, fatigue: 0, unclear: 0, late: 0, leaves: 0, knows: 0.3, unreachable: 0}"


def test_an_effect_that_is_put_in_is_found_in_the_data(study: Path) -> None:
    folder = study.parent / "one"
    synth(folder, "--officers", "60", "--weeks", "2", "--effect", "0.5", behaves=ANSWERS)
    with (folder / "export" / "scores.csv").open(encoding="utf-8", newline="") as file:
        values = {row["study_id"]: float(row["value"]) for row in csv.DictReader(file)}
    with (folder / "export" / "assignments.csv").open(encoding="utf-8", newline="") as file:
        arms = {row["study_id"]: row["choice"] for row in csv.DictReader(file) if row["kind"] == "arm"}
    means = {
        arm: sum(own) / len(own)
        for arm in ("control", "mensajes")
        if (own := [value for officer, value in values.items() if arms[officer] == arm])
    }
    assert means["control"] == pytest.approx(0.3, abs=0.15)
    assert means["mensajes"] - means["control"] == pytest.approx(0.5, abs=0.2)


def test_an_effect_needs_a_study_or_a_draw(flows: Path) -> None:
    result = CliRunner().invoke(app, ["synth", "x", "--effect", "0.1"])
    assert "the programme has neither" in str(result.exception)


DRAWS = """  consejo:
    title: Consejo
    kind: tip
    steps: [{say: uno, text: Escuche primero.}]
campaigns:
  seguimiento:
    title: Seguimiento
    anchor: workshop_date
    consent: permiso
    on_duty: write
    cap: {flows: 2, per: 1d}
    gap: 1h
    window: {from: "09:00", to: "20:00"}
    seed: 7
    slots:
      - weeks: 1-4
        every: 2d
        window: {from: "09:00", to: "10:00"}
        draw: {consejo: {p: 0.5, from: [consejo]}, nada: {p: 0.5}}
        outcome: {within: 10h, records: [contact_any]}
      - {weeks: 1-4, every: 1d, window: {from: "12:00", to: "13:00"}, from: [reporte]}
"""


@pytest.mark.nightly
def test_the_effect_of_a_draw_is_recovered_from_the_table_mrt(flows: Path) -> None:
    head, _, _ = PROGRAMME.partition("campaigns:\n")
    (flows / "prueba.yaml").write_text(head + DRAWS, encoding="utf-8")
    folder = flows.parent / "one"
    behaves = f"{ANSWERS[:-1]}, applies: 0.3, consents: 1, reminded: 0, delay: 5m, no_whatsapp: 0}}"
    synth(folder, "--officers", "60", "--weeks", "4", "--effect", "0.4", behaves=behaves)
    points = pd.read_csv(folder / "export" / "mrt.csv", na_values=[".m"])
    told, _ = mrt_twin().usable(points)
    assert len(told) > 400
    found = mrt_twin().wcls(told).loc["treatment"]
    assert found["low"] < 0.4 < found["high"]
    assert found["high"] - found["low"] < 0.25
    control = told[told["treatment"] == 0]["outcome"].mean()
    assert control == pytest.approx(0.3, abs=0.1)


@pytest.mark.nightly
def test_power_runs_studies_in_processes_and_agrees_with_the_formula(study: Path) -> None:
    (study.parent / "behaviour.yaml").write_text(ANSWERS, encoding="utf-8")
    wanted = [
        "power",
        "--effect",
        "0.3",
        "--seeds",
        "24",
        "--officers",
        "60",
        "--json",
        "--behaviour",
        "behaviour.yaml",
    ]
    result = CliRunner().invoke(app, wanted)
    assert result.exit_code == 0, result.output
    (found,) = json.loads(result.stdout)["scores"]
    assert (found["score"], found["wave"], found["arm"], found["trials"]) == ("saber", "el", "mensajes", 24)
    assert found["found"] == pytest.approx(0.3, abs=0.06)
    assert found["detectable"] == pytest.approx(found["by_formula"], rel=0.4)
    assert found["power"] >= 0.75
