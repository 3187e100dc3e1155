"""An example of every key of a flow file: for the JSON Schema, whose editor shows it, and for the hint that a key is missing."""

import json
from typing import Any

_EXAMPLES: dict[str, list[Any]] = {
    "programme": ["pj_cdmx"], "title": ["Interacciones productivas con la ciudadanía"], "language": ["es-MX"],
    "languages": [["en"]], "timezone": ["America/Mexico_City", "America/Cancun", "America/Tijuana"],
    "authority": ["Secretaría de Seguridad Ciudadana"], "fields": [["corporacion", "sector"]],
    "sms": [{"plain": True}], "plain": [True],
    "help": ["Somos el equipo del taller. Para dejar de recibir mensajes escriba BAJA."],
    "opted_out": ["Listo: ya no le escribiremos. Para volver, escriba ALTA."],
    "opted_in": ["Bienvenido de nuevo."], "paused": ["Haremos una pausa de {{ dias }} días."],
    "nothing_open": ["Gracias por escribir. Ahora no hay ninguna pregunta pendiente."],
    "unclear": ["Responda con el número de una opción, por favor."],
    "shift": ["Su turno es de {{ turno }} y entra el {{ entra }}. Para cambiarlo: TURNO 24x48 hoy 7:00"],
    "shift_none": ["No tenemos su turno. Escriba, por ejemplo: TURNO 24x48 hoy 7:00"],
    "shift_unclear": ["No entendimos su turno. Escriba, por ejemplo: TURNO 24x48 hoy 7:00"],
    "shift_impossible": ["Un turno de {{ turno }} no se puede anotar. Escriba, por ejemplo: TURNO 24x48 hoy 7:00"],
    "language_choice": ["Puede elegir entre {{ idiomas }}. Escriba IDIOMA y el que prefiera."],
    "stranger": ["Este número sólo atiende a quienes participan. Si cambió de número, avise a su coordinación."],
    "support": ["Si necesita hablar con alguien ahora, llame a la línea de ayuda."],
    "notices": [{"help": "Escriba BAJA para dejar de recibir mensajes."}],
    "principles": [{"voz": {"label": "Dar voz"}}], "answers": [{"reaccion": {"calma": "Se calmó", "igual": "Igual"}}],
    "flows": [{"consejo_voz": {"title": "Consejo: dar voz", "kind": "tip"}}],
    "campaigns": [{"seguimiento": {"title": "Seguimiento", "anchor": "workshop_date"}}],
    "label": ["Se calmó"], "meaning": ["La persona cuenta su versión antes de la decisión."], "value": [1],
    "also": [["simón", "claro que sí"]],
    "yes_no": [{}], "choice": ["reaccion", {"calma": "Se calmó", "igual": "Igual"}],
    "multi": ["barreras", {"tiempo": "Tiempo", "riesgo": "Riesgo"}], "number": [{"min": 0, "max": 5}],
    "scale": [{"min": 1, "max": 5, "labels": {"1": "Nada seguro", "5": "Muy seguro"}}], "date": [{"past": True}],
    "time": [{}], "media": [{"types": ["image"]}], "types": [["image", "audio"]], "missing": [["d", "n"]],
    "labels": [{"1": "Muy en desacuerdo", "5": "Muy de acuerdo"}], "min": [0], "max": [5],
    "step": ["contacto"], "var": ["turno"], "field": ["corporacion"], "is": ["si"], "in": [["si", "no"]],
    "at_least": [3], "at_most": [5], "answered": [True], "all": [[{"step": "contacto", "is": "si"}]],
    "any": [[{"step": "contacto", "is": "si"}]], "not": [{"step": "contacto", "is": "no"}],
    "say": ["bienvenida"], "ask": ["contacto"], "branch": ["segun_contacto"], "set": ["guarda_turno"],
    "call": ["pide_turno"], "end": ["despedida"], "repeat": ["actitud"],
    "text": ["En su último turno, ¿tuvo contacto con ciudadanía?"], "template": ["reporte_apertura"],
    "variables": [["{{ nombre }}"]], "when": [{"step": "contacto", "is": "si"}], "go": ["despedida", "end"],
    "records": ["contact_any"], "level": ["behaviour"], "principle": ["voz"], "correct": ["escucho"],
    "answer": ["yes_no", "reaccion", {"choice": {"si": "Sí", "no": "No"}}],
    "tries": [2], "feedback": [{"escucho": "Bien: primero se escucha.", "else": "Conviene escuchar primero."}],
    "consent": ["aviso_2025_1"], "timeout": ["24h"], "cases": [[{"when": {"step": "contacto", "is": "no"}, "go": "end"}]],
    "else": ["despedida"], "values": [{"turno": "noche"}], "flow": ["pide_turno"], "with": [{"turno": "noche"}],
    "items": [{"escuchar": {"text": "Vale la pena escuchar a la persona."}}], "kind": ["report"], "expires": ["48h"],
    "reminder": [{"after": "24h", "text": "Le quedó una pregunta pendiente."}], "after": ["24h"], "takes": [["turno"]],
    "steps": [[{"say": "hola", "text": "Buen día."}]], "anchor": ["workshop_date"],
    "window": [{"from": "10:00", "to": "20:00"}], "from": ["10:00"], "to": ["20:00"], "spread": ["2h"],
    "cap": [{"flows": 3, "per": "7d"}], "per": ["7d"], "gap": ["24h"], "pause_after": [3], "late": ["48h"],
    "slots": [[{"weeks": "1-4", "per_week": 2, "from": ["consejo_voz", "reporte_voz"]}]],
    "waves": [{"inicial": {"suffix": "bl", "day": -7, "flows": ["conocimientos"]}}],
    "weeks": ["1-4"], "per_week": [2], "every": ["2w"], "suffix": ["bl"], "day": [-7, 45], "closes": ["7d"],
    "after_shift": ["1h-3h"], "before_shift": ["3h-1h"], "between": ["3h-10h"], "month": ["3-6"], "week": ["*/2"],
    "day_of_week": ["mon,thu"], "days": [[1, 3, 7, 14, 30]], "on": [{"day_of_week": "mon,thu"}], "p": [0.5],
    "only": [{"sector": ["norte", "sur"]}], "at": [{"after_shift": "1h-3h"}], "most": [{"flows": 1, "per": "7d"}],
    "draw": [{"consejo": {"p": 0.5, "from": ["consejo_voz"]}, "nada": {"p": 0.5}}],
    "rest": [{"after": "24h", "between": "3h-10h"}], "seed": [20260302], "share": [1], "campaign": ["seguimiento"],
    "arms": [{"control": {"share": 1}, "mensajes": {"share": 1, "campaign": "seguimiento"}}], "strata": [["sector"]],
    "cluster": ["sector"], "balance": [["sector", "antiguedad"]],
    "followups": [{"repaso": {"when": {"flow": "caso_voz", "wrong": True}, "after": "1d", "from": ["consejo_voz"]}}],
    "reports": [{"aplicacion_voz": {"title": "Aplicación, voz", "from": ["reporte_voz"], "columns": {"applied": "rep_voz_applied"}}}],
    "columns": [{"contact_any": "rep_voz_contact", "applied": "rep_voz_applied", "barrier": "rep_voz_barrier"}],
    "contact_any": ["rep_voz_contact"], "applied": ["rep_voz_applied", ["beh_motivo", "beh_sigue"]], "times": ["rep_voz_last5"],
    "situation": ["rep_voz_situation"], "action_text": ["refl_voz_story"], "reaction": ["rep_voz_reaction"],
    "barrier": ["rep_voz_barrier"], "confidence": ["rep_voz_confidence"], "minimum": [0.8],
    "scores": [{"actitud": {"title": "Actitud", "level": "internal", "kind": "mean", "items": ["att_escuchar", "att_juzgar"]}}],
    "of": [["historia"]], "codes": [{"tiempo": "Dice que no alcanzó el tiempo", "riesgo": "Dice que era peligroso"}],
    "study": [{"title": "Piloto", "seed": 20260302, "arms": {"control": {}, "mensajes": {"campaign": "seguimiento"}}}],
}  # fmt: skip
_EXAMPLES_OF: dict[str, list[Any]] = {
    "Ask.go": ["despedida", {"no": "sin_contacto", "timeout": "end"}], "Say.media": ["https://example.org/cartel.jpg"],
    "Slot.from": [["consejo_voz", "reporte_voz"]], "Wave.flows": [["conocimientos", "actitudes"]],
    "Choice.from": [["consejo_voz", "consejo_respeto"]], "Followup.from": [["consejo_voz"]], "Recurrence.day": ["1,15", "last fri"],
    "Programme.codes": [{"barrera_tipo": {"title": "Qué se lo impidió", "of": ["historia"], "codes": {"tiempo": "Tiempo", "riesgo": "Riesgo"}}}],
    "Followup.when": [{"flow": "reporte_voz", "step": "barrera", "is": "tiempo"}],
    "Cap.flows": [3], "Campaign.consent": ["consentimiento"], "Answer.text": [{"max": 500}], "Answer.at_least": [1],
    "Answer.at_most": [3], "Scale.min": [1], "OpenText.max": [500], "Say.text": ["Buen día, {{ nombre }}. Bien hecho."],
    "Repeat.text": ["¿Qué tan de acuerdo está? {{ item }}"], "Item.text": ["Vale la pena escuchar a la persona."],
    "Report.from": [["reporte_voz", "ocasion_voz"]], "Score.items": [["att_escuchar", "att_juzgar"]], "Score.kind": ["mean"],
    "Score.level": ["internal"], "End.text": ["Gracias por su tiempo."], "Reminder.text": ["Le quedó una pregunta pendiente."],
}  # fmt: skip


def examples_of(model: str, key: str) -> list[Any]:
    """Values that a key of a model may have; none for most switches."""
    return _EXAMPLES_OF.get(f"{model}.{key}") or _EXAMPLES.get(key, [])


def plainly(value: object) -> str:
    """An example as one writes it in YAML, in one line."""
    match value:
        case str():
            return f'"{value}"' if set(value) & set(":#{}[],") else value
        case dict():
            return "{" + ", ".join(f"{key}: {plainly(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(plainly, value)) + "]"
        case _:
            return json.dumps(value)
