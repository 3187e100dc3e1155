"""The words of officers, as data: yes and no in all their wordings, the missing codes, polite noise, and hedges.

Everything is written folded (lower case, no accents), one wording a line or separated by «|». It owns words only;
what is done with them is for the readers. Emoji stand as `fold.py` leaves them.
"""

import re
from itertools import product

from app.flows.replies.fold import NO as NO_SIGN
from app.flows.replies.fold import SHRUG
from app.flows.replies.fold import YES as YES_SIGN

Words = tuple[str, ...]


def word_list(text: str) -> list[str]:
    """The words of a list written as a text."""
    return text.split()


def _wordings(text: str) -> frozenset[Words]:
    return frozenset(tuple(part.split()) for line in text.splitlines() for part in line.split("|") if part.strip())


_SURELY = "obviamente evidentemente logicamente naturalmente realmente verdaderamente definitivamente seguramente ciertamente indudablemente claramente absolutamente simplemente desde_luego por_supuesto"
_SADLY = "lamentablemente desgraciadamente desafortunadamente afortunadamente tristemente infortunadamente honestamente francamente sinceramente personalmente la_mera_verdad la_verdad me_parece yo_creo segun_yo que_yo_recuerde que_recuerde hasta_donde_recuerdo hasta_donde_me_acuerdo que_yo_sepa si_mal_no_recuerdo si_no_mal_recuerdo por_fortuna por_desgracia gracias_a_dios"


def _emphatic(answer: str) -> frozenset[Words]:
    """«obviamente no», «naturalmente que no», «no obviamente», «que yo recuerde sí»."""
    adverbs = [tuple(word.split("_")) for word in f"{_SURELY} {_SADLY}".split()]
    return frozenset(
        wording for adverb in adverbs for wording in ((*adverb, answer), (*adverb, "que", answer), (answer, *adverb))
    )


BIDS = _wordings("""
    echele | echale | si echele | si echale | si diga | si digame | si dime | si digame usted | si pregunteme | si preguntame | pregunteme | preguntame | digame | diga | dime
    digame usted | haga su pregunta | hagala | mande su pregunta | si mande su pregunta | aqui andamos digame | sure | sure go ahead | go ahead
""")
"""These let somebody ask, and agree to nothing more."""

YES = (
    BIDS
    | _emphatic("si")
    | _wordings(f"""
    si | s | sip | sipi | sipo | sep | seh | sisi | sisisi | simon | simona | simondor | sincho | clarines | claro | claro que si
    claro que yes | por supuesto | por supuesto que si | desde luego | desde luego que si | asi es | asi fue | asi mero
    asi mismo | afirmativo | afirmativa | afirma | afirm | correcto | correctamente | es correcto | en efecto
    efectivamente | exacto | exactamente | cierto | es cierto | es verdad | positivo | obvio | obvio si | obviamente
    por su puesto | sin duda | sin dudarlo | seguro que si | a huevo | ahuevo | a webo | a wevo | awebo | awevo | a wilson | aja | ey | ei | yes | yep
    yeah | yea | ya si | ok | okay | okey | oki | okis | va | sale | sale y vale | va que va | dale | vale | orale | de acuerdo
    esta bien | con gusto | con mucho gusto | acepto | si acepto | creo que si | pienso que si | siempre si | si siempre | si creo
    lo hice | si lo hice | asi lo hice | asi lo hicimos | lo hicimos | si lo hicimos | eso es | eso mero | me late | adelante | simon limon | si varios | si varias | si muchos | si muchas | si bastantes | acepto participar | estoy de acuerdo en participar | de acuerdo en participar | por voluntad propia acepto | acepto por voluntad propia | acepto libremente | con mucho gusto participo | si quiero seguir participando | acepto participar voluntariamente | acepto voluntariamente | acepto de manera voluntaria | con gusto participo | participo con gusto | si participo | si acepto participar | quiero participar | si quiero participar | deseo participar
    si deseo participar | acepto continuar | acepto seguir | de una | fierro | arre | jalo | desde luego
    claro que si asisto | si asisto | asisto | asistire | si asistire | si voy | ahi estare | ahi estaremos | alli estare | ahi nos vemos | ahi llego
    si puedo | si puedo ir | si podre | claro que voy | si ire | confirmo | confirmado | confirmo asistencia | si confirmo | si confirmo asistencia
    confirmo mi asistencia | cuente conmigo | cuenten conmigo | cuenta conmigo | si cuente conmigo | si cuenten conmigo | si le entro | le entro
    clarin que si | see | seee | zi | sii | claro que si se puede | con todo gusto | encantado | encantada | me apunto | apunteme | yo voy | estoy de acuerdo
    aceptado | aceptada | acepto la invitacion | acepto con gusto | leido y acepto | de acuerdo acepto | asi sucedio | asi paso | hubo contacto
    siempre | todos los dias | a diario | diario | diariamente | muchas veces | varias veces | casi diario | todo el tiempo si | naturalmente | todas las veces | en todos los turnos | cada turno | en cada turno | todos los turnos
    si quiero recibirlo | quiero recibirlo | si me interesa | si lo quiero | si quiero | si quiero ir | quiero ir | si deseo ir
    manifiesto mi voluntad de participar | expreso mi voluntad de participar | es mi voluntad participar | es mi deseo participar | manifiesto mi consentimiento
    por mi no hay problema | por mi no hay ningun problema | por mi esta bien | por mi parte esta bien | por mi va | por mi adelante | por mi encantado | por mi encantada
    por que no | como no | como de que no | {YES_SIGN} | tambien | totalmente | definitivamente | definitivamente si
""")
)

AGREEMENT = frozenset(
    [
        *word_list(
            "ok okay okey oki okis va sale vale dale orale adelante jalo fierro arre oka okei echele echale digame diga dime pregunteme"
            " preguntame hagala sure"
        ),
        YES_SIGN,
    ]
)
"""These agree to what is offered. To a question for a fact they only say that it was seen."""
NODS = frozenset(word_list("ok okay okey oki okis oka okei va vale sale dale orale"))
"""Of these, those with which a message is taken note of."""
AGREEMENTS = _wordings(
    "con gusto | con mucho gusto | con todo gusto | de acuerdo | esta bien | sale y vale | va que va | me late"
)

NO = _emphatic("no") | _wordings(f"""
    no | n | nop | noup | nou | no fijese | no fijate | no que va | nope | nopi | nel | nel pastel | nelson | nela | nanai | naranjas | nones | negas | negatorio | nono | nonono | ne | nah
    negativo | negativa | negativamente | para nada | pa nada | claro que no | por supuesto que no | desde luego que no
    de ninguna manera | de ningun modo | en absoluto | nunca | jamas | nunca jamas | tampoco | ni madres | ni de chiste
    ni de broma | ni maiz | que va | creo que no | no creo | no lo creo | pienso que no | no para nada | no en este turno | no esta vez | no hasta ahorita | no hasta ahora | hoy no | no hoy
    no lo hago | no lo hacemos | ningun dia | ninguna vez | ninguna ocasion | en ningun momento | en ninguna ocasion
    ninguno hoy | nada hoy | nada por hoy | no por hoy | nomas no
    no lo hice | no lo hicimos | no habia modo | no hubo modo | no habia manera | no hubo manera | ni al caso | no se pudo | no se dio | no se hizo | no se presento | no hubo | no tuve | no pude | no quise
    no acepto | no quiero | obvio no | obvio que no | siempre no | todavia no | aun no | nada | nada de nada
    seguro que no | incorrecto | es falso | falso | no es cierto | no es verdad | no gracias | definitivamente no
    no me interesa participar | no me interesa | no es de mi interes | declino | declino la invitacion | declino participar | declino amablemente
    prefiero no participar | no estoy de acuerdo en participar | paso no acepto | nel paso | no paso gracias | no le entro | nel no le entro | mejor no participo | no voy a participar | no quiero participar | no deseo participar | no acepto participar | no participo
    ninguno | ninguna | nadie | a nadie | con nadie | no hubo tiempo | no hubo chance | no habia chance | no habia tiempo
    no tuve tiempo | no tuve chance | no me dio tiempo | no dio tiempo | no me dio chance | no dio chance
    no puedo ir | no podre | no podre ir | no podre asistir | no puedo asistir | no asistire | no voy a poder | no voy a poder ir | no voy a poder asistir
    no quiero ir | no deseo ir | no quiero asistir | no deseo asistir | no ire | no voy a ir | no me dan permiso | imposible | me es imposible | no me es posible | no estoy de acuerdo | nunca en la vida | en lo absoluto
    ni una vez | ni una sola vez | ni una | ni uno | ni un alma | sin contacto | no que yo sepa | no que yo recuerde | no que yo me acuerde | no paso
    no me ha tocado | no nos ha tocado | no me toco | no nos toco | no me ha tocado ninguna | no me ha tocado ninguno | no me ha tocado nada | no se ha dado | no se ha ofrecido | no se ha presentado
    no he podido | no hemos podido | no tengo tiempo | no tengo chance | no tengo | a nadie | no a nadie
    no me paso | no me ha pasado | no ocurrio | no sucedio | no hubo contacto | nunca paso | esta vez paso | esta vez no puedo
    logico que no | logico no | pues logico que no | no hubo nadie | no hubo nada | casi que no | no acepto la invitacion
    no fue posible | no me interesa | no se dejo | no me dejo | no alcance | {NO_SIGN}
""")

COULD_NOT = _wordings("""
    no habia modo | no hubo modo | no habia manera | no hubo manera | no se pudo | no se dio | no pude | no pudimos | imposible | me es imposible
    no me es posible | fue imposible | no hubo tiempo | no hubo chance | no habia chance | no habia tiempo | no tuve tiempo | no tuve chance
    no me dio tiempo | no dio tiempo | no me dio chance | no dio chance | no pude hacerlo | no lo pude hacer | no pude preguntarle
""")
"""A no, unless an option says that it could not be done."""

FORGOT = _wordings("se me olvido | ya se me olvido")
"""Alone it is «no sé»; behind an answer it is its reason («no, se me olvidó»)."""

_NOT_TOLD = " | ".join(
    f"{yet} {what}".strip()
    for yet in ("", "todavia", "aun", "hasta ahorita")
    for what in (
        "no me dicen",
        "no nos dicen",
        "no me han dicho",
        "no nos han dicho",
        "no me avisan",
        "no nos avisan",
        "no me han avisado",
        "no me lo han dicho",
        "no me asignan",
        "no me han asignado",
        "no sale el rol",
        "no sale",
        "no han publicado el rol",
        "no publican el rol",
        "no nos pasan el rol",
        "no me pasan el rol",
        "no dicen",
        "no avisan",
    )
)
DONT_KNOW = (
    _wordings(f"""
    no se | nose | no ce | no lo se | no lo ce | no c | no sabria | no sabria decir | no sabria decirle | no sabria decirlo
    no sabria que decir | no le sabria decir | no sabria contestar | no le se decir | no recuerdo | no lo recuerdo
    no la recuerdo | no los recuerdo | no me acuerdo | ya no me acuerdo | ya no recuerdo | no lo tengo presente
    no tengo idea | ni idea | sin idea | no tengo ni idea | quien sabe | quien va a saber | sepa | sepa la bola
    no supe | ni supe | ya no supe | no me fije | ni me fije | ya perdi la cuenta | perdi la cuenta | no tome el tiempo | no tome tiempo | no los conte
    no las conte | ya ni me acuerdo | ni me acuerdo | no lleve la cuenta | no llevo la cuenta | no me percate | no lo conte | no vi el reloj
    no traia reloj | ni vi el reloj | no vi la hora | ni vi la hora | no cheque la hora | no vi el tiempo | ni cuenta me di | no me di cuenta | ni me di cuenta
    {_NOT_TOLD} | no se todavia | todavia no se | aun no se | no se aun | ya no se
    no puse atencion | no le puse atencion | ni atencion le puse | sabe | ns | desconozco | lo desconozco | no tengo el dato | no me la se | esa no me la se | no me lo se | perdi la cuenta de los dias | ya perdi la cuenta de los dias | ni se en que dia vivo | ya ni se en que dia vivo | no se en que dia vivo | no se ni en que dia vivo | ya no se ni en que dia vivo | ni se que dia es | ya ni se que dia es | no se ni que dia es | ya ni se | ya ni supe | ya ni vi la hora | ya no vi la hora | ya ni vi el reloj | ya ni me fije | ya no me fije | ni vi hora | ni la hora vi | {SHRUG}
""")
    | FORGOT
)

_NO_TRATO = " | ".join(
    f"no {verb} {whom}"
    for verb in ("trato con", "tengo trato con", "tengo contacto con", "convivo con", "atiendo a")
    for whom in ("la ciudadania", "ciudadanos", "el publico", "la gente", "personas", "civiles")
)
NOT_APPLICABLE = _wordings(f"""
    {_NO_TRATO} | no he tenido contactos | no he tenido contacto | no he tenido ninguno | no trato con gente | no tengo contacto con gente | no aplica | no aplico | no aplicaba | no me aplica | na | n a | no venia al caso | no viene al caso | no vino al caso
    ni al caso | no hizo falta | no fue necesario | no era necesario | no era el caso | no es el caso | no es mi caso | no procede
    no procedia | no hubo necesidad | no se dio el caso | no venia a cuento | no viene a cuento | ahi no aplica | no aplica ahi | no aplica en este caso
    en este caso no aplica | en ese caso no aplica
""")

_WONT = " | ".join(
    f"{what} voy a {verb}"
    for what in (
        "eso no lo",
        "esa no la",
        "esta no la",
        "esto no lo",
        "no la",
        "no lo",
        "no le",
        "eso no",
        "esa no",
        "esa pregunta no la",
        "a eso no",
    )
    for verb in ("contestar", "responder")
)
REFUSED = _wordings(f"""
    prefiero no | prefiero no decir | prefiero no decirlo | prefiero no contestar | prefiero no responder | prefiero no opinar
    prefiero no hablar de eso | {_WONT} | no quiero platicar de eso | no quiero hablar de eso | no quiero hablar del tema | no quiero contestar eso | no quiero contestar | no quiero responder | no quiero decir | no quiero decirlo
    no deseo contestar | no deseo responder | no contesto | no respondo | no voy a contestar | no le voy a contestar
    paso | sin comentarios | me reservo | me lo reservo | me reservo mi respuesta | prefiero reservarmelo | nc
    eso no lo quiero decir | esa no la quiero decir | eso no lo quiero contestar | esa no la quiero contestar | eso no quiero decirlo | esa no quiero contestarla | eso no lo digo
    mejor me la salto | esa mejor me la salto | esa me la salto mejor | mejor esa me la salto | eso me lo guardo mejor | esa no mejor | esa no gracias
    me la salto | esa me la salto | esta me la salto | me salto esa | me salto esta | me la brinco | esa me la brinco | me la brinco esa pregunta | la dejo en blanco
    esa la dejo en blanco | esta la dejo en blanco | me guardo mi opinion | me reservo mi opinion | esa no la contesto | eso no lo contesto | esa pregunta no la contesto
    eso no se lo voy a contestar | esa no se la contesto | mejor no digo | prefiero omitir | omitir | me lo guardo | eso me lo guardo | me lo quedo para mi
    mejor no la contesto | esa mejor no la contesto | mejor no contesto | mejor no respondo | mejor no opino | mejor no le digo | mejor no le cuento
    mejor no cuento | prefiero no escribirlo | prefiero no escribirlo por aqui | prefiero no decirlo por aqui | prefiero no contarlo | prefiero no contar
    prefiero no mencionarlo | prefiero no ponerlo | prefiero no hablar por aqui
""")

NONE = _wordings("""
    ninguna | ninguno | ningun | ningunas | ningunos | nada | nadie | nada en especial | nada en particular | ni uno | ni una
    ninguna cosa | ni en uno | en ni uno | ni con uno | ni uno solo | ni una sola | no ninguna | no ninguno | no nada
""")

NONE_OF_THESE = _wordings("""
    ninguna de esas | ninguna de las anteriores | ninguno de esos | ninguno de los anteriores | ninguna de ellas | ninguno de ellos
    ninguna de las opciones | ninguna de estas | ninguno de estos | nada de eso | nada de lo anterior
""")
"""Of what is listed, none: an option «Ninguna» says so, «Nada» does not."""

ALL = _wordings("""
    todas | todos | todo | todas ellas | todos ellos | todas las anteriores | todos los anteriores | todas esas
    todas las opciones | todo lo que viene ahi | todo lo que viene | todo lo que dice ahi | todo lo que dice | todo eso | todas esas cosas | todo lo anterior | todas las de arriba | todas las veces | todas las ocasiones
    de todas | toditas | toditos
""")
STOCK = YES | NO | NONE | ALL
"""Wordings that answer without a word of the question or of its options."""

OTHER = _wordings(
    "otro | otra | otros | otras | otra cosa | algo mas | otro tipo | otra opcion | otro motivo | otra razon | otro tema | otra situacion"
)


def _joined(*slots: str) -> frozenset[Words]:
    """Every wording that takes one of each slot's words in turn; a slot that ends in `|` may be left out."""
    return _wordings("|".join(" ".join(parts) for parts in product(*(slot.split("|") for slot in slots))))


_CHIEF = "jefe|jefa|jefes|comandante|mando|mandos|superiores|director|coordinador|jefe de turno"
_OF_A_CHIEF = "|".join(
    f"{of} {who}" for of in ("de", "del", "de mi", "de mis", "de los") for who in f"{_CHIEF}|superior".split("|")
)
_NO_TIME = (
    _joined(
        "no|ya no|nunca|no me|no nos|ya no me|ya no nos",
        "hubo|habia|hay|tuve|tuvimos|tenia|tengo|dio|daba|da|alcanzo|alcanza|alcanzaba",
        "|el|mucho|suficiente|mas",
        "tiempo|chance",
    )
    | _joined("|el|la|por|por el|por la|cuestion de|por cuestion de", "|falta de|poco", "tiempo")
    | _joined("hubo|habia|tenia|tuve|muy|hizo|el|andaba|andabamos", "falta de|poco|sin", "tiempo")
    | _wordings("sin tiempo | falto tiempo | me falto tiempo | nos falto tiempo | hizo falta tiempo")
)
_NO_PEOPLE = (
    _joined("no|ya no", "habia|hay|hubo|tenia|tenemos|teniamos|alcanzo|alcanza", "|el|mucho|suficiente", "personal")
    | _joined("|por|por la|la|hubo|habia", "falta de|poco|sin", "personal")
    | _wordings(
        "personal | el personal | por personal | falto personal | falta personal | hace falta personal | eramos pocos | somos pocos"
        " | eramos muy pocos | eramos pocos de personal"
    )
)
_DANGER = (
    _joined(
        "|por|habia|hay|hubo|era|estaba|es|esta|mucho|el|por el|muy",
        "riesgo|riesgos|peligro|riesgoso|riesgosa|peligroso|peligrosa|inseguridad|inseguro|insegura",
    )
    | _joined("|era|es|por ser", "zona", "peligrosa|insegura|de riesgo|riesgosa")
    | _wordings("mucho peligro | por seguridad | la inseguridad | por la inseguridad")
)
_ORDERS = _joined(
    "|por|son|fue|fueron|las|la",
    "orden|ordenes|instruccion|instrucciones|indicacion|indicaciones",
    f"|superior|superiores|de arriba|{_OF_A_CHIEF}",
)
_ORDERED = _joined("|el|la|los|mi|mis|por el|por mi|fue el|fue mi", _CHIEF) | _wordings("""
    superior | mi superior | me lo ordenaron | me ordenaron | asi me lo ordenaron | nos ordenaron | me dieron la orden | me lo indicaron
""")
_FREQUENT = (
    (
        _wordings("a veces | algunas veces | de vez en cuando | ocasionalmente"),
        _wordings(
            "a veces | aveces | algunas veces | de vez en cuando | ocasionalmente | en ocasiones | de repente | luego si | a ratos | no siempre | depende | unas si otras no | unas veces si y otras no"
        ),
    ),
    (
        _wordings("casi nunca | rara vez | pocas veces | raramente"),
        _wordings(
            "casi nunca | rara vez | raras veces | pocas veces | poquitas veces | muy pocas veces | raramente | casi no | muy poco | una que otra vez | muy rara vez | muy de vez en cuando"
        ),
    ),
    (
        _wordings("casi siempre | la mayoria de las veces | muchas veces | frecuentemente | a menudo"),
        _wordings(
            "casi siempre | la mayoria | la mayoria de las veces | la mayor parte | la mayor parte de las veces | muchas veces | muy seguido | seguido | a menudo | frecuentemente | con frecuencia | normalmente | generalmente | por lo general | por lo regular | casi todas | casi todas las veces | casi a diario"
        ),
    ),
    (
        _wordings("siempre | todas las veces"),
        _wordings(
            "siempre | todas las veces | todo el tiempo | cada vez | en todas | en todo momento | todos los dias | diario | a diario | cada turno | en cada turno | sin falta"
        ),
    ),
    (
        _wordings("nunca | ninguna vez"),
        _wordings(
            "nunca | jamas | ninguna vez | nunca jamas | ni una vez | para nada | en ningun momento | nunca lo he hecho"
        ),
    ),
    (
        _wordings("regular | mas o menos | ni bien ni mal"),
        _wordings(
            "regular | mas o menos | masomenos | ni bien ni mal | regularcito | ahi mas o menos | ni fu ni fa | pasable"
        ),
    ),
    (
        _wordings("bien | bueno | buena"),
        _wordings("bien | bueno | buena | chido | padre | chida | estuvo bien | estuvo bueno | todo bien"),
    ),
    (
        _wordings("muy bien | muy bueno | muy buena | excelente"),
        _wordings(
            "muy bien | muy bueno | muy buena | excelente | de lujo | de diez | super | super bien | al cien | buenisimo | buenisima | excelentisimo"
        ),
    ),
    (_wordings("mal | malo | mala"), _wordings("mal | malo | mala | feo | gacho | estuvo mal | estuvo malo")),
    (
        _wordings("muy mal | muy malo | muy mala | pesimo"),
        _wordings("muy mal | muy malo | muy mala | pesimo | horrible | malisimo | de la patada | terrible"),
    ),
)
"""How often, and how good: an option of these is meant by what says the same."""
SYNONYMS = (
    *_FREQUENT,
    (_NO_TIME, _NO_TIME),
    (_NO_PEOPLE, _NO_PEOPLE),
    (_DANGER, _DANGER),
    (_ORDERS, _ORDERS | _ORDERED),
)
"""An option whose label is one of the first wordings is meant by all of the second, as whole replies."""

POLITE = _wordings(f"""
    a | al | con | de | del | el | en | la | las | lo | los | me | mi | mis | por | que | se | su | sus | un | una | unas | unos
    y | ya | yo | le | les | ese | esa | esos | esas | eso | hijole | hijoles | la neta | neta | por el momento | por ahora | chale
    caray | fijese | fijese que | uff | uf | pues | bueno | mmm | mm | hm | eh | ah | oh | ay | uy | a ver | entonces | verdad
    la verdad | la verdad es | francamente | sinceramente | honestamente | o sea
    jefe | jefa | jefecita | jefecito | oficial | comandante | comandanta | comandanto | patron | patrona | senor | senora
    senorita | senores | sr | sra | lic | licenciado | licenciada | doctor | doctora | doc | ingeniero | maestra
    maestro | amigo | amiga | compa | compadre | carnal | wey | guey | we | wei | vato | bro | mano | manito | carnalito | compita | compayito | hermano | jovenazo | joven
    mi comandante | gracias | muchas gracias | mil gracias | grax | por favor | porfavor | porfa | favor | plis | saludos
    un saludo | hola | buenas | buenos dias | buen dia | buenas tardes | buenas noches | buena tarde | buena noche | que tal
    mire | mire pues | fijate | fijate que | vera usted | la vdd | la vd | vdd | de hecho | le soy sincero | le soy sincera | le soy honesto
    le voy a ser sincero | para serle sincero | para ser sincero | siendo sincero | siendo honesto | pa que le miento | para que le miento
    para que mentir | para que mentirle | no le voy a mentir | sin mentirle | le comento que | le comento | le informo que | le informo
    les informo que | informo que | le platico que | dejeme decirle que | deje le digo que | deje le digo | que le dire | que le digo | le digo que
    con el gusto de saludarle | con gusto le informo que | reciba un cordial saludo | un cordial saludo | estimados | estimado | estimada
    perdon la tardanza | perdon por la tardanza | perdon por tardar | perdon por la hora | perdon la hora | perdon la demora | perdon por la demora
    disculpe la tardanza | disculpe la demora | disculpe la hora | disculpe por la hora | disculpa la tardanza | disculpe apenas veo el mensaje
    apenas veo el mensaje | apenas vi el mensaje | apenas vi su mensaje | apenas lo veo | apenas lo leo | apenas leo | hasta ahorita veo el mensaje
    que pena | con todo respeto | como le dije | como le digo | le repito | gracias por preguntar | gracias a dios | bendito dios | primero dios
    buenos dias tenga | buen turno | buena guardia | bonito dia | excelente dia | bendiciones | quedo a sus ordenes | quedo atento | quedo atenta
    quedo pendiente | cambio y fuera | copiado | enterado | oiga | oye | de volada | a poco | mi jefa | mi lic | maestrita | doctorcita
    disculpe | disculpa | perdon | una disculpa | con permiso | a la orden | a sus ordenes | {YES_SIGN} | jaja | ja | jajaja
    jajajaja | jeje | jejeje | je | ji | respetuosamente | atentamente | atte | un servidor | su servidor | una servidora | por medio del presente | por este medio | por este conducto
    si dios quiere | dios mediante | si dios nos da licencia | si dios nos presta vida | gracias por su atencion | por su atencion | gracias por su tiempo | gracias por su apoyo
    quedo de usted | cordialmente | sin mas por el momento |  jiji | haha | lol | xd | punto | punto final
""")
"""Noise around any reply, a missing code too. «Punto» is what is dictated."""

FILLERS = POLITE | _wordings("""
    ya sabe | ya sabe usted | ya sabe como | ya sabe como es | ya sabe como son | ya ve | ya ve como es | ya ve como son
    seleccione | selecciono | elegi | escogi | marque | ahi le va | ahi va | ahi les va | aqui va | le va
    es | era | fue | fueron | son | seria | serian | opcion | opciones | la opcion | opc | op | respuesta | mi respuesta
    respuestas | numero | num | nro | inciso | letra | elijo | escojo | digo | diria | creo | creo que | pienso | pienso que
    considero | contesto | respondo | pongo | marco | al final | al ultimo | sigue | siguen | estoy | estuvo | esta | estaba | estaban
    quedo | siguio | seguia | tuve | hubo | hice | atendi | solo | solamente | nomas | no mas | nada mas | unicamente
    nada mas que | mas que nada | mas que todo | sobre todo | principalmente | puro | pura | puros | puras | falta | falta de
    falto | me falto | hizo falta | la falta de | poco a poco | persona | ciudadano | ciudadana | le doy | doy | le daria | daria | le pongo | le pondria | pondria
    se me paso | todo bien | todo tranquilo | todo en orden | sin novedad
    todo el tiempo | en todo momento | desde el principio | desde el inicio | sin problema | sin problemas | sin bronca
    no hubo problema | no hubo problemas | no hubo bronca
""")
"""Words that may stand around an answer without meaning one."""

ADJUNCTS = _wordings("""
    esta semana | este semana | esta vez | en esta ocasion | en esta semana | en mi turno | en este turno | en el turno | en ese turno | en mi ultimo turno
    en el ultimo turno | en mi guardia | en la guardia | en mi servicio | en el servicio | durante el turno | durante mi turno | durante mi servicio
    durante el servicio | en mi sector | en mi caso | de mi parte | por mi parte | en lo personal | a mi parecer | desde mi punto de vista | un buen
    andele pues | andele | ahi | no le veo problema | por la invitacion | hasta el momento | hasta ahorita | hasta ahora | como siempre | como debe ser | como debe de ser | como siempre lo hago | rapidito | la mera verdad
""")
"""Words of time and manner around an option, or around a yes or no."""

DID = frozenset(
    word_list(
        "hice hicimos hizo tuve tuvimos atendi atendimos hubo fueron son eran realice realizamos levante levantamos aplique aplicamos"
        " puse pusimos intervine intervenimos apoye apoyamos"
    )
)
"""«Hicimos una revisión» means the option; «hicimos 2» counts."""

DEGREES = _wordings("""
    plena | pleno | mera | mero | bastante | mucho | muchisimo | completamente | totalmente | por completo | rapido | luego luego | tema | asunto | cuestion
    cuestiones | el tema | problema
""") | frozenset((word,) for word in DID)
"""The same around one of a list. Around yes and no, and on a scale, they change what is meant."""

POINTS = _wordings("estrellas | puntos")

RELATIONAL = re.compile(r"(?:al|ar|ic[oa]|iv[oa]|ari[oa]|an[oa])s?$")
"""Adjectives that say what kind: «auxilio vial», «revisión administrativa»; not «tiempo suficiente», which takes it back."""

QUALIFIERS = frozenset(word_list("de del a al por en con entre que"))
"""Words after which a detail says which or whose: «revisión de rutina», «conflicto entre vecinos»."""

DENIALS = frozenset(word_list("no ni sin nunca tampoco nadie nada menos excepto salvo pero sino y e o u"))
"""In what follows an answer, these may take it back or go on to another one."""

INTENSELY: dict[Words, frozenset[Words]] = {
    ("muy",): _wordings("totalmente | completamente | absolutamente | super | bien | re | sumamente"),
    ("nada",): _wordings("cero | para nada | ni tantito | nadita | ni poquito | en nada"),
    ("poco",): _wordings("un poco | poquito | un poquito | tantito | poquillo"),
}
"""More than the highest degree that a label names is that degree."""

HEDGES = _wordings("""
    me va a | nos va a | le va a | te va a | se va a | me va | nos va | le va | se va
    tal vez | talvez | quiza | quizas | quizas si | a lo mejor | alomejor | depende | depende de | a veces | aveces
    algunas veces | casi | mas o menos | supongo | puede ser | puede que | segun | posiblemente | probablemente | chance
    chanse | igual y | no siempre | no mucho | no tanto | no del todo | no estoy seguro | no estoy segura | no muy
    mas bien | en parte | a medias | ni | excepto | salvo | menos | no creo que | no entiendo | no entendi
    no quiero decir | luego le digo | no se me | no se nos | no se le | no se les | no solo | no solamente | no unicamente | no nada mas | no nomas | no tan solo | no deje de | no dejamos de | nunca deje de | nunca dejo de | nunca dejamos de | jamas deje de | jamas dejo de | no dejo de | no he dejado de | no paro de | no pare de | no es que | no estuve seguro | no estuve segura | no todo el tiempo | todo el tiempo no | no en todo momento | no desde el principio | me acuerdo | como que | solo si | no problema | ningun problema | de nada | por nada | siempre y cuando | siempre que | hubo tiempo | habia tiempo | tuve tiempo | tuvimos tiempo | tenia tiempo | dio tiempo | me dio tiempo | alcanzo el tiempo | me alcanzo el tiempo | por lo menos | al menos | de menos | cuando menos | a lo menos | a lo mas | cuando mas | mas tarde | nada que ver | nada de | de todo | 🤔
""")
"""A reply with one of these leaves open what is meant: it is asked again, unless the words are an option's own."""

EITHER = _wordings("o | u | entre")
"""These stand between two answers: a doubt, unless both are the same."""

DETAILS_OF_YES = frozenset(
    word_list("como unos unas un una dos tres cuatro cinco varios varias bastante bastantes muchos muchas")
)
DETAILS = DETAILS_OF_YES | frozenset(word_list("con a en"))
"""A beginning that, behind a bare yes, says with whom, where or how many; behind a no only the last ones do."""
PARTLY = frozenset(word_list("todos todas todo toda siempre mucho mucha muchos muchas tanto tanta solo nomas"))

CONCLUDES = _wordings(
    "asi que | asi es que | entonces | o sea que | o sea | por eso | total que | por lo tanto | en fin"
)
"""The words after these sum up a story."""

REASONS = _wordings("porque | por que | xq | pq | xke | porq | ya que | puesto que | debido a | dado que | aunque")
"""Words after which an explanation follows: its «no» is none («sí, aunque no quería»)."""

BECAUSE = REASONS | _wordings(
    "pues que | por el | por la | por un | por una | por los | por las | pero | cuando | donde | para que | como"
)
"""Words after which a detail belongs to the answer and need not be understood."""

CORRECTS = frozenset(word_list("no ni o u mejor casi digo perdon excepto menos salvo"))
"""A second clause that begins so may take the first one back."""

VERBS = frozenset(
    word_list("""
    tuve tuvimos hubo pude pudimos hice hicimos explique explicamos deje dejamos aplique aplicamos di dimos dije dijimos hable
    hablamos escuche escuchamos agradeci agradecimos atendi atendimos salude saludamos trate tratamos use usamos logre
    logramos alcance alcanzamos quise quisimos pregunte preguntamos informe informamos permiti permitimos respete
    respetamos mencione comente comentamos indique realice realizamos intente intentamos recibi recibimos dio
    realizo hizo dejo pudo presento explico platique platicamos mostre conteste contestamos acudi acudimos detuve detuvimos
    participo participe dijo dijeron comento informo indico pregunto escucho aplico atendio permitio salio toco tocaron fui fuimos estuve
    estuvimos vi vimos sali salimos llegue llegamos revise revisamos presente presentamos identifique identificamos lei
    leimos anduve anduvimos coopero cooperaron presto quiso quisieron acorde pense amerito cumpli apoye apoyamos
""")
)
"""«sí le expliqué», «no tuve»: after a bare yes or no, these make a statement of it; «si da tiempo» is none."""

IMPERFECTS = frozenset(word_list("habia habian andaba andaban traia traian ameritaba"))
"""These make a statement of a no only: «si había tiempo» is a condition."""

HABITS = frozenset(
    word_list(
        "hago hacemos tengo tenemos doy damos explico explicamos escucho escuchamos atiendo aplico uso pregunto informo saludo trato"
        " agradezco respeto permito procuro"
    )
)
"""These make a statement of a «siempre» or «nunca»; «si tengo» is a condition, «no tengo saldo» talk."""

PRONOUNS = frozenset(word_list("lo la le les los las se me nos te ya yo que"))

SHORTHAND: dict[str, Words] = {
    "q": ("que",), "k": ("que",), "qe": ("que",), "ke": ("que",), "x": ("por",), "d": ("de",), "m": ("me",), "sii": ("si",), "siii": ("si",), "noo": ("no",), "hrita": ("horita",), "mmmm": ("mmm",), "mmmmm": ("mmm",), "sepudo": ("se", "pudo"), "nosepudo": ("no", "se", "pudo"), "toy": ("estoy",), "pk": ("porque",), "pork": ("porque",), "grax": ("gracias",), "pos": ("pues",),
    "dela": ("de", "la"), "enla": ("en", "la"), "porla": ("por", "la"), "ps": ("pues",), "pus": ("pues",), "pz": ("pues",), "bn": ("bien",), "tmb": ("tambien",), "tb": ("tambien",),
    "tbn": ("tambien",), "deacuerdo": ("de", "acuerdo"), "masomenos": ("mas", "o", "menos"), "maso": ("mas", "o"), "unavez": ("una", "vez"), "aveces": ("a", "veces"),
    "nomas": ("nada", "mas"), "asies": ("asi", "es"), "haci": ("asi",),
    "nose": ("no", "se"), "qie": ("que",), "qye": ("que",), "mui": ("muy",), "ves": ("vez",), "bez": ("vez",), "beces": ("veces",), "quisas": ("quizas",), "quisa": ("quiza",),
    "kizas": ("quizas",), "talves": ("tal", "vez"), "aveses": ("a", "veces"), "porsupuesto": ("por", "supuesto"),
    "chanse": ("chance",), "ekivoque": ("equivoque",), "ekiboque": ("equivoque",), "equiboque": ("equivoque",), "ekivoke": ("equivoque",), "ans": ("anos",), "aser": ("hacer",), "pal": ("para", "el"),
    "septo": ("acepto",), "cepto": ("acepto",), "before": ("antes",), "after": ("despues",), "better": ("mejor",), "worse": ("peor",), "same": ("igual",), "nobody": ("nadie",),
    "never": ("nunca",), "always": ("siempre",), "years": ("anos",), "months": ("meses",), "hours": ("horas",), "minutes": ("minutos",),
    "two": ("dos",), "three": ("tres",), "four": ("cuatro",), "five": ("cinco",), "six": ("seis",), "eight": ("ocho",), "nine": ("nueve",),
    "partner": ("companero",), "street": ("calle",), "school": ("escuela",), "house": ("casa",), "store": ("tienda",), "my": ("mi",), "the": ("el",), "they": ("ellos",),
    "aci": ("asi",), "csi": ("casi",), "npi": ("ni", "idea"), "noc": ("no", "se"),
}  # fmt: skip
"""Thumbs' spelling, word by word."""

POLARITY = frozenset(word_list("no sin nunca ni nada muy poco poca mas menos casi algo si siempre"))
"""Words that turn a label round or grade it: a label that has one is not meant by a reply that leaves it out."""

REAL_WORDS = frozenset(
    word_list("""
    silla sino sine siento siente siendo sienta cada cara caro cuarto cuarta viento cuento cuenta cinto mueve nieve llueve
    hecho echo techo dice dicen doble trece tras tren tener quien quine diaz dias diez deis seas sean serie cita calma
    calle casi caso casa cosa claros clara clave nota noche nombre nuca tarde parte martes marzo mayo junio julio lunes
    detener tiempos riesgoso excepto  mejor peor menor mayor tanto tonto tinto cierta ciertas mucho mucha nunca
    nuestro jamon timon limon ramas damas camas salen valen tercio ultima ultimo sierra cierra abierto seguir siguen
    acepta acepte aceptar negar retencion vienes hacer ayer noviembre hacen hacia desde donde cuando cuanto cuantos once onces nueva nuevo nuevas nuevos medio media
    queda quedar quejo desacuerdo acuerdo incorrecto correo corrector
""")
)
"""Words of their own, one slip away from a number or an answer: never mended."""

UNITS = frozenset(
    word_list("""
    compas companeros companeras amigos cuates elementos policias jefes mandos
    vez veces ves beses ocasion ocasiones contacto contactos persona personas gente ciudadano ciudadanos ciudadana ciudadanas
    turno turnos dia dias hora horas hrs minuto minutos min mins ano anos mes meses semana semanas km kms kilometro
    kilometros metro metros peso pesos caso casos ellos ellas esos esas detencion detenciones intervencion intervenciones
    evento eventos servicio servicios reporte reportes companero companeros companeras elemento elementos vehiculo
    vehiculos vecino vecinos llamada llamadas auxilio auxilios revision revisiones punto puntos detenido detenidos detenida detenidas
    conductor conductores automovilista automovilistas motociclista motociclistas peaton peatones transeunte transeuntes infraccion
    infracciones multa multas boleta boletas entrevista entrevistas usuario usuarios afectado afectados quejoso quejosos senor senores
    senora senoras mujer mujeres hombre hombres joven jovenes muchacho muchachos sujeto sujetos masculino masculinos femenina femeninas
    comerciante comerciantes accidente accidentes remision remisiones interaccion interacciones encuentro encuentros atencion atenciones
""")
)
"""Things that a number may count without saying anything else."""

MEASURES = frozenset(
    word_list("""
    dia dias hora horas hrs hr minuto minutos min mins segundo segundos seg segs rato ratos ano anos mes meses semana semanas km kms kilometro
    kilometros metro metros peso pesos varos litro litros kilo kilos
""")
)
"""Units of time, way, money and weight: a number of these answers only a question that speaks of them."""

APPROXIMATE = _wordings("""
    exactamente | exactas | exactos | por ahi | pongale | ponle | digamos | tan solo | al rededor de | van | llevo
    como | aproximadamente | aprox | aproximado | mas o menos | alrededor de | cerca de | unos | unas | apenas | fueron como | como unas
    como unos | han de ser | por ahi de | algo asi como | serian | calculo
""")

NUMBER_VETOES = _wordings("""
    mas de | menos de | no mas de | no menos de | nada mas de | al menos | por lo menos | minimo | maximo | cuando mucho | cuando menos | a lo mucho | o mas
    o menos | hasta | casi | arriba de | abajo de | a las | a la | despues de | antes de | un poco | una que otra
    son las | eran las | todos los dias | todo el dia | todo el tiempo | al dia | por dia | por turno | a la semana | por semana | al mes | por mes
    por servicio | por hora | por persona | cada | uno que otro | unos cuantos | unas cuantas | tal vez | quiza | quizas | depende | a lo mejor | ni | o | u | entre
""")
"""A number beside one of these is a bound, a range, a rate, an hour or a doubt: not the number asked for."""
