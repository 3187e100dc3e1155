"""Every answer labelled: numbers for options, days, times of day, several choices, waves in the order of time, and what an assistant
has filled in, in every format."""

import csv
import json
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyreadstat
import pytest
from python_calamine import load_workbook
from sqlalchemy import insert, update

from app.exports.formats import FORMATS
from app.exports.package import write
from app.exports.selection import Selection
from app.store.tables import Assignment, Contact
from tests.exports.field import MEASURING, Field
from tests.world import published, reword

SOURCE = (
    MEASURING.replace(
        "language: es-MX\n",
        """language: es-MX
fields:
  sector: {label: Sector de adscripción, codes: {Norte: 2, Sur: 1}}
  rango:
""",
        1,
    )
    .replace(
        "campaigns:\n",
        """  medida:
    title: Medida
    kind: survey
    steps:
      - ask: barreras
        text: ¿Qué le impidió aplicarlo? Marque todas.
        answer: {multi: {tiempo: No hubo tiempo, riesgo: Había riesgo, otro: Otro}, missing: [r]}
        records: barreras
        label: Barreras para aplicarlo
        level: behaviour
      - ask: lado
        text: ¿De qué lado?
        answer: {choice: {s: Del sur, n: Del norte}}
        records: lado
        level: behaviour
        go: {n: end}
      - ask: fecha
        text: ¿Qué día fue?
        answer: {date: {}, missing: [d]}
        records: dia
        level: behaviour
      - ask: hora
        text: ¿A qué hora?
        answer: time
        records: hora
        level: behaviour
      - ask: cuente
        text: Cuente.
        answer: text
        records: relato
        level: behaviour
campaigns:
""",
        1,
    )
    .replace(
        "    slots:\n",
        """    waves:
      uno: {suffix: zz, day: -10, closes: 9d, flows: [medida]}
      dos: {suffix: aa, day: 40, closes: 9d, flows: [medida]}
    slots:
""",
        1,
    )
)


@pytest.fixture
def answered(field: Field) -> Field:
    """After a measurement in two waves; options have no numbers of their own."""
    field.clock.advance(hours=1)
    field.library = published(field.tx, field.clock(), SOURCE)
    field.talk("medida", "1 y 3", "Del sur", "2 de marzo", "19:30", "algo", wave="zz")
    reword(field.tx, "algo", ".m", as_value=True)
    field.talk("medida", "prefiero no decir", "2", wave="aa")
    attributes = json.dumps({"sector": "Norte", "rango": "3"})
    field.tx.execute(update(Contact).values(attributes=attributes))
    field.tx.execute(
        insert(Assignment), {"contact_id": field.alma, "campaign": "seguimiento", "arm": "trato", "at": field.clock()}
    )
    return field


ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what no database does in a way of its own."""


MEASURED = {
    "barreras_zz": "1 3", "barreras_zz_missing": None, "barreras_1_zz": 1, "barreras_2_zz": 0, "barreras_3_zz": 1,
    "barreras_aa": None, "barreras_aa_missing": ".r", "barreras_1_aa": ".r", "barreras_2_aa": ".r", "barreras_3_aa": ".r",
    "lado_zz": 1, "lado_aa": 2, "dia_zz": date(2026, 3, 2), "dia_aa": ".s", "hora_zz": 19 * 60 + 30, "hora_aa": ".s",
    "relato_zz": ".m", "relato_zz_missing": None, "relato_aa": None, "relato_aa_missing": ".s",
}  # fmt: skip
"""The row of `responses_wide`. What an officer wrote as `.m` is a text and no code."""


def test_every_answer_is_labelled_in_every_format(answered: Field) -> None:
    write(answered.tx, answered.folder, Selection(with_text=True), formats=list(FORMATS))
    found = {ending: READ[ending](answered.folder / f"responses_wide.{ending}") for ending in FORMATS}
    for ending, row in found.items():
        assert {name: row[name] for name in MEASURED} == MEASURED, ending
    the_codebook_says_what_the_data_say(answered)
    waves_are_in_the_order_of_their_days_in_every_table(answered)
    declared_attributes_are_numbers_with_labels(answered)


def of_stata(path: Path) -> dict[str, Any]:
    data, about = pyreadstat.read_dta(str(path), user_missing=True)
    assert about.original_variable_types["dia_zz"] == "%td"
    assert about.variable_value_labels["lado_zz"][1] == "Del sur"
    assert about.variable_value_labels["barreras_2_zz"][0] == "no"
    assert about.column_names_to_labels["barreras_2_zz"] == "Barreras para aplicarlo: Había riesgo (zz)"
    assert about.column_names_to_labels["hora_zz"] == "¿A qué hora?, minutes after midnight (zz)"
    return {name: coded(cell) for name, cell in data.iloc[0].items()}


def coded(cell: Any) -> Any:
    """A cell of Stata, whose missing codes pyreadstat gives as letters."""
    return None if cell == "" else f".{cell}" if isinstance(cell, str) and len(cell) == 1 else cell


def of_spss(path: Path) -> dict[str, Any]:
    row = pyreadstat.read_sav(str(path), user_missing=True)[0].iloc[0]
    _, about = pyreadstat.read_sav(str(path), disable_datetime_conversion=True)
    plain = pyreadstat.read_sav(str(path), user_missing=True, disable_datetime_conversion=True)[0].iloc[0]
    assert pd.isna(pyreadstat.read_sav(str(path))[0]["barreras_1_aa"][0])
    assert about.variable_value_labels["lado_zz"][2] == "Del norte"
    labels = about.variable_value_labels["dia_aa"]
    assert labels[plain["dia_aa"]] == "skipped by the flow's logic"
    codes = {-9993: ".r", -9994: ".s"}
    told = {name: None if cell == "" else codes.get(cell, cell) for name, cell in row.items()}
    return {**told, "dia_aa": ".s"}


def of_apart(row: dict[str, Any]) -> dict[str, Any]:
    """A row of a format that has the missing codes of numbers and days in columns of their own."""
    beside = {name: row[f"{name}_missing"] for name in MEASURED if f"{name}_missing" in row.keys() - MEASURED.keys()}
    assert beside["dia_aa"] == ".s", "or the format would have no such columns"
    return {**row, **{name: code for name, code in beside.items() if row[name] is None}}


def of_csv(path: Path) -> dict[str, Any]:
    with path.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    texts = ("barreras_zz", "relato")
    told = {name: cell if name.startswith(texts) or not cell.isdecimal() else int(cell) for name, cell in row.items()}
    return {
        name: None if cell == "" else date.fromisoformat(cell) if name == "dia_zz" else cell
        for name, cell in told.items()
    }


def of_lines(path: Path) -> dict[str, Any]:
    row = json.loads(path.read_text())
    return of_apart({**row, "dia_zz": date.fromisoformat(row["dia_zz"])})


def of_workbook(path: Path) -> dict[str, Any]:
    names, row = load_workbook(str(path)).get_sheet_by_index(0).to_python()
    return of_apart({str(name): None if cell == "" else cell for name, cell in zip(names, row, strict=True)})


def of_parquet(path: Path) -> dict[str, Any]:
    found = duckdb.sql(f"select * from '{path}'")
    return of_apart(dict(zip(found.columns, found.fetchall()[0], strict=True)))


READ = {"csv": of_csv, "jsonl": of_lines, "xlsx": of_workbook, "dta": of_stata, "sav": of_spss, "parquet": of_parquet}


def the_codebook_says_what_the_data_say(answered: Field) -> None:
    book = answered.codebook()
    several, side = book["barreras"], book["lado"]
    assert several["label"] == "Barreras para aplicarlo"
    assert (several["choices"], several["keys"], several["distribution"], several["n"], several["n_by_arm"]) == (
        "1=No hubo tiempo; 2=Había riesgo; 3=Otro",
        "1=tiempo; 2=riesgo; 3=otro",
        "1=1; 3=1",
        "1",
        "trato=1",
    )
    assert (side["choices"], side["distribution"]) == ("1=Del sur; 2=Del norte", "1=1; 2=1"), "n is a key here, no code"
    assert book["dia"]["asked_if"] == "lado: Del sur o no se entendió"
    assert [row["number"] for row in answered.read("responses.csv") if row["variable"] == "lado"] == ["1", "2"]


def waves_are_in_the_order_of_their_days_in_every_table(answered: Field) -> None:
    data, about = pyreadstat.read_dta(str(answered.folder / "responses_wave.dta"))
    assert sorted(zip(data["wave"], data["wave_number"], strict=True)) == [("aa", 2), ("zz", 1)]
    for name in ("responses", "sessions", "nudges", "dispositions", "self_reports", "scores", "codes"):
        _, about = pyreadstat.read_dta(str(answered.folder / f"{name}.dta"))
        assert about.variable_value_labels["wave_number"] == {1: "zz", 2: "aa"}, name
    numbers = {row["wave"]: row["wave_number"] for row in answered.read("responses.csv")}
    assert numbers == {"zz": "1", "aa": "2"}
    assert {row["wave"]: row["wave_number"] for row in answered.read("sessions.csv")} == numbers


def declared_attributes_are_numbers_with_labels(answered: Field) -> None:
    data, about = pyreadstat.read_dta(str(answered.folder / "officers.dta"))
    assert (data["attr_sector"][0], data["attr_rango"][0]) == (2, "3")
    assert about.variable_value_labels["attr_sector"] == {1: "Sur", 2: "Norte"}
    assert about.column_names_to_labels["attr_sector"] == "Sector de adscripción"
    assert (about.original_variable_types["date_workshop_date"], data["date_workshop_date"][0]) == (
        "%td",
        date(2026, 3, 2),
    )
    # Of an officer who was enrolled before the programme had codes.
    answered.tx.execute(update(Contact).values(attributes=json.dumps({"sector": "Centro"})))
    assert answered.tables("officers")["officers"][0]["attr_sector"] == "3"


@ON_SQLITE
def test_an_option_keeps_its_number_when_a_later_version_moves_it(answered: Field) -> None:
    moved = SOURCE.replace(
        "{choice: {s: Del sur, n: Del norte}}", "{choice: {centro: Del centro, n: Del norte, s: Del sur}}"
    )
    answered.clock.advance(hours=1)
    answered.library = published(answered.tx, answered.clock(), moved)
    answered.talk("medida", "1", "Del centro", "ayer", "7 am", "x", wave="aa")
    write(answered.tx, answered.folder, Selection(), tables=["responses_wide"], formats=["dta"])
    data, about = pyreadstat.read_dta(str(answered.folder / "responses_wide.dta"))
    assert (data["lado_zz"][0], data["lado_aa"][0]) == (1, 3)
    labels = about.variable_value_labels["lado_aa"]
    assert {number: labels[number] for number in (1, 2, 3)} == {1: "Del sur", 2: "Del norte", 3: "Del centro"}


def filled(field: Field) -> None:
    """The codebook as an assistant fills it in, with semicolons as Excel writes them in Spanish."""
    rows = field.read("codebook.csv")
    for row in rows:
        if row["variable"] == "lado":
            row["new_name"], row["recode"] = "cerca", "1=5; 2=5"
    with (field.folder / "codebook_filled.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0], delimiter=";")
        writer.writeheader()
        writer.writerows(rows)


@ON_SQLITE
def test_new_names_and_values_of_the_filled_codebook_survive_an_export_and_are_applied(answered: Field) -> None:
    write(answered.tx, answered.folder, Selection())
    filled(answered)
    for ending in ("csv", "parquet"):
        write(answered.tx, answered.folder, Selection(), formats=[ending])
        check = (
            "from load import load; w = load('responses_wide'); assert not list(w.filter(like='lado'));"
            " print(w['cerca_zz'][0], w['cerca_aa'][0], w['dia_zz'][0].date(), w['dia_aa_missing'][0], w['barreras_1_aa_missing'][0])"
        )
        command = [sys.executable, "-W", "error", "-c", check]
        done = subprocess.run(command, cwd=answered.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout.split() == ["5.0", "5.0", "2026-03-02", ".s", ".r"]


@ON_SQLITE
@pytest.mark.skipif(shutil.which("Rscript") is None, reason="there is no R on this machine")
def test_they_are_applied_in_r(answered: Field) -> None:
    write(answered.tx, answered.folder, Selection())
    filled(answered)
    check = (
        "source('load.R'); w <- load_table('responses_wide'); labels <- attr(w$cerca_zz, 'labels')\n"
        "stopifnot(w$cerca_zz == 5, w$cerca_aa == 5, !any(grepl('lado', names(w))), labels == 5,"
        " names(labels) == 'Del norte / Del sur' | names(labels) == 'Del sur / Del norte',"
        " w$dia_zz == as.Date('2026-03-02'), w$dia_aa_missing == '.s', attr(w$cerca_zz, 'label') == '\u00bfDe qu\u00e9 lado? (zz)')"
    )
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["Rscript", "-e", check], cwd=answered.folder, capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
