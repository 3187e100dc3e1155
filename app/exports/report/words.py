"""The words of the report in Spanish and English. Programmes bring their own: titles, labels of options, principles."""

from typing import Literal

Language = Literal["es", "en"]

_WORDS: dict[str, tuple[str, str]] = {
    "report": ("Reporte de seguimiento", "Follow-up report"),
    "data_until": ("Datos hasta", "Data until"),
    "no_data": ("Todavía no hay datos.", "There are no data yet."),
    "contents": ("Contenido", "Contents"),
    "caution": (
        ("El autorreporte no es conducta observada: lo que aquí se lee de la conducta es lo que los propios oficiales cuentan a su "
        "programa. Conocimiento, cambio interno y conducta son tres niveles y nunca se juntan en un solo índice."),
        ("Self-report is not observed behaviour: what stands here of behaviour is what officers themselves tell their programme. "
        "Knowledge, internal change and behaviour are three levels, and are never one index."),
    ),
    "privacy": (
        "Ninguna cifra habla de menos de {k} oficiales. Las que lo harían, y las que permitirían deducirlas por resta, dicen «oculto».",
        ("No figure speaks of fewer than {k} officers. Those that would, and those from which they would follow by subtraction, say "
        "“hidden”."),
    ),
    "hidden": ("oculto", "hidden"),
    "all": ("Total", "Total"),
    "table_of": ("Tabla de datos", "Data table"),
    "programme": ("Programa", "Programme"),
    "cohort": ("Cohorte", "Cohort"),
    "every_cohort": ("todas", "all"),
    "time": ("Periodo", "Time"),
    "from_start": ("desde el inicio", "from the beginning"),
    "to_end": ("hasta el último dato", "to the last datum"),
    "from": ("desde {day}", "from {day}"),
    "to": ("hasta {day}", "to {day}"),
    "officers": ("Oficiales", "Officers"),
    "standing": ("Situación", "Standing"),
    "taking_part": ("Participan", "Taking part"),
    "not_answered": ("Sin contestar la invitación", "Invitation not answered"),
    "declined": ("No aceptaron", "Declined"),
    "opted_out": ("Pidieron la baja", "Opted out"),
    "blocked": ("Número que no se puede alcanzar", "Number cannot be reached"),
    "sample": ("Quiénes", "Who"),
    "standings_note": (
        "Cada oficial cuenta una vez, según su situación al último dato.",
        "Each officer counts once, as things stand at the last datum.",
    ),
    "opt_outs": ("Bajas por grupo", "Opt-outs by arm"),
    "opt_outs_note": (
        "Oficiales que pidieron la baja, entre todos los del grupo.", "Officers who opted out, over all of the arm.",
    ),
    "funnel": ("Embudo", "Funnel"),
    "asking": ("Conversaciones que preguntan", "Flows that ask"),
    "asking_note": (
        ("Cada conversación del plan cuya fecha ya llegó cuenta una vez, hasta donde llegó. Una respuesta prueba la entrega. "
        "El consentimiento no cuenta aquí. El porcentaje es de las planeadas."),
        ("Each planned flow whose moment has come counts once, as far as it came. An answer proves delivery. Consent is not in it. "
        "Shares are of those planned."),
    ),
    "telling": ("Conversaciones que sólo informan", "Flows that only tell"),
    "telling_note": ("Consejos: no piden respuesta.", "Tips: they ask for no answer."),
    "planned": ("Planeadas", "Planned"),
    "sent": ("Enviadas", "Sent"),
    "delivered": ("Entregadas", "Delivered"),
    "replied": ("Con respuesta", "Replied"),
    "completed": ("Completas", "Completed"),
    "reasons": ("Por qué no se envió", "Why it was not sent"),
    "reasons_note": (
        "Conversaciones planeadas que no salieron, por su motivo.", "Planned flows that did not go out, by the reason.",
    ),
    "reason": ("Motivo", "Reason"),
    "flows": ("Conversaciones", "Flows"),
    "step": ("Paso", "Step"),
    "share": ("Porcentaje", "Share"),
    "interval": ("Intervalo de 95 %", "95 % interval"),
    "rates": ("Tasa de respuesta", "Response rate"),
    "rates_note": (
        ("Conversaciones con al menos una respuesta, entre las enviadas que preguntan algo. Intervalos de Wilson; suponen conversaciones "
        "independientes, y las de un mismo oficial no lo son: son algo angostos."),
        ("Flows with at least one answer, over those sent that ask something. Wilson intervals; they take flows for independent, and "
        "those of one officer are not: they are somewhat narrow."),
    ),
    "by_wave": ("Por ola de medición", "By wave"),
    "by_week": ("Por semana (lunes)", "By week (Monday)"),
    "by_principle": ("Por principio", "By principle"),
    "by_channel": ("Por canal", "By channel"),
    "by_hour": ("Por hora local de inicio", "By local hour of beginning"),
    "by_arm": ("Por grupo", "By arm"),
    "wave": ("Ola", "Wave"),
    "week": ("Semana", "Week"),
    "principle": ("Principio", "Principle"),
    "channel": ("Canal", "Channel"),
    "hour": ("Hora", "Hour"),
    "arm": ("Grupo", "Arm"),
    "no_wave": ("Seguimiento", "Follow-up"),
    "no_principle": ("Sin principio", "No principle"),
    "no_arm": ("Sin grupo", "No arm"),
    "answered": ("Con respuesta", "Answered"),
    "of": ("De", "Of"),
    "time_to_answer": ("Tiempo hasta la primera respuesta", "Time to the first answer"),
    "quartiles": ("Mediana y cuartiles", "Median and quartiles"),
    "quartiles_note": (
        "Minutos desde que salió la primera pregunta hasta la primera respuesta, de las conversaciones con respuesta.",
        "Minutes from the first question sent to the first answer, of flows with an answer.",
    ),
    "median": ("Mediana", "Median"),
    "quarter_low": ("Cuartil 1", "Quartile 1"),
    "quarter_high": ("Cuartil 3", "Quartile 3"),
    "minutes": ("{n} min", "{n} min"),
    "hours": ("{n} h", "{n} h"),
    "curve": ("Con respuesta a más tardar", "Answered by then"),
    "curve_note": (
        ("Porcentaje de conversaciones enviadas que ya tienen respuesta (uno menos Kaplan-Meier). Las que terminaron sin respuesta, o "
        "siguen abiertas, cuentan mientras se les esperó. Se omiten los momentos entre los que contestaron menos de {k} oficiales."),
        ("Share of sent flows that have an answer by then (one minus Kaplan-Meier). Those that ended without one, or are still open, "
        "count while they were waited for. Moments between which fewer than {k} officers answered are left out."),
    ),
    "after": ("A más tardar en", "Within"),
    "drop_off": ("Dónde se quedan", "Where they stop"),
    "finished": ("Conversaciones completas", "Flows completed"),
    "finished_note": (
        "Conversaciones terminadas, entre las enviadas que preguntan algo.", "Flows that came to their end, over those sent that ask something.",
    ),
    "flow": ("Conversación", "Flow"),
    "by_step": ("Por pregunta", "By question"),
    "by_step_note": (
        "Veces que se contestó, entre las que se preguntó. No toda pregunta le toca a cada oficial: unas dependen de la respuesta anterior.",
        "Times it was answered, over times it was put. Not every question is for every officer: some depend on the answer before.",
    ),
    "question": ("Pregunta", "Question"),
    "waves": ("Olas de medición", "Measurement waves"),
    "dispositions": ("Resultado final por ola (AAPOR)", "Final dispositions by wave (AAPOR)"),
    "dispositions_note": (
        ("Cada oficial con la ola en su plan cuenta una vez. I completa (80 % o más de sus conversaciones); P parcial (50 a 80 %); R no quiso, "
        "pidió la baja o la dejó antes de la mitad; NC recibió y no contestó; O escribió y no se le entendió; UH no se le envió, o no se "
        "sabe si llegó; UO el número no se puede alcanzar; NE entró después de la ola."),
        ("Each officer with the wave in the plan counts once. I complete (80 % or more of its flows); P partial (50 to 80 %); R refused, "
        "opted out, or broke off before half; NC received it and did not answer; O wrote and was not understood; UH not sent, or not known "
        "whether it arrived; UO the number cannot be reached; NE joined after the wave."),
    ),
    "open_wave": ("abierta todavía", "still open"),
    "outcome_rates": ("Tasas de AAPOR", "AAPOR outcome rates"),
    "outcome_rates_note": (
        "Fórmulas de AAPOR, Standard Definitions, 10.ª edición. e es el porcentaje de elegibles entre aquellos de quienes se sabe.",
        "By AAPOR's Standard Definitions, 10th edition. e is the share of eligible among those of whom it is known.",
    ),
    "attrition": ("Pérdida por grupo", "Attrition by arm"),
    "attrition_note": (
        "Oficiales sin medición completa ni parcial (ni I ni P), entre los elegibles de cada grupo.",
        "Officers with neither a complete nor a partial measurement (neither I nor P), over the eligible of each arm.",
    ),
    "lost": ("Perdidos", "Lost"),
    "test": ("Prueba", "Test"),
    "chi-square": ("ji cuadrada de Pearson", "Pearson's chi-square"),
    "fisher": ("exacta de Fisher", "Fisher's exact test"),
    "F": ("F, análisis de varianza", "F, analysis of variance"),
    "no_p": ("p no calculada", "p not computed"),
    "balance": ("Balance entre grupos", "Balance of arms"),
    "roster": ("Datos del padrón", "Roster data"),
    "balance_note": (
        ("Datos del padrón. Números: media (desviación estándar); lo demás: oficiales y porcentaje. d es la diferencia normalizada entre los "
        "dos grupos más distantes (Imbens y Rubin); más de 0.25 es mucho."),
        ("Roster data. Numbers: mean (standard deviation); the rest: officers and share. d is the normalised difference of the two arms "
        "farthest apart (Imbens and Rubin); beyond 0.25 is much."),
    ),
    "attribute": ("Dato", "Attribute"),
    "knowledge": ("Nivel 1. Conocimiento", "Level 1. Knowledge"),
    "right": ("Respuestas correctas por principio y ola", "Right answers by principle and wave"),
    "right_note": (
        ("Sólo de las olas de medición, cuyas preguntas no dan retroalimentación. «No sé» cuenta como incorrecta; «prefiero no decir» "
        "no cuenta."),
        "Of measurement waves only, whose questions give no feedback. “Don't know” counts as wrong; “rather not say” does not count.",
    ),
    "right_column": ("Correctas", "Right"),
    "internal": ("Nivel 2. Cambio interno", "Level 2. Internal change"),
    "scales": ("Escalas por ola", "Scales by wave"),
    "scales_note": (
        ("Media de quienes contestaron al menos 80 % de los reactivos; los reactivos inversos ya están volteados. Alfa de Cronbach de quienes "
        "contestaron todos, con el intervalo de Feldt."),
        ("Mean of who answered at least 80 % of the items; reverse items have been turned round. Cronbach's alpha of who answered "
        "all, with Feldt's interval."),
    ),
    "no_feldt": ("Sin intervalo de Feldt", "No Feldt interval"),
    "scale": ("Escala", "Scale"),
    "items": ("Reactivos", "Items"),
    "mean": ("Media", "Mean"),
    "sd": ("D. E.", "SD"),
    "alpha": ("Alfa", "Alpha"),
    "alpha_n": ("n de alfa", "n of alpha"),
    "behaviour": ("Nivel 3. Conducta, según los propios oficiales", "Level 3. Behaviour, by officers' own account"),
    "applied": ("Aplicación por mes", "Application by month"),
    "applied_note": (
        ("Veces que se dijo haber aplicado el principio, entre las que venía al caso. Sin contacto con ciudadanía, o «no venía al caso», no "
        "cuenta. Reúne preguntas distintas de un mismo principio: un cambio de un mes a otro puede ser de preguntas."),
        ("Times the principle was said to have been applied, over those in which it applied. No contact, or “it did not apply”, does "
        "not count. Different questions of one principle are together: a change between months may be one of questions."),
    ),
    "applied_wave": ("Aplicación por ola de medición", "Application by wave"),
    "applied_wave_note": ("Sólo las preguntas de medición, iguales en cada ola.", "Only the measurement's questions, the same in every wave."),
    "applied_column": ("Aplicado", "Applied"),
    "applicable": ("Venía al caso", "Applicable"),
    "not_applicable": ("No venía al caso", "Did not apply"),
    "month": ("Mes", "Month"),
    "last_contacts": ("De los últimos contactos, en cuántos", "Of the last contacts, in how many"),
    "last_contacts_note": (
        "Media del porcentaje de los últimos contactos en que se aplicó, por ola.", "Mean share of the last contacts in which it was applied, by wave.",
    ),
    "reactions": ("Cómo reaccionó la persona", "How the person reacted"),
    "barriers": ("Qué lo dificultó", "What stood in the way"),
    "options_note": ("De las respuestas a esa pregunta.", "Of the answers to this question."),
    "option": ("Respuesta", "Answer"),
    "answers": ("Respuestas", "Answers"),
    "method": ("Cómo se lee", "How to read it"),
    "method_intervals": (
        "Intervalos de 95 %: de Wilson para porcentajes, t de Student para medias, de Feldt para alfas.",
        "95 % intervals: Wilson's for shares, Student's t for means, Feldt's for alphas.",
    ),
    "method_dates": (
        "Dos reportes del mismo grupo con fechas cercanas se pueden restar: no entregue ambos.",
        "Two reports of one group with dates close together can be subtracted: do not hand out both.",
    ),
    "reason_waiting": ("En espera al último dato", "Waiting at the last datum"),
    "reason_not_delivered": ("Empezó y el mensaje no salió", "Begun, and no message went out"),
    "reason_no_consent": ("Sin consentimiento", "No consent"),
    "reason_opted_out": ("Baja", "Opted out"),
    "reason_blocked": ("Número que no se puede alcanzar", "Number cannot be reached"),
    "reason_cap": ("Tope de conversaciones", "Cap on flows"),
    "reason_gap": ("Muy cerca de otra", "Too close to another"),
    "reason_ignored": ("Varias sin contestar: descanso", "Several ignored: a rest"),
    "reason_measurement": ("Había medición", "Measurement was due"),
    "reason_session_open": ("Otra conversación abierta", "Another flow was open"),
    "reason_too_late": ("Se hizo tarde", "Too late"),
    "reason_quiet_hours": ("Sin hora permitida", "No permitted hour"),
    "reason_paused": ("El oficial pidió pausa", "The officer paused"),
    "reason_cohort_paused": ("La cohorte estaba en pausa", "The cohort was paused"),
    "reason_wave_closed": ("La ola ya había cerrado", "The wave had closed"),
    "reason_consented_already": ("Ya había aceptado", "Consented already"),
}
"""Spanish, English."""


class Words:
    """The words of one language."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._place = ("es", "en").index(language)

    def __call__(self, key: str, **values: object) -> str:
        """A text, with its values in their places."""
        text = _WORDS[key][self._place]
        return text.format(**values) if values else text

    def reason(self, code: str) -> str:
        """Why a flow was not sent; a reason without words of its own as the code has it."""
        key = f"reason_{code}"
        return self(key) if key in _WORDS else code.replace("_", " ")
