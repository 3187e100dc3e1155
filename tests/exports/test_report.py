"""The report: hand-made data, figures worked out by hand, on both databases; and what a page must never show."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import fmean, stdev
from uuid import uuid4

import pytest
from sqlalchemy import Connection, func, insert, select, update

from app.errors import UsageError
from app.exports.columns import DISPOSITIONS
from app.exports.package import write
from app.exports.report import act_figures, page
from app.exports.report.conversations import conversations
from app.exports.report.data import ReportData
from app.exports.report.figures import percent
from app.exports.report.officers import covariates, status_counts
from app.exports.report.planned_flows import FlowCounts, Reached
from app.exports.report.reach import reached
from app.exports.report.sample import Sample, choose, last_moment
from app.exports.report.steps import steps
from app.exports.report.waves import Wave, waves
from app.exports.report.words import Words
from app.exports.selection import Selection
from app.exports.source import Source
from app.exports.statistics import times
from app.exports.statistics.dispositions import Disposition
from app.exports.statistics.proportions import wilson
from app.exports.statistics.suppression import Part, Share
from app.exports.tables import dispositions
from app.flows.replies.message import ActKind
from app.store.database import Database
from app.store.tables import Cohort, Contact, FlowVersion, InboundMessage
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.exports.district import SOURCE, Field
from tests.world import published, sealed

D = Disposition
LATER = timedelta(days=60)


@pytest.fixture
def field(database: Database, vault: Vault, clock: StillClock) -> Iterator[Field]:
    with database.transaction() as tx:
        yield Field(tx, vault, clock())


def read(field: Field, sample: Sample | None = None) -> ReportData:
    return ReportData.read(field.tx, sample or Sample("prueba"), field.at + LATER)


def talked(field: Field, sample: Sample | None = None) -> FlowCounts:
    return read(field, sample).flow_counts


def begun(field: Field, now: datetime) -> list[Wave]:
    sample = Sample("prueba")
    return waves(field.tx, sample, reached(field.tx, sample), now)


def one(yes: int, no: int) -> Share:
    """A share in which everything is of another officer."""
    return Share(Part(yes, yes), Part(no, no), yes + no)


def test_the_funnel_counts_each_planned_flow_at_its_last_step(field: Field) -> None:
    alma, bruno, celia = (field.officer() for _ in range(3))
    field.talk(alma, "aplica", "aplico", "reaccion").answer("aplico", 1, "behaviour").answer(
        "reaccion", 1, "behaviour"
    ).completed()
    field.talk(bruno, "aplica", "aplico", status="accepted").answer(
        "aplico", 1, "behaviour"
    )  # an answer proves delivery
    field.talk(bruno, "aplica", "aplico", status="read")
    field.talk(celia, "aplica", "aplico", status="undelivered")
    field.talk(celia, "aplica", "aplico", status="queued")
    field.planned(celia, "aplica", reason="cap")
    field.planned(celia, "aplica", at=field.at + 2 * LATER)  # not yet
    field.talk(alma, "consejo", "consejo")
    field.talk(alma, "permiso", "acepta").answer("acepta", 1, "behaviour")  # consent is no follow-up
    found = talked(field)
    assert found.asking.all() == {
        Reached.completed: Part(1, 1),
        Reached.replied: Part(1, 1),
        Reached.delivered: Part(1, 1),
        Reached.sent: Part(1, 1),
        Reached.planned: Part(2, 1),
    }
    assert found.telling.all() == {Reached.delivered: Part(1, 1)}
    assert found.reasons.all() == {"cap": Part(1, 1), "not_delivered": Part(1, 1)}


def test_response_rates_by_everything(field: Field) -> None:
    alma, bruno = field.officer("directo"), field.officer("historia")
    field.talk(alma, "saber", "voz", wave="bl").answer("voz", "escucho", "knowledge", correct=True)
    field.talk(bruno, "saber", "voz", wave="bl", channel="sms")
    field.talk(bruno, "aplica", "aplico", at=field.at + timedelta(days=7, hours=3)).answer(
        "aplico", 0, "behaviour", minutes=90
    )
    field.talk(bruno, "consejo", "consejo")  # asks nothing
    field.talk(bruno, "aplica", "aplico", status="failed")  # was not sent
    found = {name: shares.all() for name, shares in talked(field).rates.items()}
    assert found["all"] == {"": Share(Part(2, 2), Part(1, 1), 2, pytest.approx(2 / 9))}  # (1 - 4/3)² + (1 - 2/3)²
    assert found["wave"] == {"bl": one(1, 1), "": one(1, 0)}
    assert found["week"] == {"2026-03-02": one(1, 1), "2026-03-09": one(1, 0)}
    assert found["hour"] == {"10": one(1, 1), "13": one(1, 0)}  # local, not UTC
    assert found["principle"] == {"": one(1, 1), "voz": one(1, 0)}  # the quiz is of no principle as a whole
    assert found["channel"] == {"whatsapp": Share(Part(2, 2), Part(0, 0), 2), "sms": one(0, 1)}
    assert found["arm"] == {"directo": one(1, 0), "historia": Share(Part(1, 1), Part(1, 1), 1, 0.0)}


def test_how_long_an_answer_takes(field: Field) -> None:
    for minutes in (4, 20, 30, 600):
        talk = field.talk(field.officer(), "aplica", "aplico")
        talk.answer("reaccion", 1, "behaviour", minutes=minutes + 5).answer("aplico", 1, "behaviour", minutes=minutes)
    field.talk(field.officer(), "aplica", "aplico")  # in vain, for 48 hours
    found = talked(field)
    assert times.quartiles(found.happened) == times.Quartiles(4, 16, 25, 172.5)
    assert found.given_up == {48 * 60: 1}
    assert [round(share, 3) for share in times.kaplan_meier(found.happened, found.given_up, (5, 30, 1440, 2880))] == [
        0.8,
        0.4,
        0.2,
        0.2,
    ]


def test_where_officers_stop(field: Field) -> None:
    for answered in (0, 1, 2):
        talk = field.talk(field.officer(), "aplica", *("aplico", "reaccion")[: answered + 1])
        for step in ("aplico", "reaccion")[:answered]:
            talk.answer(step, 1, "behaviour")
        talk.answer("aplico", 0, "behaviour", status="unclear", minutes=1)  # no answer to it
    sample = Sample("prueba")
    found = {step.step: step.answered for step in steps(conversations(field.tx, sample, reached(field.tx, sample)))}
    assert found == {"aplico": one(2, 1), "reaccion": one(1, 1)}


def in_wave(field: Field) -> None:
    """Near AAPOR's example: I=4 P=2 R=3 NC=2 O=1 UH=2 UO=1 NE=1."""

    def both(contact: int, **more: str) -> None:
        field.talk(contact, "saber", "voz", wave="bl", **more)  # type: ignore[arg-type]
        field.talk(contact, "opina", "frase_vale", wave="bl", **more)  # type: ignore[arg-type]

    def completes(contact: int, *flows: str) -> None:
        for flow in ("saber", "opina"):
            talk = field.talk(contact, flow, "voz", wave="bl")
            if flow in flows:
                talk.answer("voz", "escucho", "knowledge", correct=True).completed()

    for place in range(4):
        completes(field.officer("directo" if place < 3 else "historia"), "saber", "opina")
    for _ in range(2):
        completes(field.officer("historia"), "opina")
    baja = field.officer("directo")
    both(baja)
    field.tx.execute(update(Contact).where(Contact.id == baja).values(status="opted_out", opted_out_at=field.at))
    leaves = field.officer("historia")
    field.talk(leaves, "saber", "voz", wave="bl").answer("voz", "sigo", "knowledge", correct=False)
    field.planned(leaves, "opina", wave="bl", reason="cap")
    declines = field.officer("historia", consented=False)
    field.talk(declines, "permiso", "acepta", slot="consent")
    field.decided(declines, granted=False, at=field.at)
    field.planned(declines, "saber", wave="bl", reason="no_consent")
    silent = field.officer("directo", consented=False)
    field.talk(silent, "permiso", "acepta", slot="consent")
    field.planned(silent, "saber", wave="bl", reason="no_consent")
    both(field.officer("directo"))
    field.planned(field.officer("directo"), "saber", wave="bl", reason="paused")
    field.talk(field.officer("directo"), "saber", "voz", wave="bl").answer("voz", "mmm", "knowledge", status="unclear")
    both(field.officer("historia"), status="accepted")
    both(field.officer("historia"), status="failed")
    field.planned(field.officer("directo", enrolled=field.at + LATER), "saber", wave="bl", reason="too_late")


def test_the_final_dispositions_of_a_wave(field: Field) -> None:
    in_wave(field)
    (wave,) = begun(field, field.at + LATER)
    assert wave.counts == {
        D.complete: 4,
        D.partial: 2,
        D.refusal: 3,
        D.non_contact: 2,
        D.other: 1,
        D.unknown_household: 2,
        D.unknown_other: 1,
        D.not_eligible: 1,
    }
    assert (wave.suffix, wave.open) == ("bl", False)
    assert wave.lost() == {"directo": one(5, 3), "historia": one(4, 3)}
    assert wave.lost_of_all() == one(9, 6)


def test_the_table_of_dispositions_has_the_same(field: Field) -> None:
    in_wave(field)
    rows = [row for batch in dispositions.rows(Source(field.tx, Selection())) for row in batch]
    place = [column.name for column in DISPOSITIONS].index("aapor")
    (wave,) = begun(field, field.at + LATER)
    assert Counter(row[place] for row in rows) == {letter.value: count for letter, count in wave.counts.items()}


def test_a_wave_is_open_until_it_closes_and_not_there_before_it_begins(field: Field) -> None:
    field.talk(field.officer(), "saber", "voz", wave="bl")
    assert [wave.open for wave in begun(field, field.at + timedelta(days=1))] == [True]
    assert begun(field, field.at - timedelta(days=1)) == []


def test_the_three_levels_apart(field: Field) -> None:
    for place, (vale, basta) in enumerate([(5, 1), (4, 3), (2, 4), (1, 5)]):
        who = field.officer()
        field.talk(who, "opina", "frase_vale", wave="bl").answer("frase_vale", vale, "internal", kind="scale").answer(
            "frase_basta", basta, "internal", kind="scale"
        )
        field.talk(who, "saber", "voz", wave="bl").answer(
            "voz", "escucho" if place else "sigo", "knowledge", correct=bool(place)
        )
        field.talk(who, "aplica", "aplico").answer("aplico", ("n", 0, 1, 1)[place], "behaviour").answer(
            "reaccion", 1 + place % 2, "behaviour"
        )
    extra = field.officer()
    field.talk(extra, "saber", "voz", wave="bl").answer("voz", "d", "knowledge", missing="d")
    field.talk(field.officer(), "saber", "voz", wave="bl").answer("voz", "d", "knowledge", missing="d")
    field.talk(extra, "saber", "voz", wave="bl").answer("voz", "r", "knowledge", missing="r")  # is left out
    field.talk(extra, "saber", "voz").answer("voz", "escucho", "knowledge", correct=True)  # no wave: no measurement
    field.talk(extra, "saber", "voz", wave="bl").answer(
        "voz", "escucho", "knowledge", correct=True, status="superseded"
    )
    field.talk(extra, "opina", "frase_vale", wave="bl").answer(
        "frase_vale", 3, "internal", kind="scale"
    )  # half the items
    field_reports = read(field).field_reports
    assert field_reports.applied.all() == {("2026-03", "voz"): one(2, 1)}
    assert field_reports.not_applicable.all() == {("2026-03", "voz"): Part(1, 1)}
    assert field_reports.labelled["reaction"].all() == {"Se calmó": Part(2, 2), "Igual": Part(2, 2)}
    right, scale = read(field).scores
    assert (right.code, right.wave, right.mean.n, right.mean.mean, right.sides) == ("saber", "bl", 5, 0.6, one(3, 2))
    assert right.mean.interval == wilson(3, 5)
    assert scale.alpha is not None
    assert (scale.code, scale.low, scale.high) == ("actitud", 1, 5)
    # Turned round, the second item is 5, 3, 2, 1: sums 10 7 4 2, means 5 3.5 2 1.
    assert (scale.mean.n, scale.mean.mean) == (4, 2.875)
    # variances 10/3 and 35/12 of the items, 147/12 of the sum
    assert scale.alpha.alpha == pytest.approx(2 * (1 - (10 / 3 + 35 / 12) / (147 / 12)))


def test_arms_are_compared_with_the_first(field: Field) -> None:
    for arm, right in (("a", (1, 1, 0, 0)), ("b", (1, 1, 1, 0))):
        for place, correct in enumerate(right):
            who = field.officer(arm)
            field.talk(who, "saber", "voz", wave="bl").answer(
                "voz", "escucho" if correct else "sigo", "knowledge", correct=bool(correct)
            )
            talk = field.talk(who, "opina", "frase_vale", wave="bl")
            for step, value in (("frase_vale", 1 + place), ("frase_basta", 1 + (place * 3 + (arm == "b")) % 5)):
                talk.answer(step, value, "internal", kind="scale")
    field.talk(field.officer(), "saber", "voz", wave="bl").answer("voz", "escucho", "knowledge", correct=True)
    right_, scale = read(field).scores
    first, second, rest = right_.arms
    # One item: 0 and 1 less the half, over the deviation of the four of arm a.
    assert [(arm.name, arm.index.n, round(arm.index.mean, 6)) for arm in right_.arms] == [
        ("a", 4, 0),
        ("b", 4, round(0.25 / (1 / 3) ** 0.5, 6)),
        ("", 1, round(0.5 / (1 / 3) ** 0.5, 6)),
    ]
    assert (first.sides, second.sides, rest.sides) == (one(2, 2), one(3, 1), one(1, 0))
    control = scale.arms[0]
    assert (control.name, round(control.index.mean, 6), round(control.index.variance, 6)) == ("a", 0, 1)


def test_arms_in_the_order_of_the_study(field: Field) -> None:
    study = "study:\n  title: Estudio\n  seed: 1\n  arms: {control: {}, apoyo: {campaign: seguimiento}}\n"
    published(field.tx, field.at, SOURCE + study)
    for arm in ("apoyo", "control"):
        for correct in (True, False):
            field.talk(field.officer(arm), "saber", "voz", wave="bl").answer("voz", "x", "knowledge", correct=correct)
    assert [arm.name for arm in read(field).scores[0].arms] == ["control", "apoyo"]


def test_a_small_arm_hides_all_of_its_score_and_of_what_contains_it(field: Field) -> None:
    for arm, people in (("a", 12), ("b", 12), ("c", 2)):
        for place in range(people):
            who = field.officer(arm)
            field.talk(who, "saber", "voz", wave="bl").answer("voz", "x", "knowledge", correct=place % 2 == 0)
            if arm != "c":
                field.talk(who, "opina", "frase_vale", wave="bl").answer(
                    "frase_vale", 1 + place % 5, "internal", kind="scale"
                ).answer("frase_basta", 1 + place % 3, "internal", kind="scale")
    html = made(field.tx)
    assert [row[2:] for row in cells(html, "knowledge-share-right-arms")] == [
        [arm, "oculto", "", "", ""] for arm in "abc"
    ]
    shown = cells(html, "internal-mean-arms")
    assert [row[2:5] for row in shown] == [["a", "12", "0.00"], ["b", "12", "0.00"]]
    assert shown[0][6] == "referencia"
    assert re.fullmatch(
        r"\[−0\.8\d, 0\.8\d\]", shown[1][6]
    )  # Student's t of 22 degrees of freedom, 2.07 times the root of 2/12


def test_the_levels_are_the_exported_tables(field: Field, tmp_path: Path) -> None:
    """Every number of the levels, made again from the CSV files, in the way that docs/report.md tells an analyst."""
    lively(field, 60)
    for place, (vale, basta) in enumerate([(5, 1), (4, 3), (2, 4), (1, 5), (3, 3)] * 8, 1):
        talk = field.talk(place, "opina", "frase_vale", wave="bl").answer("frase_vale", vale, "internal", kind="scale")
        if place % 7:
            talk.answer("frase_basta", basta, "internal", kind="scale").completed()
        field.talk(place, "aplica", at=field.at + timedelta(days=31)).answer(
            "aplico", ("n", 0, 1)[place % 3], "behaviour"
        )
        field.talk(place, "aplica", wave="bl").answer(
            "aplico", 1, "behaviour"
        )  # in a wave: not in the follow-up's months
    write(field.tx, tmp_path / "datos", Selection(), tables=["scores", "self_reports"])
    html = made(field.tx)
    score = [row for row in read_csv(tmp_path / "datos" / "scores.csv") if not row["value"].startswith(".")]
    for figure, code, digits in (("knowledge-share-right", "saber", 0), ("internal-mean", "actitud", 2)):
        values = [float(row["value"]) for row in score if (row["score"], row["wave"]) == (code, "bl")]
        (shown,) = cells(html, figure)
        assert shown[2:4] == [str(len(values)), f"{fmean(values):.2f}" if digits else f"{100 * fmean(values):.1f} %"]
        if digits:
            assert shown[4] == f"{stdev(values):.2f}"
    field_reports = read_csv(tmp_path / "datos" / "self_reports.csv")
    for principle, month, *shown in cells(html, "applied"):
        own = [
            row["applied"]
            for row in field_reports
            if row["answered_local"][:7] == month and row["item"] and not row["wave"]
        ]
        assert principle == "Dar voz"
        assert shown[:3] == [
            str(own.count("1")),
            str(own.count("1") + own.count("0")),
            percent(own.count("1") / (own.count("1") + own.count("0"))),
        ]
        assert shown[4] == str(own.count(".n"))
    assert len(cells(html, "applied")) == 2
    reactions = Counter(row["reaction"] for row in field_reports if row["record"] == "1")
    assert {row[0]: row[1] for row in cells(html, "reaction")[:-1]} == {
        "Se calmó": str(reactions["1"]),
        "Igual": str(reactions["2"]),
    }


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_how_officers_stand_and_whether_arms_are_alike(field: Field) -> None:
    for arm, years, sector in [
        ("a", 2, "norte"),
        ("a", 4, "norte"),
        ("b", 3, "sur"),
        ("b", 7, "norte"),
        (None, 9, "sur"),
    ]:
        field.officer(arm, years=years, sector=sector)
    field.officer("a", consented=False, years=6, sector="sur")
    gone = field.officer("b", years=8, sector="sur")
    field.tx.execute(update(Contact).where(Contact.id == gone).values(status="opted_out"))
    found = status_counts(field.tx, Sample("prueba"))
    assert {name: part.count for name, part in found[""].items()} == {
        "taking_part": 5,
        "not_answered": 1,
        "declined": 0,
        "opted_out": 1,
        "blocked": 0,
    }
    assert found["b"]["opted_out"] == Part(1, 1)
    sector, years = covariates(field.tx, Sample("prueba"))
    assert sector.levels == {"norte": {"a": 2, "b": 1}, "sur": {"a": 1, "b": 2}}
    assert {arm: (moments.n, moments.mean, moments.variance) for arm, moments in years.arms.items()} == {
        "a": (3, 4, 4),
        "b": (3, 6, 7),
    }
    assert years.normalised_difference == pytest.approx(2 / 5.5**0.5)


# -- the sample -----------------------------------------------------------------------------------------------------


def test_a_sample_is_a_cohort_and_a_time(field: Field) -> None:
    field.talk(field.officer(), "aplica", "aplico").answer("aplico", 1, "behaviour")
    field.talk(field.officer(), "aplica", "aplico", at=field.at + timedelta(days=3))
    day = (field.at + timedelta(days=2)).date()
    assert talked(field, Sample("prueba", "prueba-1", until=day)).rates["all"].all() == {"": one(1, 0)}
    assert talked(field, Sample("prueba", "prueba-1", since=day)).rates["all"].all() == {"": one(0, 1)}
    assert last_moment(field.tx, Sample("prueba")) == field.at + timedelta(days=5)  # the end of the second
    assert last_moment(field.tx, Sample("prueba", until=field.at.date() - timedelta(days=1))) is None
    # A day is that on the wall of the officer: ten in the morning in Mexico City is the next day on Kiritimati.
    field.tx.execute(update(Contact).where(Contact.id == field.officer()).values(timezone="Pacific/Kiritimati"))
    zoned = choose(field.tx, "prueba", None, field.at.date(), field.at.date())
    assert zoned.zones == ("America/Mexico_City", "Pacific/Kiritimati")
    assert talked(field, zoned).rates["all"].all() == {"": one(1, 0)}
    field.tx.execute(update(Contact).values(timezone="Pacific/Kiritimati"))
    assert talked(field, zoned).rates["all"].all() == {}
    field.tx.execute(
        insert(Cohort),
        {
            "code": "otra",
            "programme": "prueba",
            "timezone": "America/Mexico_City",
            "dates": "{}",
            "created_at": field.at,
        },
    )
    assert last_moment(field.tx, Sample("prueba", "otra")) is None
    assert talked(field, Sample("prueba", "otra")).rates["all"].all() == {}


def test_the_sample_that_is_asked_for_must_be_there(field: Field) -> None:
    field.officer()
    assert choose(field.tx, None, "prueba-1", None, None) == Sample(
        "prueba", "prueba-1", zones=("America/Mexico_City",)
    )
    assert choose(field.tx, None, None, None, None) == Sample("prueba", zones=("America/Mexico_City",))
    for programme, cohort in (("pruebas", None), (None, "prueba-2")):
        with pytest.raises(UsageError, match="there is no"):
            choose(field.tx, programme, cohort, None, None)


# -- the page -------------------------------------------------------------------------------------------------------


def lively(field: Field, officers: int = 24) -> None:
    """Officers enough to be shown: two arms, an attribute, a wave, an application."""
    for place in range(officers):
        who = field.officer(("directo", "historia")[place % 2], sector=("norte", "sur")[place % 3 == 0])
        quiz = field.talk(who, "saber", "voz", wave="bl")
        if place % 3:
            quiz.answer("voz", "escucho", "knowledge", correct=place % 4 > 0, minutes=place).completed()
        talk = field.talk(who, "aplica", "aplico", "reaccion")
        talk.answer("aplico", place % 2, "behaviour", minutes=3 * place).answer(
            "reaccion", 1 + place // 12 % 2, "behaviour", minutes=99
        ).completed()


def made(tx: Connection, **more: object) -> str:
    return page.report(tx, Sample("prueba"), **more).decode()  # type: ignore[arg-type]


def cells(html: str, figure: str) -> list[list[str]]:
    (table,) = re.findall(rf'<figure aria-labelledby="fig-{figure}">.*?<tbody>(.*?)</tbody>', html, re.DOTALL)
    return [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row) for row in re.findall(r"<tr>(.*?)</tr>", table)]


def test_what_was_not_needed_stands_apart_and_lowers_the_lowest_share(field: Field) -> None:
    # Five each: applied, not applied, not possible, not needed. 5 of 10, and 5 of 15 if what was not needed counts as not applied.
    for value in (1, 0, "n", "u"):
        for _ in range(5):
            field.talk(field.officer(), "aplica", "aplico").answer("aplico", value, "behaviour")
    (row,) = cells(made(field.tx), "applied")
    assert row[:5] + row[6:] == ["Dar voz", "2026-03", "5", "10", "50.0 %", "5", "5", "33.3 %"]
    field.talk(few := field.officer(), "aplica", "aplico").answer("aplico", 1, "behaviour")
    assert few
    (row,) = cells(made(field.tx, k=6), "applied")
    assert row[-3:] == ["oculto", "oculto", ""], "five are too few for a reader of six"


def test_a_page_has_every_section_and_says_that_self_report_is_not_behaviour(field: Field) -> None:
    lively(field)
    html = made(field.tx)
    assert re.findall(r'<h2 id="([a-z-]+)">', html) == [
        "contents",
        "sample",
        "funnel",
        "rates",
        "time",
        "drop-off",
        "messages",
        "quality",
        "waves",
        "balance",
        "knowledge",
        "internal",
        "behaviour",
        "method",
    ]
    assert html.count("El autorreporte no es conducta observada") == 3
    assert cells(html, "knowledge-share-right") == [
        ["Conocimiento", "antes (bl)", "oculto", "", ""]
    ]  # 4 were wrong: too few to be shown
    assert cells(made(field.tx, k=4), "knowledge-share-right")[0][:4] == ["Conocimiento", "antes (bl)", "16", "75.0 %"]
    assert cells(html, "asking") == [
        ["Planeadas", "48", "100.0 %"],
        ["Enviadas", "48", "100.0 %"],
        ["Entregadas", "48", "100.0 %"],
        ["Con respuesta", "40", "83.3 %"],
        ["Completas", "40", "83.3 %"],
    ]
    assert cells(html, "applied") == [["Dar voz", "2026-03", "12", "24", "50.0 %", "31.4–68.6 %", "0", "0", "50.0 %"]]
    assert cells(html, "outcome-rates")[0] == [
        "antes (bl), abierta todavía",
        *["0.667"] * 6,
        "1.000",
        "0.000",
        "0.667",
        "1.000",
    ]


def test_a_page_of_some_days_for_officers_of_several_zones(field: Field) -> None:
    lively(field)
    field.tx.execute(update(Contact).where(Contact.id % 2 == 0).values(timezone="America/Tijuana"))
    everything = made(field.tx)
    days = page.report(field.tx, choose(field.tx, "prueba", None, date(2026, 1, 1), date(2027, 12, 31))).decode()
    assert cells(days, "asking") == cells(everything, "asking")
    assert cells(days, "applied") == cells(everything, "applied")
    assert "2027-12-31" in days


def test_the_page_in_english(field: Field) -> None:
    lively(field)
    html = made(field.tx, language="en")
    assert '<html lang="en">' in html
    assert "Self-report is not observed behaviour" in html
    assert "oculto" not in html


def test_the_same_data_gives_the_same_bytes_and_nothing_from_elsewhere(field: Field) -> None:
    lively(field)
    html = made(field.tx)
    assert made(field.tx) == html
    assert not re.search(r"<script|\sstyle=|https?://|\son[a-z]+=|url\(", html)
    assert "<dt>Datos hasta</dt><dd>2026-03-04</dd>" in html  # the day of the last conversation's end


def test_of_few_officers_nothing_is_shown_not_even_which_rows_there_are(field: Field) -> None:
    lively(field, 4)
    html = made(field.tx)
    assert "Hay menos de 5 oficiales: no se muestra ninguna cifra." in html
    assert re.findall(r"<figure|<table|<svg|<h2 id=\"(?!method)", html) == []
    assert len(cells(made(field.tx, k=4), "standings")) == 6


def test_no_arm_tells_what_the_total_hides(field: Field) -> None:
    lively(field)
    for place in (1, 2, 3, 4):
        field.tx.execute(update(Contact).where(Contact.id == place).values(status="opted_out"))
    html = made(field.tx)
    assert {cell for row in cells(html, "opt-outs") for cell in row[1:]} == {"oculto", ""}
    assert cells(html, "standings")[0][1:] == ["oculto", ""]  # 20 of 24 would tell of the 4


def test_opt_outs_by_arm_do_not_tell_what_hides_few_who_declined(field: Field) -> None:
    lively(field, 60)
    for place in range(1, 7):
        field.tx.execute(update(Contact).where(Contact.id == place).values(status="opted_out"))
    assert cells(made(field.tx), "opt-outs")[0][1:3] == ["6", "60"]
    for place in (11, 12):
        field.decided(place, granted=False, at=field.at)
    html = made(field.tx)
    assert {row[0]: row[1] for row in cells(html, "standings")} == {
        "Participan": "52",
        "Sin contestar la invitación": "0",
        "No aceptaron": "oculto",
        "Pidieron la baja": "oculto",
        "Número que no se puede alcanzar": "0",
        "Total": "60",
    }
    assert {cell for row in cells(html, "opt-outs") for cell in row[1:]} == {"oculto", ""}


def test_attrition_does_not_tell_how_few_were_partial(field: Field) -> None:
    for place in range(40):
        who = field.officer(("directo", "historia")[place % 2])
        for flow in ("saber", "opina"):
            talk = field.talk(who, flow, "voz", wave="bl")
            if place < 20 or (place < 23 and flow == "saber"):
                talk.completed()
    html = made(field.tx)
    (row,) = cells(html, "dispositions")
    assert row[1:] == ["20", "oculto", "0", "oculto", "0", "0", "0", "0", "40"]  # 3 partial, 17 without contact
    assert {cell for row in cells(html, "attrition-bl") for cell in row[1:]} == {"oculto", ""}
    (rates,) = cells(html, "outcome-rates")
    assert rates[1:3] == ["0.500", "oculto"]  # RR1 tells nothing of them, RR2 would


# -- what would follow from two tables, or from two reports -----------------------------------------------------------


def test_opt_outs_of_the_few_without_an_arm_do_not_follow(field: Field) -> None:
    lively(field, 60)
    late = [field.officer() for _ in range(2)]
    for place in (*range(1, 13), *late):
        field.tx.execute(update(Contact).where(Contact.id == place).values(status="opted_out"))
    rows = {row[0]: row[1:3] for row in cells(made(field.tx), "opt-outs")}
    assert rows["Total"] == ["14", "62"]
    assert rows["Sin grupo"] == ["oculto", "oculto"]
    assert sum(row == ["oculto", "oculto"] for row in rows.values()) == 2  # 14 less 6 and 6 would tell of both


def test_flows_completed_by_few_do_not_follow_from_the_funnel(field: Field) -> None:
    for place in range(30):
        who = field.officer()
        field.talk(who, "opina", "frase_vale", wave="bl").answer("frase_vale", 3, "internal", kind="scale").completed()
        talk = field.talk(who, "aplica", "aplico")
        if place < 12:
            talk.answer("aplico", 1, "behaviour")
        if place < 9:
            talk.completed()  # three of twelve broke off
    html = made(field.tx)
    assert cells(html, "asking")[3:] == [["Con respuesta", "42", "70.0 %"], ["Completas", "oculto", ""]]
    assert {cell for row in cells(html, "finished") for cell in row[1:]} == {"oculto", ""}


def test_why_flows_were_not_sent_does_not_tell_how_few(field: Field) -> None:
    for place in range(30):
        who = field.officer()
        talk = field.talk(who, "aplica", "aplico")
        if place % 2:
            talk.answer("aplico", 1, "behaviour").completed()
        if place < 3:
            field.planned(who, "aplica", reason="cap")
        field.planned(who, "consejo", reason="gap")
    html = made(field.tx)
    assert cells(html, "asking")[:2] == [
        ["Planeadas", "oculto", ""],
        ["Enviadas", "30", ""],
    ]  # 33 less the 30 of the response rate
    assert {cell for row in cells(html, "reasons") for cell in row[1:]} == {"oculto", ""}  # 33 in all, 30 of them tips


def test_a_question_does_not_tell_how_few_broke_off_after_it(field: Field) -> None:
    for place in range(30):
        who = field.officer()
        for flow, step, completed in (("aplica", "aplico", 18), ("saber", "voz", 12)):
            talk = field.talk(who, flow, step)
            if place < 20:
                talk.answer(step, 1, "behaviour")
            if place < completed:
                talk.completed()
    html = made(field.tx)
    assert [row[:3] for row in cells(html, "finished")[1:]] == [
        ["Aplicación", "18", "30"],
        ["Conocimiento", "12", "30"],
    ]
    assert [row[1:4] for row in cells(html, "steps")] == [["rep_applied", "oculto", "oculto"], ["know_voz", "20", "30"]]


def test_the_questions_of_a_hidden_flow_do_not_tell_of_it(field: Field) -> None:
    for place in range(30):
        for flow, step, completed in (("aplica", "aplico", 3), ("saber", "voz", 12), ("opina", "frase_vale", 15)):
            talk = field.talk(place + 1 if place < field.people else field.officer(), flow, step)
            if place < completed + 6:
                talk.answer(step, 1, "behaviour")
            if place < completed:
                talk.completed()
    html = made(field.tx)
    assert [row[1] for row in cells(html, "finished")] == [
        "30",
        "oculto",
        "oculto",
        "15",
    ]  # 30 less 15 and 12 would tell of the 3
    assert [row[2] for row in cells(html, "steps")] == [
        "oculto",
        "oculto",
        "21",
    ]  # and so would who was put the question


def test_consents_do_not_tell_how_few_have_left_since(field: Field) -> None:
    for place in range(30):
        who = field.officer(consented=place < 20)
        talk = field.talk(who, "permiso", "acepta", slot="consent")
        field.talk(who, "aplica", "aplico")
        if place < 20:
            talk.answer("acepta", 1, "behaviour").completed()
    assert cells(made(field.tx), "steps")[0][1:4] == ["consent_given", "20", "30"]
    field.tx.execute(update(Contact).where(Contact.id <= 2).values(status="opted_out"))
    html = made(field.tx)
    assert {row[0]: row[1] for row in cells(html, "standings")}["Pidieron la baja"] == "oculto"
    assert cells(html, "steps")[0][1:4] == ["consent_given", "oculto", "oculto"]  # 20 less 18 who take part


def test_a_score_does_not_tell_of_a_hidden_part_of_it(field: Field) -> None:
    source = SOURCE.replace(
        "scores:\n",
        "scores:\n  todo: {title: Todo, level: knowledge, kind: share_right, items: [know_voz, know_otra]}\n",
    ).replace(
        "        correct: escucho\n",
        "        correct: escucho\n      - {ask: otra, text: ¿Y?, answer: {choice: {a: A, b: B}}, records: know_otra, level: knowledge, correct: a}\n",
    )
    published(field.tx, field.at, source)
    field.version = field.tx.execute(select(func.max(FlowVersion.id))).scalar_one()
    for place in range(30):
        talk = field.talk(field.officer(), "saber", "voz", "otra", wave="bl").answer(
            "voz", "escucho", "knowledge", correct=place > 2
        )
        talk.answer("know_otra", "a", "knowledge", correct=place % 2 > 0).completed()
    html = made(field.tx)
    assert [row[2] for row in cells(html, "knowledge-share-right")] == [
        "oculto",
        "oculto",
    ]  # 3 wrong; 12 of both would tell so


def test_cohorts_less_the_programme_do_not_tell_of_a_small_one(field: Field) -> None:
    for place in range(40):
        who = field.officer()
        if place < 13:
            code = "chica" if place < 3 else "mediana"
            if place in {0, 3}:
                field.tx.execute(
                    insert(Cohort),
                    {
                        "code": code,
                        "programme": "prueba",
                        "timezone": "America/Mexico_City",
                        "dates": "{}",
                        "created_at": field.at,
                    },
                )
            cohort = select(Cohort.id).where(Cohort.code == code).scalar_subquery()
            field.tx.execute(update(Contact).where(Contact.id == who).values(cohort_id=cohort))
    for code in ("prueba-1", "chica"):
        assert choose(field.tx, None, code, None, None).cohort == code
    with pytest.raises(UsageError, match="by subtraction, of a cohort of fewer than 5 officers"):
        choose(field.tx, None, "mediana", None, None)
    assert choose(field.tx, None, "mediana", None, None, k=2).cohort == "mediana"
    assert choose(field.tx, None, "mediana", None, None, alone=True).cohort == "mediana"


def test_a_section_without_figures_says_what_there_is_none_of(field: Field) -> None:
    html = made(field.tx)
    assert re.findall(r'<p class="note">(.*?)</p>', html.partition("<section")[2])[:3] == [
        "No hay oficiales.",
        "No ha llegado la fecha de ninguna conversación del plan.",
        "No se ha enviado ninguna conversación que pregunte algo.",
    ]
    for _ in range(5):
        field.talk(field.officer(), "consejo", "consejo")
    html = made(field.tx, language="en")
    assert "There are no data yet." not in html
    assert "No arms have been drawn, or the roster has no attributes." in html
    assert "No measurement wave has begun." in html
    assert html.count("No scores of this level") == 2
    assert "No scores or self-reports of this level" in html


def test_nothing_has_happened_yet(field: Field) -> None:
    for _ in range(5):
        field.officer()
    html = made(field.tx)
    assert "Todavía no hay datos." in html
    assert cells(html, "standings")[0] == ["Participan", "5", "100.0 %"]


def heard(field: Field, contact: int, act: str, session: int | None = None, step: str | None = None) -> None:
    row = {
        "sid": f"SM{uuid4().hex}",
        "contact_id": contact,
        "lookup": "?",
        "channel": "sms",
        "body": "secreto",
        "kind": "text",
        "needs_person": False,
        "sealed": b"",
        "session_id": session,
        "step": step,
        "outcome": "set_aside",
        "act": act,
        "received_at": field.at,
    }
    field.tx.execute(insert(InboundMessage), sealed(field.tx, InboundMessage, row))


def test_what_is_no_answer_is_counted_by_question_and_few_are_not_told(field: Field) -> None:
    for place in range(6):
        contact = field.officer()
        talk = field.talk(contact, "aplica", "aplico")
        heard(field, contact, "about_message", talk.session, "aplico")
        if place < 5:
            heard(field, contact, "greeting")
        if place < 4:
            heard(field, contact, "crisis", talk.session, "aplico")
            heard(field, contact, "greeting", talk.session, "aplico")
        heard(field, contact, "answer", talk.session, "aplico")
    data = read(field)
    assert data.acts.in_all[ActKind.about_message] == Part(6, 6)
    overall, by_question = act_figures.acts(data.acts, data.programme, Words("en"), 5)
    counts = dict(overall.rows)
    assert counts["about the message"] == "6"
    assert counts["greeting"] == "9"
    assert counts["crisis"] == counts["serious incident"] == counts["complaint"] == "fewer than 5"
    flow = data.programme.latest["aplica"].title
    assert by_question.rows == ((flow, "aplico", "about the message", "6"),)
