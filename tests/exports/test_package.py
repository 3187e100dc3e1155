"""The folder of an export as a whole, on both databases: every format twice the same bytes, descriptors that validators take, scripts
that run, and what is left after an interruption."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import UUID

import pytest
from frictionless import Package, system
from sqlalchemy import select, update

from app.cli.export import export
from app.errors import UsageError
from app.exports.formats import FORMATS, PACKAGES
from app.exports.loaders import _stata_text
from app.exports.package import write
from app.exports.selection import Selection
from app.exports.tables import TABLES
from app.store.database import Database
from app.store.tables import AuditEntry, Response
from tests.exports.field import Field
from tests.forked import command

ALL = [*FORMATS, *PACKAGES]


@pytest.fixture
def talked(field: Field) -> Field:
    """After some conversations, also in waves, with text that is hard to keep."""
    field.talk("reporte", "sí", '=cmd|" /C calc"!A0\n«dos», líneas')
    for wave, replies in (("bl", ("no sé", "5", "1")), ("el", ("2", "4", "2"))):
        session = field.talk("saber", *replies, wave=wave)
        field.plan("saber", wave=wave, slot=f"{wave}.1", session_id=session, decided_at=field.clock())
    return field


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_format_is_twice_the_same_bytes(talked: Field) -> None:
    write(talked.tx, talked.folder, Selection(with_text=True), formats=ALL)
    first = contents(talked.folder)
    time.sleep(1.1)
    write(talked.tx, talked.folder, Selection(with_text=True), formats=ALL)
    assert contents(talked.folder) == first
    tables = {f"{table.name}.{ending}" for table in TABLES for ending in FORMATS}
    assert tables | {"flow_results/data.json", "flow_results/datapackage.json"} < set(first)
    manifest = json.loads(first["manifest.json"])
    assert set(manifest["files"]) == set(first) - {"manifest.json"}
    assert manifest["files"]["responses.dta"]["rows"] == manifest["files"]["responses.csv"]["rows"] == 8


def test_what_an_earlier_export_left_is_removed_and_nothing_else(talked: Field) -> None:
    write(talked.tx, talked.folder, Selection(), formats=["jsonl", "floip"])
    (talked.folder / "mine.jsonl").write_text("{}")
    (talked.folder / "responses.csv.partial").write_text("half of something")
    (talked.folder / "x.partial").mkdir()
    write(talked.tx, talked.folder, Selection(), tables=["officers"])
    assert {name for name in contents(talked.folder) if not name.startswith(("codebook", "load"))} == {
        "officers.csv",
        "mine.jsonl",
        "datapackage.json",
        "manifest.json",
    }
    assert not (talked.folder / "flow_results").exists()
    assert not list(talked.folder.glob("*.partial"))


def test_what_a_format_cannot_hold_changes_nothing(talked: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    write(talked.tx, talked.folder, Selection(), formats=["csv"])
    before = contents(talked.folder)
    monkeypatch.setattr("app.exports.formats.as_dta.LONGEST_NAME", 14)
    with pytest.raises(UsageError, match=r"officers: consent_version has 15 characters"):
        write(talked.tx, talked.folder, Selection(), formats=["csv", "dta"])
    assert contents(talked.folder) == before


def test_a_manifest_does_not_lead_out_of_the_folder(talked: Field) -> None:
    talked.folder.mkdir()
    outside = talked.folder.parent / "mine.txt"
    outside.write_text("mine")
    (talked.folder / "manifest.json").write_text(json.dumps({"files": {"../mine.txt": {}, str(outside): {}}}))
    write(talked.tx, talked.folder, Selection(), tables=["officers"])
    assert outside.read_text() == "mine"


def test_an_unknown_format_changes_nothing(talked: Field) -> None:
    write(talked.tx, talked.folder, Selection(), tables=["officers"])
    before = contents(talked.folder)
    with pytest.raises(UsageError, match="no format 'cvs'"):
        write(talked.tx, talked.folder, Selection(), formats=["csv", "cvs"])
    assert contents(talked.folder) == before


@pytest.mark.filterwarnings("ignore")
def test_frictionless_finds_the_data_package_valid(talked: Field) -> None:
    write(talked.tx, talked.folder, Selection(with_text=True), formats=["csv", "xlsx", "parquet", "dta", "jsonl"])
    with system.use_context(trusted=True):
        package = Package(str(talked.folder / "datapackage.json"))
        for resource in package.resources:
            # For the others it asks for further libraries; a table without rows has no line of JSON to read.
            if resource.format in {"csv", "parquet", "dta"} or resource.path == "codes.jsonl":
                report = resource.validate()
                assert report.valid, report.flatten(["message"])[:5]
    assert {resource.path for resource in package.resources} == {
        f"{table.name}.{ending}" for table in TABLES for ending in ("csv", "xlsx", "parquet", "dta", "jsonl")
    }
    (responses,) = [resource for resource in package.resources if resource.path == "responses.csv"]
    assert responses.schema.primary_key == ["response_id"]
    assert len(responses.read_rows()) == 8


@pytest.mark.filterwarnings("ignore")
def test_flow_results(talked: Field) -> None:
    write(talked.tx, talked.folder, Selection(), formats=["floip"])
    folder = talked.folder / "flow_results"
    descriptor = json.loads((folder / "datapackage.json").read_text())
    assert (descriptor["profile"], descriptor["flow_results_specification_version"]) == (
        "flow-results-package",
        "1.1.0",
    )
    assert UUID(descriptor["id"]).version == 4
    (resource,) = descriptor["resources"]
    assert resource["access_method"] == "file"
    assert "data" not in resource
    assert resource["schema"]["language"] == "spa"
    assert [field["name"] for field in resource["schema"]["fields"]] == [
        "timestamp",
        "row_id",
        "contact_id",
        "session_id",
        "question_id",
        "response",
        "response_metadata",
    ]
    rows = json.loads((folder / resource["path"]).read_text())
    assert len(rows) == 8
    assert len({row[1] for row in rows}) == 8
    assert all(len(row) == 7 and re.fullmatch(r"2026-03-\d\dT\d\d:\d\d:\d\d\+00:00", row[0]) for row in rows)
    questions = resource["schema"]["questions"]
    assert {row[4] for row in rows} <= set(questions)
    kinds = {row[6]["variable"]: questions[row[4]]["type"] for row in rows}
    assert kinds == {
        "contact_any": "select_one",
        "story": "open",
        "know_neutral": "select_one",
        "att_vale": "numeric",
        "att_basta": "numeric",
    }
    for row in rows:
        asked = questions[row[4]]
        if asked["type"] == "select_one" and row[5] is not None:
            assert row[5] in asked["type_options"]["choices"]
    assert [row[5] for row in rows if row[6]["variable"] == "att_vale"] == [5, 4]
    assert [row[5] for row in rows if row[6]["variable"] == "story"] == [None], "free text is withheld"
    del descriptor["profile"]  # frictionless takes an unknown one for the name of a file
    assert not Package.validate_descriptor(descriptor).errors
    before = descriptor["id"]
    talked.talk("reporte", "no")
    write(talked.tx, talked.folder, Selection(), formats=["floip"])
    assert json.loads((folder / "datapackage.json").read_text())["id"] == before


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_the_script_for_python_runs(talked: Field, ending: str) -> None:
    write(talked.tx, talked.folder, Selection(with_text=True, exact_times=True), formats=[ending])
    check = (
        "import load; r = load.load('responses'); w = load.load('responses_wide'); print(len(r), list(r['number'].dropna()),"
        " str(r['answered_at'][0]), str(r['answered_local'][0]), list(map(float, w['know_neutral_el'])), sorted(r['number_missing'].dropna().unique())[-1],"
        " r['principle'].isna().sum(), load.load('scores')['reason'].isna().all())"
    )
    for words in (["load.py"], ["-c", check]):
        done = subprocess.run(
            [sys.executable, "-W", "error", *words], cwd=talked.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        if words == ["load.py"]:
            assert done.stdout.count("key is unique") == len(TABLES)
    assert (
        done.stdout.strip()
        == "8 [1.0, 5.0, 1.0, 7.0, 4.0, 2.0] 2026-03-02 16:05:00+00:00 2026-03-02 10:05:00 [7.0] .d 4 True"
    )


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="there is no R on this machine")
def test_the_script_for_r_runs(talked: Field) -> None:
    write(talked.tx, talked.folder, Selection(with_text=True), bom=True)
    check = (
        f"source('{talked.folder.name}/load.R'); r <- load_table('responses'); options(warn = 2)\n"
        "stopifnot(nrow(r) == 8, sum(r$number, na.rm = TRUE) == 20, names(r)[1] == 'study_id', '.d' %in% r$number_missing)\n"
        "told <- r$raw[r$kind == 'text']; Encoding(told) <- 'bytes'; cat(told)\n"
        "stopifnot(identical(charToRaw(names(attr(load_table('responses_wave')$att_vale, 'labels'))[2]), charToRaw('Muy de acuerdo')))"
    )
    # Also where the machine speaks no language: cron, ssh, a bare container.
    for locale in ("C", "C.UTF-8"):
        done = subprocess.run(
            ["Rscript", "-e", check],
            cwd=talked.folder.parent,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "LC_ALL": locale},
        )
        assert done.returncode == 0, done.stderr
        assert r"\xc2\xabdos\xc2\xbb, l\xc3\xadneas" in done.stdout


def test_the_script_for_stata_has_every_column(talked: Field) -> None:
    write(talked.tx, talked.folder, Selection())
    script = (talked.folder / "load.do").read_text()
    assert script.count("import delimited") == len(TABLES) + 1, "and the codebook that somebody has filled in"
    assert script.count("{") == script.count("}")
    for table in TABLES:
        names = (talked.folder / f"{table.name}.csv").read_text().partition("\n")[0].split(",")
        block = script.partition(f'"`table\'" == "{table.name}" {{\n')[2].partition("\n}\n")[0]
        assert [line.split()[2] for line in block.splitlines() if line.strip().startswith("label variable")] == names
        assert block.count("{") == block.count("}")
    write(talked.tx, talked.folder, Selection(), formats=["dta"])
    assert 'use "`folder\'/responses.dta", clear' in (talked.folder / "load.do").read_text()


def test_labels_in_the_script_for_stata_end_no_block_and_begin_no_macro() -> None:
    label = _stata_text('Hola, {{ nombre…\n¿"eso"? `x\' $y')
    assert label == "`\"Hola, (( nombre… ¿'eso'? 'x' \\$y\"'"


def test_the_codebook_in_its_other_forms(talked: Field) -> None:
    talked.tx.execute(update(Response).where(Response.variable == "att_vale").values(value="<b>"))
    write(talked.tx, talked.folder, Selection(), tables=["responses"])
    page = (talked.folder / "codebook.html").read_text()
    assert "Del 1 al 5: Vale la pena escuchar." in page
    assert "<td>answered_local</td>" in page
    assert "&lt;b&gt;=2" in page
    assert "<b>" not in page
    assert not re.search(r"(src|href)=", page)


# -- the command, as a process ----------------------------------------------------------------------------------------


@pytest.fixture
def environment(database_url: str) -> dict[str, str]:
    return {
        **os.environ,
        "TRATO_DATABASE_URL": database_url,
        "TRATO_SECRET_KEY": "a secret that only tests have",
        "TRATO_CHANNEL": "simulator",
    }


def run(environment: dict[str, str], *options: str) -> "subprocess.CompletedProcess[str]":
    return command(["export", *options], environment, Path(__file__).parents[2], "", timeout=120)


def test_the_command_writes_and_says_what(database: Database, environment: dict[str, str], tmp_path: Path) -> None:
    done = run(
        environment, str(tmp_path / "out"), "--format", "csv, dta", "--table", "officers", "--table", "responses"
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    assert f"{tmp_path / 'out' / 'responses.dta'}: 0 rows" in done.stdout
    assert {path.name for path in (tmp_path / "out").glob("*.*") if not path.name.startswith(("codebook", "load"))} == {
        "officers.csv",
        "officers.dta",
        "responses.csv",
        "responses.dta",
        "datapackage.json",
        "manifest.json",
    }
    done = run(
        environment, str(tmp_path / "out"), "--table", "officers", "--since", "2026-03-01", "--level", "internal"
    )
    assert done.returncode == 0, done.stderr
    with database.reading() as tx:
        detail = json.loads(tx.execute(select(AuditEntry.detail).order_by(AuditEntry.id.desc()).limit(1)).scalar_one())
    assert {"since": "2026-03-01", "level": "internal", "with_text": False, "officers.csv": 0}.items() <= detail.items()
    done = run(environment, str(tmp_path / "out"), "--table", "oficers")
    assert (done.returncode, done.stderr) == (2, "trato: there is no table 'oficers'. Did you mean officers?\n")
    done = run(environment, str(tmp_path / "out"), "--format", "stata")
    assert done.returncode == 2
    assert done.stderr.startswith("trato: there is no format 'stata'.")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM])
def test_a_killed_export_leaves_no_half_file_under_its_name(tmp_path: Path, how: signal.Signals) -> None:
    folder = tmp_path / "out"
    script = (
        "import signal, sys, time\nsignal.signal(signal.SIGINT, signal.default_int_handler)  # a shell in the background has it ignored\n"
        "from pathlib import Path\nfrom app.exports.formats import Sheet\nfrom app.exports.formats.as_csv import write\n"
        "from app.exports.columns import Column\nfrom app.exports.writers import replacing\n"
        "def slow():\n    for n in range(10**6):\n        yield [[n]] * 1000\n        print(n, flush=True)\n"
        f"with replacing(Path({str(folder / 'a.csv')!r})) as partial:\n    write(partial, Sheet('a', 'a', (), (Column('n', 'n'),), slow()))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(how)
    process.communicate(timeout=60)
    left = [path.name for path in folder.iterdir()]
    assert left == ([] if how is signal.SIGINT else ["a.csv.partial"])


def test_help_says_which_formats_there_are() -> None:
    assert all(name in export.__annotations__["format"].__metadata__[0].help for name in ALL)
