"""The words of the report in Spanish and English. Programmes bring their own: titles, labels of options, principles."""

from typing import Literal

Language = Literal["es", "en"]

_WORDS: dict[str, tuple[str, str]] = {
    "report": ("Reporte de seguimiento", "Follow-up report"),
    "data_until": ("Datos hasta", "Data until"),
    "no_data": ("Todavía no hay datos.", "There are no data yet."),
    "too_few": (
        "Hay menos de {k} oficiales: no se muestra ninguna cifra.",
        "There are fewer than {k} officers: no figure is shown.",
    ),
    "contents": ("Contenido", "Contents"),
    "caution": (
        (
            "El autorreporte no es conducta observada: lo que aquí se lee de la conducta es lo que los propios oficiales cuentan a su "
            "programa. Conocimiento, cambio interno y conducta son tres niveles y nunca se juntan en un solo índice."
        ),
        (
            "Self-report is not observed behaviour: what stands here of behaviour is what officers themselves tell their programme. "
            "Knowledge, internal change and behaviour are three levels, and are never one index."
        ),
    ),
    "privacy": (
        "Ninguna cifra habla de menos de {k} oficiales. Las que lo harían, y las que permitirían deducirlas por resta, dicen «oculto».",
        (
            "No figure speaks of fewer than {k} officers. Those that would, and those from which they would follow by subtraction, say "
            "“hidden”."
        ),
    ),
    "hidden": ("oculto", "hidden"),
    "all": ("Total", "Total"),
    "table_of": ("Tabla de datos", "Data table"),
    "programme": ("Programa", "Programme"),
    "cohort": ("Cohorte", "Cohort"),
    "every_cohort": ("todas", "all"),
    "period": ("Periodo", "Time"),
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
        "Oficiales que pidieron la baja, entre todos los del grupo.",
        "Officers who opted out, over all of the arm.",
    ),
    "funnel": ("Embudo", "Funnel"),
    "asking": ("Conversaciones que preguntan", "Flows that ask"),
    "asking_note": (
        (
            "Cada conversación del plan cuya fecha ya llegó cuenta una vez, hasta donde llegó. Una respuesta prueba la entrega. "
            "El consentimiento no cuenta aquí. El porcentaje es de las planeadas."
        ),
        (
            "Each planned flow whose moment has come counts once, as far as it came. An answer proves delivery. Consent is not in it. "
            "Shares are of those planned."
        ),
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
        "Conversaciones planeadas que no salieron, por su motivo.",
        "Planned flows that did not go out, by the reason.",
    ),
    "reason": ("Motivo", "Reason"),
    "flows": ("Conversaciones", "Flows"),
    "step": ("Paso", "Step"),
    "share": ("Porcentaje", "Share"),
    "interval": ("Intervalo de 95 %", "95 % interval"),
    "rates": ("Tasa de respuesta", "Response rate"),
    "rates_note": (
        (
            "Conversaciones con al menos una respuesta, entre las enviadas que preguntan algo. Intervalos de Wilson; suponen conversaciones "
            "independientes, y las de un mismo oficial no lo son: son algo angostos."
        ),
        (
            "Flows with at least one answer, over those sent that ask something. Wilson intervals; they take flows for independent, and "
            "those of one officer are not: they are somewhat narrow."
        ),
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
    "time": ("Tiempo hasta la primera respuesta", "Time to the first answer"),
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
        (
            "Porcentaje de conversaciones enviadas que ya tienen respuesta (uno menos Kaplan-Meier). Las que terminaron sin respuesta, o "
            "siguen abiertas, cuentan mientras se les esperó. Se omiten los momentos entre los que contestaron menos de {k} oficiales."
        ),
        (
            "Share of sent flows that have an answer by then (one minus Kaplan-Meier). Those that ended without one, or are still open, "
            "count while they were waited for. Moments between which fewer than {k} officers answered are left out."
        ),
    ),
    "after": ("A más tardar en", "Within"),
    "drop_off": ("Dónde se quedan", "Where they stop"),
    "finished": ("Conversaciones completas", "Flows completed"),
    "finished_note": (
        "Conversaciones terminadas, entre las enviadas que preguntan algo.",
        "Flows that came to their end, over those sent that ask something.",
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
        (
            "Cada oficial con la ola en su plan cuenta una vez. I completa (80 % o más de sus conversaciones); P parcial (50 a 80 %); R no quiso, "
            "pidió la baja o la dejó antes de la mitad; NC recibió y no contestó; O escribió y no se le entendió; UH no se le envió, o no se "
            "sabe si llegó; UO el número no se puede alcanzar; NE entró después de la ola."
        ),
        (
            "Each officer with the wave in the plan counts once. I complete (80 % or more of its flows); P partial (50 to 80 %); R refused, "
            "opted out, or broke off before half; NC received it and did not answer; O wrote and was not understood; UH not sent, or not known "
            "whether it arrived; UO the number cannot be reached; NE joined after the wave."
        ),
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
        (
            "Datos del padrón. Números: media (desviación estándar); lo demás: oficiales y porcentaje. d es la diferencia normalizada entre los "
            "dos grupos más distantes (Imbens y Rubin); más de 0.25 es mucho."
        ),
        (
            "Roster data. Numbers: mean (standard deviation); the rest: officers and share. d is the normalised difference of the two arms "
            "farthest apart (Imbens and Rubin); beyond 0.25 is much."
        ),
    ),
    "attribute": ("Dato", "Attribute"),
    "knowledge": ("Nivel 1. Conocimiento", "Level 1. Knowledge"),
    "score": ("Puntaje", "Score"),
    "share_right": ("Respuestas correctas por ola", "Right answers by wave"),
    "share_right_note": (
        (
            "Media, entre oficiales, de la parte de los reactivos que cada oficial acertó. Sólo de las olas de medición, cuyas preguntas no dan "
            "retroalimentación. «No sé» cuenta como incorrecta; «prefiero no decir» no cuenta. n: oficiales con puntaje."
        ),
        (
            "Mean over officers of the share of items that each got right. Of measurement waves only, whose questions give no feedback. "
            "“Don't know” counts as wrong; “rather not say” does not count. n: officers with a score."
        ),
    ),
    "internal": ("Nivel 2. Cambio interno", "Level 2. Internal change"),
    "mean_title": ("Escalas por ola", "Scales by wave"),
    "mean_note": (
        (
            "Media, entre oficiales, de quienes contestaron suficientes reactivos (80 %, si el programa no dice otra cosa); los reactivos inversos "
            "ya están volteados. Alfa de Cronbach de quienes contestaron todos, con el intervalo de Feldt. n: oficiales con puntaje."
        ),
        (
            "Mean over officers who answered enough of the items (80 %, unless the programme says otherwise); reverse items have been turned "
            "round. Cronbach's alpha of who answered all, with Feldt's interval. n: officers with a score."
        ),
    ),
    "compared": ("Comparación entre grupos", "Arms compared"),
    "compared_note": (
        (
            "Índice de Anderson (2008) de los reactivos de cada puntaje, de oficiales con puntaje: en el primer grupo, con el que se comparan los "
            "otros, tiene media 0 y desviación estándar 1. La diferencia es el intervalo del 95 % de Welch, como si cada oficial se hubiera sorteado "
            "por separado: si se sortearon sectores enteros, el verdadero es más ancho. Falta un puntaje si en el primer grupo un reactivo no varía."
        ),
        (
            "Anderson's index (2008) of the items of each score, of officers with a score: in the first arm, with which the others are compared, it "
            "has mean 0 and standard deviation 1. The difference is Welch's 95 % interval, as if each officer had been drawn alone: where whole "
            "sectors were drawn, the true one is wider. A score is missing if an item does not vary in the first arm."
        ),
    ),
    "index": ("Índice", "Index"),
    "difference": ("Diferencia (IC 95 %)", "Difference (95 % CI)"),
    "reference": ("referencia", "reference"),
    "items": ("Reactivos", "Items"),
    "mean": ("Media", "Mean"),
    "sd": ("D. E.", "SD"),
    "alpha": ("Alfa", "Alpha"),
    "alpha_n": ("n de alfa", "n of alpha"),
    "behaviour": ("Nivel 3. Conducta, según los propios oficiales", "Level 3. Behaviour, by officers' own account"),
    "share_applied": ("Aplicación por ola de medición", "Application by measurement wave"),
    "share_applied_note": (
        (
            "Media, entre oficiales, de la parte de las veces que venía al caso en que cada oficial dijo haber aplicado el principio. n: oficiales a "
            "quienes les vino al caso. Sin ocasión: quienes no tuvieron contacto, o a quienes nada les vino al caso."
        ),
        (
            "Mean over officers of the share of the applicable times in which each said to have applied the principle. n: officers to whom it was "
            "applicable. No occasion: those who had no contact, or to whom nothing was applicable."
        ),
    ),
    "applied": ("Aplicación por mes, en el seguimiento", "Application by month, in the follow-up"),
    "applied_note": (
        (
            "Veces que se dijo haber aplicado el principio, entre las que venía al caso, fuera de las olas de medición. Sin contacto con ciudadanía, o "
            "«no venía al caso», no cuenta."
        ),
        (
            "Times the principle was said to have been applied, over those in which it applied, outside measurement waves. No contact, or “it did "
            "not apply”, does not count."
        ),
    ),
    "applied_column": ("Aplicado", "Applied"),
    "applicable": ("Venía al caso", "Applicable"),
    "not_applicable": ("No venía al caso", "Did not apply"),
    "no_occasion": ("Sin ocasión", "No occasion"),
    "month": ("Mes", "Month"),
    "times": ("De los últimos contactos, en cuántos", "Of the last contacts, in how many"),
    "times_note": (
        (
            "Media, entre reportes, de la parte de los últimos contactos en que se aplicó el principio, fuera de las olas de medición. "
            "n: reportes; un oficial puede tener varios."
        ),
        (
            "Mean over reports of the share of the last contacts in which the principle was applied, outside measurement waves. n: reports; an "
            "officer may have several."
        ),
    ),
    "reaction": ("Cómo reaccionó la persona", "How the person reacted"),
    "barrier": ("Qué lo dificultó", "What stood in the way"),
    "options_note": ("De todos los reportes en que se contestó.", "Of all self-reports in which it was answered."),
    "option": ("Respuesta", "Answer"),
    "answers": ("Respuestas", "Answers"),
    "no_sample": ("No hay oficiales.", "There are no officers."),
    "no_funnel": (
        "No ha llegado la fecha de ninguna conversación del plan.",
        "The moment of no planned flow has come.",
    ),
    "no_rates": (
        "No se ha enviado ninguna conversación que pregunte algo.",
        "No flow that asks something has been sent.",
    ),
    "no_time": ("Nadie ha contestado todavía.", "Nobody has answered yet."),
    "no_drop_off": ("No se ha enviado ninguna pregunta.", "No question has been sent."),
    "no_waves": ("No ha empezado ninguna ola de medición.", "No measurement wave has begun."),
    "no_balance": (
        "No hay grupos de estudio sorteados, o la lista de oficiales no trae datos.",
        "No arms have been drawn, or the roster has no attributes.",
    ),
    "no_knowledge": (
        "Sin puntajes de este nivel: el programa no los define (scores), o nadie los tiene todavía.",
        "No scores of this level: the programme has none (scores), or nobody has one yet.",
    ),
    "no_internal": (
        "Sin puntajes de este nivel: el programa no los define (scores), o nadie los tiene todavía.",
        "No scores of this level: the programme has none (scores), or nobody has one yet.",
    ),
    "no_behaviour": (
        "Sin puntajes ni reportes de este nivel: el programa no los define (scores, reports), o nadie los tiene todavía.",
        "No scores or self-reports of this level: the programme has none (scores, reports), or nobody has one yet.",
    ),
    "method": ("Cómo se lee", "How to read it"),
    "method_intervals": (
        (
            "Intervalos de 95 %: de Wilson para porcentajes; t de Student para medias, y para porcentajes que son la media de varias respuestas de "
            "cada oficial; de Feldt para alfas."
        ),
        (
            "95 % intervals: Wilson's for shares; Student's t for means, and for shares that are the mean of several answers of each officer; "
            "Feldt's for alphas."
        ),
    ),
    "method_dates": (
        (
            "Dos reportes que comparten oficiales (del programa y de una cohorte, o con fechas distintas) se pueden restar uno del otro: no entregue "
            "ambos a la misma persona."
        ),
        (
            "Two reports that have officers in common (of the programme and of a cohort, or with other dates) can be subtracted from each other: do "
            "not hand out both to the same person."
        ),
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
    "reason_service_paused": ("Los envíos estaban en pausa", "Sending was paused"),
    "reason_sender_paused": ("El número que envía estaba en pausa", "The sender number was paused"),
    "reason_held": ("Detenido por una alerta", "Held by an alert"),
    "reason_on_duty": ("De servicio", "On duty"),
    "reason_leave": ("Con permiso o vacaciones", "On leave"),
    "reason_rest": ("Descanso después del turno", "Rest after a turn"),
    "reason_holiday": ("Día de descanso obligatorio", "Public holiday"),
    "reason_spread": ("Repartido después de una interrupción", "Spread after an interruption"),
    "reason_enrolled_late": ("Entró después de la ola", "Joined after the wave"),
    "reason_drawn_nothing": ("El sorteo dio nada", "The draw gave nothing"),
    "reason_nothing_eligible": ("No había nada que le tocara", "Nothing was for this officer"),
    "reason_followup_withdrawn": ("Ya no está en el programa", "No longer in the programme"),
    "reason_campaign_withdrawn": ("La campaña ya no está en el programa", "The campaign is no longer in the programme"),
    "reason_campaign_changed": ("La campaña cambió", "The campaign changed"),
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
