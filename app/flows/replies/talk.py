"""Messages that are no answer, as patterns by act. Those of talk (greeting, acknowledgement, deferral) are looked for in
the message without the courtesy around it and without the «no» or «sí» that leads in."""

from app.flows.replies.patterns import lines

COURTESY = lines("""
    (muchas|mil|muchisimas)? gracias
    (por|x)? favor
    (porfavor|porfa|porfas|porfis|plis|please|grax|ok gracias|disculpe|disculpa|disculpen|perdon|una disculpa|con permiso|con todo respeto|amablemente|atentamente|oiga|oigan|oye|mire|mira|fijese|fijate|es que|pues|bueno|ay|ah|eh|mmm|uff|hijole|chale|caray|la verdad|la neta|neta|de verdad|de plano|sinceramente|honestamente|que pena|jaja|jajaja|jeje|ja|saludos|bendiciones)
    (mi|mis|a todos|estimado|estimada|estimados|apreciable)? (jefe|jefa|jefes|jefecita|jefecito|comandante|comandanta|oficial|senor|senora|senorita|senores|lic|licenciado|licenciada|doctor|doctora|doc|ingeniero|maestra|maestro|profe|profesor|profesora|amigo|amiga|amigos|compa|carnal|wey|guey|joven|coordinador|coordinadora|patron|companero|companera|equipo)
    (muy)? (buenos dias|buen dia|buenas tardes|buena tarde|buenas noches|buena noche|buenas|buenos)
    (hola|que tal|excelente dia|bonito dia|lindo dia)
    (saludos|hola|buen dia|buenos dias|buenas tardes|buenas noches) (a todos|a todas|a ustedes|a usted|cordiales)
    (quedo|me quedo|estoy|estamos|quedamos|ando) (a la orden|a sus ordenes|a la espera|atent*|al pendiente|pendiente)
    (🤔|🤷)
""")
GREETINGS = lines("""
    ^ (un|mucho|es un)? gusto (en)? saludarl* $
    ^ (muy)? (buenos dias|buen dia|buenas tardes|buena tarde|buenas noches|buena noche|buenas|buenos|hola|holi|ola|holis|hello|que tal|que onda|saludos|que hay) (que tal|como (esta|estan|le va|les va|andan|has estado|estas|anda|amanecio|amanecieron)|a todos|tengan|tenga|a usted|a ustedes|igualmente|reciba|reciban|les saludo|saludos|excelente dia|bendiciones)? $
    ^ (muy)? (buenos dias|buen dia|buenas tardes|buena tarde|buenas noches|buena noche|buenas|hola|saludos) a (todos|todas|ustedes|tod*)
    ^ como (esta|estan|le va|les va|andan|estas|amanecio|amanecieron) (usted|ustedes|todos|hoy)? $
    ^ (hola|ola|buenas|buen dia|buenos dias|buenas tardes|buenas noches)? (un|unos)? saludos? (a (todos|todas|ustedes|usted|tod*)|para (todos|ustedes)|desde tod* _?) $
    ^ (muy)? (buenos dias|buen dia|buenas tardes|buenas noches|buenas|hola|ola|oiga)? (que|q) tal (como)? (esta|estan|le va|les va|andan|estas|va) (usted|ustedes|todos|todo)? $
    ^ (hola|ola|buenas) (que|q) tal (como)? (esta|le va|andan|estan) $
    ^ (excelente|bonito|lindo|feliz|buen|bonita|excelentes) (dia|tarde|noche|fin de semana|inicio de semana|semana|turno|servicio|lunes|martes|miercoles|jueves|viernes|sabado|domingo) (para usted|a todos|igualmente)? $
    ^ feliz (navidad|ano|dia|cumpleanos|dia del policia|ano nuevo) $
    ^ si (diga|digame|mande|hola|bueno|alo|a sus ordenes|dime|que se le ofrece|en que le ayudo|en que puedo (servir*|ayudar*)) $
    ^ (digame|mande|mande usted|diga|alo|bueno si|que paso|que se le ofrece|aqui andamos|aqui estoy|presente) $
    ^ (bendiciones|que dios lo bendiga|dios los bendiga|que dios los bendiga|cuidese|cuidense|que este bien|que tenga buen dia|que tenga bonito dia|igualmente buen dia) $
""")
ACKS = lines("""
    ^ 👍? (ok|okay|okey|oki|okis|okei|oka|va|vale|sale|sales|orale|dale|👍|enterado|enterada|recibido|recibida|copiado|copiada|entendido|entendida|enterados|anotado|listo|lista|perfecto|excelente|muy bien|esta bien|bien|de acuerdo|con gusto|con mucho gusto|claro con gusto|va que va|sale y vale|sale vale|arre|fierro|jalo|a la orden|a sus ordenes|al pendiente|pendiente|al tiro|a la brevedad|adelante|correcto recibido|enterado y pendiente|me parece bien|me parece|que bien|que bueno|super|genial|r|qap|rgr|roger|10 4|chido|simon ok|no hay problema|no hay de que|sin problema|ningun problema|no se preocupe|no se apure) (ok|va|vale|sale|👍|bien|esta bien|gracias|enterado|pendiente|de acuerdo|recibido|entendido|perfecto|listo|que va)? (👍|gracias|pendiente)? $
    ^ 👍 👍? 👍? 👍? $
    ^ (mande|manden|mandeme|mandenme|espero|esperando|quedo en espera|quedo al pendiente|quedo pendiente|quedo atento|quedo atenta|estoy pendiente|estoy al pendiente|estamos pendientes|estare pendiente|a la espera|aqui espero) (de)? (las|los|sus|la|su)? (preguntas|pregunta|mensajes|encuesta|mensaje|instrucciones|indicaciones)? $
    ^ (ya)? (lo|la|los)? (vi|lei|revise|recibi) (el|su|sus|los)? (mensaje|mensajes|correo|aviso)? $
""")
SENDS_FOR = lines("""
    ^ si (mandeme|mande|manden|mandenme|enviame|envieme|envienme|digame|haga|hagame|pregunte|pregunteme|espero) (las|los|sus|la|su)? (preguntas|pregunta|mensajes|encuesta)? $
""")
"""An acknowledgement of a message, and a yes to an invitation."""
RETURNED = ("^ (de)? nada gracias a (ustedes|usted|ud|uds) $",)
"""Our thanks returned, whatever «nada» answers."""
COURTESIES = lines("""
    ^ (de nada|por nada|para servir*|para servirle|a sus ordenes|igualmente|igual a usted|igual a ustedes|igual para usted|igual que este bien|igual saludos|saludos igual|igual gracias|igual gracias a usted|igual gracias a ustedes|buen dia igual|buenas tardes igual|buenas noches igual|gracias igual|gracias igualmente|igualmente gracias|que este bien igual|igual bendiciones|igual buen dia|lo mismo digo|al contrario|a usted|a ustedes|gracias a usted|gracias a ustedes) (gracias|saludos)? $
    ^ gracias $
""")
_NOW = "(ahorita|orita|ahora|por ahora|por el momento|de momento|en este momento|en estos momentos|ahora mismo|hoy|todavia|aun)"
_LATER = (
    "(al rato|al ratito|al raton|luego|despues|manana|pasado manana|mas tarde|mas al rato|en la noche|en la tarde|por la noche|por la tarde|en un rato"
    "|en un ratito|en un momento|en un momentito|en cuanto (pueda|salga|llegue|termine|me desocupe|tenga tiempo|acabe)|cuando (pueda|salga"
    "|llegue|termine|me desocupe|tenga tiempo|tenga chance|acabe|baje|descanse|este libre|tenga un momento)|saliendo|llegando|terminando|ahorita"
    "|acabando|otro dia|el lunes|el martes|el miercoles|el jueves|el viernes|el sabado|el domingo|la proxima semana|al terminar|al salir|al llegar"
    "|antes de dormir|mas noche|mas tardecito|ratito|deje llego|dejeme llegar|llegando a casa|en mi descanso|pronto|en breve|a la brevedad)"
)
_I_ANSWER = (
    "(contesto|contestamos|respondo|digo|escribo|mando|aviso|leo|veo|marco|hago|lleno|confirmo|platico|contestare|respondere|contestar|responder"
    "|reviso|checo|cuento|informo|paso|hablo|comento|atiendo|envio|llamo|comunico|seguimos|sigo|termino|doy respuesta)"
)
_BUSY = (
    "(manejando|ocupad*|en servicio|en turno|trabajando|comiendo|desayunando|cenando|en una junta|en junta|dormid*|durmiendo|en la calle|en operativo|en un operativo|en una diligencia|en un accidente|en un choque|en un llamado|en un auxilio|en la base|en una emergencia"
    "|conduciendo|atendiendo|en guardia|en el servicio|en consigna|en recorrido|en un servicio|en un evento|en audiencia|en el mp|en el ministerio"
    "|en clase|en curso|en formacion|de guardia|patrullando|en la patrulla|en la moto|banandome|en el hospital|con un detenido|apurad*"
    "|en un enfrentamiento|en enfrentamiento|en una balacera|en persecucion|en una persecucion|en un velorio|en un funeral|en pase de lista|en llamada|en otra llamada|en reunion|saliendo|llegando|entrando|en carretera|en camino|en el trafico|en el bano|muy ocupad*)"
)
_UNIT = "(min|mins|minuto|minutos|minutito|minutitos|seg|segs|segundo|segundos|segundito|hr|hrs|hora|horas|horita|rato|ratito|momento|momentito|momentitos|dia|dias|semana|semanas)"
DEFERRALS = lines(f"""
    ^ {_LATER} (si|no|por favor|ya|porfa|me desocupo|puedo|con calma)? (le|les|lo|la|te)? {_I_ANSWER}? (ahorita no|no puedo|si|sin falta|con calma|gracias|jefe|porfa|todo|las preguntas|la encuesta|la pregunta|su mensaje|bien|ahorita)? $
    {_LATER} ~ (le|les|lo|la|los|te|me) {_I_ANSWER}
    ^ de acuerdo {_LATER} (si)? (le|les|lo|te) {_I_ANSWER}
    (le|les|lo|la|los|te) {_I_ANSWER} (todo|con gusto|las preguntas|bien|esto|eso|si|la encuesta)? {_LATER}
    (le|les|lo|te) {_I_ANSWER} (en|dentro de) (unos|unas|un|una|#) {_UNIT}
    (puedo|podria|podemos|se puede|prefiero|quiero|mejor) (contestar*|responder*|contesto|respondo|contestarle*|hablar) ~ {_LATER}
    ^ (no)? {_NOW} (si|no) $
    ^ (no)? {_NOW} no {_LATER} ~ $
    ^ {_NOW} (no puedo|no puedo (contestar|hablar|responder|leer|escribir)|estoy {_BUSY}|ando {_BUSY})
    ^ no todavia $
    ^ (hoy|ahorita|ahora|todavia)? no (puedo|se) decidir* ~
    (deme|denme|dame) (hasta|chance hasta|tiempo hasta) (el|la|manana|que) ~
    ^ en # (le|les) {_I_ANSWER}
    (deje|dejeme|dejenme) (acabo|termino|salgo|llego|como|entrego|checo) ~ ~ (le|les|lo|la) {_I_ANSWER}
    ^ no (por (el momento|ahora))? (luego|al rato|mas tarde|despues|mas al rato|al ratito) (por favor|porfa|jefe|gracias)? $
    ^ # {_UNIT} (y|ya) (le|les|lo|te) {_I_ANSWER}
    ^ (no)? (traigo|voy con|ando con|tengo) (el volante|las manos ocupadas) ~
    ^ (traigo|tengo|traemos|tenemos) (un|una)? (detenid*|servicio|choque|accidente|llamado|auxilio) {_LATER} $
    ^ (estoy|ando) ocupa #
    ^ (como)? a (las|la) # (y media)? ~ (le|les|lo|te) {_I_ANSWER}
    ^ (no)? (todavia|aun) no puedo
    ^ (espereme|esperame|espere|espera|aguanta|aguanteme|aguantame|aguante|ahorita|ahorita no|luego|al rato) ~ (hay|tenemos|traemos|ando en|estoy en|estamos en) (un|una)? (balacera|enfrentamiento|persecucion|operativo|servicio|emergencia|detenido|accidente|choque|problema|apoyo)
    ^ no puedo $
    ^ no puedo (hablar|contestar|responder|leer|escribir|usar el celular|usar el telefono|atender*|ver el mensaje|en este momento|ahorita|ahora|por ahora|hoy|todavia|aun|traer el celular)
    ^ (ahorita|orita|ahora|todavia|por el momento) (yo)? no puedo
    ^ (estoy|ando|voy|sigo|vengo|estamos|andamos|me encuentro) {_NOW}? {_BUSY}
    ^ (estoy|ando|voy) ~ {_BUSY} ~ {_LATER}
    ^ (espere*|esperame|esperen|esperenme|espereme|espera|aguanta|aguante*|aguanteme|aguantame|permitame|permita|permitanme|deme|dame|denme|dejeme|dejame|deje|paciencia|pereme|perame) (tantito|poquito|un|una|unos|unas|#)? {_UNIT}? (por favor|chance|oportunidad|tiempo|poquito|tantito|mas|ver|checo|termino|terminar|llego|llegar|acabo|llego a (mi casa|la base|casa|la casa|la oficina)|termino (el|mi|de) (turno|servicio|comer|manejar)|salgo (del|de) (turno|servicio)|checar|reviso|revisar|pensar|pensarlo|pienso)? (si|y|le)? $
    ^ (un|una|#|unos|unas)? (momento|momentito|segundito|minutito|ratito|instante|momentitos) (mas)? $
    ^ (un|1) (seg|segundo|minuto|min|rato) (mas|por fa)? $
    ^ (un|1|unos) {_UNIT} (mas|por favor)? (voy|ando|estoy|vengo|sigo|traigo|que (voy|ando|estoy|vengo|traigo))
    ^ (le|les|te) {_I_ANSWER} (nada mas|nomas|solo|pero)? (dejeme|dejenme|permitame|que llegue|en cuanto|cuando|terminando|llegando|saliendo)
    ^ (deme|dame|denme|espereme|esperame|en|como en|ok en|va en|si en|dentro de|regreso en|vuelvo en|tardo|ocupo|necesito|faltan|me faltan|aguanteme) (unos|unas|como|un|una)? # {_UNIT} (mas|por favor|salgo|termino|llego|le contesto|me desocupo|estoy libre|entrego)? $
    ^ (deme|dame|espereme|en) (unos|unas|un|una) {_UNIT} (mas|salgo|termino|llego)? $
    ^ (ok|va|si|sale) en (un|una|#) {_UNIT}? $
    ^ en (un|una|#) {_UNIT} $
    ^ (en|como en|dentro de) # {_UNIT} ~ $
    ^ (salgo|termino|llego|me desocupo|descanso|entrego|acabo) (en|a las|hasta|al|como a las|como en|manana|mas|el|de)
    ^ {_LATER} (a las|como a las|a la|por la|en la|despues de las) (#|noche|tarde|manana) (y media)? (de la)? (noche|tarde|manana|am|pm)? (hrs|horas)? $
    ^ (voy|ya voy|ya casi|ya mero|casi termino|aun no termino|todavia no termino|voy para alla|ahi voy|en eso estoy|lo estoy viendo|lo estoy pensando|lo voy a pensar|lo pienso|dejeme pensarlo|deje lo pienso|me lo pienso|lo checo|lo reviso|lo leo) $
    (marqueme|hableme|escribame|mandeme|preguntame|pregunteme|escribanme|busqueme|recuerdeme|recuerdame|mandemelo|mandelo|contacteme) ~ {_LATER}
    ^ hasta (manana|el lunes|que salga|la noche|en la noche|al rato|luego|que descanse|que termine|que pueda) (puedo|le contesto|contesto)? $
    ^ (no)? (tengo|hay) tiempo (ahorita|ahora|por ahora|en este momento|por el momento|hoy) $
    ^ no (tengo|hay) (tiempo|chance) (ahorita|ahora|por ahora|en este momento|por el momento|hoy) $
    ^ {_LATER} (por favor|porfa|si)? (ando|estoy|voy|vengo|traigo|sigo|tengo|tenemos|traemos|estamos|andamos)
    ^ (ahorita|orita|ahora)? (estoy|ando|voy|vengo|sigo|estamos|andamos|vamos) (en|con|de|a|por) !(poder) ~ ~ ~ {_LATER} (le|les)? {_I_ANSWER}? $
    ^ (como)? (en|dentro de) (una|un|media|#) {_UNIT} (por favor|porfa|mas)? (le|les|estoy|ando|voy|vengo|traigo|salgo|sigo|termino|llego)
    no es (buen|un buen|el) momento
    ^ (mal momento|no son momentos|ahorita (ando|estoy) (en|con|de|muy) _) $
    ^ ahorita (ando|estoy) (en|con|de|muy)
    ^ (me)? (puede|pueden|podria|podrian) (escribir*|hablar*|mandar*|preguntar*|marcar*|contactar*) ~ {_LATER}
    ^ (puedo|podria) (contestar*|responder*) ~ {_LATER}
    ^ (mucho|tengo mucho|hay mucho|traigo mucho) (trabajo|servicio) {_NOW}? $
""")
PROMISES = lines(f"""
    ^ # (minutitos|minutito|segunditos|segundito|ratitos|momentitos) (por favor|porfa) $
    (duermo|descanso|llego|como|desayuno|despierto|ceno|salgo|me bano) y (luego|ya)? (le|les|te)? {_I_ANSWER} (con gusto|gracias|jefe)? $
    {_LATER} (si|con gusto)? (le|les|lo|la|te)? (contesto|respondo|contestamos|contestare|respondere|doy respuesta)
    (le|les|lo|la|te) (contesto|respondo|contestare|respondere) (con gusto|con calma|bien)? {_LATER}
    ^ (igual|hoy|si|no|ok|va|manana)? {_LATER} (le|les|lo|se lo|te) (digo|cuento|platico|aviso|paso|mando) $
    (esper*|permita*|aguant*|momento|momentito|segundo) ~ (me|nos) (estan)? (hablan|habla|llaman|llama|marcan|hablando|llamando|buscan|voceando|vocearon) (por|en|de)? (el|la)? (radio|central|base|telefono|comandante|jefe|frecuencia)
""")
"""An answer is put off, whatever is said before: «escuché, al rato le contesto»."""
BARE_DEFERRALS = lines(f"""
    ^ (unos|unas|como|unas)? # {_UNIT} (mas)? $
    ^ {_BUSY} {_NOW}? $
""")
"""Where they answer nothing that was asked."""
WEARY = lines("""
    ^ (hoy|ayer|ahorita)? (yo)? (estoy|ando|vengo|sigo|ya estoy|toy) (bien|muy|super|todo|toda|re|bastante|requete|un poco|algo|tan)? (cansad*|agotad*|molid*|desvelad*|rendid*|tronad*|fundid*|muert*|exhaust*|fatigad*) (hoy|ahorita|del turno|de tanto trabajo|del servicio|de la guardia)? $
    ^ (hoy|ayer|este)? no (fue|es|ha sido|esta siendo|estuvo|tuve|tengo) (un|mi)? (buen|buena) (dia|turno|noche|guardia|semana|rato) (hoy)? $
    ^ (hoy|ayer)? (tengo|tuve|fue|ha sido|ando en) (un|muy)? (mal|mala|pesado|pesada) (dia|turno|noche|guardia|semana|rato) (hoy)? $
""")
"""Whole messages of somebody who has no strength left to answer now."""
UNDECIDED = lines("""
    (no|aun no|todavia no|hoy no|ahorita no) (puedo|podria|se|he|me) (si|que)? decid*
    (hoy|ahorita|ahora|orita|por ahora|por el momento|de momento) (yo)? no puedo (contest*|responder*|leer*|ver*|aceptar*|pensar*|atender*|revisar*)
    (lo|la) (voy a pensar|tengo que pensar|quiero pensar|debo pensar|estoy pensando)
    (deje|dejeme|dejenme|permitame|necesito|quiero|tengo que) (lo|la)? (pensarlo|pensar|pienso|consultarlo|consultar|checarlo|leerlo|revisarlo|platicarlo)
    (denme|deme|dame|denos) (hasta|chance|tiempo|unos dias|un dia|oportunidad) ~
    (tengo que|debo|voy a|necesito|quiero|dejeme) (consultar*|platicar*|comentar*) ~ (con|a) (mi|un) (esposa|esposo|familia|abogado|jefe|mando|companer*|pareja)
""")
"""Whether to take part, or to be sent something, is not decided yet: neither a yes nor a no."""
