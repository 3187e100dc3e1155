"""Names of data that tell who an officer is. Trato keeps a name and a number, sealed; whatever else a roster has is stored in clear and
leaves with every export."""

import unicodedata

_WORDS = frozenset(
    [
        "placa",
        "placas",
        "curp",
        "rfc",
        "nss",
        "ine",
        "cuip",
        "telefono",
        "telefonos",
        "tel",
        "celular",
        "movil",
        "whatsapp",
        "domicilio",
        "calle",
        "correo",
        "email",
        "mail",
        "nombre",
        "nombres",
        "apellido",
        "apellidos",
        "credencial",
        "matricula",
        "empleado",
        "expediente",
        "nacimiento",
        "firma",
        "foto",
    ]
)


def identifies(name: str) -> bool:
    """Whether a datum of this name would identify an officer: `num_placa`, `correo_personal`, `fecha_nacimiento`."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(char))
    return not _WORDS.isdisjoint(plain.split("_"))
