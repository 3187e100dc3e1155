"""The fixed texts of a programme as a pydantic model: what is said to keywords, to messages that are no answer, and in danger."""

from pydantic import Field, field_validator

from app.flows.language.vocabulary import Model, Text, fault
from app.wording import Sentence


class Notices(Model):
    """Los textos fijos del servicio, fuera de las conversaciones."""

    help: Text = Field(
        description="Respuesta a AYUDA; {{ contacto }} es la persona a la que se puede llamar.",
        examples=["Somos el equipo del taller: {{ contacto }}. Para dejar de recibir mensajes escriba BAJA."],
    )
    opted_out: Text = Field(
        description="Confirmación de BAJA.", examples=["Listo: ya no le escribiremos. Para volver, escriba ALTA."]
    )
    opted_in: Text = Field(
        description="Confirmación de ALTA a quien ya dio su consentimiento. A quien no, se le pregunta otra vez.",
        examples=["Bienvenido de nuevo."],
    )
    opted_in_idle: Text = Field(
        "Anotamos su ALTA. Por ahora no hay mensajes programados para usted. Si tiene dudas, escriba AYUDA.",
        description="Confirmación de ALTA a quien no está en ninguna campaña: no promete mensajes.",
        examples=["Anotamos su ALTA. Por ahora no hay mensajes programados para usted."],
    )
    paused: Text = Field(
        description="Confirmación de PAUSA; {{ dias }} es el número de días.",
        examples=["Haremos una pausa de {{ dias }} días."],
    )
    nothing_open: Text = Field(
        description="Respuesta a un mensaje cuando no hay ninguna pregunta abierta.",
        examples=["Gracias por escribir. Ahora no hay ninguna pregunta pendiente."],
    )
    unclear: Text = Field(
        description="Aclaración por omisión cuando no se entendió una respuesta.",
        examples=["Responda con el número de una opción, por favor."],
    )
    shift: Text = Field(
        "Su turno: {{ turno }}, entra el {{ entra }}. Si no es correcto, escriba por ejemplo: TURNO 24x48 hoy 7:00",
        description="Respuesta a TURNO cuando hay uno anotado; {{ turno }} son sus horas y {{ entra }} su entrada.",
        examples=["Su turno es de {{ turno }} y entra el {{ entra }}. Para cambiarlo: TURNO 24x48 hoy 7:00"],
    )
    shift_none: Text = Field(
        "No tenemos su turno. Escriba sus horas de trabajo y de descanso, y la fecha y la hora en que entra, por ejemplo: "
        "TURNO 24x48 mañana 7:00",
        description="Respuesta a TURNO cuando no hay ninguno anotado.",
        examples=["No tenemos su turno. Escriba, por ejemplo: TURNO 24x48 hoy 7:00"],
    )
    shift_unclear: Text = Field(
        "No entendimos su turno. Escriba sus horas de trabajo y de descanso, y la fecha y la hora en que entra, por ejemplo: "
        "TURNO 24x48 mañana 7:00",
        description="Respuesta a un TURNO que no se entiende o al que le falta algo.",
        examples=["No entendimos su turno. Escriba, por ejemplo: TURNO 24x48 hoy 7:00"],
    )
    shift_impossible: Text = Field(
        "No se puede anotar un turno de {{ turno }}: van de 4 a 72 horas de trabajo y de 8 a 168 de descanso. Por ejemplo: "
        "TURNO 24x48 mañana 7:00",
        description="Respuesta a un TURNO con horas imposibles; {{ turno }} son las que se escribieron.",
        examples=["Un turno de {{ turno }} no se puede anotar. Escriba, por ejemplo: TURNO 24x48 hoy 7:00"],
    )
    language_choice: Text = Field(
        "Idiomas de este programa: {{ idiomas }}. Para cambiar, escriba IDIOMA y el que prefiera.",
        description="Respuesta a IDIOMA sin un idioma que el programa tenga; {{ idiomas }} son los que tiene.",
        examples=["Puede elegir entre {{ idiomas }}. Escriba IDIOMA y el que prefiera."],
    )
    corrected: Text = Field(
        "Corregido: {{ respuesta }}.",
        description="Confirmación de que se corrigió la última respuesta; {{ respuesta }} es la que ahora cuenta.",
        examples=["Corregimos su respuesta: {{ respuesta }}."],
    )
    late_answer: Text = Field(
        "Gracias, anotamos su respuesta.",
        description="Agradecimiento a una respuesta que llega después de que venció su pregunta.",
        examples=["Gracias. Aunque llegó tarde, su respuesta quedó anotada."],
    )
    which_answer: Text = Field(
        "¿Corrige su respuesta anterior? Entonces escriba ATRAS. Si contesta la pregunta de ahora, escriba solo su respuesta.",
        description="Respuesta a una corrección que también podría ser la respuesta a la pregunta abierta.",
        examples=["Para corregir la anterior escriba ATRAS. Para contestar esta, solo su respuesta."],
    )
    stranger: Text = Field(
        "Este número es de un programa de capacitación y solo atiende a participantes registrados. "
        "Si usted participa, avise a su coordinación que cambió de número.",
        description="Respuesta, una sola vez, a un número que nadie tiene. Que no diga quién participa ni en qué.",
        examples=["Este número solo atiende a quienes participan. Si cambió de número, avise a su coordinación."],
    )
    greeting: Text = Field(
        "Saludos.",
        description="Respuesta a un saludo mientras hay una pregunta abierta; después va `still_open`.",
        examples=["Buen día."],
    )
    acknowledged: Text = Field(
        "Gracias. Falta su respuesta.",
        description="Respuesta a un «ok» o «enterado» que no contesta la pregunta abierta; después va `still_open`.",
        examples=["Gracias, falta su respuesta."],
    )
    deferred: Text = Field(
        "Claro, conteste cuando pueda.",
        description="Respuesta a quien dice que contesta después.",
        examples=["Cuando guste."],
    )
    still_open: Text = Field(
        "La pregunta anterior sigue abierta.",
        description="Lo que se agrega a otra respuesta para recordar la pregunta abierta; después van sus opciones.",
        examples=["Su pregunta sigue abierta."],
    )
    question: Text = Field(
        "Para saber más del programa y de quién responde por él, escriba AYUDA.",
        description="Respuesta a una pregunta que no es de las que siguen.",
        examples=["Con gusto. Para saber más del programa, escriba AYUDA."],
    )
    question_who: Text = Field(
        "Le escribe un servicio automático de mensajes de su programa de capacitación. Para saber quién responde por él, escriba AYUDA.",
        description="Respuesta a «¿Quién es?».",
        examples=["Somos el equipo que da seguimiento a su taller."],
    )
    question_number: Text = Field(
        "Su número está en la lista de participantes que entregó la coordinación del programa. Para saber más escriba AYUDA; para no recibir mensajes, BAJA.",
        description="Respuesta a «¿De dónde sacaron mi número?».",
        examples=["Su número nos lo dio la coordinación de su taller."],
    )
    question_voluntary: Text = Field(
        "No es obligatorio: puede dejar preguntas sin contestar, y para salir basta con escribir BAJA.",
        description="Respuesta a «¿Es obligatorio?».",
        examples=["Es voluntario y no afecta su servicio."],
    )
    question_privacy: Text = Field(
        "Sus respuestas se guardan aparte de su nombre. Quién las ve y para qué se usan está en el aviso de privacidad: para pedirlo escriba AYUDA.",
        description="Respuesta a «¿Quién ve mis respuestas?».",
        examples=["Sus mandos no ven sus respuestas."],
    )
    question_purpose: Text = Field(
        "Es el seguimiento de su programa de capacitación. Para saber más, escriba AYUDA.",
        description="Respuesta a «¿Para qué es?».",
        examples=["Es para saber qué le sirve de su taller."],
    )
    refused: Text = Field(
        "Está bien, no tiene que contestar si no quiere.",
        description="Respuesta a quien no quiere contestar una pregunta que no admite «prefiero no decir».",
        examples=["No hay problema si prefiere no contestar."],
    )
    about_message: Text = Field(
        "Gracias por avisar. Lo va a leer una persona del equipo.",
        description="Respuesta a quien dice algo del mensaje o del taller: que no llegó, que no se entiende, que no es su número.",
        examples=["Gracias por avisar: lo vamos a revisar."],
    )
    complaint: Text = Field(
        "Gracias por decirlo. Lo va a leer una persona del equipo. Si no quiere recibir mensajes, escriba BAJA.",
        description="Respuesta a una queja.",
        examples=["Gracias por decirlo: lo vamos a revisar."],
    )
    correction: Text = Field(
        "Para corregir su respuesta anterior, escriba ATRAS.",
        description="Respuesta a quien quiere corregir lo que contestó.",
        examples=["Para corregir, escriba ATRAS."],
    )
    leave_maybe: Text = Field(
        "¿Quiere dejar de recibir mensajes? Responda BAJA.",
        description="Respuesta a quien quizá quiere salir.",
        examples=["Si ya no quiere mensajes, responda BAJA."],
    )
    how_to_leave: Text = Field(
        "Para salir, escriba BAJA.",
        description="Lo que se agrega a la primera aclaración de una conversación, si no menciona BAJA.",
        examples=["Si ya no quiere mensajes, escriba BAJA."],
    )
    not_free: Text = Field(
        "Lo va a leer una persona del equipo. Participar es voluntario y nadie le puede obligar. Si usted acepta por decisión propia, responda solamente eso.",
        description="Respuesta a quien acepta con una condición, por orden o por obligación. No cuenta como consentimiento.",
        examples=["Participar es voluntario. Una persona del equipo va a leer su mensaje."],
    )
    consent_again: Text = Field(
        "Para anotar su decisión, le mostramos de nuevo la pregunta.",
        description="Lo que va antes de la pregunta de consentimiento cuando alguien acepta después de que terminó.",
        examples=["Le preguntamos de nuevo, para anotar su decisión."],
    )
    unread: Text = Field(
        "Por aquí solo se puede leer texto.",
        description="Respuesta a un sticker, un contacto u otro envío sin texto, mientras hay una pregunta abierta; después va `still_open`.",
        examples=["Aquí solo leemos texto."],
    )
    unheard: Text = Field(
        "Por aquí no se pueden escuchar audios. Conteste por escrito, por favor.",
        description="Respuesta a una nota de voz que llega a una pregunta cerrada; después va `still_open`. Una nota de voz que llega a "
        "una pregunta abierta es su respuesta, y la escucha una persona.",
        examples=["Aquí no podemos escuchar audios. Escriba su respuesta."],
    )
    unclear_end: Text = Field(
        "No le entendimos, pero no hay problema. Alguien del equipo va a leer su mensaje. Gracias.",
        description="Lo que se dice cuando tampoco se entendió la aclaración y la conversación termina sin otro mensaje.",
        examples=["Gracias. Una persona del equipo va a leer su respuesta."],
    )
    offer_option: Text = Field(
        "¿Quiso decir {{ numero }}, {{ respuesta }}? Responda {{ numero }}, o el número que sea.",
        description="Lo que se pregunta si la respuesta no se entendió del todo y una opción es probable; {{ numero }} y {{ respuesta }} son "
        "los de esa opción. Se pregunta una vez, y nunca en preguntas de sí o no, de actitud ni de consentimiento.",
        examples=["¿Se refiere a {{ numero }}, {{ respuesta }}? Responda {{ numero }}, o el número que sea."],
    )
    offer_number: Text = Field(
        "¿Quiso decir {{ respuesta }}? Responda {{ respuesta }}, o el número que sea.",
        description="Lo mismo cuando se pide un número.",
        examples=["¿Fueron {{ respuesta }}? Responda {{ respuesta }}, o el número que sea."],
    )
    offer_time: Text = Field(
        "¿Quiso decir a las {{ respuesta }}? Responda sí, o escriba la hora.",
        description="Lo mismo cuando se pide una hora.",
        examples=["¿A las {{ respuesta }}? Responda sí, o escriba la hora."],
    )
    noted: Text = Field(
        "Anoté: {{ respuesta }}.",
        description="Lo que se contesta a una respuesta que llegó entre muchas palabras; {{ respuesta }} es lo que se entendió.",
        examples=["Anoté: {{ respuesta }}."],
    )
    go_back: Text = Field(
        "Si no es así, escriba ATRAS.",
        description="Lo que se agrega a `noted` mientras sigue la conversación.",
        examples=["Para corregir, escriba ATRAS."],
    )

    @field_validator("who", "who_help", "who_no")
    @classmethod
    def _name_nobody(cls, text: Text) -> Text:
        """A number that may be somebody else's gets no names."""
        if any("{{" in one for one in ([text] if isinstance(text, str) else text.values())):
            raise fault("notice-names", Sentence("takes no variable: it goes to a number that may be somebody else's"))
        return text

    who: Text = Field(
        "Hola. Antes escribimos a este número. ¿Lo sigue usando la misma persona? Responda 1 si es así, 2 si no. "
        "Si no responde, no le escribiremos más.",
        description="Lo único que se manda a un número que quizá ya es de otra persona: lo dijo, o no ha escrito en mucho tiempo. "
        "No debe decir el nombre de nadie, ni el programa, ni que es de policías.",
        examples=["Hola. ¿Este número sigue siendo de la misma persona? Responda 1 si es así, 2 si no."],
    )
    who_help: Text = Field(
        "Solo queremos saber si este número lo sigue usando la misma persona. Responda 1 si es así, 2 si no. "
        "Para no recibir más mensajes, responda BAJA.",
        description="Respuesta a lo demás que escriba ese número, también a AYUDA. Con la misma reserva que `who`.",
        examples=["Responda 1 si este número lo sigue usando la misma persona, 2 si no, o BAJA para no recibir más."],
    )
    who_yes: Text = Field(
        "Gracias por confirmar.",
        description="Respuesta a quien dice que sí es la misma persona. Después sigue lo que estaba en espera.",
        examples=["Gracias. Seguimos en contacto."],
    )
    who_no: Text = Field(
        "Gracias por avisar. No le escribiremos más.",
        description="Respuesta a quien dice que el número ya es de otra persona, o escribe BAJA desde ese número. Con la misma reserva que `who`.",
        examples=["Gracias. Ya no escribiremos a este número."],
    )
    support: Text = Field(
        "Gracias por decirlo. Este mensaje es automático y aquí no hay respuesta inmediata. Si hay peligro ahora, llame al 911. "
        "Para hablar con alguien, gratis y a cualquier hora: Línea de la Vida, 800 911 2000.",
        description="Respuesta inmediata si un mensaje parece hablar de una crisis; {{ lineas_ayuda }} son las líneas de ayuda y "
        "{{ horario_lectura }} las horas en que una persona lee.",
        examples=["Este mensaje es automático. Si hay peligro ahora, llame al 911. Otras líneas: {{ lineas_ayuda }}."],
    )
    serious: Text = Field(
        "Gracias por contarlo. Lo que dice es serio, y este programa no puede investigarlo ni resolverlo. Su mensaje queda para "
        "que lo lea una persona del equipo. Por ahora no le haremos más preguntas; si quiere seguir, escriba ALTA. "
        "Si hay peligro, llame al 911.",
        description="Respuesta inmediata si un mensaje parece contar un abuso o un delito. Que no prometa nada que no sea cierto.",
        examples=[
            "Gracias por contarlo. Su mensaje queda para que lo lea una persona del equipo. Si quiere seguir: ALTA."
        ],
    )
    farewell: Text = Field(
        "Aquí termina este programa: ya no le enviaremos más mensajes. Gracias por su tiempo. Si algo quedó pendiente, todavía puede "
        "contestarlo unos días. Un mensaje que pida auxilio lo seguirá leyendo una persona; si hay peligro, llame al 911.",
        description="El último mensaje, al día siguiente de `ends.last_day`. Que diga que los mensajes de auxilio se siguen leyendo.",
        examples=[
            "Aquí termina el programa. Gracias. Si escribe por auxilio, una persona lo leerá; si hay peligro, llame al 911."
        ],
    )
    ended: Text = Field(
        "Este programa ya terminó y lo que escriba aquí no se anota. Un mensaje que pida auxilio sí lo lee una persona, pero no de "
        "inmediato: si hay peligro, llame al 911.",
        description="Respuesta a quien escribe después de `ends.answers_until`, una vez en doce horas. Que diga que los mensajes de auxilio "
        "se siguen leyendo.",
        examples=["Este programa ya terminó. Si pide auxilio, una persona lo leerá; si hay peligro, llame al 911."],
    )
    false_alarm: Text = Field(
        "Una persona del equipo leyó sus mensajes. Habíamos dejado de escribirle por precaución, por si necesitaba ayuda; "
        "disculpe si le extrañó. Seguimos como antes.",
        description="Mensaje a quien se dejó de escribir por una alarma falsa, cuando una persona cierra el caso.",
        examples=["Habíamos dejado de escribirle por precaución. Disculpe si le extrañó: seguimos como antes."],
    )
