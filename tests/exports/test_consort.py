"""The flow of participants: every line of it worked out by hand, what must not be shown of it, its chart, and places with several arms."""

from collections.abc import Iterator
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import insert, update

from app.exports.report.consort import Line
from app.exports.report.consort_figures import flow, mixed, small
from app.exports.report.data import ReportData
from app.exports.report.page import picture
from app.exports.report.sample import Sample, last_moment
from app.exports.report.words import Words
from app.store.database import Database
from app.store.tables import Consent, Contact
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.exports.district import Field
from tests.exports.test_report import cells, made


@pytest.fixture
def field(database: Database, vault: Vault, clock: StillClock) -> Iterator[Field]:
    with database.transaction() as tx:
        yield Field(tx, vault, clock())


def study(field: Field) -> None:
    """Two arms of eight and seven, six who declined, five whom nobody drew. A wave that half of an arm answered."""
    for place in range(15):
        arm = ("directo", "historia")[place % 2]
        who = field.officer(arm, sector=("norte", "sur", arm)[place % 3])
        quiz = field.talk(who, "saber", "voz", wave="bl")
        if place < 8:
            quiz.answer("voz", "escucho", "knowledge", correct=True).completed()
        if place != 14:
            field.talk(who, "aplica", "aplico")
    for _ in range(6):
        who = field.officer(consented=False)
        row = {"contact_id": who, "version": "v1", "granted": False, "channel": "sms", "at": field.at}
        field.tx.execute(insert(Consent), row)
    for _ in range(5):
        field.officer()
    field.tx.execute(update(Contact).where(Contact.id == 2).values(status="opted_out", opted_out_at=field.at))


def read(field: Field) -> ReportData:
    now = last_moment(field.tx, Sample("prueba"))
    assert now is not None
    return ReportData.read(field.tx, Sample("prueba"), now + timedelta(days=30))


def test_the_flow_is_counted_stage_by_stage(field: Field) -> None:
    study(field)
    assert [(line.stage, line.reason, line.arm, line.officers) for line in read(field).consort] == [
        ("assessed", "", "", 26),
        ("excluded", "", "", 11),
        ("excluded", "declined", "", 6),
        ("excluded", "not_drawn", "", 5),
        ("consented", "", "", 20),
        ("allocated", "", "directo", 8),
        ("received", "", "directo", 7),
        ("not_received", "", "directo", 1),
        ("not_received", "nothing_sent", "directo", 1),
        ("discontinued", "", "directo", 0),
        ("lost_last", "", "directo", 4),
        ("lost_last", "non_contact", "directo", 4),
        ("analysed", "", "directo", 4),
        ("allocated", "", "historia", 7),
        ("received", "", "historia", 7),
        ("not_received", "", "historia", 0),
        ("discontinued", "", "historia", 1),
        ("discontinued", "opted_out", "historia", 1),
        ("lost_last", "", "historia", 3),
        ("lost_last", "non_contact", "historia", 3),
        ("analysed", "", "historia", 4),
    ]


def test_the_page_hides_few_and_the_archive_draws_all(field: Field) -> None:
    study(field)
    shown = {(row[0], row[2]): row[3] for row in cells(made(field.tx, language="en"), "consort") if not row[1]}
    assert shown["Assessed (roster)", ""] == "26"
    assert shown["Excluded", ""] == "11"
    assert shown["Allocated", "historia"] == "7"
    assert {value for (stage, _), value in shown.items() if stage.startswith(("Received", "Disc", "Lost", "Anal"))} == {
        "hidden"
    }
    data = read(field)
    chart = ET.fromstring(picture(flow(data.consort, Words("en"))).decode())
    texts = [one.text for one in chart.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Assessed (roster): 26", "Declined: 6", "directo", "Allocated: 8", "Analysed in the last wave: 4"} <= set(
        texts
    )
    assert {place: dict(arms) for place, arms in mixed(data.places)} == {
        ("sector", "norte"): {"directo": 3, "historia": 2},
        ("sector", "sur"): {"directo": 2, "historia": 3},
    }


def test_without_a_study_who_consented_is_followed(field: Field) -> None:
    for _ in range(6):
        field.talk(field.officer(), "aplica", "aplico")
    field.officer(consented=False)
    found = [(line.stage, line.reason, line.arm, line.officers) for line in read(field).consort]
    assert found[:5] == [
        ("assessed", "", "", 7),
        ("excluded", "", "", 1),
        ("excluded", "not_answered", "", 1),
        ("consented", "", "", 6),
        ("allocated", "", "", 6),
    ]


def test_an_arm_of_few_hides_all_but_the_roster() -> None:
    lines = [Line("assessed", "", "", 20), Line("excluded", "", "", 8), Line("consented", "", "", 12)]
    lines += [Line("allocated", "", "a", 9), Line("allocated", "", "b", 3)]
    assert set(small(lines, {}, 5, attrition=False, letters=False).totals) == {"excluded", "consented", "allocated"}
