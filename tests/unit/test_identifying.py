"""Data that identify an officer have no place among the fields of a programme, nor in the roster behind them."""

import pytest

from app.flows.language.identifying import identifies
from app.flows.loader import load
from app.roster.rows import read_roster
from tests.world import PROGRAMME


@pytest.mark.parametrize(
    "name",
    [
        "placa",
        "num_placa",
        "curp",
        "teléfono",
        "correo_personal",
        "domicilio",
        "fecha_nacimiento",
        "nombre",
        "apellidos",
    ],
)
def test_it_is_seen_by_its_name(name: str) -> None:
    assert identifies(name)


@pytest.mark.parametrize(
    "name", ["sector", "corporacion", "emplacamiento", "sexo", "turno", "direccion_general", "telefonista"]
)
def test_other_data_are_not_taken_for_it(name: str) -> None:
    assert not identifies(name)


@pytest.mark.parametrize(("fields", "refused"), [("num_placa, sector", True), ("sector", False)])
def test_a_roster_with_such_a_column_is_refused_and_one_that_is_no_field_is_not_read(
    fields: str, *, refused: bool
) -> None:
    loaded = load(PROGRAMME.replace("languages: [en]", f"languages: [en]\nfields: [{fields}]"), "prueba.yaml")
    assert loaded.programme is not None
    table = [["nombre", "telefono", "cohorte", "num_placa", "sector"], ["Alma", "55 5555 0101", "c-1", "4821", "norte"]]
    read = read_roster(table, loaded.programme)
    assert [(fault.row, fault.column) for fault in read.faults] == ([(1, "num_placa")] if refused else [])
    assert not any("4821" in str(entry) for entry in read.entries)
