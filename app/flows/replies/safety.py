"""A crisis (life or safety of the writer, now) and a serious incident (abuse, crime, harassment, extortion by superiors,
colleagues or at home), as patterns. Fallible: the lists know some hundred ways to say it; `model` knows more.

What an officer reports of work about others must not set them off. So the patterns speak of the writer or of the force's own
people, figures of speech are cut out first, and what another person is reported to have said is no crisis of the writer.
"""

import re

from app.flows.replies.crisis import CRISIS, DANGER
from app.flows.replies.incidents import BOSS, SERIOUS
from app.flows.replies.patterns import Line, Match, Patterns, heard, lines

_JOKER = "(jefe|jefa|esposa|vieja|viejo|senora|mujer|mama|comandante|suegra|sargento|patron|jefes|mando|novia|coordinador|director)"
_THEIR_BOSS = "(jefe|jefa|jefes|lider|lideres) (de|del) (la|los|esa)? (banda|pandilla|cartel|plaza|halcones|manada|ladrones|vecinos|colonia)"
_DYING = lines("""
    (me|nos|se) (muero|morimos|estoy muriendo|quiero morir|queria morir|mori|voy a morir) ~ (de|del) (la|el|una|las|los|tanta|tanto|puro|pura)? (risa|sueno|hambre|calor|caloron|frio|pena|verguenza|sed|aburrimiento|cansancio|desvelada|emocion|miedo|ganas|nervios|curiosidad|flojera|susto|coraje|amor|cosas|trabajo|envidia|antojo)
    (quiero|muero|quisiera) (morir|morirme) (de|del) (la|el|tanta|tanto|puro|pura)? (risa|sueno|hambre|calor|frio|pena|verguenza|sed|aburrimiento|cansancio)
    (quiero|muero) (matarme|colgarme) de (risa|coraje)
    (me)? (quiero|quisiera|voy a|dan ganas de) (matar|morir|ahorcar|colgar|suicidar|matarme|ahorcarme|dar un tiro) (con|de|por) (tanto|tanta|tantos|tantas) (mosquito*|papeleo|papel*|oficio*|reporte*|informe*|trabajo|trafico|calor|mensaje*|pregunta*|ruido|formato*|tramite*|tarea*|junta*)
""")
"""Dying of what nobody dies of."""
_FIGURES = Patterns(
    _DYING
    + lines(f"""
    (me|nos) (va a|quiere|van a|va|puede) matar (mi|el|la|mis) {_JOKER}
    {_JOKER} ~ me (va a|quiere|mata|puede|ha de) (matar)? (si|cuando|por|de|a regano*)
    {_JOKER} me (va a|quiere) matar $
    me van a matar (en la casa|en casa|mis|los jefes|por)
    me van a matar si (no)? (contesto|llego|termino|falto|voy|me ven|se enteran|salgo|sigo|entrego (el|la|los|un) (reporte|parte|informe|tarea|trabajo))
    me (va a|van a|quiere|quieren) matar (de|con) (risa|calor|trabajo|tanto|tantas|tanta)
    (me|nos) (mato|voy a matar|matamos) (trabajando|estudiando|haciendo|en el gym)
    (curso|taller|platica|platicas|conferencia|capacitacion|simulacro|protocolo) ~ (acoso|hostigamiento|suicidio|violencia|tortura|mobbing|abuso|adicciones|extorsion) (laboral|sexual|de genero|familiar)?
    (para|de) (la|el|un|una) (cooperacha|cooperacion|pastel|fiesta|comida|rifa|gasolina|posada|rosca)
    {_THEIR_BOSS}
""")
)
_POOL = Patterns(
    lines("(dinero|lana|feria) (para|de) ~ (cooperacha|cooperacion|pastel|fiesta|comida|rifa|gasolina|posada)")
)
_OUR_HOURS = lines("""
    no me (hablen|hable|llamen|llame|escriban|escriba|marquen|marque|manden|mande|molesten) (mensajes)? (en|de|por) (la|las)? (noche|noches|madrugada|tarde|tardes|manana|mananas)
""")
"""The hours at which we may write: «sí, pero no me hablen en la noche»."""
_HARMLESS = Patterns(_OUR_HOURS + _DYING)
_WEAPONS = Patterns(lines("(cuchillo|pistola|arma|golpea|golpeo|pega|ahorita|ayuda|ayudenme|machete|amenaz*|miedo)"))
_REPORTED = Patterns(
    lines(
        "(dijo|dice|decia|conto|comento|grito|gritaba|refirio|manifesto|menciono|repetia|amenazaba|diciendo|dijeron|amenaz*) (que|ya|con)"
    )
)
_NOT = frozenset(map(heard, ("no", "nunca", "jamas", "ni", "nadie", "tampoco", "sin")))
_CIVILIANS = Patterns(
    lines("(vecinos|pobladores|familiares|ciudadanos|manifestantes|turba|la gente|el ciudadano|la ciudadana)")
)
_LOOK_BACK = 7
_NEAR = 2

_SEXUAL = Patterns(
    lines("""
    (sexual|sexuales|nalga|nalgas|senos|pechos|hotel|desnud*|intim*|insinua*|acostarme|acostarse|acos*|manose*|morbos*|violo|violaron|pompas|tocamientos)
    (besar*|beso|tocar*|toco) ~ (sin que yo|sin mi|a la fuerza|sin querer yo)
""")
)
_OWN = Patterns(lines(f"(mi|mis|un|una|el|la|los|las|otro|unos|del|al) {BOSS[:-1]}|jefe|jefa|mando)"))
_ON_DUTY = Patterns(
    lines("""
    (reporte|reportaron|reporto|atend*|apoye|apoyamos|detuv*|detenc*|victima|victimas|denunciante|auxilio|auxili*|ciudadan*|quejos*|sujeto|detenido|la senora|el senor|una mujer|una senora|la muchacha|una joven|el masculino|la femenina|llamada|remision|puesta a disposicion)
""")
)
_ACCUSED = Patterns(
    lines(
        "(acusa|acusan|acusaron|acuso|dicen|piensan|creen|inventaron|inventan|chisme|rumor|noticias|pelicula|novela) (de|que)"
    )
)
_GRAVE = Patterns(lines("(suicid*|vivir|matarme|pastillas|pistola|despedida)"))
_LAUGHS = Patterns(lines("(jaja|jajaja|jajajaja|jeje|jejeje|lol|xd|jajaj)"))

_ABUSE = "(acos*|peg*|golpe*|pid*|pide*|cobr*|toca*|toco|hostig*|amenaz*|insult*|grit*|humill*|exig*|roba*|robo|maltrat*|obliga*|discrimin*|chantaj*)"
_DENIED = Patterns(
    lines(f"""
    (no|nunca|jamas|nadie|tampoco|ni) (me|nos) (ha|han|he|hemos)? {_ABUSE}
    me (pega|golpea|patea|muerde|avienta|insulta) ~ (jugando|de juego|de broma|en el juego|en los videojuegos)
""")
)

_CIVILIAN = (
    "(senor|senora|senores|senorita|sujeto|sujetos|vecino|vecina|vecinos|borracho|borracha|borrachos|tipo|tipos|conductor|conductora|chofer"
    "|ciudadano|ciudadana|ciudadanos|ratero|rateros|delincuente|delincuentes|chavo|chava|chavos|muchacho|muchacha|muchachos|joven|jovenes"
    "|detenido|detenida|detenidos|imputado|interno|comerciante|taxista|automovilista|motociclista|manifestante|manifestantes|familiar"
    "|familiares|ladron|agresor|usuario|usuaria|masculino|femenina)"
)
_BY_CIVILIAN = Patterns(
    lines(f"""
    ^ (ayer|hoy|pues|si|una vez|el otro dia|hace poco|en un operativo|en la calle|cuando|que|y|pero)? (un|una|el|la|los|las|unos|unas|otro|otra|ese|esa) ({_CIVILIAN}|{_THEIR_BOSS}) ~ ~ (me|nos)
""")
)
_ACTED = Patterns(
    lines("""
    (explique|explicamos|hable|hablamos|pedimos|escuche|escuchamos|llamamos|detuvimos|detuve|atendi|atendimos|mantuve|mantuvimos|separe|separamos|tratamos|intervine|intervenimos|acordonamos|calme|calmamos|remiti|remitimos|espose|esposamos|desarme|desarmamos|asegure|aseguramos|platique|platicamos|cedimos)
    (deje|dejamos) (hablar|que)
    (trate|le|les) (bien|con respeto|con calma|con amabilidad)
""")
)
_OUR_PEOPLE = Patterns(
    lines(f"({BOSS[1:-1]}|policia|policias|custodio|custodios|esposo|esposa|marido|pareja|novio|novia|ex|papa|mama)")
)

_ELSEWHERE = Patterns(
    lines("""
    en (la|las|una|el|unas)? (novela|pelicula|peliculas|serie|series|noticias|tele|television|facebook|face|tiktok|youtube|internet|periodico|redes|documental|videojuego)
    (lei|leimos|leyendo) (que|un|una|en|lo|sobre)
    (vi|vimos|viendo|estoy viendo|salio|pasaron) (una|un|en) (pelicula|serie|noticia|nota|reportaje|documental|tiktok|meme|la tele|las noticias)
    en (el|la|un|una) (taller|curso|clase|platica|capacitacion|conferencia) (nos|se|me)? (pusieron|vimos|hablaron|ensenaron|contaron|explicaron|mostraron|platicaron|dijeron|comentaron|toco)
    (nos|me) (pusieron|ensenaron|mostraron|pasaron) un (video|caso|ejemplo)
    en (estados unidos|otro pais|otro estado|gringolandia|texas)
""")
)
"""Of the screen, of a lesson, of another country."""
_SETTLED = Patterns(
    lines("""
    ya (lo|la|los|las|le|les) (sancionaron|dieron de baja|corrieron|detuvieron|procesaron|destituyeron|cesaron|metieron a la carcel|consignaron|jubilaron)
    (ya)? esta (en la carcel|preso|en el reclusorio|en prision)
    (ya)? se (investigo|resolvio|arreglo|soluciono|sanciono|aclaro)
    (ya)? (quedo|fue) (resuelto|resuelta|sancionado|destituido|consignado|arreglado)
    ya (termino|concluyo|se acabo) ~ (denuncia|queja|demanda|caso|asunto|proceso)
    (me) (dieron la razon|reinstalaron|pidio disculpas|pidieron disculpas)
""")
)
"""Of what justice has been done about."""
_LONG_AGO = Patterns(
    lines("""
    hace (#|muchos|varios|algunos|unos|tantos|mas de #|ya #|como #|un buen de)? (anos)
    (en|desde|por) (el|el ano)? (1980|1985|1990|1995|1996|1997|1998|1999|2000|2001|2002|2003|2004|2005|2006|2007|2008|2009|2010|2011|2012|2013|2014|2015|2016|2017|2018|2019|2020|2021|2022|2023|2024)
    (de joven|de nino|de nina|de chico|de chica|cuando era (cadete|nino|nina|joven|recluta)|en la pandemia|en mi (juventud|otra corporacion|otro trabajo))
""")
)
_RECOVERED = Patterns(
    lines("""
    (recuperad*|supere|superad*|superamos)
    (ya|hoy|ahora|y) (estoy|ando|me siento) (muy)? (bien|tranquil*|mejor|feliz|en paz|content*)
    (hoy|ahora|ya) (doy|ayudo|apoyo|imparto|cuento) ~ (platicas|a otros|a companeros|mi historia|terapia)
    (ya)? (paso|quedo atras|es historia|sali adelante|lo deje atras)
    (me divorcie|me separe|lo deje|la deje) y (estoy|vivo|ando) (bien|tranquil*|feliz|mejor)
""")
)

_CRISIS, _DANGER, _SERIOUS = Patterns(CRISIS), Patterns(DANGER), Patterns(SERIOUS)


def crisis_in(line: Line) -> str | None:
    """The pattern by which a message speaks of a crisis of its writer, or None."""
    plain = line if _WEAPONS.first_in(line) else _FIGURES.without(line)
    for match in _CRISIS.all_in(plain):
        if not _is_reported(plain, match) and not (_LAUGHS.first_in(line) and not _GRAVE.first_in(plain)):
            return match.pattern
    danger = _DANGER.first_in(plain)
    return danger.pattern if danger else None


def serious_in(line: Line) -> str | None:
    """The pattern by which a message speaks of a serious incident, or None."""
    plain = _FIGURES.without(line)
    for match in _SERIOUS.all_in(plain):
        if not (_is_denied(plain, match) or _is_reported(plain, match) or _is_hearsay(plain)):
            return match.pattern
    own, act = _OWN.first_in(plain), _SEXUAL.first_in(plain)
    if (
        own
        and act
        and not (_ON_DUTY.first_in(plain) or _is_denied(plain, act) or _is_reported(plain, act) or _is_hearsay(plain))
    ):
        return act.pattern
    return None


def literal(line: Line) -> Line:
    """The line without dying of laughter, heat or hunger, and without the hours at which we may write."""
    return _HARMLESS.without(line)


def undenied(line: Line) -> Line:
    """The line without abuse that does not happen, or is play: «mi jefe no me acosa», «mi hijo me pega jugando»."""
    return _DENIED.without(line)


def is_over(line: Line) -> bool:
    """Whether a message tells of the screen or a lesson, of what justice has been done about, or of what its writer has got over."""
    if _ELSEWHERE.first_in(line) is not None or _SETTLED.first_in(line) is not None:
        return True
    return _RECOVERED.first_in(line) is not None and _LONG_AGO.first_in(line) is not None


def is_by_civilian(line: Line) -> bool:
    """Whether a message begins with what a civilian did to the officer: «el detenido me escupió y me amenazó»."""
    return _BY_CIVILIAN.first_in(line) is not None and not _names_our_people(line)


def tells_of_work(line: Line) -> bool:
    """Whether a message tells what the officer did in a dangerous situation («nos dispararon y pedimos apoyo»), or is by a civilian.
    One that names the force's own people or the family does not."""
    return is_by_civilian(line) or (_ACTED.first_in(line) is not None and not _names_our_people(line))


def _names_our_people(line: Line) -> bool:
    return _OUR_PEOPLE.first_in(_FIGURES.without(line)) is not None


def _is_hearsay(line: Line) -> bool:
    return any(words.first_in(line) is not None for words in (_CIVILIANS, _POOL, _ACCUSED))


def _is_reported(line: Line, match: Match) -> bool:
    """«la señora decía que …»: another's words."""
    before = line.part(max(0, match.start - _LOOK_BACK), match.start)
    return _REPORTED.first_in(before) is not None


def _is_denied(line: Line, match: Match) -> bool:
    """«jamás torturamos a nadie», but not «no, mi jefe me acosa»: a clause of its own answers the question."""
    if any(line.words[at] in _NOT and at not in line.breaks for at in range(max(0, match.start - _NEAR), match.start)):
        return True
    within = set(line.words[match.start : match.end]) & _NOT
    return bool(within) and within.isdisjoint(map(heard, re.findall(r"[a-z]+", match.pattern)))
