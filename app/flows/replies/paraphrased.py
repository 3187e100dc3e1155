"""The paraphrases as data, in the notation of `patterns`. `Concept` belongs to an option by its label's words, `Statement` to a yes,
a no or a «did not apply» by what the question asks."""

from dataclasses import dataclass

from app.flows.replies.lexicon import Words
from app.flows.replies.patterns import lines

_PERSON = "(person*|gente|senor*|vecin*|ciudadan*|muchach*|conductor*|chofer*|joven*|usuari*|peaton*|automovilist*|turist*|comerciant*|nino*|nina*|chavo*|chava*|dona*|motociclist*|ancian*|estudiant*|alumn*|familia*|don|masculin*|femenin*|pareja*|detenid*|quejos*|taxist*|borrach*|donit*|abuelit*|viejit*|parroquian*|transeunt*|clientes|locatari*|extranjer*|motocicl*|sujeto*|hombre*|mujer*|muchachit*|ninit*|uno|una)"


@dataclass(frozen=True, slots=True)
class Concept:
    """A subject that an option may have. `beginnings` are of its label's words (or the whole label, behind «=»); `beside` are of the words
    of the list's labels, of which one must be there."""

    beginnings: tuple[str, ...]
    sure: tuple[str, ...]
    perhaps: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    def names(self, label: Words, words: set[str]) -> bool:
        """Whether a label is about this, in a list with these words."""
        if self.beside and not any(word.startswith(self.beside) for word in words):
            return False
        whole = "=" + " ".join(label)
        return whole in self.beginnings or any(word.startswith(self.beginnings) for word in label)


@dataclass(frozen=True, slots=True)
class Statement:
    """A fact that answers a question. `answer` is the label it stands for; `asked` are sets of beginnings, of each of which the
    question has a word."""

    answer: Words
    asked: tuple[tuple[str, ...], ...]
    sure: tuple[str, ...]
    perhaps: tuple[str, ...] = ()

    def fits(self, label: Words, asked: frozenset[str]) -> bool:
        """Whether this answers a question with these words by that label."""
        opens = label == self.answer or (len(self.answer) > 1 and label[:2] == self.answer[:2])
        return opens and all(any(word.startswith(some) for word in asked) for some in self.asked)


CONCEPTS = (
    # -- what it was ----------------------------------------------------------------------------------------------------
    Concept(
        ("auxili", "ayud", "apoyo", "emergenc"),
        lines("""
            (auxiliamos|auxilie|ayude|ayudamos|apoye|apoyamos|rescatamos|socorrimos) ~ (a|al|con) ~ _
            (pidio|pidieron|solicito|solicitaron|pidiendo|dimos|di|brinde|brindamos|dar|damos|prestamos) ~ (auxilio|ayuda|apoyo)
            (auxilio|apoyo|ayuda) (vial|medico|medica|ciudadano|a la ciudadania|a (un|una)|de una emergencia)
            (se le|le) (poncho|descompuso) ~ (llanta|carro|coche|auto|moto|camioneta)
        """),
        lines("""
            (accident*|choque|choco|chocaron|percance|volcadura|atropell*|lesionad*|herid*|desmay*|convulsion*|infart*)
            (robo|robaron|asalto|asaltaron|cristalazo|extraviad*|perdid*|incendio|fuga de gas|desaparecid*)
            (cayo|cayeron|caido|caida)
            (ambulancia|cruz roja|paramedicos|bomberos|emergencia|auxili*|ayuda*)
            (la andaba siguiendo|lo andaban siguiendo|violencia (familiar|domestica)|le pego|la golpeo|le pegaron)
            se (le)? (quedo|paro|averio) ~ (carro|coche|auto|moto|camioneta)
            pas* corriente
            se (le|les|me) (metieron|metio) ~ (casa|tienda|negocio|carro|domicilio)
            (no encontraba|no hallaba|buscaba|no sabia llegar a) (su)? (casa|domicilio|familia|hij*)
            (la|lo|le|los) (venia*|iba*)? (seguia*|siguiendo) (un|una|unos) (carro|tipo|sujeto|moto|hombre|camioneta|sujetos|tipos)
            (nos|me) (hablo|hablaron|llamo|llamaron|marco|marcaron) ~ (muchacha|senora|senor|vecin*|joven|porque|por que|de)
            (niño|nino|nina|abuelit*|adulto mayor) ~ (perdid*|solo|sola|extravi*)
        """),
        beside=("detenc", "arrest", "infracc", "vecin"),
    ),
    Concept(
        ("quej", "denunc"),
        lines("""
            (se quejo|se quejaba|se quejaban|se quejaron|quejarse|quejandose|una denuncia|una queja|quejas|denunciaron|denunciar|venia a quejarse|levantar su denuncia|levanto su queja)
            (reclamo|reclamaba|reclamaban|inconform*)
        """),
        beside=("detenc", "arrest", "infracc", "vecin"),
    ),
    Concept(
        ("infracc", "multa", "transit", "revis", "inspec"),
        lines("""
            (infraccione|infraccionamos|infraccionar|infraccionaron|multe|multamos|multaron|multa|multas|folio|boleta)
            (chequeo|revision|revisiones) ~ (mochila*|bolsa*|vehiculo*|carro*|persona*|rutina)
            (parada|alto) de rutina
            (reten|filtro|alcoholimetro|revise|revisamos|inspeccion|inspeccionamos|revisando|checamos papeles)
            (pedi|pedimos|solicite|solicitamos|pidieron|pidio) ~ (documentos|papeles|licencia|tarjeta de circulacion|identificacion|placas)
            (checar|checamos|cheque|checando|revisar|verificar|verificamos) ~ (placas|papeles|documentos|vehiculo*|licencia|carro|carros|moto|motos|camioneta|mochila)
            (paso|pasarse|pasado|volo|brinco) ~ (el alto|alto|semaforo|la luz roja|luz roja)
        """),
        lines("""
            (exceso de velocidad|sin (casco|placas|licencia|luces|cinturon|tarjeta)|no traia (casco|placas|licencia|luces|cinturon|papeles)|doble fila|mal estacionad*|estacionad*|corralon|grua|sentido contrario|polarizad*|papeles|sobrecupo|revis*|placas|velocidad)
        """),
        beside=("detenc", "arrest", "auxil", "quej", "vecin"),
    ),
    Concept(
        ("vecin",),
        lines("""
            (pleito|pleitos|rina|conflicto|conflictos|problema*|discusion|bronca|disputa|discut*|pelea*|peleaban|gritaban|agarron|alegata|desacuerdo|desmadre|molestia|lio|rencilla*) ~ (vecino*|vecina|vecinas|vecinal*|vecinos)
            vecin* ~ (pelea*|peleando|peleaban|discut*|alegando|pleit*|rina|bronca|conflict*|se quejaba* del ruido|gritaban|gritandose|no se (pueden ver|llevan|soportan)|encontrados)
            vecin* ~ por (el|la|un|una|su|los) (ruido|musica|basura|perro|barda|estacionamiento|cochera|agua|arbol|lugar|escandalo)
            (pared con pared|de al lado) ~ _
        """),
        lines("""
            (vecin*|ruido|escandalo|musica (alta|fuerte|a todo)|fiesta|cochera|barda|la basura|el perro|de la cuadra|de la privada|de al lado)
            (dos|unas|unos) (dona*|senoras|familias|senores) ~ (jalone*|discut*|pelea*|alegando|gritando*)
        """),
        beside=("detenc", "arrest", "infracc", "auxil", "quej"),
    ),
    Concept(
        ("conflict", "pleito", "rina"),
        lines("""
            (pleito*|rina|rinas|zafarrancho|discusion|discusiones|bronca|broncas|disputa|alegata|agarron|trifulca) ~
            (agarrad*|agarraron|dandose|estaban) a (golpes|trancazos|madrazos|punetazos)
            se (estaban|andaban|agarraron) ~ (gritando|peleando|golpeando|insultando|golpes|trancazos)
            (estaban|andaban|estan) (agarrando|agarrandose|peleando|dandose|discutiendo|gritandose|golpeandose) ~
            (dos|unos|unas|los|las) ~ (peleando|peleandose|discutiendo|gritandose|agarrad*) ~
            casi se (golpean|agarran|matan|pegan)
            (discutiendo|peleando*|alegando|peleaban|discutian|gritandose) ~ por ~
        """),
        lines("(discut*|pelea*|peleando*|gritandose|golpes entre|amenaz*)"),
        beside=("detenc", "infracc", "auxil", "orient"),
    ),
    Concept(
        ("detenc", "arrest", "detenid", "asegur"),
        lines("""
            (detuv*|detenid*|detencion*|arrest*|remit*|remision|remisiones|capturamos|aprehend*|aprehens*|esposamos|espose|encarcel*)
            (aseguramos|asegure|aseguraron) (a|al) _
            (aseguramos|asegure|aseguraron) (a|al) (uno|un|una|dos|tres|masculino|sujeto)
            se (le)? (aseguro|detuvo|arresto|remitio|puso) ~ (a|al) ~
            (a|puesta a|puesto a) disposicion
            (llevamos|lleve|llevaron|subimos|presentamos|trasladamos|fue|fueron|entregamos) ~ (mp|ministerio|fiscalia|juez|juzgado|barandilla|separos|la comandancia|los separos)
            (fue|iba|quedo) (esposad*|presentad*)
            (orden|ordenes) de aprehension
        """),
        lines("""
            (agarramos|agarre|agarraron|lo subimos a la (unidad|patrulla)|nos (lo|los|la)? llevamos|flagrancia|juez civico|sometimos|barandilla)
        """),
        beside=("quej", "infracc", "auxil", "vecin"),
    ),
    Concept(
        ("otro", "otra"),
        (),
        lines("""
            (cierre de|cerramos|abanderamos|abanderamiento|enjambre|cuidar|cuide|cuidamos|entrada de|salida de|escuela|bloqueo|obra|obras)
            (peregrinacion|procesion|caravana|feria|jaripeo|baile|festival|misa|velorio|sepelio|acompanamiento|informes|informacion|orientacion|oriente|orientamos|turist*|vialidad|proximidad|desfile|platica de|platica en|prevencion|evento|vigilancia|acordonamos|acordonamiento|dispositivo|operativo|custodia|resguardo|rondin|recorrido|capacitacion|ceremonia|simulacro|partido|concierto|marcha)
        """),
        beside=("detenc", "infracc", "vecin"),
    ),
    Concept(
        ("orienta", "informac", "informe"),
        lines("""
            (dije|explique|indique|dijimos|explicamos|indicamos) como (llegar|llegaba|llegaban|ir|irse|se llega|se iba) ~
            (me|nos) (pregunto|preguntaron|preguntaba*|pidio|pidieron) ~ (que (camion|ruta|combi|metro)|por donde|donde (queda|esta|quedaba|estaba|se|puede*)|como (llegar|llegaba|se llega)|la direccion|una direccion|informes|orientacion)
            (explique|dije|indique|informe|oriente|explicamos|dijimos|indicamos|orientamos|informamos) ~ _? (como|donde|en que|los requisitos|requisitos|a donde|que camion|por donde|sobre como|los pasos|el tramite|la ventanilla) ~ (ventanilla|tramite*|pagar|paga|sacar|recuperar|liberar|denunciar|llegar|ir|acudir|camion|corralon|licencia) ~ (denunci*|multa|infraccion|corralon|placas|linea|licencia|$)
        """),
        lines("""
            ^ ~ (di|dimos|le di|les di|pidio|pidieron|pedian) (unos|unas|una|un)? (informes|indicaciones|orientacion|informacion) ~ $
            (pregunto|preguntaron|preguntaban|preguntaba|preguntan|pregunta) (por|donde|como|que|cual|si) ~
            (dije|explique|indique) ~ donde (poner|levantar|presentar|pagar|sacar|hacer|quedaba|estaba) ~
            (turista|turistas|senor|senora|persona|muchach*|joven) que no (hallaba|encontraba|sabia llegar|ubicaba)
            orientar
            oriente
            (informes|informacion|orientacion|oriente|orientamos|turist*|ventanilla|tramite|tramites|indicaciones|por donde|la direccion|direcciones|donde queda*|hallaba)
        """),
        beside=("detenc", "infracc", "conflict", "auxil"),
    ),
    # -- how the person took it ------------------------------------------------------------------------------------------
    Concept(
        ("calm", "tranquil", "seren", "relaj", "mejor"),
        lines("""
            (se)? (calmo|calmaron|calmad*|calmando*|calmandose|tranquil*|sereno|serena|serenit*|relajo|relajad*|apaciguo|apaciguad*|mansit*|calmit*)
            (bajo|bajando*|bajandole) (le)? (a su|de tono|el tono|la voz|la guardia|dos rayit*|dos rayas|tres rayit*|los humos|al enojo|el coraje|la intensidad|de huevos|de intensidad|tantito|un poco|un poquito)
            le (fue)? (bajo|bajando)
            se le (bajo|paso|quito|fue bajando) (el|la|lo) (coraje|enojo|molestia|muina|bravo|rabia|alterad*|agresiv*|nervio*)
            (me|nos) (dio|dieron|dijo) ~ (gracias|las gracias)
            (dando|dandome|dandonos) (las)? gracias
            ya no (gritab*|estaba (enojad*|molest*|alterad*)|(estaba)? tan (enojad*|molest*|alterad*|agresiv*))
            (agradecio|agradecid*|se disculpo|pidio (una)? disculp*|pidio perdon|ofrecio disculpas|disculpandose)
            ya (no|ni) grit* ~
            (acabo|termino|terminamos|acabamos|terminaron) ~ (pidiendo* (disculpas|perdon)|disculpandose|agradeciend*|calmad*|tranquil*|riend*|platicando|(dandome|dandonos|dando) (las)? gracias|de amigos|en paz|contento*|contenta*)
            agarro la onda
            (coopero|cooperaron|se puso (a)? cooper*|mas (accesible|amable|cooperativ*|tranquil*|calmad*|sereno|serena)|se fue (contento|contenta|en paz|conforme))
            (se)? (ablando|suavizo|conformo|amanso|ameno)
            (dejo|dejaron|paro|pararon) de (gritar*|llorar*|insultar*|manotear*|ofender*|mentar*)
            mejoro ~ (actitud|humor|trato|semblante)
            le cambio (el semblante|la cara|el humor)
            de (llorar|gritar|insultar) paso a ~
            calma total
        """),
        lines("""
            (entendio|comprendio|acepto|respiro|se sento|firmo|razono|cedio|platicamos bien|sonrio|sonriendo|se rio|nos reimos|mejor|mas accesible|la mano|se porto bien|cambio de actitud|reflexiono|guardo silencio|bien)
        """),
        beside=("molest", "enoj", "igual", "alter", "peor"),
    ),
    Concept(
        ("molest", "enoj", "alter", "peor"),
        lines("""
            se (me|nos|le)? (enojo|enojaron|encabrono|encabron*|altero|alteraron|prendio|exalto|violento|embravecio|enfurecio|encendio|calento|molesto|molestaron|emputo|emperro|irrito|indigno|ofendio|sulfuro|esponjo|acelero|enchilo)
            se (me|nos)? (puso|puzo|pusieron|pone) ~ (al brinco|al pedo|a la defensiva|brav*|loc*|agresiv*|violent*|perro|perra|furios*|pesad*|peor|dificil|fiera|rejeg*|gallit*|groser*|altaner*|como (chile|loco|loca|fiera|energumeno|leon|agua para chocolate)|mas (enojad*|mal|brav*|loc*|alterad*|agresiv*|pesad*|necio|necia))
            (brav*|agresiv*|loc*|furios*) se (me|nos)? puso
            (mas|bien|muy) (enojad*|molest*|agresiv*|brav*|alterad*|encabron*|furios*|violent*|emput*)
            (empezo|comenzo|empezaron|se solto|se puso) a (mentar*|gritar*|insultar*|amenazar*|querer|manotear|aventar*|empujar*|ofender*)
            (me|nos|le) (mento|mentaron|insulto|insultaron|grito|gritaron|amenazo|reto|aventaron|avento|empujo|ofendio|maldijo|quiso (pegar*|golpear*)|tiro (un)? golpe*)
            ^ (peor|mucho peor|se puso peor|empeoro|fue peor|para peor|a peor) $
            (bufando|bufaba|refunfunando|renegando|echando pestes|azoto la puerta)
            (exploto|me la rayo|nos la rayo|me la mento|nos la mento|me la mentaron|azotando|azoto|se fue (mentando*|rayando*|maldiciendo|azotando|enojad*|molest*|gritando))
            (termino|acabo|terminaron|acabaron|se puso|quedo) ~ (peor|gritand*|insultand*|amenazand*|mentand*|mas feo|bien feo|muy feo|a golpes|a madrazos)
            (empeoro|se empeoro|puro grito|puras groserias|puro insulto|echando (madres|chispas|lumbre|pestes))
            (echo|echaba|aventaba) (chispas|lumbre|madres|pestes)
            (que)? (me|nos) iba a (demandar|quemar|reportar|acusar|exhibir|denunciar|hacer viral)
            (agarro|le dio|le entro) ~ coraje
        """),
        lines("""
            ^ ~ (mal|muy mal|bien mal|bastante mal|remal|feo|muy feo) $
            (peor|enojad*|molest*|coraje|gritab*|grito|gritos|gritand*|insult*|mentad*|mentand*|demandar*|agresiv*|furios*|alterad*|groser*|brav*|encabron*)
        """),
        beside=("calm", "tranquil", "igual", "mejor"),
    ),
    Concept(
        (
            "igual",
            "=sin cambio",
            "=sin cambios",
            "=lo mismo",
            "=como empezo",
            "=como estaba",
            "=como antes",
            "=como llego",
            "=como siempre",
            "=como al principio",
        ),
        lines("""
            ^ (pues|todo|casi|ahi|ya)? (quedo|quedamos|termino|terminamos|siguio|acabo|fue|estuvo)? (todo)? (igual|igualito|lo mismo|normal) (que|como)? (antes|siempre|empezo|llego|al principio|como empezo|que antes)? (ni mejor ni peor|ni bien ni mal)? $
            (no|ni) (hubo)? (cambio|se inmuto|se movio|reacciono|se altero ni|paso nada|le afecto)
            ni (enojad*|molest*) ni (content*|calmad*|tranquil*|feliz) ~
            ni mas (enojad*|molest*|calmad*|tranquil*) ni menos
            sin (cambio|cambios|reaccion|novedad) (alguno|algunos|alguna|aparente|aparentes)? $
            no (hubo)? (ningun)? (cambio|cambios) (nada|en nada|para nada|su actitud|de actitud|nadita)
            igual de (molest*|enojad*|alterad*|serio|seria|tranquil*|brav*|agresiv*|encabronad*) (que|como)
            (siguio|sigue|quedo|se quedo|estuvo|continuo|permanecio|se mantuvo|termino|andaba) (igual*|en las mismas|en lo mismo|como si nada|como estaba|como llego|con la misma|en la misma|con lo mismo|con su (carota|jeta|cara)|lo mismo)
            (la|con la|en la) (misma|mismita) (actitud|cara|jeta|tonica|postura|onda|forma)
            ^ ~ (en las mismas|en la misma|como si nada|lo mismo|igualito|igualita|igual que al principio|igual que antes|igual que llego) ~ $
            (ni|no) (fu|mas|mejor|bien|para bien) (_)? (_)? (ni|no) (fa|menos|peor|mal|para mal)
            (indiferente|le (dio|daba) (igual|lo mismo)|le valio|ni frio ni calor|ni fu ni fa|neutral|neutro)
            (se fue|se subio|se metio|siguio) ~ como si nada
            (seguia|siguio|sigue) (gritando|llorando|alegando|diciendo|con|en) ~ (mismo|misma)
            (tranquil*|calmad*|seri*|enojad*|molest*) (desde el|todo el|de) (principio|tiempo|inicio|entrada) ~ (siguio|se quedo|termino|se fue)
        """),
        lines("""
            ni se (calmo|tranquilizo|sereno|relajo|alegro|puso contento) ni (se)? (enojo|molesto|altero|enoja|puso peor)
            ni se (enojo|molesto|altero) ni se (calmo|tranquilizo|relajo|alegro)
            (normal|igual|misma|mismo|mismas|serio|seria|callado|callada|ni mas ni menos)
        """),
        beside=("calm", "molest", "enoj", "tranquil", "mejor", "peor"),
    ),
    # -- what made it hard -----------------------------------------------------------------------------------------------
    Concept(
        ("tiempo", "pris"),
        lines("""
            (con|traia|traiamos|la|las|por|puras|habia|hubo|de|mucha|tenia|teniamos|tanta) ~ (prisa|prisas)
            (a las carreras|a la carrera|contra reloj|apurad*|de carrera|corriendo de un|acelerad*)
            (no|ya no|ni) (me|nos|se)? (habia|hubo|dio|daba|tenia|teniamos|traia|traiamos|llevaba|quedaba|tuve|tuvimos|alcanzo|alcanzaba|alcanzaron) ~ (tiempo|chance|horas|el dia)
            (falt*|poco|sin|contad*|escaso|no traiamos|no llevabamos) ~ (tiempo|minutos)
            (ni|no) (tiempo|chance) (hubo|habia|dio|daba|nos dio|me dio|tuve|tuvimos|teniamos|queda*|hay)
            (andaba*|ibamos|iba|traian|veniamos) ~ (corriendo|de prisa|de carrera|en chinga|en friega)
            (tiempo|tiempos) ~ (encima|justo|corto|limitado|contado|no alcanz*|no me alcanz*|no dio|apretad*)
            (otro|otros|mas|muchos|varios|tantos|demasiados) (#)? (servicio|servicios|llamado|llamados|reporte|reportes|auxilio|auxilios|pendientes|llamada|llamadas) ~ (espera|encima|pendiente*|cola|formad*|esperando*|por atender|atras)
            (traiamos|habia|teniamos|salio|cayo|entro|nos esperaba*|urgia) otro (servicio|llamado|reporte|auxilio)
            no (dejaba*|paraba*|dejan|paran) de (llegar|caer|entrar|salir) ~ (llamad*|servicio*|reporte*|auxilio*)
            (traen|traian|andamos|andabamos|tienen|tenian) (bien)? (en|de) (friega|chinga|arriba para abajo|un lado a otro|un lado para otro)
            (teniamos|tenia|nos dieron|me dieron|quedaban|habia) # (minutos|minutitos|min) ~ (antes|nomas|nada mas)
            ya (iba|era|ibamos|andaba) ~ tarde
        """),
        lines("""
            (me|nos) (esperaba*|urgian|traian|apuraban|corrian) ~ (otro lado|otro|otra|de un lado)
            puro correr
            no (me|nos)? (dan|daban|dejan|dejaban|dieron) tiempo (de|para) (nada|mas)
            # (servicios|reportes|llamados|auxilios) (en|hoy|seguidos|ese|al hilo)
            se (alargo|alargaron|atoro|junto|juntaron) ~
            (prisa|prisas|tiempo|urgia|carreras|salir de turno|entregar (el)? turno|entregar la unidad|entrega de turno|carga de trabajo|saturad*|muchos (servicios|reportes|llamados)|otro (servicio|llamado|reporte|auxilio)|relevo|cambio de turno|apur*)
        """),
        beside=("riesg", "orden", "actitud"),
    ),
    Concept(
        ("riesg", "peligr", "segurid"),
        lines("""
            (riesg*|peligr*|insegur*|balacera*|balacean*|balazo*|balean|tirotear*|linch*)
            (traia*|llevaba*|sacaron|saco|portaba*|tenia*|cargaba*|con) ~ (arma|armas|pistola|pistolas|cuchillo|cuchillos|navaja|navajas|fierro|fierros|machete|machetes|bat|bates|tubo|tubos|piedras|palo|palos|puntas|martillo|vidrio|desarmador|botellas|cuerno)
            (venia*|andaba*|estaba*|iba*|eran|gente|sujetos|tipos|gente) armad*
            (nos|me) (rodearon|rodeaban|superaban|encerraron|querian (golpear|linchar|agredir|pegar)|podian (golpear|linchar|agredir|pegar|hacer algo)|aventaban|tiraban)
            zona (caliente|roja|pesada|brava|de riesgo|conflictiva|insegura)
            por (mi|nuestra|la) (integridad|seguridad)
            (integridad fisica|colonia (brava|pesada|peligrosa|caliente)|barrio (bravo|pesado))
            (plena|media|orilla de la) (carretera|autopista|avenida) ~ (trailer*|camion*|carro*|pasando)
            habia que (cuidarse|cubrirse|resguardarse)
            (gente|estaban|andaban|empezaron|nos|me|venian) (a)? (aventando|aventar|tirando|tirar|lanzando|lanzar|aventandonos|tirandonos) ~ (cosas|piedras|botellas|palos|cohetes|cohetones|de todo)
        """),
        lines("""
            (arma|armas|armad*|pistola|fierro|navaja|cuchillo|machete|eramos (dos|pocos|solo dos|nada mas dos)|nomas eramos|superaban en numero|alrededor|mucha gente|seguridad|piedras|agredir*|solo y de noche|oscuro)
        """),
        beside=("tiempo", "orden", "actitud"),
    ),
    Concept(
        ("orden", "mando", "instruc"),
        lines("""
            (orden|ordenes|instruccion*|indicacion*|consigna*|presion|presiones) ~ (de|del|por) ~ (mando*|jefe*|superior*|arriba|comandante*|director|base|radio|supervisor)
            (jefe|jefa|comandante|mando|superior|director|mandos|jefes|superiores|supervisor|encargado) ~ (dijo|dijeron|ordeno|ordenaron|pidio|pidieron|indico|indicaron|mando|dio|dieron|decidio|quiso|queria|querian|exigio|exigen|pide|piden|ordena|dice|dicen|quiere) ~ _
            (asi|fue|fueron|son|eran|es|por|recibi|recibimos|traia|traiamos|tenia|teniamos|llevaba|llevabamos|cumpl*|segui*|me dieron|nos dieron|dieron|habia|venian) ~ (orden|ordenes|instruccion*|indicacion*|consigna*)
            (me|nos) (ordenaron|ordeno|indicaron|mandaron (remitir*|detener*|infraccionar*|hacerlo)|dijeron (por|de) (radio|arriba|base|que lo|que ya))
            (lo|la|eso) (pidio|ordeno|decidio|mando) (el|mi|la) (jefe|jefa|comandante|mando|superior|director)
            (venia|vino|viene|bajo|ordenes|nos lo piden) (ya)? de arriba
            (orden|ordenes|consigna|instruccion|indicacion|indicaciones) (era|eran|fue|es|de)? (que)? no ~ ~ (nadie|nada|gente|$)
            (jefe|jefa|comandante|mando|superior|director) (me|nos)? (dijo|pidio|ordeno|indico) que no ~ ~ (nadie|nada|$)
            (la consigna (era|es|fue)|hubo que obedecer|tuvimos que obedecer|nada mas obedec*)
        """),
        lines(
            "(orden|ordenes|instruccion*|indicacion*|consigna*|mi jefe|mi comandante|el comandante|el jefe|los mandos|el mando|del mando|superiores|cuota*)"
        ),
        beside=("riesg", "tiempo", "actitud"),
    ),
    Concept(
        ("actitud",),
        lines("""
            (actitud|groser*|agresiv*|prepotent*|altaner*|majader*|neci*|terc*|violent*|rejeg*|insolent*|pesad*|mamon*|sangron*) ~
            (borrach*|ebri*|tomad*|alcoholizad*|drogad*|intoxicad*|pasad* de copas|bien pedo|en estado de ebriedad|bajo los efectos) ~
            (me|nos) (insult*|grit*|mento|mentaba*|reto|ofend*|amenaz*|falto* al respeto)
            (insult*|gritando*|mentando*|mentadas|a puro grito|puro grito|puro insulto|puras groserias)
            no (me|nos|le|se)? (hacia*|hizo|hacian) caso
            no (cooper*|queria* (cooperar|escuchar|hablar|entender|bajarse|identificarse|hacer caso)|quiso (cooperar|escuchar|hablar|entender|bajarse|identificarse)|dejaba* ~ hablar|entendia* razones|hacia* caso|hizo caso|escuchaba*|razonaba*|se dejaba*)
            (mal|mala|malas|pesimo|pesima) (caracter|vibra|actitud|onda|pulgas|modo|modos|genio|humor)
            ^ (su|el|por su) caracter $
            no queria saber nada ~
            (estaba|andaba|venia|llego|iba) ~ de (malas|mal humor|mal genio)
            se (me|nos)? (puso|puzo|pusieron) ~ (al brinco|al pedo|a la defensiva|brav*|loc*|agresiv*|violent*|perro|perra|furios*|pesad*|dificil|fiera|rejeg*|gallit*|groser*|altaner*|neci*)
            (muy|bien|venia|estaba|andaba|super) (alterad*|enojad*|molest*|cerrad*|alzad*|exigente)
            ^ (fue|por|era|pues|la|su)? (la|pura)? (act|actitu|actitud|persona) (de la persona)? $
        """),
        lines("(grabando*|alterad*|enojad*|molest*|insult*|grit*|tomad*|borrach*|no (quiso|queria|dejaba))"),
        beside=("tiempo", "riesg", "orden"),
    ),
    Concept(
        ("=nada", "=ninguno", "=ninguna"),
        lines("""
            nada (lo|me|nos|se|la|le)? (lo)? (dificult*|complic*|impidio|estorbo)
            ^ (la verdad|pues|no|honestamente|fijese que|nda)? (nada|nda) (nada|de nada)? (de lujo|tranqui|tranquil*|todo (bien|tranquilo|fluyo|normal)|(la|el) (senor*|persona|muchach*|joven|don*) (fue|se porto|estuvo|era) (muy|bien)? (amable|tranquil*|accesible|educad*|respetuos*)) ~
            ^ (la verdad|pues|no|honestamente|fijese que)? (nada|nda) (todo)? (tranqui*|leve|fluyo|chido|suave|bien) ~ $
            ^ (la verdad|pues|no|honestamente|fijese que|ay)? (nada|nda) (la|el|una|un) (senor*|persona|muchach*|joven|don*|chav*) (muy|bien|super|fue|se porto|estuvo|era|bastante) ~ $
            ^ (pues|la verdad)? todo (fluyo|leve|chido|tranqui)
            ^ nda $
            no (batalle|batallamos|batalle nada|sufri|sufrimos)
            ^ ~ nada ~ (todo|salio|fue|estuvo) ~ (fluyo|bien|tranquil*|facil|sencillo|normal|rapido|en orden) ~ $
            ^ ~ (ninguna|ninguna otra|sin|no hubo|no tuve|no tuvimos|ni una) (ninguna|mayor)? (dificultad*|complicacion*|contratiempo*|obstaculo*) ~ $
            ^ ~ (no hubo|sin|ningun|ninguna|no tuve|no tuvimos|cero) (ningun|ninguna|mayor|mayores)? (bronca*|problema*|pedo*|tema|contratiempos|novedad|falla|falla*) ~ $
            ^ ~ (todo|salio|estuvo|fue|fluyo) (todo|salio|fluyo|estuvo|muy|super|fue|bien|se dio|marcho|resulto|quedo)? (bien|tranquilo|facil|sencillo|perfecto|normal|al cien|excelente|de maravilla) ~ $
            no (se)? (me|nos)? (se)? (dificulto|complico|costo (trabajo|nada)|fue dificil|estuvo dificil|se me hizo dificil)
            ^ ~ nadita ~ $
            ^ ~ se (me|nos) hizo (muy|bien)? (facil|sencillo) ~ $
        """),
        beside=("tiempo", "riesg", "orden", "actitud"),
    ),
    Concept(
        ("=otro", "=otra", "=otra cosa"),
        (),
        lines("""
            ^ (otro|otra) (no|por|fue|porque|que) ~
            (calentura|enferm*|me sentia mal|(mi|mi propio) caracter|me desespere|me desesperaba|no (nos entendiamos|le entendia|me entendia|le entendi)|(sin|no traia*) (pluma|hojas|pila|papel)|cohetes|la (gente|bola) (alrededor|de curiosos)|miedo a que me (graba*|suspend*))
            no (servia*|sirve|jalaba*|funcionaba*|tenia*|traia*|agarraba*|entraba*|habia|hay) (el|la|mi|buen|buena|bien el)? (radio|senal|patrulla|unidad|equipo|camara|luz|sistema|pila|gasolina|internet|traductor|interprete)
            no se (me|le)? (oia*|escuchaba*|entendia*|veia*|oye|entiende) (nada|bien|casi)? (nada)?
            (no|ni) hablaba (espanol|bien) ~ _?
            (solo|puro|nomas) hablaba ~ (maya|ingles|nahuatl|dialecto|lengua|idioma|tsotsil) ~ (yo)? (no)? (le)? (entiend*)?
            se (me)? (acabo|descargo|apago|descompuso|poncho) ~ (pila|radio|bateria|patrulla|moto|camara|llanta)
            (andaba|estaba|ando|venia) ~ (mal|malo|mala|enferm*) (de la (garganta|panza|espalda|gripa))?
            (manifestacion|marcha|ladraba|ladrando|cohetes|musica|bocina*|ambulante*|curioso*|mirones|espectador*)
            (lluvia|aguacero|granizo|llovi*|lloviend*|sorda|sordo|no oye|no oia*|otomi|zapoteco|mixteco|totonaco|hablaba|bateria|mi pareja|mi companero|nuevo|nueva|experiencia|clima|idioma|lengua|dialecto|tsotsil|nahuatl|maya|ingles|el radio|la radio|senal|el ruido|mucho ruido|calor|sol|oscur*|trafico|la patrulla|el equipo|gasolina|el sistema|falta de (equipo|personal|experiencia|capacitacion)|mi experiencia|nervios|nervioso|nerviosa|cansad*|cansancio|sueno|capacitacion|desconocimiento)
        """),
        beside=("tiempo", "riesg", "orden", "actitud"),
    ),
    # -- a young man who records -----------------------------------------------------------------------------------------
    Concept(
        ("pedirle", "pedirl"),
        lines("""
            (pedir*|pido|pedimos|decir*|digo|solicitar*|invitar*|indicar*|hacerle la sena|le pido|le digo|rogarle) ~ (no|ya no|deje|dejar|apague|guarde|pare|suspenda|detenga|quite|baje|se abstenga|evite|que no se permite) ~ (grab*|grav*|camara|celular|cel|telefono|video)
            (por favor|porfavor|favor de|joven|amigo) ~ (guarde|guardar|baje|apague|quite|deje de grab*) ~ (cel*|telefono|camara|$)
            (guarde|apague|baje|quite) (su|el|ese)? (cel|celular|telefono|camara)
            que no (me|nos)? grab*
            (le)? (pido|pedirle|pediria|digo) que no $
            (le pare|que pare|parele) (a|con)? (su|la)? grab*
            (prohib*|impedir*) ~ grab*
        """),
        beside=("grab",),
    ),
    Concept(
        ("saludarlo", "saludarl"),
        lines("""
            (saludar*|saludo|saludamos|un saludo|buenos dias|buenas tardes|buenas noches|buen dia|buenas) ~ (y|yo)? ~ (sigo|seguir|seguimos|le sigo|continu*|hago lo mio|a lo mio|mi (trabajo|servicio|chamba))
            (sigo|seguir|seguimos|continu*|a lo mio|chambeando) ~ (con|y|nomas con) ~ (saludo|saludar*|saludando*|saludandolo)
            (que|dejar*|dejo|lo dejo|dejarlo) (que)? (grabe|graben|grabar) ~ (sigo|seguir|continu*|buenas|buenos|saludo|a lo mio|yo a)
            (buenas|buenos|buen) (dias|tardes|noches|dia|tarde|noche) ~ (y|yo) ~ (lo mio|mi jale|mi chamba|mi trabajo|lo que sigue|ya|sigo)
            (uno|yo) (lo)? (saludo|saluda) y (ya|sigue|sigo|le sigue|le sigo)
            la (que dice|de|del) (saludar*|saludo)
            saludarl*
        """),
        lines(
            "(saludo|saludar|seguir ~ (trabaj*|chamb*|servicio)|ignor*|su derecho|que grabe|no es delito|no pelarlo)"
        ),
        beside=("grab",),
    ),
    Concept(
        ("grabarlo", "grabarl"),
        lines("""
            ^ grabarl* igual ~ $
            (parejos|a mano) ~ (video|grab*)
            (grabar*|grabo|lo grabo|grabarlo|grabamos) (yo)? tambien
            (yo)? (tambien|igual|asimismo) (yo)? (lo|la|le)? (grab*|saco mi (cel*|telefono|camara))
            (saco|sacar|prendo|prender|enciendo) ~ (cel|celular|telefono|camara|camara corporal|solapa) ~
            (el|si el) me graba ~ yo (lo)? (grabo|tambien)
            (estar|quedar|quedamos|quedemos|estamos) (parejos|a mano|tablas|iguales)
        """),
        beside=("salud",),
    ),
    # -- two neighbours quarrel ------------------------------------------------------------------------------------------
    Concept(
        ("callo", "callar"),
        lines("""
            (que|ke) se (callen|callaran)
            (callar*|los callo|callo a los dos|a callar|silencio todos|guarden silencio|calladitos|se callan)
            (yo|y) (solo|mismo|nomas)? (decido|resuelvo|determino|ordeno)
            aqui mando yo
        """),
        lines(
            "(callo|callan|silencio|mando yo|se acabo|decido|yo digo|les digo que le bajen|sin tanto rollo|los regano|los mando)"
        ),
        beside=("escuch", "creo"),
    ),
    Concept(
        ("escuch",),
        lines("""
            (escucho|escuchar*|escuchamos|oigo|oimos|oir) ~ (a|al|los|las|ambos|ambas|cada|uno|dos|todos|partes|versiones|su|primero) ~
            (los|las|a todos) (escucho|oigo|escuchamos|oimos)
            (hable|hablan|hablen|cuente|cuenten|platique|platiquen|explique|expliquen|diga|digan|exponga|expongan|dejo hablar|doy la palabra|deje) ~ (cada (quien|uno|cual)|uno (por|a la|y)|los dos|ambos|primero uno|por turno*|por separado)
            (primero|oigo) (a)? (uno|una|al primero|al uno) ~ (y)? ~ (luego|despues|ya) ~ (otro|otra|segundo)
            (por turnos|por turno|uno por uno|uno a la vez|de uno en uno|uno a uno|primero uno y)
            (las dos|ambas) (partes|versiones|historias|caras)
            (los dos|ambos) (tienen derecho|lados|vecinos)
            (cada|los) (quien|kien|uno|cual) ~ (version|punto|lado|parte)
            (cuente|kuente|cuenten) cada (kien|quien|uno)
        """),
        lines(
            "(escuch*|oigo|oirlos|dialog*|platic*|median*|mediar|medio entre|mediacion|concilia*|separo|separamos|cada quien|cada uno|sin interrumpirse)"
        ),
        beside=("callo", "callar", "creo"),
    ),
    Concept(
        ("creo",),
        lines("""
            le (creo|creemos|doy la razon|hago caso) ~ (a la|al|a quien|a el|que)
            (con|al|a la|el|la|del|a) (el|la)? (que|q|quien) ~ (hablo|llamo|reporto|reporta|llama|marco|pidio|pide|hizo el reporte|nos hablo|nos llamo|habla al|solicito|denuncio|pidio el apoyo|marca) ~
            (quien|el que|la que) (hizo|levanto|puso) (el|la) (reporte|llamada|queja)
        """),
        lines("(le creo|el que llam*|quien llam*|afectad*|el que reporta|denunciante|al que pidio|reportante|quejos*)"),
        beside=("escuch", "callo", "callar"),
    ),
    # -- what an officer does with a person -----------------------------------------------------------------------------
    Concept(
        ("salud",),
        lines("""
            (salude|saludamos|saludar|salud|saludandolo|saludandola)
            (^|yo|y|si|le|lo|la|siempre|un|solo|nomas) saludo
            (di|dimos|dije|dijimos|dar|diciendo|deseando) (los|las)? (buenos|buenas) (dias|tardes|noches)
            (buenos|buenas) (dias|tardes|noches) le dije
            (di|dimos|tendi|estreche|estrechando) la mano
        """),
        beside=("escuch", "expli", "sigue"),
    ),
    Concept(
        ("escuch",),
        lines("""
            (escuche|escuchamos|escuchar|escucho|escucha|escuchando*|escuch)
            (lo|la|le|los|las) (oi|oimos)
            (deje|dejamos) ~ (hablar*|que (me)? (hablara|contara|dijera|explicara|platicara|se desahogara))
            (puse|preste|di) atencion
        """),
        beside=("salud", "expli"),
    ),
    Concept(
        ("expliq", "explic", "motivo"),
        lines("""
            (explique|explicamos|explicar|esplique|esplike|explicando|expliqe) (que era|el|la|lo|las|los|por que|porque|motivo|su|a|bien|todo|razon)?
            (dije|dijimos|informe|informamos|comente|mencione|di|aclare) ~ (motivo|razon|causa|(por que|porque|pq|xq|porq|el por que|de que|por lo que) (lo|la|los|las|le|les|era|nos|estaba|iba|habia|fue|se)|por que de)
            (el)? motivo !(ya|no|lo|la|se|que)
        """),
        beside=("salud", "escuch"),
    ),
    Concept(
        ("sigue", "siguiente"),
        lines("""
            (dije|dijimos|explique|explicamos|informe|avise|comente|indique|aclare) (al|a la)? (senor|senora|joven|persona)? (que|lo que|con que|como) (sigue|seguia|procede|procedia|iba a pasar|va a pasar|pasaria|seguiria|venia|tenia que hacer|tenia # dias) (con|ante|en|de|para|el|la|juez|tramite|civico)?
            (dije|dijimos|explique|informe|indique) ~ (los pasos|el siguiente paso|el procedimiento|el proceso|a donde (ir|acudir)|donde (pagar|acudir))
            (que|y que) (tenia*|debia*) que (ir|pagar|acudir|presentar*|esperar|firmar|sacar|llevar|hablar) ~
            que iba a pasar (con|ahora|despues)
            (dije|dijimos|explique|explicamos|indique|indicamos|informe|oriente) ~ (a)? (donde|ande) ~ (ir|acudir|levantar|poner|pagar|presentar*|denunciar|recoger|llevar*|pasar) ~
            (que|lo que) (sigue|seguia|seguiria|procedia|procede)
            tenia # dias para
        """),
        beside=("salud", "escuch", "expli"),
    ),
    Concept(("voz",), lines("(voz|(di|dimos|dar|dando) (la)? voz)"), beside=("neutral", "respet", "confian")),
    Concept(("neutral",), lines("(neutral*|imparcial*|ser (justo|parejo))"), beside=("voz", "respet", "confian")),
    Concept(("respet",), lines("respet*"), beside=("voz", "neutral", "confian")),
    Concept(
        ("confian",),
        lines("(confianza|confiable*|(genere|generamos|generar|ganar|gane) ~ confianza)"),
        beside=("voz", "neutral", "respet"),
    ),
    # -- whether it has happened to the officer ---------------------------------------------------------------------------
    Concept(
        ("=ya me ha tocado",),
        lines(
            "(ya|si) (me|nos) (ha|han)? (toco|tocado|paso|pasado|sucedio|sucedido)\n(una vez|varias veces|muchas veces) (me|nos) (toco|paso|ha tocado|ha pasado)"
        ),
        beside=("no",),
    ),
    Concept(
        ("=no me ha tocado",),
        lines("(no|nunca|jamas|todavia no|aun no) (me|nos) (ha|han)? (toco|tocado|paso|pasado|sucedio|sucedido)"),
        beside=("ya",),
    ),
    # -- degrees ---------------------------------------------------------------------------------------------------------
    Concept(
        ("=totalmente", "=muy seguro", "=completamente"),
        lines("""
            ^ ~ al (cien|mil|100|1000|tope|maximo) ~ $
            (cien|100|mil) (por|x) (ciento|cien)
            ^ ~ (cien|100) segur* ~ $
            (segurisim* !(de que|como que|que me|me|te|nos|le)|(super|completamente|totalmente|plenamente|absolutamente|bien) segur*)
            muy segur*
            sin (ninguna|lugar a|la menor)? (duda|dudas) ~ $
            sin (ninguna|la menor) duda
            ^ ~ (completamente|plenamente|absolutamente|del todo|por completo|lo maximo|a morir|con toda seguridad) ~ $
        """),
        beside=("nada", "poco", "regular", "bastante"),
    ),
    Concept(
        ("=regular", "=mas o menos", "=medio"),
        lines("""
            ^ ~ (mas o menos|mas menos|regularsit*|regularcit*|dos tres|dos que tres|ni mucho ni poco|ni mucho ni tan poco|a medias|ahi la llevo|ahi mas o menos|ahi ahi|mitad y mitad|termino medio|intermedio|en medio|a la mitad|maso menos|ni bien ni mal|medio segur*|medianamente|medio medio) ~ $
        """),
        beside=("nada", "poco", "bastante", "totalmente"),
    ),
    Concept(
        ("=poco",),
        lines("""
            ^ ~ (poquit*|poquitit*|muy poco|muy poquito|un poco|un poquito|apenas poquito) (segur*)? $
            ^ ~ no (me siento|estoy)? (muy|tan|mucho) segur* ~ $
            ^ ~ no (muy|tan|mucho) (que digamos)? $
            ^ ~ casi nada (segur*)? $
            algo insegur*
        """),
        beside=("nada", "regular", "bastante", "totalmente"),
    ),
    Concept(
        ("=nada",),
        lines("""
            ^ (la verdad|pues|yo|me siento|ando|estoy|la neta|ahorita)? (nadita|cero) (de)? (segur*)? (la verdad|la neta|jefe|jefa|gracias|por ahora|todavia)? $
            (nada|cero|nadita) (de)? segur*
            lo mas bajo
            ^ ~ (para nada|en lo absoluto|ni tantito|ni poquito|nada de nada) ~ $
        """),
        beside=("poco", "regular", "totalmente"),
    ),
    Concept(
        ("=muy de acuerdo", "=totalmente de acuerdo"),
        lines("""
            ^ (completamente|totalmente|absolutamente|plenamente|cien por ciento|al cien|al 100)
            (totalmente|completamente|super|100|cien|absolutamente|plenamente|muchisimo|bien|re|al cien|al 100|total|100 %|mil) (por|x)? (ciento|cien)? (estoy)? (de)? acuerdo
            ^ ~ (al (cien|100|mil)|(cien|100) (por|x) (ciento|cien)) ~ $
        """),
        beside=("desacuerdo",),
    ),
    Concept(
        ("=ni acuerdo ni desacuerdo", "=ni de acuerdo ni en desacuerdo", "=neutral", "=indiferente"),
        lines("""
            ^ ~ (neutral|neutro|ni uno ni otro|ni una ni otra|ni lo uno ni lo otro|punto medio|termino medio|en medio|me da (igual|lo mismo)|indiferente|es relativo) ~ $
            ^ ~ (a veces|aveces|ratos) si ~ (a veces|aveces|ratos) no ~ $
            ni (a favor|acuerdo|de acuerdo|estoy de acuerdo) ~ ni (en contra|desacuerdo|en desacuerdo|no)
            me da (igual|lo mismo)
        """),
        beside=("desacuerdo",),
    ),
    Concept(
        ("=de acuerdo",),
        lines("""
            mas (de|en)? acuerdo que (en|de)? desacuerdo
            ^ ~ (algo|medio|parcialmente|moderadamente|mas bien) (de|en)? acuerdo ~ $
        """),
        beside=("desacuerdo",),
    ),
    Concept(
        ("=en desacuerdo",),
        lines("""
            ^ ~ no (estoy|estamos|estaria|concuerdo|coincido)? (tan|muy|mucho)? (de acuerdo) ~ $
            no (concuerdo|coincido|comparto)
            no (estoy|estamos) (tan|muy)? de acuerdo
        """),
        beside=("acuerdo",),
    ),
    Concept(
        ("=muy en desacuerdo", "=totalmente en desacuerdo"),
        lines("""
            (total|totalmente|completo|completamente|absoluto|absolutamente|pleno|super|cien) (por|x)? (ciento)? (en)? desacuerdo
            (para nada|nada|en lo absoluto) (estoy)? de acuerdo
        """),
        beside=("acuerdo",),
    ),
)
"""The first that fits is no better than the others: an option may be about several of these."""

_CONTACT = (("contact", "trato"), ("ciudadan", "gente", "persona", "publico"))
_LISTENED = (("contar", "escuch", "explicar", "hablar"), ("version",))
_ASKED = (("pregunt",), ("pas", "suced", "ocurr"))
_ATTENDED = (("atend",),)
_JOINING = (("acepto", "acept"), ("particip", "seguimiento", "voluntari"))
_OFFERED = (("recibir", "quiere"), ("consejo", "tip", "mensaje", "material"))
_NOT_JOINING = lines("""
    ^ (mire|oiga|pues|fijese|disculpe|yo|gracias)? (la)? (mera)? (verdad|neta)? (por el momento|por ahora)? no (quiero|deseo|voy a poder|puedo|podre|voy a|me interesa|pienso) (participar|estar|entrar|entrarle) ~ $
    ^ (yo)? paso !(al|a|lista|por) ~ $
    ^ (pues|gracias|si es voluntario|entonces|yo) ~ mejor no (gracias|ando|estoy|tengo|por)? ~ $
    ^ mejor no (gracias|ando|estoy|tengo|por|pues)? ~ $
    declin*
    ^ no tengo tiempo (para|de) (eso|esto|participar|nada)
    ^ no acepto (mensajes|porque|de|a|que|pero gracias)
""")
_JOINS = lines("^ acepto (gracias|por|con|para|sin|el|la|ando|estoy) ~ !(si)")
STATEMENTS = (
    Statement(
        ("si",),
        _CONTACT,
        lines(f"""
            (atendi|atendimos|auxiliamos|auxilie|apoye|apoyamos|ayude|ayudamos|platique|platicamos|platicando|infraccione|infraccionamos|detuvimos|detuve|orientamos|oriente|entreviste|entrevistamos|multamos|multe|hable|hablamos|revise|revisamos|rescatamos|remitimos) ~ (un|una|unos|unas|varias|varios|mucha*|mucho*|#|la|el|los|las|al|toda) ~ {_PERSON}
            (atendi|atendimos|auxiliamos|auxilie|tuve|tuvimos|nos cayo|nos cayeron|salieron|hubo|levantamos|levante) ~ (un|una|unos|unas|varias|varios|mucha*|mucho*|#|bastantes) ~ (queja*|llamada*|reporte*|riña|rina|choque|accidente|servicio*|auxilio*|infraccion*|detenido*|detencion*|emergencia*)
            (mucha|muchisima|harta|bastante|demasiada|tanta|un chorro de|un buen de|puro|pura) gente ~
            ^ ~ (varias|varios|muchas|muchos|bastantes) {_PERSON} ~ $
            ^ ~ # {_PERSON} (nomas|nada mas|solamente|en total|aprox|mas o menos)? $
            ^ ~ (mucha|muchisima|harta|bastante|muchos|muchas|varios|varias|un chorro|un buen|bastantes) $
            (como|unas|unos) # {_PERSON}
            (atendi|atendimos|auxiliamos|auxilie|infraccione|infraccionamos|detuvimos|detuve|remitimos|orientamos|apoyamos|multamos) a (uno|una|dos|tres|varios|varias|otro|otra)
            (di|dimos|le di|les di|brinde|brindamos) (una|unas|unos|varias|algunas)? (orientacion|orientaciones|informes|informacion|indicaciones|una direccion) ~ {_PERSON}
            (solo|nomas|nada mas|solamente|unicamente) (con|a|hable con|trate con|atendi a) (un|una|unos|unas|dos|tres|#) {_PERSON} ~
            ^ ~ (todo el (turno|dia|servicio|tiempo)|toda la (noche|guardia|jornada|manana|tarde)) $
            ^ ~ con (un (chingo|buen|madral|monton|chorro|bonche)|todo el mundo|medio mundo) ~ $
            (trate|tratamos|trato|anduve|estuve) con (la|las|mucha|un chorro de|un buen de|puros|pura)? (gente|personas|ciudadan*|publico|turistas)
            ^ si (mucho|mucha|muchos|muchas|bastante|bastantes|un chorro|varios|varias) $
            (que)? si (hubo|tuve|tuvimos|hay|tenemos) (contacto|gente|trato) ~
            ^ ~ si ~ no (paramos|paro|pare|nos damos abasto|nunca se acaba|se acaba)
            ^ ~ no (bueno|pero|perdon|miento|digo) si ~
            {_PERSON} (perdid*|extraviad*) ~ (lleve|llevamos|acompane|oriente)
            ^ ~ (un (monton|chorro|chingo|buen|madral|bonche|mar)|montones|hartos|hartas|harto|muchisim*|bastantit*) (de gente|de personas|de ciudadan*)? ~ $
            ^ ~ (poca|poco|poquita|poquito|pocos|pocas|no mucho|no mucha|no tanto|no tanta|casi nada|casi no) pero si ~
            (iba a decir|diria|pense) que no pero si
            ni modo que no
            puro contacto
            (salude|saludamos) a (un|unos|una|unas|varios|varias|#|los|las|la|el) {_PERSON}
            (con|a) (puros|puras|puro|pura) (borrach*|{_PERSON})
            (gente|vecinos|personas|turistas|senoras|senores) (que)? (pregunta|preguntan|preguntaba*|se acerca*|llega|llegan|llegaba*|pide|piden|pedia*) ~
            (revisando|revisamos|parando|paramos|infraccionando|multando|orientando|atendiendo) (a)? (la|los|las|unos|unas|puros|puras)? (carros|motos|vehiculos|gente|conductores|autos|camionetas|papeles|documentos|personas|ciudadanos)
            ^ (si|pues si|claro)? (varias|varios|#|unas|unos|muchas|muchos|algunas|algunos) (queja*|reporte*|auxilio*|llamada*|infraccion*|orientacion*|servicio*|detenid*|rina*|choque*) ~ $
            ^ ~ (poquitos|poquitas|pocas) pero si ~
            ^ (si|pues si|claro)? (ya)? tuve $
            ^ ~ (si|claro)? (pues)? (de eso|para eso) (vivimos|estamos|trabajamos|nos pagan|es (la|mi|esta) (chamba|trabajo)) ~
            ^ ~ si # o # $
            ^ ~ si (ando|andamos|trabajo|trabajamos|estoy|estamos) en (la)? calle ~
            ^ ~ con (el|la|los|las) (del|de la|de los|de|que) _ (_)? (nomas|nada mas|solamente)? $
            ^ ~ (muy)? (poco|poquito|poca|poquita) ~ (nomas|solo|nada mas|pero) (le|les)? (di|atendi|hable|salude|oriente|ayude|platique|auxilie|pregunto|preguntaron) ~
            ^ (fueron|hubo|como|unas|unos|pues|si)? # (infraccion*|choque*|choqu*|auxilio*|detenid*|detencion*|queja*|reporte*|llamada*|servicio*|rina*|orientacion*) ~ ~ $
            si (se)? (tuvo|tuvimos|hubo) contacto (con (la|los|el|las)? (ciudadan*|gente|publico|personas|vecinos))? ~
            ^ si (y|pero)? (ya)? (ni|no) (me acuerdo|recuerdo|se) (con|a|de)? (cuant*|quien|quienes) ~
            (tuve|tuvimos|hubo) (trato|contacto)? con (la|el|los|las|un|una|unos|unas|varios|varias|mucha|muchos|muchas|#|algunos|algunas|puros|pura)? _? {_PERSON}
            (hable|platique|trate|atendi|hablamos|vi) (con)? (medio|media|todo el|toda la) (pueblo|mundo|colonia|barrio|municipio|ciudad)
            no (pare|paramos|deje|dejamos|parabamos) de (atender|ver|auxiliar|orientar|hablar|apoyar)
            no (paraba*|dejaba*|dejaron|pararon|paro|dejo) de (llegar|venir|pedir|preguntar|entrar|pasar|caer|hablar|marcar|salir|acercarse) ~
            (uno que otro|una que otra) _? {_PERSON}
            (nos|me) (toco|cayo|cayeron|salio|salieron) (un|una|unos|unas|varios|varias|#|el|la) (llamad*|servicio|servicios|auxilio|auxilios|reporte|reportes|apoyo|rina|choque|accidente|queja*|pleito|pleitos|detenid*)
            (todos los dias|diario|a diario|cada turno) (tenemos|tengo|hay|tratamos|trato)
            siempre (hay|tengo|tenemos|hubo|se tiene|trato|tratamos) ~ (contacto|gente|trato|ciudadan*|personas)
            me toco (atender|auxiliar|apoyar|orientar|un choque|una rina|un accidente)
            (todo el dia|todo el turno|toda la noche|diario) ~ (con|atendiendo|hablando|platicando|entre) (la|los|las|mucha)? (gente|ciudadan*|personas|vecinos|choferes)
        """),
        lines(f"""
            con (un|una|unos|unas|varias|varios|los|las|la|mucha|el) ~ {_PERSON}
            (auxili*|atendi*|ayud*|platic*|apoy*|rina|queja|llamada|accidente|choque|reporte)
        """),
    ),
    Statement(
        ("no",),
        _CONTACT,
        lines("""
            ^ (pues|no|a|fijese|que|la verdad|fue|hable|trate)? con nadie
            ^ de plano (con|a)? (nadie|no|nada) $
            ^ ~ puros companeros ~
            (sin|nada de|cero|de) gente (nada|ninguna)? ~ $
            sin (gente|ciudadan*|contacto|publico|personas|ver a nadie|hablar con nadie|tratar con nadie)
            (no|ni) (trato|tratamos|trate|convivo|convivi|atiendo|veo|tengo trato|tuve trato|tengo contacto) (con|a|ni con)? (la|el|los|las|mucha|ninguna)? (gente|nadie|publico|ciudadan*|personas|civiles)
            (no|ni) (hubo|paso) nada ~ (nadie|tranquilo|calmado)
            no se (me|nos) (acerco|arrimo) (nadie|ni|ninguna)
            nadie (se acerco|salio|llego|paso|vino|pidio|hablo|llamo|se me acerco|se arrimo)
            ^ ~ (cero|ningun|ninguno|ninguna|ni un|ni un solo|ni una|ningunos) (contacto*|contactos|persona|ciudadano|alma) ~ $
            sin (trato|contacto*) ~ (nadie|ciudadan*|gente|persona*|publico)
            (solo|nomas|nada mas|puro) por radio ~
            puro (resguardo|papeleo|monitoreo|escritorio|oficina|administrativo|tramite|papel|archivo|encierro)
            pura (oficina|vigilancia|papeleria|guardia|administracion)
            (no|ni) ~ (hubo|habia|vi|llego|paso|pasaba|se acerco|se paro|atendi|aparecio|salio|vino|hable|trate|tuve) ~ (nadie|gente|un alma|a nadie|con nadie|ni uno|persona*|ninguna persona)
            ^ ~ (solo|nomas|nada mas|unicamente|puro|puros) (con)? (mis|los|puros|unos)? companer* ~ $
            gente de (la calle|fuera) no
            (solo|nomas|nada mas|unicamente|puro|pura|no mas) (con)? mi (pareja|companer*|comandante|jefe) ~ $
            el (ultimo|pasado) no ~
            (me toco|me toca|estuve en|estuve de|andaba en|andaba de|estaba en|estaba de) (el|la|un)? (radio|radios|armeria|barandilla|imaginaria|bodega|archivo|despacho|comandancia en resguardo|base de radio|puro radio)
            nadie se (acerco|arrimo|paro)
            (toda la guardia|todo el turno|toda la noche|toda la jornada|las 24 horas|las 12 horas) ~ (monitor*|camaras|cabina|oficina|archivo|radio|papeleo)
            (estuve|anduve|me toco|me mandaron|puro|pura) (de|en|a)? (monitor*|monitoreo|camaras|camara|el c4|el c5|c4|c5|cabina|banco de armas|armeria|caseta sola)
            ni (me|nos) (baje|bajamos|bajaron) de la (unidad|patrulla|camioneta)
            (en el|el) (turno)? (ultimo|pasado) no ~ (anterior|de antes|antier) si
            ni (un alma|las moscas|una mosca|una persona|los perros pasaron|quien se acercara)
            (no|ni) (sali|salimos) (de|a) ~
            ^ ~ (todo el turno|todo el dia|estuve|anduve|me toco|solo|solamente) ~ (encerrad*|en oficina|en la oficina|en cabina|en el archivo|en la armeria) ~ $
        """),
        lines("""
            (nadie|monitoreo|oficina|papeleo|franco|descanso|barandilla|encerrad*|cabina|cuidando|resguard*|custodia|incapacitad*|vacaciones|capacitacion|curso|solito|solo)
            (no|ni) (hubo|habia|sali|tuve|trate)
        """),
    ),
    Statement(
        ("no", "tuve", "contacto"),
        _ATTENDED,
        lines("""
            ^ (pues|no|la verdad|de plano|fijese|que)? (a|con)? (nadie|ninguno) (la verdad|hoy|ese (dia|turno)|en todo el turno)? $
            no (vi|atendi|trate|hable|tuve|atendimos|vimos|tratamos) ~ (nadie|contacto*|ninguna persona|gente|ciudadan*)
            no (vi|atendi|trate|hable|tuve|atendimos|vimos|tratamos) ~ ~ nadie ~ $
            ^ # no tuve $
            ^ (pues|la verdad|hoy)? no tuve (ninguno)? $
            ^ (pues)? nada (estuve|estuvimos|andaba|andabamos|me toco) ~ (guardia|base|oficina|caseta|cuartel) ~ $
            (sin|cero|ningun) (contacto|contactos) ~
        """),
        lines("(monitorista|franco|oficina|descanso|papeleo)"),
    ),
    Statement(
        ("si",),
        _ASKED,
        lines("""
            (pregunte|preguntamos) (que|q|como|lo que|por lo que|todo) ~
            ^ ~ si (le|les|lo)? (pregunte|preguntamos) ~ $
            (le|les) (pedi|pedimos|dije|dijimos) ~ (me|nos) (contara|platicara|explicara|dijera)
            (cuenteme|platiqueme|digame|que le|que) (que)? paso ~ (le|les)? (dije|pregunte|deje|dijimos)
            le dije (cuenteme|platiqueme|digame) ~
            (le|les|lo) (pregunte|preguntamos) pero (ya)? no (me)? (quiso|queria|dijo|contesto) (decir*|hablar*|contestar*|responder*|nada)?
            (le|les|se lo|lo) (pregunte|preguntamos) (pero|y|aunque|dos|tres|varias|#|luego|bien|directo|primero)
            ^ ~ (si|claro|simon|sip) ~ (le|les|se lo|lo)? pregunt* ~ (pero|y|aunque|que)
            lo primer* (fue|es) (preguntar*|decirle|saber|escuchar*) ~
            (le|les) (dije|decia|digo) ~ (cuenteme|cuenta|digame|platiqueme|que paso|que onda|que le paso|en que le ayudo)
            (que paso|que onda|que sucedio) ~ (asi)? (le|les)? (dije|pregunte)
            (es|fue) lo primer* que (se|le|les|uno) (pregunta*|pregunte)
            pero si (le)? (pregunte|preguntamos) ~
            (a veces|luego|normalmente|casi siempre) no pero (ahi|esta vez|esa vez|ese dia|a (el|ella|esta)|ahora) si
            si (y)? ~ (me|nos) (conto|platico|dijo|explico) ~
            (fue)? lo primer* que (hice|hago|pregunte|le pregunte)
            ^ ~ no (bueno|pero|perdon|miento|digo) si ~
        """),
        lines("(pregunte|preguntamos|me conto|me platico)"),
    ),
    Statement(
        ("no",),
        _ASKED,
        lines("""
            ^ ~ (se me (paso|olvido)|ni (se me ocurrio|me acorde|lo pense)) ~ $
            sin (preguntar*|preguntas) (nada|le|les)? ~
            no (le|les)? (pregunte|preguntamos) (nada)?
            se me (paso|fue) (preguntar*|por completo|con las prisas|ese detalle|esa pregunta|por las prisas|la pregunta|de noche) ~
            ^ se me (paso|olvido) ~ $
            (me fui|fui|nos fuimos) (directo|derecho|luego luego) (a|al|con) ~
            (ahi)? (si)? (te|le|les) (fallo|falle|quede a deber|quedo a deber)
            (no|ni) (le|les|lo)? (pregunte|preguntamos|preguntaba)
            (no|ni) se (le|les|lo) (pregunto|preguntaron)
            ni (se me ocurrio|me acorde|lo pense) ~
            yo no ~ (mi (pareja|companero|companera)) (si|fue|pregunto|le pregunto) ~
        """),
        lines("(directo|luego luego)"),
    ),
    Statement(("no", "acepto"), _JOINING, _NOT_JOINING),
    Statement(("no",), _JOINING, _NOT_JOINING),
    Statement(("si",), _JOINING, _JOINS),
    Statement(("acepto", "participar"), _JOINING, _JOINS),
    Statement(
        ("no", "se", "pudo"),
        _ASKED,
        lines("""
            (no|ni) (se|c) (pudo|podia|dejo|presto) !(abrir|ver|leer|descargar|cargar|mandar|contestar)
            (no|ni) (pude|pudimos|podia|hubo (chance|modo|manera|forma|tiempo)|habia (chance|modo|manera|forma|tiempo)|me dio tiempo|dio tiempo|alcance)
            ni (chance|modo|tiempo) ~
            ya (se|no) (fue|fueron|habia|habian|estaba|estaban) (ido|retirado|marchado|pelado|ahi|nadie|cuando) ~
            (ya)? se (habia|habian) (ido|retirado|marchado|pelado) ~
            ^ ~ (no|nunca) (quiso|queria|se dejaba|me dejo) ~
            ^ ~ (no|nunca) (me)? (quiso|queria|dejo) ~ ~ nada ~ $
            (no|nunca) (me)? (quiso|queria|dejo) (decir*|hablar*|contestar*|responder*|cooperar|abrir la boca|dar) ~
            (no|nunca) (estaba en condiciones|estuvo en condiciones|abrio la boca|dijo nada|contesto|solto palabra) ~
            (se)? (arranco|fue|pelo|subio|echo) ~ (antes de que|apenas|en cuanto|cuando) ~ (pregunt*|vio|vieron|llegamos|llegue)
            (estaba|venia|iba|andaba) (muy|bien|demasiado|tan)? (tomad*|borrach*|ebri*|drogad*|intoxicad*|pasad*|perdid*|alterad*|grave) ~ (no (se|le|me)?|ni|para) ~
            no (se le)? (entendia|entendio) (nada|ni|lo que)
            (solo|nomas|puro|nada mas) hablaba ~ (ingles|maya|nahuatl|otro idioma|chino|dialecto|su lengua|frances)
            (ni|no) (hablaba|habla) (todavia|aun|bien|espanol)
            no nos entend*
            (nino|nina|bebe) ~ (chiquit*|pequen*) ~ (no|ni) ~ habl*
            (puros|puro|nomas|solo) (gritos|grito|llanto|insultos) ~ no (me)? (dejo|dejaba)
            (inconsciente|inconciente|desmayad*|sin sentido|convulsion*)
            (se echo a|salio|se fue|echo a) (correr|corriendo|huyendo)
            (se dio a la fuga|se pelo|se escapo|huyo)
            (solo|nomas|nada mas)? hablaba (ingles|chino|coreano|frances|otro idioma|puro ingles|su lengua)
            no hablaba (espanol|nada)
            se (lo|la) (llevo|llevaron|llevaban) ~ (ambulancia|paramedicos|cruz roja)
        """),
        lines("(ambulancia|balaz*|balaceando|quise)"),
    ),
    Statement(
        ("no", "hacia", "falta"),
        _ASKED,
        lines("""
            (no|ni) (hizo|hacia|hace|habia|hubo|ocupaba|tenia) (falta|necesidad|caso|para que)
            no (fue|era|es) (necesari*|preciso)
            ^ ~ innecesari* ~
            no (lo|le)? (considere|vi|crei|crei que fuera|le vi) (que)? (necesari*|necesidad|caso|falta)
            (solo|nomas|nada mas|unicamente) (me|nos)? (pedia|pidio|queria|quiso|buscaba|necesitaba|ocupaba) (saber|una|un|la|que|donde|ver|informes|orientacion) ~
            (no|ni) (habia|hubo|tenia) (nada)? que preguntar*
            (me|nos) (pidio|pregunto) la hora ~
            ya (se veia|estaba claro|era obvio|lo traia claro) ~
            nada que preguntar*
            (pa|para) que (le|les)? (pregunt*|iba a preguntar)
            (solit*|solo|sola) (me|nos)? (dijo|conto|platico|explico|empezo a (contar*|platicar*|decir*|explicar*)) ~
            (no|ni) tuve (ni)? que preguntar*
            (yo)? (mismo|misma)? (lo)? (vi|presencie|vimos|presenciamos) (todo|yo mismo|con mis ojos|como)
            ya (sabia|sabiamos) (que|lo que|todo) ~
            (solo|nomas|nada mas|unicamente|nomas) (me|nos) (pidio|pregunto|pidieron|preguntaron|saludo) ~
            ^ ~ (solo|nomas|nada mas) (platicamos|platique|saludamos|saludo|nos saludamos) ~
        """),
        lines("(saludo|platicamos|a la vista|era evidente)"),
    ),
    Statement(
        ("si",),
        _LISTENED,
        lines("""
            (lo|la|le|los|las) (escuche|escuchamos|oi|oimos|escuchamos primero)
            (deje|dejamos|dejo) ~ (hablar*|contar*|explicar*|que (hablara|contara|dijera|explicara|platicara|me (contara|dijera|explicara|platicara)|se (desahogara|explicara)))
            (di|dimos|daba|doy) (la)? (chance|chanza|oportunidad|tiempo|la palabra|su tiempo|espacio|su espacio|el uso de la palabra) ~
            se (le|les) (escucho|oyo|dejo hablar|permitio hablar|dio la palabra) ~
            (le|les) (pedi|pedimos|pregunte|preguntamos|dije|dijimos) que (me|nos)? (contara|contaran|platicara|explicara|dijera|que (paso|habia pasado|sucedio))
            (le|les) (pregunte|preguntamos) ~ (que (paso|habia pasado|sucedio|ocurrio)|su version)
            primero (que)? (se desahog*|habl*|lo escuche|la escuche|escuche|que hablara|me conto|me platico)
            (me|nos) (conto|platico|explico) (su version|todo|lo que|como|que|que paso|bien)
            (oyendo|escuchando) (al|a la|a|lo que|su|sus)
            cuando (acabo|termino) de (hablar|explicar|contar|desahogarse)
            (escuche|escuchamos|oi|oimos) (a)? ~ (todo|todos|las dos|ambas|ambos|su|sus|primero|bien|completo|los dos|version*|partes)
        """),
        lines("(escuch*|oyendo|desahog*|conto|platico|explico)"),
    ),
    Statement(
        ("no",),
        _LISTENED,
        lines("""
            (no|ni|nunca) (lo|la|le|los|las)? (deje|dejamos|escuche|escuchamos|di|dimos|dio|daba|oi|oimos) ~
            (no|ni) (hubo|habia|tuve|alcance|pude|quise|dio)? (chance|tiempo|oportunidad|escucharlo|escucharla) ~
            (decidi|resolvi|actue|infraccione|multe|detuve|remiti|decidimos|resolvimos|lo detuve|la detuve|lo infraccione|la infraccione) ~ antes de (que (hablara|dijera|contara|me contara|explicara)|escuchar*|oir*|preguntar*)
            primero (lo|la|le|los)? (infraccione|multe|detuve|subi|espose|remiti|levante|infraccionamos|detuvimos|subimos|esposamos|remitimos)
            (no|ni|nunca) (lo|la|le|los|las)? (di|dimos|daba|dio) (ni)? (la|el|su)? (chance|chanza|oportunidad|tiempo|palabra|espacio)
            (lo|la|los|le) (corte|cortamos|interrumpi|calle|callamos|interrumpimos)
            (sin preguntar*|sin escuchar*|sin dejar*|sin que (hablara|dijera)|ni le pregunte)
        """),
        lines("(de volada|luego luego|lo subimos|ya para que|traia prisa|directo|mejor no|no habl*|interrump*)"),
    ),
    Statement(
        ("no", "venia"),
        _LISTENED,
        lines("""
            no (hacia|hizo|hubo|habia) (falta|necesidad|version|nada que (decidir|contar|escuchar)|que decidir)
            no (era|fue) (necesario|el caso|para eso)
            (solo|nomas|nada mas|solamente|unicamente) (me|nos|le)? (pregunto|preguntaron|pidio|pidieron|preguntaba|di|dimos|indique|pregunto) ~ (donde|direccion|por|ubicacion|informacion|la hora|hora|como)
            no (podia|pudo) hablar
            (inconsciente|desmayad*|no aplica*|no cabia|sin vida|fallecid*|convulsion*)
        """),
        lines("(no hacia|no habia|ambulancia|solo|nomas)"),
    ),
    Statement(
        ("si",),
        _OFFERED,
        lines("""
            ^ ~ (mande|mandelo|mandeme|mandemelo|mandenme|mandenlo|mandalo|mandame|envie|envielo|enviemelo|enviame|enviemelo|envienlo|echelo|pasemelo|paselo|echele|venga|vengan|dele|arre|arrancate)
            con confianza mande*
            ^ ~ (echalo|echalos|echame|echamelo|echenlo|echenme|echeme|echemelo|echele|echale|echenle|aviente|avientelo|aviente*|avientamelo|sueltelo|sueltalo|dispare|disparelo|dispara) (pues|va|ahi|usted|nomas|por favor|gracias)? $
            (mal|dano) no (me|nos) (cae|caeria|hace|haria|viene)
            no (me|nos)? (caeria|cae) mal
            (me|nos) (caeria|caera|cae|vendria|viene) ~ (bien|perfecto|perfectamente|al puro|de perlas|excelente|100|al cien|chido|padre)
            ^ (pues)? (claro|si|simon)? (que)? si (me|nos) (sirve|ayuda|late|gusta|conviene|interesa|hace falta) (mucho|bastante)? $
            ^ (pues)? si pero (que sea|uno|algo|bien|muy)? (cortit*|breve*|corto|cortos|rapid*|rapidit*|chiquit*|sencill*|facil) ~ (no (me|nos) da tiempo ~)?
            (si|ok|va|andele) (mandelo|mandemelo|mandenmelo|mandamelo|envielo|enviemelo|enviamelo|pasemelo|echemelo) (y)? (yo)? (lo|ahi|ya|luego|en) ~
            nunca es tarde ~
            ^ (pues)? (claro)? si (por favor|gracias|porfa)? (ya)? (me|los|el|lo|todos) ~ (sirvieron|sirvio|gustaron|gusto|ayudaron|ayudo) ~
            ^ (andele|orale|andale) (pues)? $
            ^ (pues)? si pero (que)? no (sea|sean|este|esten) (muy|tan)? (larg*|tardad*|extens*|mucho|muchos) ~
            (nunca|no) (esta|estan) de mas
            ^ ~ (si|claro|pero si|que si) ~ (quiero|me gustaria|acepto) (recibir*|que me lo manden|que lo manden) ~ $
            ^ ~ (me parece|suena|se me hace|se oye) (muy)? (bien|bueno|buena idea|interesante) ~ $
            ^ ~ sin (ningun)? (problema|inconveniente|bronca) ~ $
            ^ bueno (gracias|pues)? $
            ^ ~ si (manden|mande|mandeme|mandenme|mandelo|envien|envieme|enviame|mandame) ~ $
            (lo|todo lo) que (sume|sirva|ayude) ~ (bueno|bienvenid*|sirve)
            ~ (mejor)? pero si $
            ^ ~ (breve|corto|cortito|rapido) ~ (pero|y)? si $
            ^ ~ si ~ (que|q) (me)? (sirva|ayude|sirvan) ~
            (nunca|no) (sobra|estorba|cae mal|hace dano) ~
            (siempre|todo) ~ (sirve|ayuda|suma|bueno|bienvenid*|es bien recibid*|se aprende)
            ^ ~ si (acepto|quiero|recibo|me gustaria) (el|un|los|su|ese)? (consejo*|tip*|mensaje*) ~ $
            con (mucho|todo)? gusto (lo|los)? (recib*|leo|acepto)
            no (estaria|vendria|caeria|sobraria|estorbaria) (nada)? (mal|de mas)
            ^ si (breve*|cortit*|corto|rapid*) (porque|pues|por favor|y)? ~
            (es|son|sera|seria|seran) (bienvenid*|bien recibid*)
            (me|nos) (gustaria|interesa|serviria|caeria bien|cae bien|vendria bien|ayudaria|late|servira) !(salir*|pasar*|cambiar*|que (me|nos) (camb*|pas*|mand*)|este|ese|esa|esta|el|la|su|irme|tener|estar|ser)
            ^ ~ (por favor|porfa|porfis|estaria bien|seria bueno|con confianza|claro mande*|pues bueno) ~ $
        """),
    ),
    Statement(
        ("no",),
        _OFFERED,
        lines("""
            ^ ~ (asi|mejor) (dejelo|dejalo|dejela|asi|esta bien|estoy bien|estamos bien|ahi|dejemoslo|ya esta bien|quedemos) ~ $
            ^ ~ mejor no ~
            asi (ta|toy) bien
            ^ no (muchas)? gracias (ya|ando|estoy|tengo|con|por|asi)
            (en esta ocasion|por esta ocasion|esta vez|amablemente|por ahora|sin embargo|pero)? (declino|declinamos|declinare)
            ^ ~ (este|esta) semana no ~ ~ $
            ^ ~ ya tengo (suficiente*|bastante*|muchos|demasiados) ~ ~ ~ no (gracias)? $
            ^ ~ (ahorita|por ahora|por el momento|de momento) no !(puedo|puede|alcanzo|tengo) ~ (vacaciones|chamba|trabajo|saturad*|ocupad*|apurad*|servicio) ~
            asi (estoy|esta|estamos) bien
            no se (moleste*|molesten|preocupe* por eso) ~ $
            ^ ~ (hasta el tope|ocupad*|llen*|saturad*|apurad*) mejor no $
            no (lo|los|me|se|nos)? (necesito|interesa|interesan|ocupo|hace falta|mande|manden|envie|envien|mandes|requiero|es necesario|gustan)
            no (lo|los|me|se|nos)? quiero !(que (piense|piensen|crea|crean|se)|salir*|cafe|vivir|morir|quedar|decir|problemas|parecer|perder|andar)
            ya (tengo|tuve|con el taller|me llegan|estuvo bueno|fue) ~ (suficient*|mucho*|bastante*|demasiad*|tuve|taller)
            ^ ~ (ahorita no|por ahora no|por el momento no|de momento no|paso|no por favor|sin consejos|no hace falta|no es necesario|mejor no|otro dia|en otra ocasion|la otra semana|para la otra|mejor la otra semana) (_)? $
        """),
    ),
)
