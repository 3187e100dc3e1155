"""Drawing officers to the arms of a study, on both databases: recorded whole, never twice, and never with a name."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import Connection, insert, select, update
from typer.testing import CliRunner

from app.cli import main
from app.errors import UsageError
from app.flows.language.definition import Programme
from app.flows.loader import load
from app.store.database import Database
from app.store.tables import ASSIGNMENT, RANDOMISATION, Assignment, AuditEntry, Cohort, Contact, Nudge
from app.study.randomisation import Draw, randomise
from tests.conftest import StillClock
from tests.together import together
from tests.world import PROGRAMME, flows_folder, published

STUDY = """
study:
  title: Prueba de mensajes
  seed: 7
  arms:
    mensajes: {campaign: seguimiento}
    control: {label: Sin mensajes}
  strata: [sector]
"""
SOURCE = PROGRAMME.replace("notices:", "fields: [sector, edad]\nnotices:", 1) + STUDY
BY_SECTOR = SOURCE.replace("strata: [sector]", "strata: [cohort]\n  cluster: sector")


def _programme(source: str = SOURCE) -> Programme:
    loaded = load(source, "prueba.yaml")
    assert loaded.programme is not None, loaded.problems
    return loaded.programme


def _officers(
    tx: Connection, clock: StillClock, names: Sequence[str], *, cohort: str = "norte-1", sectors: str = "ab"
) -> None:
    """Officers with these study ids, in sectors by turns."""
    key = tx.execute(select(Cohort.id).where(Cohort.code == cohort)).scalar_one_or_none()
    if key is None:
        key = tx.execute(
            insert(Cohort).returning(Cohort.id),
            {
                "code": cohort,
                "programme": "prueba",
                "timezone": "America/Mexico_City",
                "dates": "{}",
                "created_at": clock(),
            },
        ).scalar_one()
    for place, name in enumerate(names):
        sector = sectors[place % len(sectors)]
        tx.execute(
            insert(Contact),
            {
                "study_id": name,
                "cohort_id": key,
                "language": "es-MX",
                "status": "active",
                "timezone": "America/Mexico_City",
                "channel": "whatsapp",
                "attributes": json.dumps({"sector": sector, "edad": 20 + place} if sector != "-" else {}),
                "dates": json.dumps({"workshop_date": "2030-03-04"}),
                "consented_at": clock(),
                "created_at": clock(),
            },
        )


def _ids(count: int, letter: str = "A") -> list[str]:
    return [f"{letter}{place:03d}" for place in range(count)]


def _assigned(tx: Connection) -> dict[str, Any]:
    joined = select(Contact.study_id, *ASSIGNMENT.c).join_from(Assignment, Contact, Contact.id == Assignment.contact_id)
    return {row.study_id: row for row in tx.execute(joined)}


def _draw(
    database: Database, clock: StillClock, cohort: str | None = None, source: str = SOURCE, *, late: bool = False
) -> Draw:
    with database.transaction() as tx:
        return randomise(tx, _programme(source), cohort, clock(), late=late)


def test_a_draw_is_recorded_with_all_that_repeats_it(database: Database, clock: StillClock) -> None:
    with database.transaction() as tx:
        _officers(tx, clock, _ids(21))
    done = _draw(database, clock, "norte-1")
    lines = "".join(f"A{place:03d}\tsector={'ab'[place % 2]}\t\n" for place in range(21))
    assert done.input_hash == hashlib.sha256(lines.encode()).hexdigest()
    with database.reading() as tx:
        (kept,) = tx.execute(select(RANDOMISATION)).all()
        assert (kept.programme, kept.scope, kept.seed, kept.officers, kept.at) == ("prueba", "norte-1", 7, 21, clock())
        assert kept.input_hash == done.input_hash
        assert json.loads(kept.design)["study"]["arms"]["mensajes"] == {
            "label": None,
            "share": 1,
            "campaign": "seguimiento",
        }
        assert json.loads(kept.design)["misfits"] == {"sector=a": 1}
        assert {line["attribute"] for line in json.loads(kept.balance)} == {"sector", "edad"}
        rows = _assigned(tx)
        assert {name: row.arm for name, row in rows.items()} == {one.study_id: one.arm for one in done.placed}
        assert {row.campaign for row in rows.values() if row.arm == "control"} == {None}
        assert {row.campaign for row in rows.values() if row.arm == "mensajes"} == {"seguimiento"}
        assert {(row.probability, row.randomisation_id) for row in rows.values()} == {(0.5, kept.id)}
        assert sorted(Counter((row.stratum, row.arm) for row in rows.values()).values()) == [5, 5, 5, 6]
        action, detail = tx.execute(select(AuditEntry.action, AuditEntry.detail)).one()
        assert (action, json.loads(detail)["arms"]) == (
            "randomize",
            {code: done.count(code) for code in ("mensajes", "control")},
        )


def test_the_order_in_which_officers_came_does_not_matter(database: Database, clock: StillClock) -> None:
    with database.transaction() as tx:
        _officers(tx, clock, _ids(20))
        first = randomise(tx, _programme(), None, clock())
        tx.rollback()
    with database.transaction() as tx:
        _officers(tx, clock, _ids(20)[::-1], sectors="ba")
        second = randomise(tx, _programme(), None, clock())
    assert [(one.study_id, one.arm) for one in first.placed] == [(one.study_id, one.arm) for one in second.placed]
    assert first.input_hash == second.input_hash


def test_a_second_draw_is_refused_in_one_line(database: Database, clock: StillClock) -> None:
    with database.transaction() as tx:
        _officers(tx, clock, _ids(4))
    done = _draw(database, clock, "norte-1")
    said = f"already randomised: norte-1 on 2026-03-02 16:00 UTC, seed 7, input {done.input_hash}$"
    for cohort in ("norte-1", None):
        with pytest.raises(UsageError, match=said):
            _draw(database, clock, cohort)
    with pytest.raises(UsageError, match="has no officers to randomise"):
        _draw(database, clock, "norte-1", late=True)


def test_who_comes_later_is_drawn_apart(database: Database, clock: StillClock) -> None:
    with database.transaction() as tx:
        _officers(tx, clock, _ids(6))
    with pytest.raises(UsageError, match="the cohort norte-1 is not randomised yet: run without --late"):
        _draw(database, clock, "norte-1", late=True)
    first = {one.study_id: one.arm for one in _draw(database, clock, "norte-1").placed}
    for number, letter in enumerate("BC", 1):
        with database.transaction() as tx:
            _officers(tx, clock, _ids(3, letter))
        with pytest.raises(UsageError, match="--late draws the 3 who joined since"):
            _draw(database, clock, "norte-1")
        late = _draw(database, clock, "norte-1", late=True)
        assert (late.scope, [one.study_id for one in late.placed]) == (f"norte-1+{number}", _ids(3, letter))
    with database.reading() as tx:
        rows = _assigned(tx)
    assert len(rows) == 12
    assert {name: rows[name].arm for name in first} == first


def test_a_new_cohort_is_drawn_by_itself(database: Database, clock: StillClock) -> None:
    with database.transaction() as tx:
        _officers(tx, clock, _ids(6))
    assert _draw(database, clock).scope == "*"
    with database.transaction() as tx:
        _officers(tx, clock, _ids(6, "B"), cohort="sur-1")
    assert _draw(database, clock, "sur-1").scope == "sur-1"


def test_two_draws_at_once_are_one(database: Database, clock: StillClock) -> None:
    with database.transaction() as tx:
        _officers(tx, clock, _ids(10))

    refused = []

    def one(_: int) -> None:
        try:
            _draw(database, clock, "norte-1")
        except UsageError as error:
            refused.append(str(error))

    together(2, one)
    assert len(refused) == 1
    with database.reading() as tx:
        assert len(_assigned(tx)) == 10


def test_a_missing_stratum_is_told_with_study_ids(database: Database, clock: StillClock) -> None:
    with database.transaction() as tx:
        _officers(tx, clock, _ids(4), sectors="a-")
    with pytest.raises(UsageError, match=r"^2 officers \(A001, A003\) have no sector, which the study needs"):
        _draw(database, clock)


def _spelled(tx: Connection, *sectors: str) -> None:
    for study_id, sector in zip(_ids(len(sectors)), sectors, strict=True):
        tx.execute(
            update(Contact).where(Contact.study_id == study_id).values(attributes=json.dumps({"sector": sector}))
        )


@pytest.mark.parametrize("source", [SOURCE, BY_SECTOR])
def test_strata_and_clusters_that_differ_only_in_their_spelling_are_refused(
    database: Database, clock: StillClock, source: str
) -> None:
    with database.transaction() as tx:
        _officers(tx, clock, _ids(6))
        _spelled(tx, "norte", "Norte", "norte", "norte\u00a0", "sur", "SUR")
    with pytest.raises(UsageError) as refused:
        _draw(database, clock, "norte-1", source)
    assert str(refused.value) == (
        "sector: 'norte', 'Norte' and 'norte\\xa0' differ only in their spelling; write 'norte' in the roster and import it again; "
        "sector: 'sur' and 'SUR' differ only in their spelling; write 'sur' in the roster and import it again"
    )
    with database.transaction() as tx:
        assert tx.execute(select(RANDOMISATION)).all() == []
        _spelled(tx, "norte", "norte", "norte", "norte", "sur", "sur")
    assert len(_draw(database, clock, "norte-1", source).placed) == 6


def test_spellings_of_officers_outside_of_the_draw_refuse_no_strata(database: Database, clock: StillClock) -> None:
    with database.transaction() as tx:
        _officers(tx, clock, _ids(2), sectors="a")
        _officers(tx, clock, _ids(2, "B"), cohort="sur-1", sectors="A")
    assert len(_draw(database, clock, "norte-1").placed) == 2
    with pytest.raises(UsageError, match="sector: 'a' and 'A' differ only in their spelling"):
        _draw(database, clock, "sur-1", BY_SECTOR)


def test_whole_clusters_are_drawn_and_stay_together(database: Database, clock: StillClock) -> None:
    with database.transaction() as tx:
        _officers(tx, clock, _ids(40), sectors="abcdefgh")
    done = _draw(database, clock, None, BY_SECTOR)
    arms = {(one.cluster, one.arm) for one in done.placed}
    assert Counter(arm for _, arm in arms) == {"mensajes": 4, "control": 4}
    with database.transaction() as tx:
        _officers(tx, clock, _ids(10, "B"), sectors="abcxy")
    late = _draw(database, clock, None, BY_SECTOR, late=True)
    assert late.joined == 6
    assert {(one.cluster, one.arm) for one in late.placed if one.cluster in "abc"} <= arms
    assert {one.cluster for one in late.placed} == set("abcxy")


def test_a_cluster_must_lie_within_one_stratum(database: Database, clock: StillClock) -> None:
    with database.transaction() as tx:
        _officers(tx, clock, _ids(4))
        _officers(tx, clock, _ids(4, "B"), cohort="sur-1", sectors="bc")
    with pytest.raises(
        UsageError, match=r"^sector=b cannot be drawn as a whole within cohort: it has officers of norte-1 and sur-1$"
    ):
        _draw(database, clock, None, BY_SECTOR)


def test_who_opted_out_is_not_drawn(database: Database, clock: StillClock) -> None:
    with database.transaction() as tx:
        _officers(tx, clock, _ids(4))
        tx.execute(update(Contact).where(Contact.study_id == "A001").values(status="opted_out"))
    done = _draw(database, clock)
    assert (done.left_out, [one.study_id for one in done.placed]) == (
        {"opted_out": ("A001",)},
        ["A000", "A002", "A003"],
    )


def test_who_has_not_consented_is_not_drawn_unless_told_otherwise(database: Database, clock: StillClock) -> None:
    with database.transaction() as tx:
        _officers(tx, clock, _ids(4))
        tx.execute(update(Contact).where(Contact.study_id.in_(["A001", "A002"])).values(consented_at=None))
    with database.transaction() as tx:
        everybody = randomise(tx, _programme(), None, clock(), without_consent=True)
        assert (everybody.left_out, len(everybody.placed)) == ({}, 4)
        tx.rollback()
    done = _draw(database, clock)
    assert (done.left_out, [one.study_id for one in done.placed]) == (
        {"no_consent": ("A001", "A002")},
        ["A000", "A003"],
    )
    with database.transaction() as tx:
        detail = json.loads(tx.execute(select(AuditEntry.detail)).scalar_one())
        assert detail["left_out"] == {"no_consent": ["A001", "A002"]}
        tx.execute(update(Contact).where(Contact.study_id == "A002").values(consented_at=clock()))
    later = _draw(database, clock, late=True)
    assert ([one.study_id for one in later.placed], later.left_out) == (["A002"], {"no_consent": ("A001",)})


def test_a_draw_of_nobody_says_why(database: Database, clock: StillClock) -> None:
    with database.transaction() as tx:
        _officers(tx, clock, _ids(2))
        tx.execute(update(Contact).values(consented_at=None))
    said = (
        r"no officers to randomise; 2 officers \(A000, A001\) did not consent so far; --without-consent draws them too$"
    )
    with pytest.raises(UsageError, match=said):
        _draw(database, clock)


def test_who_has_no_date_to_count_from_is_counted(database: Database, clock: StillClock) -> None:
    with database.transaction() as tx:
        _officers(tx, clock, _ids(8))
        tx.execute(update(Contact).values(dates="{}"))
    done = _draw(database, clock)
    assert done.undated == done.count("mensajes") == 4


def _followed(tx: Connection, clock: StillClock, status: str) -> None:
    """All follow the arm's campaign already, as before there was a study, and a baseline; something is planned or has begun."""
    library = published(tx, clock(), SOURCE)
    version = library.campaigns[library.current["prueba"]]["seguimiento"]
    for contact in tx.execute(select(Contact.id)).scalars().all():
        for campaign in ("seguimiento", "linea_base"):
            tx.execute(insert(Assignment), {"contact_id": contact, "campaign": campaign, "at": clock()})
        tx.execute(
            insert(Nudge),
            {
                "contact_id": contact,
                "campaign_version_id": version,
                "campaign": "seguimiento",
                "slot": "w01.1",
                "flow": "reporte",
                "planned_for": clock(),
                "due_at": clock(),
                "closes_at": clock(),
                "status": status,
                "created_at": clock(),
            },
        )


def test_the_draw_alone_says_who_follows_the_campaign_of_an_arm(database: Database, clock: StillClock) -> None:
    with database.transaction() as tx:
        _officers(tx, clock, _ids(6))
        _followed(tx, clock, "planned")
    done = _draw(database, clock)
    with database.reading() as tx:
        rows = [(row.campaign, row.arm) for row in tx.execute(select(ASSIGNMENT))]
        assert Counter(rows) == {
            ("linea_base", None): 6,
            ("seguimiento", "mensajes"): done.count("mensajes"),
            (None, "control"): done.count("control"),
        }
        assert tx.execute(select(Nudge.id)).all() == []


def test_who_has_begun_with_an_arm_is_not_drawn(database: Database, clock: StillClock) -> None:
    with database.transaction() as tx:
        _officers(tx, clock, _ids(2))
        _followed(tx, clock, "started")
    with pytest.raises(
        UsageError,
        match=r"^2 officers \(A000, A001\) started the campaign of an arm \(seguimiento\) before the draw$",
    ):
        _draw(database, clock)


def test_without_a_study_nothing_is_drawn(database: Database, clock: StillClock) -> None:
    with pytest.raises(UsageError, match="has no `study:`"):
        _draw(database, clock, None, PROGRAMME)


# -- the commands -----------------------------------------------------------------------------------------------------


def _run(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main.app, list(words))
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def roster(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TRATO_DATABASE_URL", database_url)
    monkeypatch.setenv("TRATO_SECRET_KEY", "a secret that only tests have")
    monkeypatch.setenv("TRATO_FLOWS", str(flows_folder(tmp_path / "flows", SOURCE)))
    path = tmp_path / "padron.csv"
    rows = (
        f"Íñigo {place},55555{place:05d},norte-1,2030-03-04,{'ab'[place % 2]},{20 + place},{'2026-03-01' * (place < 11)}"
        for place in range(12)
    )
    header = "nombre,telefono,cohorte,fecha_taller,sector,edad,consentimiento"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return str(path)


def test_from_a_roster_to_arms(roster: str) -> None:
    _run("roster", "import", roster)
    assert json.loads(_run("plan", "--days", "1400", "--json").stdout) == [], "an import puts nobody into an arm"
    dry = json.loads(_run("randomize", "--cohort", "norte-1", "--dry-run", "--json").stdout)
    shown = _run("randomize", "--cohort", "norte-1").stdout
    assert "Prueba de mensajes: 11 officers of norte-1 were assigned" in shown
    assert f"seed 7, input {dry['input_hash']}" in shown
    assert "1 beyond full blocks, in 1 strata" in shown
    [silent] = dry["left_out"]["no_consent"]
    assert f"not assigned: 1 officer ({silent}) did not consent so far" in shown
    assert "--without-consent assigns them now" in shown
    assert "igo" not in shown
    planned = json.loads(_run("plan", "--since", "2030-03-04", "--days", "60", "--json").stdout)
    assert {line["study_id"] for line in planned} == {
        one["study_id"] for one in dry["placed"] if one["arm"] == "mensajes"
    }


def test_an_arms_campaign_cannot_be_chosen_at_import(roster: str) -> None:
    result = CliRunner().invoke(main.app, ["roster", "import", roster, "--campaign", "seguimiento"])
    assert isinstance(result.exception, UsageError)
    assert str(result.exception) == "seguimiento belongs to an arm of the study: `trato randomize` assigns it"
    assert "there is no cohort 'x'" in str(CliRunner().invoke(main.app, ["randomize", "--cohort", "x"]).exception)
