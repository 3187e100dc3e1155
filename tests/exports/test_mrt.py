"""The table `mrt`, made by hand so that every cell can be worked out, and the scripts that take an effect from it."""

import json
import shutil
import subprocess
import types
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from jinja2 import Environment, PackageLoader
from sqlalchemy import insert, select

from app.flows.language.campaign import Outcome
from app.flows.loader import load
from app.rehearsal.proximal import Treatments
from app.store.database import Database
from app.store.tables import Draw, OutboundMessage
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.exports.field import MEASURING, Field

DRAWING = MEASURING.replace(
    "    slots:\n",
    """    seed: 7
    slots:
      - weeks: 1-4
        per_week: 1
        draw: {mensaje: {p: 0.6, from: [reporte]}, nada: {p: 0.4}}
        outcome: {within: 48h, records: [contact_any]}
""",
)


@pytest.fixture
def field(database: Database, vault: Vault, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("tests.exports.field.MEASURING", DRAWING)
    with database.transaction() as tx:
        yield Field(tx, vault, clock, tmp_path / "salida")


def decide(field: Field, slot: str, choice: str | None, reason: str | None = None, session: int | None = None) -> None:
    """A decision point now."""
    now = field.clock()
    status = "started" if session is not None else "skipped"
    nudge = field.plan(
        "reporte",
        slot=slot,
        rule="slots.0",
        planned_for=now,
        decided_at=now,
        status=status,
        reason=reason,
        session_id=session,
    )
    if choice is not None:
        chances = {"mensaje": 0.6, "nada": 0.4}
        row = {"nudge_id": nudge, "choice": choice, "probability": chances[choice], "seed": 7, "at": now}
        field.tx.execute(insert(Draw), {**row, "eligible": json.dumps(chances)})


def test_a_row_is_a_decision_point(field: Field) -> None:
    session = field.talk("reporte")
    decide(field, "w01.1", "mensaje", session=session)
    field.say("sí")
    field.clock.advance(days=3)
    decide(field, "w02.1", None, "gap")
    field.clock.advance(days=3)
    decide(field, "w03.1", "nada", "drawn_nothing")
    decide(field, "w00.1", None, "enrolled_late")
    rows = field.tables("mrt")["mrt"]
    names = ("decision", "slot", "available", "reason", "choice", "treatment", "probability", "outcome")
    assert [[row[name] for name in names] for row in rows] == [
        ["1", "w01.1", "1", "", "mensaje", "1", "0.6", "1.0"],
        ["2", "w02.1", "0", "gap", "", "0", "", ".m"],
        ["3", "w03.1", "1", "", "nada", "0", "0.4", ".m"],
    ]
    assert {(row["prob"], row["p_mensaje"], row["p_nada"], row["outcome_hours"]) for row in rows} == {
        ("0.6", "0.6", "0.4", "48.0")
    }
    before = ("lag_available", "lag_treatment", "lag_outcome", "begun_7d", "answers_7d")
    assert [[row[name] for name in before] for row in rows] == [
        ["0", "0", "", "0", "0"],
        ["1", "1", "1.0", "1", "1"],
        ["0", "0", "", "1", "1"],
    ]


def test_a_programme_without_draws_has_no_decision_points(field: Field) -> None:
    field.talk("reporte", "sí")
    assert field.tables("mrt") == {"mrt": []}


def test_a_treatment_works_as_long_as_its_outcome_is_looked_at(field: Field) -> None:
    treatments = Treatments.of(field.library.programmes[field.library.current["prueba"]].definition.campaigns)
    assert list(treatments.slots) == [("seguimiento", "slots.0")]
    (slot,) = treatments.slots.values()
    longer = slot.model_copy(update={"outcome": Outcome(within="30d", records=["contact_any"])})
    treatments = Treatments({**treatments.slots, ("otra", "slots.0"): longer})

    def works() -> bool:
        uids = field.tx.execute(select(OutboundMessage.uid)).scalars().all()
        return bool(treatments.working_on(field.tx, uids, field.clock()))

    session = field.talk("reporte")
    decide(field, "w01.1", "mensaje", session=session)
    field.clock.advance(hours=47)
    assert works()
    field.clock.advance(hours=2)
    assert not works(), "its outcome is over"
    decide(field, "w02.1", "mensaje", session=session)
    field.clock.advance(hours=1)
    assert works()
    decide(field, "w03.1", "nada", "drawn_nothing")
    assert not works(), "the last draw counts"
    plain = load(DRAWING.replace(", records: [contact_any]", ""), "prueba.yaml").programme
    assert plain is not None
    assert Treatments.of(plain.campaigns).slots == {}, "of any answer at all there is no more likely one"


# -- the effect -------------------------------------------------------------------------------------------------------


def twin() -> types.ModuleType:
    """The script `mrt.py` of the replication package as a module."""
    found = types.ModuleType("mrt")
    found.__dict__["__file__"] = str(Path.cwd() / "scripts" / "mrt.py")
    source = Environment(loader=PackageLoader("app.exports.archive")).get_template("mrt.py.j2").render()
    exec(compile(source, "mrt.py", "exec"), found.__dict__)
    return found


def points(effect: float, officers: int = 120, decisions: int = 20) -> pd.DataFrame:
    """Decision points with a known effect. Treatments tire: they lower availability and the outcome itself, and the weary are treated
    less often, so that a plain difference of means is wrong."""
    chance, rows = np.random.default_rng(20260302), []
    for officer in range(officers):
        fatigue, before = 0.0, 0
        for decision in range(1, decisions + 1):
            available, prob = chance.random() < 1 - 0.15 * fatigue, 0.6 if fatigue < 0.5 else 0.3
            treatment = int(available and chance.random() < prob)
            outcome = -0.5 * fatigue + effect * treatment + chance.normal()
            row = {"decision": decision, "available": int(available), "treatment": treatment, "prob": prob}
            row |= {
                "outcome": outcome,
                "lag_treatment": before,
                "begun_7d": int(4 * fatigue),
                "answers_7d": decision % 3,
            }
            rows.append({"study_id": f"S{officer:03}", "nudge_id": len(rows), **row})
            fatigue, before = 0.5 * fatigue + treatment, treatment
    return pd.DataFrame(rows)


def test_weighted_and_centred_least_squares_recover_a_known_effect() -> None:
    mrt, data = twin(), points(0.3)
    told, left_out = mrt.usable(data.assign(outcome=data["outcome"].where(data.index != 0, np.nan)))
    assert left_out == 1
    found = mrt.wcls(told).loc["treatment"]
    assert found["low"] < 0.3 < found["high"]
    assert found["high"] - found["low"] < 0.25
    means = told.groupby("treatment")["outcome"].mean()
    assert means[1] - means[0] > found["high"], "a plain difference would have been wrong"


@pytest.mark.nightly
@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_the_twin_in_r_finds_the_same(tmp_path: Path) -> None:
    mrt, data = twin(), points(0.3)
    (tmp_path / "data").mkdir()
    data.to_csv(tmp_path / "data" / "mrt.csv", index=False)
    source = Environment(loader=PackageLoader("app.exports.archive")).get_template("mrt.R.j2").render()
    (tmp_path / "mrt.R").write_text(source, "utf-8")
    subprocess.run(["Rscript", "mrt.R"], cwd=tmp_path, check=True, capture_output=True)
    theirs = pd.read_csv(tmp_path / "output" / "mrt_r.csv").iloc[0]
    ours = mrt.wcls(mrt.usable(data)[0]).loc["treatment"]
    assert [theirs["estimate"], theirs["se"]] == pytest.approx([ours["estimate"], ours["se"]], abs=1e-6)
