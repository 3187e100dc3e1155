"""A plain yes to a request for consent: nothing with a condition, an order, coercion, a later time or a question."""

import re

from rapidfuzz.distance import OSA

from app.flows.replies import lexicon as lex
from app.flows.replies.fold import LONGEST, Folded, fold, phrase
from app.flows.replies.numbers import cardinal
from app.flows.replies.patterns import Patterns, line_of, lines
from app.flows.replies.phrases import FILLER, Meaning, MeaningKind, Phrases, spelled_out

_HELD = re.compile(r"([a-z])\1+$")
"""A last letter that was held down: «aceptoo»."""
_NOT_FREE = frozenset(
    phrase(text)
    for text in ("a huevo", "ahuevo", "a webo", "a wevo", "awebo", "awevo", "de una", "por que no", "como no")
)
_PLAINLY_TOO = """
    si estoy de acuerdo | estoy de acuerdo | claro que acepto | si claro | si participo | participo | si me interesa | me interesa
    me gustaria | si me gustaria | me gustaria participar | si con gusto | con todo gusto | encantado | encantada | perfecto | excelente
    muy bien | bien | listo | si autorizo | autorizo | doy mi consentimiento | si doy mi consentimiento | cuenten conmigo | cuente conmigo
    cuenta conmigo | consiento | acepto los terminos | acepto el aviso | estoy dispuesto | estoy dispuesta | si estoy dispuesto | sin problema
    sin ningun problema | no hay problema | me parece bien | me parece | enterado | enterada | entendido | si quiero | quiero | en que puedo ayudar
    estoy de acuerdo en participar | si estoy de acuerdo en participar | de acuerdo en participar | si le entro | le entro | aceptado | aceptada
    acepto la invitacion | acepto los mensajes | acepto recibir mensajes | acepto recibirlos | acepto voluntariamente | acepto libremente
    acepto participar voluntariamente | por voluntad propia | por mi voluntad | leido y acepto | leido y aceptado | ya lei todo | ya lo lei
    ya lei el aviso | lei el aviso | leido | con gusto participo | con gusto acepto | participo con gusto | gustoso | gustosa | si me gusto el taller
    acepto recibir los mensajes | acepto los mensajes y el estudio | acepto todo | acepto ambas cosas | acepto las dos cosas | quiero participar en el estudio
    quiero recibir los mensajes | si quiero recibir los mensajes | i accept | i agree | yes i accept | yes i agree | de acuerdo con todo | acepto recibir mensajes de seguimiento
    me gusto el taller | quiero seguir | quiero participar | si quiero participar | deseo participar | si deseo participar | deseo continuar | aceto
    asepto | asepto participar | acepto participar | por supuesto que acepto | claro que participo | por mi si | por mi parte si | adelante
    confirmo | confirmo mi participacion | confirmado | doy mi autorizacion | otorgo mi consentimiento | otorgo mi autorizacion | me apunto | apunteme
    sera un placer | es un placer | siempre | voluntariamente | libremente | de buena gana | por mi propia voluntad | sí
    manifiesto mi voluntad de participar | expreso mi voluntad de participar | es mi voluntad participar | es mi deseo participar
    manifiesto mi deseo de participar | manifiesto mi consentimiento | por mi esta bien | por mi parte esta bien | por mi adelante | por mi encantado
    por mi encantada | por mi no hay problema | por mi no hay ningun problema | por mi va | por mi sale | por mi no hay inconveniente
    sin problema alguno | sin inconveniente | sin inconveniente alguno | por supuesto que quiero participar | claro que quiero participar
    por supuesto que participo | quiero seguir aprendiendo | quiero aprender | quiero aprender mas | la primera | la primera opcion | la uno
"""
_AROUND = """
    por medio del presente | por este medio | por este conducto | atentamente | atte | respetuosamente | un servidor | su servidor | una servidora
    manifiesto que | en el seguimiento | seleccione | selecciono | elegi | elijo | escogi | escojo | marque | marco | pongo | le pongo | ahi le va | ahi le va el | ahi va | ahi le va la
    enterado de que es voluntario | enterada de que es voluntario | se que es voluntario | entiendo que es voluntario | siendo voluntario
    de manera voluntaria | de forma voluntaria | con gusto | si puedo ayudar en algo | si en algo puedo ayudar | en lo que pueda ayudar
    en lo que se pueda ayudar | aqui estoy | aqui estamos | aqui andamos | el taller me gusto | el taller me gusto bastante | el taller me gusto mucho
    el taller me sirvio | el taller estuvo bueno | el taller estuvo muy bueno | jaja | jajaja | jajajaja | jeje | ja
    gracias | muchas gracias | mil gracias | por favor | porfavor | jefe | jefa | oficial | senor | senora | senorita | licenciado
    licenciada | lic | doctor | doctora | doc | maestra | maestro | mi comandante | comandante | buenos dias | buen dia | buenas tardes
    buenas noches | buenas | hola | que tal | saludos | pues | bueno | y | yo | ya | claro | opcion | la | el | numero | con respeto
    recibir mensajes | recibir los mensajes | recibir sus mensajes | recibirlos | los mensajes | mensajes de seguimiento | recibir mensajes de seguimiento
    en el programa | en el estudio | en este programa | en este estudio | en la encuesta | en todo | a todo | totalmente | respuesta
    quedo atento | quedo atenta | quedo pendiente | quedo a sus ordenes | estoy atento | quedo en espera | en el seguimiento | del seguimiento
    al seguimiento | en la investigacion | es por mejorar | para mejorar | para aprender | para aportar | para ayudar | excelente dia | buen turno
    saludos cordiales | un saludo | bendiciones | disculpe la tardanza | perdon la tardanza | a sus ordenes | al programa | al estudio | tambien
    ahi | andele pues | andele | joven | a ver que preguntan | no le veo problema | estuvo bueno el taller | me gusto mucho | mire | la verdad
    por la invitacion | es | mi respuesta | mi | de | mucho | muy | ah | a | mmm | eso
    por aclarar que es voluntario | por aclarar | por explicar | por la aclaracion | por la informacion | pal estudio | para el estudio | sgto | cmdte | suboficial
    por tomarme en cuenta | por tomarnos en cuenta | por la oportunidad | por considerarme | por el interes | quedo al pendiente | al pendiente
    ahi andamos | aqui andamos | pa lo que se ofrezca | para lo que se ofrezca | para lo que gusten | para servirle | con ustedes | con usted
    el seguimiento del taller | el seguimiento | quedo a la orden | a la orden | quedo al tanto | quedo a la espera | pol | seguir aprendiendo
    me gusto el taller | me gusto mucho el taller | me sirvio el taller | me sirvio mucho el taller | el taller | oficial | compañera | companero
"""


def _split(text: str) -> list[lex.Words]:
    return [phrase(part) for line in text.splitlines() for part in line.split("|") if part.strip()]


_CHANGING = _split("""
    mejor | mejor dicho | siempre | que siempre | ya lo pense | ya lo pense bien | ya lo pense mejor | lo pense | lo pense bien
    lo pense mejor | pensandolo bien | pensandolo mejor | bien pensado | cambie de opinion | cambio de opinion | cambie de parecer
    cambie de idea | me arrepenti | me equivoque | perdon | disculpe | disculpa | digo | corrijo | rectifico | lo reconsidere
""")
"""Words with which somebody changes a no to a yes."""


def _phrases() -> Phrases:
    phrases = Phrases()
    phrases.add(lex.YES - _NOT_FREE - lex.BIDS, Meaning(MeaningKind.option))
    phrases.add(_split(_PLAINLY_TOO), Meaning(MeaningKind.option))
    phrases.add(_split(_AROUND), FILLER)
    return phrases


_PHRASES = _phrases()


def is_plain_yes(folded: Folded) -> bool:
    """Whether every word is a yes, the option's number, or courtesy around it; or what follows the yes is a neutral detail."""
    return _is_yes(folded, _PHRASES) or _has_detail(folded)


def _has_detail(folded: Folded) -> bool:
    """«acepto, soy de los del grupo de la tarde»: a plain yes, and then a word about the officer or a reason; «leí el aviso y acepto»."""
    if folded.has("?") or is_bound(folded):
        return False
    parts = [part.split() for part in _PART.split(" ".join(folded.tokens)) if part.strip()]
    if len(parts) <= 1:
        return False
    yes = [place for place, part in enumerate(parts) if _is_yes(_of(part), _PHRASES)]
    if not yes or (yes[0] and not (_says_it(parts[yes[0]]) and all(map(_is_read, parts[: yes[0]])))):
        return False
    express = _says_it(parts[yes[0]])
    return all(
        _is_yes(_of(part), _PHRASES) or _is_detail(part) or (express and _is_harmless(part))
        for part in parts[yes[0] + 1 :]
    )


def _says_it(part: list[str]) -> bool:
    return not _EXPRESS.isdisjoint(part) or "de acuerdo" in " ".join(part)


def _is_read(part: list[str]) -> bool:
    """«leí lo del estudio», before the yes."""
    return bool(part) and part[0] in _READ and _is_harmless(part[1:])


_READ = frozenset(lex.word_list("lei ya leido leida enterado enterada entendido entendida"))


def _is_detail(part: list[str]) -> bool:
    if _PHRASES.cover(tuple(part)):
        return True
    return (
        len(part) <= _LONGEST_DETAIL and _TURNS.isdisjoint(part) and _DETAILS.first_in(line_of(_of(part))) is not None
    )


def _is_harmless(part: list[str]) -> bool:
    """«ya me lo habían explicado», «que usen mis respuestas»: a clause that speaks of nobody who orders, of no condition and of no part."""
    return (
        len(part) <= _LONGEST_DETAIL
        and _SUSPECT.isdisjoint(part)
        and not any(_THEY.search(word) and word not in _OURS for word in part)
    )


def _of(words: list[str]) -> Folded:
    return Folded(" ".join(words), tuple(words), tuple(words))


def _is_yes(folded: Folded, phrases: Phrases) -> bool:
    if folded.has("?"):
        return False
    words, place = (
        tuple(_mended(_HELD.sub(r"\1", word)) for word in spelled_out(folded.tokens) if word not in ",;.:-/)+&#"),
        0,
    )
    agreed = False
    while place < len(words):
        found = phrases.at(words, place)
        if found is None:
            number = cardinal(words, place)
            if number is None or (agreed and number[0] != 1):
                return False  # «ok, 1» names the option too
            agreed, place = True, number[1]
        else:
            agreed = agreed or found[0].what is MeaningKind.option
            place = found[1]
    return agreed


def _mended(word: str) -> str:
    """«acepro», «aceoto»: one slip away from «acepto», and no other form of it."""
    close = len(word) > len("acep") and word not in _OTHER_FORMS and OSA.distance(word, "acepto", score_cutoff=1) <= 1
    return "acepto" if close else word


def is_bare_yes(text: str) -> bool:
    """Whether a message is «sí» or another plain yes in words, without an option's number."""
    folded = fold(text[:LONGEST])
    return is_plain_yes(folded) and not any(word.isdecimal() for word in folded.words)


_EXPRESS = frozenset(
    ("acepto", "participo", "participar", "accept", "agree", "autorizo", "consiento", "consentimiento")
)


def is_express(folded: Folded) -> bool:
    """Whether a plain yes names what it agrees to: an «ok» may be no more than a goodbye."""
    return any(word in _EXPRESS for word in folded.words)


def is_outright(text: str) -> bool:
    """Whether a plain yes says «sí», or what it agrees to: after our goodbye an «ok» or «perfecto» may be about that."""
    folded = fold(text[:LONGEST])
    return is_plain_yes(folded) and ("si" in folded.words or is_express(folded))


def _changing() -> Phrases:
    phrases = Phrases()
    phrases.add(_CHANGING, FILLER)
    for words, meaning in _PHRASES.meanings.items():
        phrases.add((words,), meaning)
    return phrases


_CHANGED = _changing()


def is_accepted_late(text: str, *, decided: bool) -> bool:
    """Whether a message after the end of a request for consent accepts, so that the question is put again. After a no it takes a yes
    that is express, or that says that it changes («mejor sí»)."""
    folded = fold(text[:LONGEST])
    if not _is_yes(folded, _CHANGED):
        return not decided and is_plain_yes(folded)
    return not decided or is_express(folded) or _says_change(folded.words)


def _says_change(words: lex.Words) -> bool:
    return any(words[start : start + len(one)] == one for one in _CHANGING for start in range(len(words)))


_AT_YOUR_SERVICE = Patterns(("a (sus|tus|su|tu|la) (ordenes|orden)",))
"""Courtesy, and no order."""
_PART = re.compile(r"[,.;:]+| y (?:en )?(?:que )?| en que ")
_LONGEST_DETAIL = 10
_TURNS = frozenset(
    lex.word_list("no ni nunca si solo nomas mientras luego despues condicion salvo excepto todos otro otros nos")
)
"""A clause with one of these is more than a detail."""
_THEY = re.compile(
    r"(?:[aeo]n|aron|ieron|aba|ara|iera|aria|eria)$|^oblig|^orden|^mand|^forz|^exig|^amena|^sancion|^castig|^jef|^anonim|^confiden|^condici"
)
"""What others do, and what would be: a clause with such a word may tell of pressure or of a condition."""
_OURS = frozenset(lex.word_list("usen usan en bien tan gran utilicen guarden habian han tambien don examen"))
_SUSPECT = frozenset(
    lex.word_list(
        "no ni nunca nada nadie ninguno ninguna si solo nomas unicamente solamente mientras luego despues manana rato hoy ahorita orita salvo excepto menos todos todas otro otra otros nos"
        " cuando hasta quien quienes cual porque xq pq para comandante comandanta superior superiores mando mandos director directora capitan licenciado"
        " oficialia jefatura dijo dice pidio quiere obligo miedo remedio modo otra opcion queda tengo tenemos debo debemos toca tocaba fuerza fuerzas huevo"
        " aunque pero sino entonces segun supongo quiza quizas depende creo duda problema problemas nombre numero datos firma firmar pago dinero puntos permiso ascenso"
        " deje dejen molesten quiten baja salir cancelar opine pienso pensar familia esposa esposo mejor digo perdon error equivoque"
        " parte mitad algunos algunas unos unas primero condicion compromiso obligacion servicio sueldo franco descanso vacaciones"
    )
)
_OTHER_FORMS = frozenset(
    lex.word_list("acepta acepte aceptar aceptan acepten aceptas aceptes acento excepto aceptos acepton")
)
_DETAILS = Patterns(
    lines("""
    ^ (yo)? soy (de|del|de los|policia|oficial|elemento|nuevo|nueva) ~
    ^ (estoy|ando|trabajo) (en|de) (el|la|mi)? (grupo|sector|turno|escuadra|zona|area|base|vialidad|transito|descanso|vacaciones|franco|noche) ~
    ^ (me gusto|me sirvio|me ayudo|estuvo) ~ (taller|curso|bueno|bien|mucho)
    ^ (es|son|esta|fue) (muy|algo)? (bueno|buena|bien|importante|interesante|util|necesario) ~
    ^ (todo sea)? (por|para) (mejorar|aprender|ayudar|el bien|la gente|la corporacion|una mejor|servir) ~
    ^ aunque (a veces|luego|aveces)? (tardo|me tardo|demoro) ~
    ^ (todo)? lo que (sirva|sume|ayude) ~
    ^ (y)? (buenas|buenos|buen|saludos|un saludo|bendiciones|excelente|bonito) ~
    ^ (pol|policia|oficial|of|atte|atentamente) ~
    ^ (1ro|2do|3ro|1o|2o|3o|primero|segundo|tercero) $
""")
)
_BOUND = Patterns(
    lines("""
    (obligan|obligado|obligada|obligaron|obliga|obligacion|obligatorio|obligatoria|forzado|forzada|fuerza|fuerzas|huevo|webo)
    (ordenan|ordenaron|ordeno|ordene|ordena|orden|ordenes|instruccion|instrucciones|mandaron|me mandan|me exigen|exigen|exigieron)
    (me|nos) (dice|dicen|dijo|dijeron|pide|piden|pidio|pidieron) ~ (que|acept*|contest*|particip*|firm*)
    (comandante|jefe|jefa|mando|mandos|superior|superiores|director|jefes) ~ (dijo|dijeron|dice|dicen|quiere|quieren|pidio|manda|ordena|ordeno|acepte*)
    no (me|nos|hay|tengo|queda) (queda)? ~ (de otra|otra|opcion|opciones|remedio|alternativa)
    (ni modo|por miedo|bajo protesta|por compromiso|contra mi voluntad)
    para (que)? no (me|tener|haya|hay) ~ (sancion*|arrest*|problema*|represalia*|castig*|quiten|corran)
    (siempre y cuando|siempre que|a condicion|con la condicion|con tal|a menos que|solo si|mientras no|mientras sea|mientras)
    ^ (acepto|si|ok|va|sale|bueno|de acuerdo|esta bien) (pero|aunque|nomas que|nada mas que|por si|para que)
    (nada mas|nomas|solo|solamente|unicamente) si
    ^ (acepto|si|ok|va|sale)? si (usted|ustedes|me|nos|es|no|hay|mi|el|la|se|lo|los)
""")
)


def is_bound(folded: Folded) -> bool:
    """Whether a reply speaks of an order, of coercion or of a condition."""
    return _BOUND.first_in(_AT_YOUR_SERVICE.without(line_of(folded))) is not None
