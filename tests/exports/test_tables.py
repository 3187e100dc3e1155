"""The tables beside the responses, on both databases: one unit each, with a key that is unique, from real conversations."""

import csv
import json
from datetime import UTC, date, datetime, timedelta

import pyreadstat
import pytest
from sqlalchemy import func, insert, select, update

from app import __version__
from app.errors import UsageError
from app.exports.local_times import LocalTimes
from app.exports.package import write
from app.exports.selection import Selection
from app.exports.tables import TABLES
from app.review import correcting
from app.store.free_text import AssignedCodes, save_codes
from app.store.tables import (
    NUDGE,
    RESPONSE,
    Assignment,
    Cohort,
    Consent,
    Contact,
    Draw,
    FlowVersion,
    InboundMessage,
    Media,
    OutboundMessage,
    Randomisation,
    Response,
    Session,
)
from app.store.vault import Vault
from tests.exports.field import ALMA, BRUNO, MEASURING, Field
from tests.world import PROGRAMME, enrol, published, reword, sealed


def with_bruno(field: Field, vault: Vault) -> int:
    return enrol(field.tx, vault, field.clock(), BRUNO, name="Bruno")


def in_another_programme(field: Field, vault: Vault, source: str) -> int:
    """Bruno, in the programme `otra`, which is published."""
    field.library = published(field.tx, field.clock(), source)
    away = field.tx.execute(
        insert(Cohort).returning(Cohort.id),
        {
            "code": "otra-1",
            "programme": "otra",
            "timezone": "America/Cancun",
            "dates": "{}",
            "created_at": field.clock(),
        },
    ).scalar_one()
    bruno = with_bruno(field, vault)
    field.tx.execute(update(Contact).where(Contact.id == bruno).values(cohort_id=away))
    return bruno


def test_officers(field: Field, vault: Vault) -> None:
    bruno = with_bruno(field, vault)
    consent = {"version": "aviso_1", "channel": "whatsapp", "at": field.clock()}
    field.tx.execute(
        insert(Consent),
        [{**consent, "contact_id": field.alma, "granted": True}, {**consent, "contact_id": bruno, "granted": False}],
    )
    field.tx.execute(
        update(Contact)
        .where(Contact.id == bruno)
        .values(
            attributes=json.dumps({"sector": "norte", "años": 3}),
            dates=json.dumps({"workshop_date": "2026-03-09"}),
            status="opted_out",
            opted_out_at=field.clock(),
            consented_at=None,
            shift='{"on": 24, "off": 48, "from": "2026-03-02T07:00"}',
        )
    )
    rows = field.tables("officers")["officers"]
    assert [row["study_id"] for row in rows] == sorted(row["study_id"] for row in rows)
    found = {row["status"]: row for row in rows}
    assert found["active"]["consented"] == "1"
    assert found["active"]["consent_version"] == "aviso_1"
    assert found["active"]["date_workshop_date"] == "2026-03-02"
    assert (found["active"]["attr_sector"], found["active"]["shift_known"], found["active"]["held"]) == ("", "0", "0")
    out = found["opted_out"]
    assert (out["attr_sector"], out["attr_anios"], out["date_workshop_date"], out["shift_known"]) == (
        "norte",
        "3",
        "2026-03-09",
        "1",
    )
    assert (out["consented"], out["opted_out_at"], out["enrolled_local"]) == (
        "0",
        "2026-03-02T16:00:00Z",
        "2026-03-02 10:00:00",
    )
    everything = b"".join(path.read_bytes() for path in field.folder.iterdir())
    assert not [word for word in (b"Alma", b"Bruno", b"5555550101", b"5555550102") if word in everything]


def test_what_the_roster_calls_almost_alike_has_a_column_each(field: Field) -> None:
    long = "antiguedad_en_la_corporacion_de_"
    told = {f"{long[:31]}{end}": end for end in "ab"} | {"años": "3", "anios": "4"}
    field.tx.execute(update(Contact).values(attributes=json.dumps(told)))
    (row,) = field.tables("officers")["officers"]
    assert {name: row[name] for name in row if name.startswith("attr")} == {
        "attr_anios": "4",
        "attr_anios_2": "3",
        "attr_antiguedad_en_la_corporacio": "a",
        "attr_antiguedad_en_la_corpora_2": "b",
    }
    assert max(map(len, row)) == 32


def test_messages_in_and_out_have_no_text(field: Field) -> None:
    field.talk("reporte", "sí", "Le dije a Juana")
    field.tx.execute(
        update(OutboundMessage).values(
            price="-0.0079", price_unit="USD", segments=1, sent_at=field.clock(), status="sent"
        )
    )
    field.tx.execute(
        insert(InboundMessage),
        sealed(
            field.tx,
            InboundMessage,
            {  # somebody we do not know
                "sid": "SMx",
                "lookup": "?",
                "channel": "sms",
                "body": "quihubo",
                "sealed": b"",
                "kind": "text",
                "outcome": "unknown_sender",
                "needs_person": False,
                "received_at": field.clock(),
            },
        ),
    )
    rows = field.tables("messages")["messages"]
    assert [row["direction"] for row in rows] == ["in", "in", "out", "out", "out", "out"]
    assert [row["kind"] for row in rows if row["direction"] == "out"] == ["say", "ask", "ask", "say"]
    assert rows[0]["characters"] == "2"
    assert (rows[0]["status"], rows[0]["at"], rows[0]["at_local"]) == (
        "answer",
        "2026-03-02T16:05:00Z",
        "2026-03-02 10:05:00",
    )
    assert (rows[2]["price"], rows[2]["segments"], rows[2]["sent_at"]) == ("-0.0079", "1", "2026-03-02T16:10:00Z")
    assert not [
        path.name for path in field.folder.iterdir() if b"Juana" in path.read_bytes() or b"quihubo" in path.read_bytes()
    ]


def test_nudges_begun_and_skipped(field: Field) -> None:
    session = field.talk("reporte", "no")
    field.plan("reporte", session_id=session, decided_at=field.clock(), rule="slots.0")
    field.plan("reporte", slot="w01.2", status="skipped", reason="quiet_hours")
    first, second = field.tables("nudges")["nudges"]
    assert (first["status"], first["session_id"], first["rule"], first["origin"]) == (
        "started",
        str(session),
        "slots.0",
        "plan",
    )
    assert (first["planned_at"], first["planned_local"], first["wave"]) == (
        "2026-03-02T15:05:00Z",
        "2026-03-02 09:05:00",
        "",
    )
    assert (second["status"], second["reason"], second["session_id"]) == ("skipped", "quiet_hours", "")


def test_a_version_is_called_the_same_in_every_table(field: Field) -> None:
    session = field.talk("saber", "2", "4", "2", wave="bl")
    field.plan("saber", wave="bl", slot="bl.1", session_id=session)
    found = field.tables("nudges", "sessions", "responses")
    (version,) = field.tx.execute(select(FlowVersion.hash)).scalars()
    assert len(version) > 12
    for name in ("nudges", "sessions", "responses"):
        assert {row["flow_version"] for row in found[name]} == {version[:12]}, name


def test_sessions_have_their_paradata(field: Field) -> None:
    session = field.talk("reporte", "tal vez", "sí", "algo")
    field.plan("reporte", session_id=session)
    sent = update(OutboundMessage).where(OutboundMessage.session_id == session)
    field.tx.execute(
        sent.values(sent_at=field.clock(), delivered_at=field.clock() + timedelta(seconds=3), status="delivered")
    )
    open_ = field.talk("reporte")
    first, second = field.tables("sessions")["sessions"]
    assert (first["outcome"], first["answers"], first["unclear"], first["messages_in"]) == ("completed", "2", "0", "3")
    assert int(first["messages_out"]) >= 4
    assert (first["scheduled_at"], first["started_at"]) == ("2026-03-02T15:15:00Z", "2026-03-02T16:00:00Z")
    assert (first["replied_at"], first["replied_local"], first["ended_at"]) == (
        "2026-03-02T16:05:00Z",
        "2026-03-02 10:05:00",
        "2026-03-02T16:15:00Z",
    )
    assert (first["delivered_at"], first["read_at"], first["slot"]) == ("2026-03-02T16:15:03Z", "", "w01.1")
    assert (second["session_id"], second["outcome"], second["ended_at"], second["answers"]) == (
        str(open_),
        "open",
        "",
        "0",
    )


def test_assignments_of_officers_and_of_occasions(field: Field, vault: Vault) -> None:
    bruno, now = with_bruno(field, vault), field.clock()
    randomisation = field.tx.execute(
        insert(Randomisation).returning(Randomisation.id),
        {
            "programme": "prueba",
            "scope": "*",
            "seed": 2**60 + 1,
            "design": "{}",
            "input_hash": "ab" * 32,
            "release": __version__,
            "officers": 1,
            "balance": "{}",
            "at": now,
        },
    ).scalar_one()
    field.tx.execute(
        insert(Assignment),
        [
            {
                "contact_id": field.alma,
                "campaign": "seguimiento",
                "arm": "control",
                "probability": 0.25,
                "randomisation_id": randomisation,
                "stratum": "norte · sí",
                "cluster": "C1",
                "at": now,
            },
            {
                "contact_id": bruno,
                "campaign": "seguimiento",
                "arm": None,
                "probability": None,
                "randomisation_id": None,
                "stratum": None,
                "cluster": None,
                "at": now,
            },
        ],
    )
    nudge = field.plan("reporte", status="planned")
    field.tx.execute(
        insert(Draw),
        {
            "nudge_id": nudge,
            "choice": "corto",
            "probability": 0.5,
            "eligible": '{"corto": 0.5, "nada": 0.5}',
            "seed": 7,
            "at": now,
        },
    )
    arm, campaign, draw = field.tables("assignments")["assignments"]
    assert (arm["kind"], arm["choice"], arm["probability"], arm["stratum"], arm["cluster"]) == (
        "arm",
        "control",
        "0.25",
        "norte · sí",
        "C1",
    )
    assert (arm["seed"], arm["scope"], arm["input_hash"], arm["release"]) == (
        str(2**60 + 1),
        "*",
        "ab" * 32,
        __version__,
    )
    assert (campaign["kind"], campaign["choice"], campaign["probability"], campaign["seed"]) == ("campaign", "", "", "")
    assert (draw["kind"], draw["choice"], draw["probability"], draw["nudge_id"], draw["slot"]) == (
        "draw",
        "corto",
        "0.5",
        str(nudge),
        "w01.1",
    )
    assert json.loads(draw["eligible"]) == {"corto": 0.5, "nada": 0.5}
    assert draw["assigned_local"] == "2026-03-02 10:00:00"


# -- waves ------------------------------------------------------------------------------------------------------------


def test_wide_and_by_wave_with_missing_codes(field: Field, vault: Vault) -> None:
    bruno = with_bruno(field, vault)
    carla = enrol(field.tx, vault, field.clock(), "+525555550103", name="Carla")
    for wave, replies in (("bl", ("no sé", "5", "1")), ("el", ("2", "4", "2"))):
        session = field.talk("saber", *replies, wave=wave)
        field.plan("saber", wave=wave, slot=f"{wave}.1", session_id=session)
    begun = field.talk("saber", "1", number=BRUNO, contact=bruno, wave="bl")
    field.plan("saber", wave="bl", slot="bl.1", contact=bruno, session_id=begun)
    field.plan("saber", wave="el", slot="el.1", contact=bruno, status="skipped", reason="ignored")
    field.plan("saber", wave="el", slot="el.1", contact=carla, status="planned")
    found = field.tables("responses_wave", "responses_wide", "officers")
    ids = {row["study_id"]: row for row in found["responses_wide"]}
    assert len(ids) == 2, "for whom a wave is only planned there is nothing to tell yet"
    (alma,) = [row for row in found["responses_wide"] if row["know_neutral_el"] == "7"]
    other = next(row for key, row in ids.items() if key != alma["study_id"])
    assert list(alma)[3:] == [
        f"{name}_{wave}" for name in ("know_neutral", "att_vale", "att_basta") for wave in ("bl", "el")
    ]
    assert [alma[name] for name in list(alma)[3:]] == [".d", "7", "5", "4", "1", "2"]
    assert [other[name] for name in list(alma)[3:]] == ["1", ".m", ".m", ".m", ".m", ".m"], "its place in the list"
    assert list(found["responses_wave"][0])[5:] == ["know_neutral", "att_vale", "att_basta"], "nothing of other flows"
    waves = [
        (row["study_id"] == alma["study_id"], row["wave"], row["know_neutral"], row["att_vale"])
        for row in found["responses_wave"]
    ]
    assert sorted(waves) == [
        (False, "bl", "1", ".m"),
        (False, "el", ".m", ".m"),
        (True, "bl", ".d", "5"),
        (True, "el", "7", "4"),
    ]


def test_what_the_flow_skipped_is_s_and_what_was_corrected_is_the_last(field: Field) -> None:
    field.talk("reporte", "sí", "atrás", "no", wave="bl")
    field.talk("reporte", "sí", "algo", wave="el")
    (row,) = field.tables("responses_wide", with_text=True)["responses_wide"]
    assert [row[name] for name in ("contact_any_bl", "story_bl", "story_bl_missing")] == ["0", "", ".s"]
    assert [row[name] for name in ("contact_any_el", "story_el", "story_el_missing")] == ["1", "algo", ""]
    (row,) = field.tables("responses_wide")["responses_wide"]
    assert "story_el" not in row


def test_what_no_conversation_of_the_wave_asks_is_empty(field: Field, vault: Vault) -> None:
    other = PROGRAMME.replace("programme: prueba", "programme: otra").replace(
        "records: contact_any", "records: otra_any"
    )
    bruno = in_another_programme(field, vault, other)
    field.talk("saber", "2", "5", "1", wave="bl")
    field.talk("reporte", "no", wave="el")
    field.talk("reporte", "no", number=BRUNO, contact=bruno, wave="bl")
    field.clock.advance(hours=1)
    field.library = published(
        field.tx,
        field.clock(),
        MEASURING.replace("      - repeat: opina", "      - repeat: opina2").replace(
            "records: att_vale", "records: att_new"
        ),
    )
    field.talk("saber", "2", "5", wave="md")
    found = {(row["programme"], row["wave"]): row for row in field.tables("responses_wave")["responses_wave"]}
    names = ("know_neutral", "att_vale", "att_new", "contact_any", "otra_any")
    assert {key: [row[name] for name in names] for key, row in found.items()} == {
        ("otra", "bl"): ["", "", "", "", "0"],
        ("prueba", "bl"): ["7", "5", "", "", ""],
        ("prueba", "el"): ["", "", "", "0", ""],
        ("prueba", "md"): ["7", "", "5", "", ""],
    }


def test_what_was_answered_at_another_time_is_empty_and_not_skipped(field: Field) -> None:
    field.clock.advance(hours=13, minutes=52)  # eight minutes before midnight in Mexico City
    field.talk("saber", "2", "5", "1", wave="bl")
    (row,) = field.tables("responses_wave", since=date(2026, 3, 3))["responses_wave"]
    assert [row[name] for name in ("know_neutral", "att_vale", "att_basta")] == ["", "5", "1"]
    (row,) = field.tables("responses_wave", until=date(2026, 3, 2))["responses_wave"]
    assert [row[name] for name in ("know_neutral", "att_vale", "att_basta")] == ["7", "", ""]


def test_an_option_that_means_not_applicable_is_a_missing_code_among_numbers(field: Field) -> None:
    field.clock.advance(hours=1)
    source = MEASURING.replace(
        "no: {label: No, value: 0}}", "no: {label: No, value: 0}, nc: {label: No venía al caso, value: n}}"
    )
    field.library = published(field.tx, field.clock(), source)
    field.talk("reporte", "no venía al caso", "algo", wave="bl")
    field.talk("reporte", "sí", "algo", wave="el")
    write(field.tx, field.folder, Selection(), tables=["responses_wide"], formats=["csv", "dta"])
    (row,) = field.read("responses_wide.csv")
    assert (row["contact_any_bl"], row["contact_any_el"]) == (".n", "1")
    data, about = pyreadstat.read_dta(str(field.folder / "responses_wide.dta"), user_missing=True)
    assert (data["contact_any_bl"][0], data["contact_any_el"][0]) == ("n", 1)
    assert about.variable_value_labels["contact_any_bl"][1] == "Sí"


def test_a_number_that_means_two_things_has_the_words_of_both(field: Field, vault: Vault) -> None:
    scale = "answer: {scale: {min: 1, max: 5, labels: {1: Nunca, 5: Muy de acuerdo}}}"
    other = MEASURING.replace("programme: prueba", "programme: otra").replace(
        "answer: {scale: {min: 1, max: 5, labels: {1: Muy en desacuerdo, 5: Muy de acuerdo}}}", scale
    )
    bruno = in_another_programme(field, vault, other)
    field.talk("saber", "2", "1", "5", wave="bl")
    field.talk("saber", "2", "1", "5", number=BRUNO, contact=bruno, wave="bl")
    write(field.tx, field.folder, Selection(), tables=["responses_wave"], formats=["dta"])
    _, about = pyreadstat.read_dta(str(field.folder / "responses_wave.dta"))
    assert about.variable_value_labels["att_vale"][1] == "Muy en desacuerdo / Nunca"
    assert about.variable_value_labels["att_vale"][5] == "Muy de acuerdo"
    write(field.tx, field.folder, Selection(programme="otra"), tables=["responses_wave"], formats=["dta"])
    _, about = pyreadstat.read_dta(str(field.folder / "responses_wave.dta"))
    assert about.variable_value_labels["att_vale"][1] == "Nunca"


def test_two_variables_of_one_name_are_refused(field: Field) -> None:
    field.clock.advance(hours=1)
    field.library = published(field.tx, field.clock(), MEASURING.replace("records: know_neutral", "records: contact"))
    field.talk("reporte", "no", wave="bl")
    field.talk("saber", "2", "1", "1", wave="any_bl")
    with pytest.raises(UsageError, match="two columns contact_any_bl"):
        field.tables("responses_wide")


def test_dispositions(field: Field, vault: Vault) -> None:
    bruno = with_bruno(field, vault)
    session = field.talk("saber", "2", "5", "1", wave="bl")
    field.plan("saber", wave="bl", slot="bl.1", session_id=session, decided_at=field.clock())
    field.plan("reporte", wave="bl", slot="bl.2", status="skipped", reason="quiet_hours", decided_at=field.clock())
    field.plan("reporte", slot="w01.1")
    now = field.clock()
    field.plan(
        "saber",
        wave="bl",
        slot="bl.1",
        contact=bruno,
        status="skipped",
        reason="too_late",
        decided_at=now,
        created_at=now,
    )
    field.tx.execute(
        update(OutboundMessage)
        .where(OutboundMessage.session_id == session)
        .values(sent_at=now, delivered_at=None, read_at=now)
    )
    field.tx.execute(update(Contact).where(Contact.id == bruno).values(created_at=now + timedelta(days=30)))
    rows = {row["disposition"]: row for row in field.tables("dispositions")["dispositions"]}
    assert set(rows) == {"partial", "not_eligible"}
    partial = rows["partial"]
    assert (partial["aapor"], partial["flows"], partial["started"], partial["completed"], partial["answers"]) == (
        "P",
        "2",
        "1",
        "1",
        "3",
    )
    assert (partial["sent"], partial["delivered"], partial["read"], partial["replied"], partial["closed"]) == (
        "1",
        "0",
        "1",
        "1",
        "1",
    )
    assert (partial["reasons"], partial["wave"], partial["campaign"]) == ("quiet_hours", "bl", "seguimiento")
    assert (rows["not_eligible"]["aapor"], rows["not_eligible"]["reasons"]) == ("NE", "too_late")
    _withdraw(field, now + timedelta(days=60))
    later = {row["disposition"]: row for row in field.tables("dispositions")["dispositions"]}["partial"]
    assert (later["consented"], later["declined"]) == ("1", "0")  # as it was when the wave closed
    field.tx.execute(
        update(Contact).where(Contact.id == field.alma).values(opted_out_at=now - timedelta(days=1), status="opted_out")
    )
    field.tx.execute(update(Session).where(Session.id == session).values(outcome="expired"))
    assert {row["disposition"] for row in field.tables("dispositions")["dispositions"]} == {"refusal", "not_eligible"}


def _withdraw(field: Field, at: datetime) -> None:
    """Alma agreed at the beginning, and withdraws."""
    decisions = [
        {"contact_id": field.alma, "version": "aviso_1", "granted": granted, "channel": "sms", "at": when}
        for granted, when in ((True, field.clock()), (False, at))
    ]
    field.tx.execute(insert(Consent), decisions)
    field.tx.execute(update(Contact).where(Contact.id == field.alma).values(consented_at=None))


# -- all of them ------------------------------------------------------------------------------------------------------


_MEASURES = """
reports:
  contacto: {title: Contacto, from: [reporte], columns: {contact_any: contact_any}}
scores:
  actitud: {title: Actitud, level: internal, kind: mean, items: [att_vale, att_basta]}
"""


_OTHERS = frozenset({"mrt", "consort", "quality"})
"""Tables of counts, which have no officers, and that of micro-randomised campaigns."""


def _in_mexico_and_india(field: Field, vault: Vault) -> None:
    """Two officers, each with something in every table but that of micro-randomised campaigns."""
    field.library = published(field.tx, field.clock(), MEASURING + _MEASURES)
    bruno = with_bruno(field, vault)
    other = field.tx.execute(
        insert(Cohort).returning(Cohort.id),
        {
            "code": "=norte, sur",
            "programme": "prueba",
            "timezone": "Asia/Kolkata",
            "dates": "{}",
            "created_at": field.clock(),
        },
    ).scalar_one()
    field.tx.execute(update(Contact).where(Contact.id == bruno).values(cohort_id=other, timezone="Asia/Kolkata"))
    for contact, number in ((field.alma, ALMA), (bruno, BRUNO)):
        session = field.talk("saber", "2", "5", "1", number=number, contact=contact, wave="bl")
        field.plan("saber", wave="bl", slot="bl.1", contact=contact, session_id=session)
        field.tx.execute(insert(Assignment), {"contact_id": contact, "campaign": "seguimiento", "at": field.clock()})
        answer = field.tx.execute(select(func.min(Response.id)).where(Response.session_id == session)).scalar_one()
        save_codes(field.tx, [AssignedCodes(answer, "tema", "A", "x")], field.clock())
        correcting.add(field.tx, answer, "1", "Se corrigió después", "Sara", field.clock())
    for contact, number in ((field.alma, ALMA), (bruno, BRUNO)):
        field.talk("reporte", "no", number=number, contact=contact)


def test_filters_of_officers_and_times_are_of_every_table(field: Field, vault: Vault) -> None:
    _in_mexico_and_india(field, vault)
    names = [table.name for table in TABLES if table.name not in _OTHERS]
    both, one = field.tables(*names), field.tables(*names, cohort="=norte, sur")
    assert all(both[name] and len(both[name]) == 2 * len(one[name]) for name in names)
    assert {row["cohort"] for name in names for row in one[name]} == {"'=norte, sur"}
    assert one["responses"][0]["answered_local"] == "2026-03-02 21:50:00"
    later = field.tables(*names, since=date(2027, 1, 1))
    assert {name: len(rows) for name, rows in later.items() if rows} == {
        "officers": 2,
        "responses_wave": 2,
        "responses_wide": 2,
        "scores": 2,
        "scores_wide": 2,
    }
    assert {row["reason"] for row in later["scores"]} == {"not_answered"}
    assert field.tables("responses", level="internal")["responses"][0]["variable"] == "att_vale"


def test_a_day_is_that_on_the_wall_of_the_officer(field: Field, vault: Vault) -> None:
    field.clock.advance(hours=4)  # 14:00 of 2 March in Mexico City, 01:30 of 3 March in Kolkata
    _in_mexico_and_india(field, vault)
    names = [
        table.name
        for table in TABLES
        if table.name not in {"officers", "responses_wave", "responses_wide", "scores", "scores_wide", *_OTHERS}
    ]
    for day, cohort in ((date(2026, 3, 2), "prueba-1"), (date(2026, 3, 3), "'=norte, sur")):
        found = field.tables(*names, since=day, until=day)
        assert {name: {row["cohort"] for row in found[name]} for name in names} == {name: {cohort} for name in names}
        rows = field.tables("scores", since=day, until=day)["scores"]
        assert {row["cohort"]: row["reason"] for row in rows} == {
            "prueba-1": "not_answered",
            "'=norte, sur": "not_answered",
            cohort: "",
        }
        write(field.tx, field.folder, Selection(since=day, until=day), formats=["floip"])
        assert {row[2] for row in json.loads((field.folder / "flow_results/data.json").read_text())} == {
            found["responses"][0]["study_id"]
        }
        assert sum(int(row["n"]) for row in field.read("codebook.csv")) == len(found["responses"])


def test_an_unknown_table(field: Field) -> None:
    with pytest.raises(UsageError, match=r"no table 'respones'\. Did you mean responses"):
        field.tables("respones")
    assert not field.folder.exists()


def test_a_key_that_is_not_unique_is_found(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.exports.source.Source.table", lambda *_: iter([[[1, *"x" * 17]], [[1, *"x" * 17]]]))
    with pytest.raises(ValueError, match="key of nudges is not unique"):
        field.tables("nudges")


def test_the_quick_lines_of_responses_are_those_of_its_rows(field: Field) -> None:
    hostile = ["=1+1", 'dos\nlíneas, "y" comas', "a\rb", "-5", "+5", "", "🙂", "'", "@x", "\t"]
    for text in hostile:
        field.talk("reporte", "sí", f"x{text}")
        reword(field.tx, f"x{text}", text, as_value=True)
    field.talk("saber", "no sé", "5", "1", wave="bl")
    field.talk("reporte", "sí", "prefiero no decir")
    session = field.talk("reporte", "sí", "con foto")
    inbound = (
        field.tx.execute(RESPONSE.select().where(Response.session_id == session, Response.step == "historia"))
        .one()
        .inbound_id
    )
    field.tx.execute(
        insert(Media),
        [
            {
                "inbound_id": inbound,
                "position": place,
                "content_type": "image/jpeg",
                "status": status,
                "attempts": 0,
                "due_at": field.clock(),
            }
            for place, status in ((2, "stored"), (1, "stored"), (3, "lost"))
        ],
    )
    field.tx.execute(
        update(Response).where(Response.kind == "scale").values(number=0.1 + 0.2, value=str(0.1 + 0.2), score=1.0)
    )
    field.tx.execute(
        update(Response).where(Response.variable == "att_vale").values(number=-3.0, value="-3.0", score=1 / 3)
    )
    field.tx.execute(update(Session).where(Session.id == session).values(variant="b"))
    for with_text in (False, True):
        write(
            field.tx,
            field.folder,
            Selection(with_text=with_text, exact_times=with_text),
            tables=["responses"],
            formats=["csv", "jsonl"],
        )
        quick = (field.folder / "responses.csv").read_bytes()
        (table,) = [table for table in TABLES if table.name == "responses"]
        object.__setattr__(table, "lines", None)
        try:
            write(field.tx, field.folder, Selection(with_text=with_text, exact_times=with_text), tables=["responses"])
        finally:
            from app.exports.tables.responses_csv import lines  # noqa: PLC0415

            object.__setattr__(table, "lines", lines)
        assert quick == (field.folder / "responses.csv").read_bytes()
    with (field.folder / "responses.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["raw"] for row in rows if row["variable"] == "story"][: len(hostile)] == [
        "'=1+1",
        'dos\nlíneas, "y" comas',
        "a\rb",
        "-5",
        "'+5",
        "",
        "🙂",
        "'",
        "'@x",
        "'\t",
    ]
    assert rows[-1]["media"].count(".jpg") == 2
    assert [row["number"] for row in rows if row["wave"] == "bl"] == [".d", "-3", "0.30000000000000004"]


@pytest.mark.parametrize(
    "zone",
    [
        "America/Mexico_City",
        "America/Tijuana",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "America/Ciudad_Juarez",
        "Asia/Kathmandu",
    ],
)
def test_local_times_are_those_of_the_zone_at_every_hour(zone: str) -> None:
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    clock, at = LocalTimes(), datetime(2026, 3, 1, 0, 17, 3, tzinfo=UTC)
    for hour in range(24 * 400):
        moment = at + timedelta(hours=hour)
        written = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        assert clock.local(written, zone) == f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"


def test_a_planned_flow_of_a_wave_is_known_by_its_nudge(field: Field) -> None:
    assert field.tx.execute(NUDGE.select()).first() is None
    assert field.tables("dispositions")["dispositions"] == []


@pytest.mark.parametrize(
    ("text", "status", "act"),
    [
        ("sí", "answer", "answer"),
        ("al rato le contesto", "set_aside", "deferral"),
        ("¿quién es?", "set_aside", "question"),
        ("ayuda", "keyword", ""),
        ("baja", "keyword", ""),
        ("ya no quiero vivir", "set_aside", "other"),
        ("mi comandante me pide dinero para dejarme descansar", "set_aside", "other"),
        ("ya me tienen harto con sus mensajes", "set_aside", "other"),
        ("fin", "set_aside", "other"),
    ],
)
def test_an_act_is_exported_unless_it_is_only_counted(field: Field, text: str, status: str, act: str) -> None:
    field.talk("reporte", text)
    rows = field.tables("messages")["messages"]
    (heard,) = [row for row in rows if row["direction"] == "in"]
    assert (heard["status"], heard["act"]) == (status, act)
    assert heard["needs_person"] == ("0" if status == "answer" else "")
    assert {row["step"] for row in rows if row["kind"] == "notice"} <= {""}


def test_what_an_officer_writes_amid_a_crisis_tells_nothing(field: Field) -> None:
    field.talk("reporte", "ya no quiero vivir", "sí", "ALTA")
    rows = [row for row in field.tables("messages")["messages"] if row["direction"] == "in"]
    assert [(row["status"], row["act"], row["needs_person"]) for row in rows] == [
        ("set_aside", "other", ""),
        ("set_aside", "other", ""),
        ("keyword", "", ""),
    ]
