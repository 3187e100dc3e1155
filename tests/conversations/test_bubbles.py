"""Quick messages one after another: each belongs to the question that its author can have seen. No sequence may record a value that was
not meant. On both databases, message by message, as one batch, and found by the sweep."""

from typing import Any

import pytest

from app.store.database import Database
from tests.conversations.quick import Row, is_unseen, play_all, verdict

ANY = {"missing": ["d", "r"]}
QUESTIONS: dict[str, dict[str, Any]] = {
    "contact": {"kind": "yes_no", "question": "En su último turno, ¿tuvo contacto con ciudadanía?", "missing": ["r"]},
    "applied": {"kind": "choice", "question": "¿Le explicó el motivo?", "options": ["Sí", "No", "No venía al caso"], **ANY},
    "asked": {"kind": "choice", "question": "¿Le preguntó qué pasó?", "options": ["Sí", "No", "No se pudo"], **ANY},
    "reaction": {"kind": "choice", "question": "¿Cómo reaccionó?", "options": ["Se calmó", "Igual", "Se molestó más"], **ANY},
    "place": {"kind": "choice", "question": "¿Dónde fue?", "options": ["Calle", "Comercio", "Vivienda", "Otro lugar"], **ANY},
    "of_five": {"kind": "number", "question": "De sus últimos 5 contactos, ¿en cuántos?", "min": 0, "max": 5},
    "hours": {"kind": "number", "question": "¿Cuántas horas durmió?", "min": 0, "max": 24},
    "minutes": {"kind": "number", "question": "¿Cuántos minutos duró?", "min": 0, "max": 600},
    "sure": {"kind": "scale", "question": "¿Qué tan seguro se siente?", "min": 1, "max": 5,
             "options": ["Nada", "Poco", "Regular", "Bastante", "Totalmente"]},
    "agree": {"kind": "scale", "question": "Vale la pena escuchar.", "min": 1, "max": 5,
              "options": ["Muy en desacuerdo", "En desacuerdo", "Ni una cosa ni otra", "De acuerdo", "Muy de acuerdo"]},
    "parts": {"kind": "multi", "question": "¿Qué practicó?", "options": ["Saludar", "Escuchar", "Explicar", "Despedirse"]},
    "story": {"kind": "text", "question": "¿Qué pasó?"},
    "day": {"kind": "date", "question": "¿Qué día fue su último turno?"},
    "entry": {"kind": "time", "question": "¿A qué hora entra?"},
    "join": {"kind": "yes_no", "purpose": "consent", "question": "¿Acepta participar?"},
}  # fmt: skip
SEQUENCES = """
    double tap                | contact applied  | 1 @0; 1 @1                                       | 1; -
    double tap on no          | contact reaction | 2 @0; 2 @2                                       | 0; -
    double tap in the grace   | of_five sure     | 4 @0; 4 @0                                       | 4; -
    triple tap                | sure agree       | 3 @0; 3 @1; 3 @2                                 | 3; -
    double tap, capitals      | contact applied  | SI @0; SI @1                                     | 1; -
    double tap on a label     | place of_five    | comercio @0; Comercio @3                         | Comercio; -
    same twice                | contact applied  | sí @0; sí tuve @3                                | 1; -
    same twice                | contact applied  | no @0; no, ninguno @3                            | 0; -
    same by word and number   | place sure       | vivienda @0; 3 @2                                | Vivienda; -
    same by number and word   | reaction of_five | 1 @0; se calmó @4                                | Se calmó; -
    same in words             | of_five place    | 3 @0; tres @2                                    | 3; -
    same on a scale           | sure place       | 5 @0; totalmente @3                              | 5; -
    same hour                 | entry day        | 7 am @0; a las 7 de la mañana @4                 | 07:00; -
    same day                  | day contact      | ayer @0; fue ayer @4                             | 2026-03-02; -
    same list                 | parts sure       | 1 y 2 @0; saludar y escuchar @4                  | Saludar+Escuchar; -
    detail                    | contact applied  | sí @0; con un comerciante @4                     | 1; -
    detail in two             | contact applied  | si @0; con un señor @3; que venía tomado @7      | 1; -
    detail after no           | contact applied  | no @0; puro papeleo hoy @4                       | 0; -
    a number in the detail    | place of_five    | en un comercio @0; eran 4 personas @4            | Comercio; -
    detail that fits the next | applied reaction | sí @0; y se calmó luego luego @4                 | Sí; -
    a reason                  | applied place    | no @0; ya iba saliendo a la calle @4             | No; -
    detail of a number        | of_five sure     | 2 @0; los demás ni caso hicieron @4              | 2; -
    detail of a day           | day contact      | el domingo @0; entré en la noche @4              | 2026-03-01; -
    correction                | contact applied  | sí @0; digo no @3                                | 0; -
    correction                | contact applied  | no @0; perdón, sí @4                             | 1; -
    correction                | contact applied  | no @0; me equivoqué, sí tuve @4                  | 1; -
    correction by number      | contact reaction | 1 @0; perdón 2 @3                                | 0; -
    correction with asterisk  | contact applied  | sí @0; *no @2                                    | 0; -
    correction of a number    | of_five sure     | 3 @0; no, 4 @4                                   | 4; -
    correction of a number    | hours minutes    | 6 @0; quise decir 7 @4                           | 7; -
    another number at once    | of_five place    | 3 @0; 2 @3                                       | 2; -
    correction of a choice    | place of_five    | calle @0; mejor dicho comercio @4                | Comercio; -
    correction of a choice    | reaction sure    | igual @0; perdón, se calmó @3                    | Se calmó; -
    correction of an hour     | entry day        | 7 am @0; digo 8 am @4                            | 08:00; -
    correction of a day       | day contact      | ayer @0; corrijo, antier @4                      | 2026-03-01; -
    correction of a point     | agree sure       | 2 @0; dedazo, 4 @3                               | 4; -
    a stronger point          | agree sure       | de acuerdo @0; muy de acuerdo @3                 | 5; -
    corrected and back        | contact applied  | sí @0; digo no @2; no perdón sí @4               | 1; -
    correction with words     | of_five sure     | 4 @0; no espere eran 3 @4                        | 3; -
    correction and its reason | minutes sure     | 15 @0; digo 150, se me fue el dedo @4            | 150; -
    correction in the middle  | of_five sure     | 3 @0; perdón 2, me equivoqué @4                  | 2; -
    the first one is named    | contact applied  | no @0; perdón, en la primera es que sí tuve @20 ! | 1; -
    the first one by its words | contact applied | sí @0; me equivoqué, en lo del contacto es no @20 ! | 0; -
    the first one was no      | contact place    | sí @0; comercio @20 !; la primera era no, perdón @40 ! | 0; Comercio
    the one before is named   | of_five sure     | 3 @0; la anterior era 4 @20 !                    | 4; -
    named, then the next      | contact applied  | no @0; perdón, la primera era sí @15 !; no @30 ! | 1; No
    an option, not a question | contact place    | sí @0; perdón, la segunda @20 !                  | 1; -
    sent to the wrong person  | contact applied  | llego a las nueve, amor @0; perdón, se me fue mal: sí tuve @12 | 1; -
    insists, slow network     | contact applied  | sí hubo @0; que sí tuve contacto @25             | 1; -
    emoji                     | contact applied  | sí @0; 👍 @1                                     | 1; -
    emoji                     | of_five sure     | 4 @0; 😅 @2; 😅😅 @3                             | 4; -
    thanks                    | contact applied  | no @0; gracias @3                                | 0; -
    thanks and a blessing     | sure place       | 4 @0; gracias, bendiciones @4                    | 4; -
    greeting after            | place of_five    | calle @0; buenas noches @3                       | Calle; -
    slow network, the same    | contact applied  | sí @0; sí @45                                    | 1; -
    slow network, the same    | of_five place    | 2 @0; 2 @20; 2 @100                              | 2; -
    slow network, correction  | of_five sure     | 2 @0; perdón, 3 @40                              | 3; -
    slow network, detail      | contact applied  | no @0; estuve en la base todo el turno @30       | 0; -
    three bubbles             | of_five sure     | tuve @0; como @2; tres @4                        | 3; -
    three bubbles of a label  | agree sure       | muy @0; en @1; desacuerdo @2                     | 1; -
    two bubbles               | place of_five    | fue en @0; comercio @2                           | Comercio; -
    two bubbles, not to case  | applied reaction | no @0; venía al caso @2                          | No venía al caso; -
    list in two bubbles       | parts sure       | 1 @0; y 3 @3                                     | Saludar+Explicar; -
    hour in two bubbles       | entry day        | 8 @0; de la noche @2                             | 20:00; -
    the unit behind           | hours minutes    | 6 @0; horas @1                                   | 6; -
    the whole behind          | of_five place    | 4 @0; de 5 @1                                    | 4; -
    a story in three bubbles  | story contact    | Le expliqué @0; que era por su seguridad @4; y se calmó @8 | Le expliqué·que era por su seguridad·y se calmó; -
    a story and thanks        | story contact    | Se calmó al escucharlo @0; gracias @5            | Se calmó al escucharlo; -
    a deferral in two         | contact applied  | no @0; ando manejando @2                         | -; -
    a deferral in two         | contact applied  | si @0; al rato le contesto @3                    | -; -
    two answers               | contact applied  | 1 @0; 1 @25 !                                    | 1; Sí
    two answers               | contact applied  | sí @0; no venía al caso @30 !                    | 1; No venía al caso
    two answers in digits     | place of_five    | 2 @0; 4 @10 !                                    | Comercio; 4
    two answers, same digit   | sure agree       | 3 @0; 3 @9 !                                     | 3; 3
    two answers               | reaction sure    | se calmó @0; bastante @15 !                      | Se calmó; 4
    two answers               | day contact      | ayer @0; no @20 !                                | 2026-03-02; 0
    two answers               | hours minutes    | 6 @0; 20 min @18 !                               | 6; 20
    detail, then the next     | contact applied  | sí @0; una señora @3; no @40 !                   | 1; No
    answer twice, then twice  | of_five sure     | 2 @0; 2 @1; 2 @20 !; 2 @50 !                     | 2; 2
    the second one corrected  | place of_five    | calle @0; 3 @20 !; digo 2 @50 !                  | Calle; 2
    thanks, then the next     | contact reaction | sí @0; gracias @2; igual @30 !                   | 1; Igual
    the reason said first     | place of_five    | calle @0; no, comercio más bien @9                | Comercio; -
    those that are left out   | of_five place    | 3 @0; los otros 2 iban para su casa @7           | 3; -
    puts it right in words    | of_five reaction | 4 @0; igual @20 !; en lo de los 5 contactos puse 4 pero fueron 3 @40 ! | 3; Igual
    one instead of another    | entry minutes    | 7 am @0; 20 @20 !; oiga entré a las 9 am, no a las 7 @40 ! | 09:00; 20
    one instead of another    | day contact      | ayer @0; sí @20 !; perdón no fue ayer, fue el viernes @40 ! | 2026-02-27; 1
    one instead of another    | place of_five    | calle @0; 2 @20 !; no fue calle sino comercio @40 ! | Comercio; 2
    a denial, no correction   | of_five place    | 4 @0; fue en calle, no en vivienda @20 !         | 4; -
    the one before the last   | place contact    | calle @0; sí @20 !; la anterior me equivoqué, fue comercio @40 ! | Comercio; 1
    named by what was asked   | applied sure     | no @0; 2 @20 !; la de si le expliqué el motivo, sí le expliqué, leí mal @40 ! | Sí; 2
    a greeting before a story | story contact    | Saludos cordiales @0; Le expliqué todo @12       | Le expliqué todo; -
    at our service            | join contact     | acepto @0; quedo a la orden, muchas gracias @9   | 1; -
    no to consent, then yes   | join contact     | no @0; perdón era sí, acepto @6                  | -; -
    consent twice             | join contact     | acepto @0; acepto participar @3                  | 1; -
    consent, then the next    | join contact     | acepto @0; sí @30 !                              | 1; 1
    consent taken back        | join contact     | acepto @0; digo no @3                            | 0; -
    no, and what counts       | place of_five    | vivienda @0; no, mejor calle @10                 | Calle; -
    no, and what counts       | reaction sure    | 2 @0; no no 3 @4                                 | Se molestó más; -
    no, twice                 | minutes sure     | 20 @0; no, no, 40 @6                             | 40; -
    no, at the end            | contact day      | sí @0; antier @20 !; no, ayer @40 !              | 1; 2026-03-02
    no is the next answer     | place contact    | calle @0; no, con nadie @30 !                     | Calle; 0
    no is no correction       | applied place    | no @0; no, les expliqué luego @4                 | No; -
    after all                 | contact applied  | no @0; bueno sí, a una señora @11                | 1; -
    after all not             | contact applied  | sí @0; siempre no @7                             | 0; -
    a list in three           | parts sure       | 1 @0; 2 @2; y 3 @5                               | Saludar+Escuchar+Explicar; -
    sorry, by itself          | place reaction   | calle @0; igual @20 !; perdón @24 !; se calmó @27 ! | Calle; Se calmó
    a detail in other words   | applied reaction | no @0; andaba muy enojado el señor @7            | No; -
    a detail in other words   | place reaction   | comercio @0; estaba furiosa la dueña @8          | Comercio; -
    the one before, denied    | place reaction   | calle @0; igual @20 !; jefe la anterior no era calle, era comercio @45 ! | Comercio; Igual
    the other question        | of_five minutes  | 1 @0; una hora @20 !; en la otra pregunta quería poner 3 @40 ! | 3; 60
    the other question        | applied reaction | sí @0; igual @20 !; en la otra era no, no le expliqué @40 ! | No; Igual
    the other, still open     | contact place    | no @0; en la otra era sí @20 !                   | 1; -
    why not                   | asked reaction   | no @0; no hubo chance @5                         | No; -
    double tap, next arrived  | contact applied  | 1 @0; 1 @3 !                                     | 1; -
    double tap, next arrived  | sure agree       | 4 @0; 4 @2 !                                     | 4; -
    too soon to be read       | contact minutes  | no @0; nada, 0 @4 !                              | 0; -
    corrected, next arrived   | reaction sure    | igual @0; digo se calmó @4 !                     | Se calmó; -
    more for the list         | parts sure       | saludar y escuchar @0; ah y explicar @9 !; 4 @40 ! | Saludar+Escuchar+Explicar; 4
    more for the list         | parts story      | 1 2 @0; y tmb la 4 @9 !; le hablé con calma @50 ! | Saludar+Escuchar+Despedirse; le hablé con calma
    ah no, and what counts    | place reaction   | calle @0; ah no, fue comercio @20 !; igual @40 ! | Comercio; Igual
    digits of one number      | minutes sure     | 5 @0; 0 @1                                       | -; -
    its number is the story's | reaction sure    | igual @0; llegaron otros 3 y se fueron @7        | Igual; -
    announced by no           | place sure       | la 1 @0; no @4; la 2 la 2 @6                     | Comercio; -
    announced by wait         | reaction sure    | se molestó más @0; no espere @4; se calmó, me confundí con otro caso @12 | Se calmó; -
    announced, the next seen  | reaction sure    | se molestó más @0; no espere @4; se calmó, me confundí con otro caso @12; 4 @55 ! | Se calmó; 4
    well, another number      | minutes reaction | 20 @0; minutos @1; bueno 30 contando el papeleo @9 | 30; -
    announced by sorry        | of_five place    | 2 @0; perdón @3; 3 @5                            | 3; -
    announced by ups          | place of_five    | calle @0; ups @2; vivienda @4                    | Vivienda; -
    a wrong button            | place of_five    | calle @0; le apreté mal, era comercio @7 !         | Comercio; -
    announced by not that one | place of_five    | calle @0; esa no era @3; comercio @7               | Comercio; -
    announced by I erred      | contact applied  | sí @0; me equivoqué @3; no @6                    | 0; -
    announced by I say        | entry day        | 7 am @0; digo @3; 8 am @5                        | 08:00; -
    announced by dedazo       | minutes place    | 155 @0; dedazo @3; 15 @6                         | 15; -
    announced, day            | day contact      | ayer @0; no @3; antier @5                        | 2026-03-01; -
    sorry for the delay       | contact applied  | sí @0; perdón @3; no había visto el mensaje @6   | 1; -
    wait, then nothing        | place of_five    | calle @0; espere @3                              | -; -
    asterisk behind           | entry day        | 7 pm @0; am* @3                                  | 07:00; -
    asterisk before           | entry day        | 7 pm @0; *am @3                                  | 07:00; -
    am after an hour          | entry day        | 7 @0; am @2                                      | 07:00; -
    part of the day changed   | entry day        | 7 de la noche @0; digo de la mañana @5           | 07:00; -
    asterisk, a word          | place of_five    | cale @0; *calle @3                               | Calle; -
    asterisk, a number        | of_five place    | 3 @0; 4* @2                                      | 4; -
    detail with a no          | contact applied  | sí @0; pero no fue nada grave @6                 | 1; -
    detail with a number      | contact applied  | sí @0; como 3 @4                                 | 1; -
    detail of the hour        | contact applied  | sí @0; a las 3 de la mañana @5                   | 1; -
    a thumb down              | contact applied  | sí @0; 👎 @2                                     | 0; -
    thumb up then the next    | contact applied  | sí @0; 👍 @2; sí @30 !                           | 1; Sí
    thumb up, next arrived    | place of_five    | calle @0; 👍 @3 !                                | Calle; -
    double tap, then another  | of_five sure     | 4 @0; 4 @1; 3 @3                                 | 3; -
    double tap, then the next | of_five sure     | 4 @0; 4 @1; 3 @30 !                              | 4; 3
    tap on two buttons        | place of_five    | 1 @0; 2 @1                                       | Comercio; -
    three bubbles contact     | contact applied  | pues @0; fíjese que @2; sí @4                    | 1; -
    three bubbles no          | contact applied  | la verdad @0; ese día @2; no @5                  | 0; -
    three bubbles place       | place sure       | eso @0; fue en una @2; vivienda @4               | Vivienda; -
    three bubbles of a day    | day contact      | fue @0; el lunes @2; pasado @4                   | 2026-03-02; -
    a list with also          | parts sure       | 2 @0; también la 3 @5                            | Escuchar+Explicar; -
    a list corrected          | parts sure       | 1 2 3 @0; la 3 no @5                             | Saludar+Escuchar; -
    two parts of a number     | minutes place    | una hora @0; y media @2                          | 90; -
    more than said            | minutes place    | 20 @0; o más @3                                  | -; -
    I do not remember         | applied place    | sí @0; la verdad no me acuerdo @3                | d; -
    next at once, arrived     | contact place    | sí @0; comercio @6 !                             | 1; Comercio
    next, then corrects it    | contact place    | sí @0; calle @15 !; no, comercio @25 !           | 1; Comercio
    next with a lead          | of_five contact  | 3 @0; no, nada @15 !                             | 3; 0
    next with well            | minutes of_five  | 20 @0; bueno 3 @20 !                             | 20; 3
    next with sorry           | place of_five    | calle @0; perdón la tardanza, 3 @200 !           | Calle; 3
    next after detail         | applied reaction | sí @0; le dije que era por ley @5; se molestó más @35 ! | Sí; Se molestó más
    slow network, ready       | contact applied  | sí @0; ya le contesté @60                        | 1; -
    slow network, hello       | contact applied  | sí @0; hola? @60                                 | 1; -
    slow network, changed     | sure place       | 2 @0; mejor 3 @30                                | 3; -
    slow network, next late   | contact applied  | sí @0; sí @40; no @90 !                          | 1; No
    story in four             | story contact    | Llegué al lugar @0; había una señora @5; le expliqué @9; y ya @12 | Llegué al lugar·había una señora·le expliqué·y ya; -
    consent, next at once     | join contact     | acepto @0; sí @5 !                               | 1; -
    consent, question         | join contact     | acepto @0; cuánto dura? @5                       | 1; -
    consent, not yet          | join contact     | hoy no puedo decidir @0                          | -; -
    refusal after             | applied place    | sí @0; bueno eso prefiero no decirlo @3          | r; -
    swears                    | reaction sure    | se calmó @0; ah no ese fue otro @4; se molestó más @8 | Se molestó más; -
    the other one             | reaction sure    | 1 @0; no la 2 @3                                 | Igual; -
    no number                 | of_five sure     | 2 @0; no 3 @3                                    | 3; -
    no, word                  | place of_five    | 2 @0; no perdón vivienda @4                      | Vivienda; -
    changed his mind          | agree sure       | 5 @0; mejor 4 @5                                 | 4; -
    changed, arrived          | agree sure       | 5 @0; mejor 4 @20 !                              | 5; -
    better said, arrived      | place of_five    | calle @0; mejor dicho comercio @20 !             | Comercio; -
    for the other             | of_five minutes  | 3 @0; eso de los 5 contactos son 4 @25 !         | 4; -
    next wrong, asked         | contact of_five  | sí @0; perdón no @3; 2 @40 !                     | 0; 2
    no and no again           | contact applied  | sí @0; no @2; no @3                              | 0; -
    no to a place, next       | place contact    | calle @0; no @30 !                               | Calle; 0
    announced, next arrived   | place reaction   | calle @0; perdón @3; comercio @9 !               | Comercio; -
    announced, of the next    | place reaction   | calle @0; perdón @3; se calmó @20 !              | Calle; Se calmó
    sorry about the delay     | contact reaction | sí @0; se calmó @300 !; perdón la tardanza @304 ! | 1; Se calmó
    consent with a condition  | join contact     | sí @0; pero si no me obligan @4                  | -; -
    consent by order          | join contact     | acepto @0; me lo ordenó el comandante @4         | -; -
"""


def _row(line: str) -> Row:
    note, names, messages, want = (part.strip() for part in line.split("|"))
    asked = [QUESTIONS[name] for name in names.split()]
    said = []
    for one in messages.split(";"):
        text, _, rest = one.strip().rpartition("@")
        said.append(
            {
                "text": text.strip(),
                "seconds": int(rest.removesuffix("!")),
                "question_delivered_before": int(rest.endswith("!")),
            }
        )
    values = [_wanted(one.strip(), question["kind"]) for one, question in zip(want.split(";"), asked, strict=True)]
    return {"note": note, "at": "2026-03-03T10:00", "questions": asked, "messages": said, "want": values}


def _wanted(text: str, kind: str) -> object:
    if text == "-":
        return None
    if kind == "multi":
        return text.split("+")
    return int(text) if kind in ("yes_no", "number", "scale") else text.replace("·", "\n")


ROWS = [_row(line) for line in SEQUENCES.strip().splitlines()]
NOT_FREE = (
    "consent, not yet",
    "no to consent, then yes",
    "consent taken back",
    "consent with a condition",
    "consent by order",
)


@pytest.mark.parametrize("way", ["one by one", "together", "swept"])
def test_each_message_belongs_to_the_question_that_its_author_can_have_seen(database: Database, way: str) -> None:
    rows = [row for row in ROWS if way != "swept" or is_unseen(row)]
    found = play_all(database, rows, together=way == "together", swept=way == "swept")
    faults = [
        (row["note"], [one["text"] for one in row["messages"]], verdict(row, got), got.values)
        for row, got in zip(rows, found, strict=True)
        if verdict(row, got) != "right"
    ]
    assert faults == []
    assert len(ROWS) >= 60
    assert all(max(got.tries, default=1) == 1 for got in found), "no message of another question uses a try"
    consents = {row["note"]: got.consented for row, got in zip(rows, found, strict=True) if "consent" in row["note"]}
    assert consents == {note: note not in NOT_FREE for note in consents}
