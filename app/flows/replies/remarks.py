"""Officers' remarks about the message, the question or the study, as patterns by act."""

from app.flows.replies.patterns import lines

WANTS_PERSON = lines("""
    (quiero|quisiera|necesito|deseo|ocupo|prefiero|puedo|podria|me gustaria|quisieramos|queremos|solicito) (hablar|platicar|comunicarme|contactarme|conversar) con (alguien|alguna persona|una persona|un humano|la persona|el responsable|la responsable|el encargado|la encargada|la coordinacion|el coordinador|la coordinadora|alguien del programa|los responsables|el equipo)
    (quisiera|necesito|deseo|ocupo|puedo|podria|me gustaria|quisieramos|solicito) (hablar|platicar|comunicarme|contactarme|conversar) con ustedes
    (hay|existe) (alguien|alguna persona|una persona|un humano) con quien (hablar|platicar|pueda hablar|pueda platicar|hablo|comunicarme)
    ^ _? _? (me|nos) (puede|pueden|podria|podrian) (llamar|marcar) (alguien|por favor|porfa|por telefono)
    (que|quiero que|necesito que|prefiero que) me (llame|llamen|marque|marquen) (alguien|una persona|por favor|porfa)
    (paseme|pasenme|comuniqueme|comuniquenme) con (alguien|una persona|un humano|el encargado|la encargada|el responsable|la responsable)
""")
"""They ask for a person, whatever else they ask."""
QUESTIONS = WANTS_PERSON + lines("""
    ^ (por favor)? (expliqueme|explicame|expliquenme|explique|digame|diganme|dime|aclareme|aclarenme|aclare) (bien|por favor)? (el|la|cual es el|cual es la)? (motivo|razon|proposito|objetivo|fin|finalidad) (de|del|por) (la|las|el|los|esta|estas|este|estos|su|sus|lo|que)
    ^ _ ~ (de|a|en|con|por) que o (como|cual|que|cuando)
    ^ (y|oiga|disculpe|oye)? (y)? si no (me acuerdo|se|recuerdo|lo se|tuve|hubo|aplica|estoy seguro) ~ (que|q|cual) (pongo|contesto|respondo|hago|marco|le pongo|escribo)
    (quien|quienes|kien) (eres|es|son|habla|hablan|me escribe|me habla|escribe|me manda|manda|envia|me esta escribiendo|les dio|le dio|te dio|esta detras|ve|ven|lee|leen|va a ver|van a ver|va a leer|revisa|tiene acceso|puede ver|se entera|me contacta|hace|paga|son ustedes|es usted)
    (de parte de|por parte de|a nombre de|con) (quien|que institucion|que dependencia|que area|kien)
    (de|desde) donde (son|es|sacaron|saco|obtuvieron|obtuvo|tienen|tiene|consiguieron|consiguio|me escriben|escriben|me hablan|vienen|salio)
    (como|por que|donde) (sacaron|saco|obtuvieron|obtuvo|tienen|tiene|consiguieron|consiguio|supieron|les dieron) (mi|este|el) (numero|telefono|contacto|cel|celular|nombre)
    ^ (y|pero|oye|oiga|disculpe)? (para que|pa que|por que|con que fin|que objeto|cual es el (objetivo|fin|motivo|proposito)) (es|son|sirve|sirven|quieren|quiere|me|se usa|usan|hacen|preguntan|tanta|tantas|esto|estas|esta)
    (es|son|seria) (obligatorio|obligatoria|obligacion|a fuerza|a fuerzas|forzoso|voluntario|voluntaria|anonimo|anonima|confidencial|seguro|oficial|estafa|fraude|un bot|una maquina|un robot|real|spam|broma) (esto|la encuesta|contestar|el programa|participar|responder|o no|verdad)? $
    ^ (y)? (tengo|debo|tenemos|hay|es necesario|es forzoso|se tiene) (que)? (contestar|responder|participar|hacerlo|obligacion)
    (que|cual) (es|era|son) (esto|este numero|este mensaje|eso|la pregunta|el programa|este programa|esta encuesta|este estudio|la opcion|las opciones|el aviso|ustedes|lo que|el objetivo)
    ^ (que|cual|cuales|como|cuando|cuanto|cuanta|cuantas|cuantos|donde|a que|de que|en que|con que) (pregunta|preguntas|opcion|opciones|turno|contacto|se refiere|se refieren|quiere decir|significa|quieren|quiere|necesita|necesitan|contesto|respondo|le pongo|hago|tengo que|debo|dura|duran|tarda|falta|faltan|son|es|puedo|me van a|ganan|gano|cuesta|taller|curso|programa|encuesta|le contesto|le digo|pasa si|pasa con)
    (pasa|hay|sucede) (algo)? (si no (contesto|respondo|participo|quiero)|si digo que no)
    (se entera|se enteran|se va a enterar|va a saber|van a saber|sabe|saben|lo ve|lo van a ver|ve|ven) ~ (mi comandante|mis jefes|mi jefe|mis mandos|los jefes|el comandante|mi mando)
    (me|nos) (va|van) a (afectar|perjudicar|sancionar|pagar|dar algo|arrestar|castigar)
    (afecta|perjudica|cuesta|pagan|hay pago|dan algo|hay recompensa|cobran)
    ^ (puede|pueden|podria|podrian|me puede|me pueden|me podria) (repetir*|explicar*|decir*|mandar*|enviar*|aclarar*|dar|ayudar*|reenviar*|marcar*|llamar*)
    (no se|dudo|quiero saber|quisiera saber|me gustaria saber|puedo saber|se puede saber|necesito saber|diganme|digame) (quien|quienes|para que|por que|de donde|si es|que es|a que|como|de parte)
    ^ (tengo|una) (una)? (duda|pregunta|consulta)
    ^ (tengo)? (#|unas) (dudas|preguntas|consultas|cosas que preguntar|cosas quien|cosas para que|cosas por que)
    (que|cual) numero es este
    (de|sobre) que (se trata|trata|va|es) (esto|la encuesta|el programa|este mensaje)?
    (quien|quienes) (los|las|le|les|lo) (manda|mando|mandan|autorizo|contrato|paga|envia|pidio)
    ^ (y)? (esto|eso|la encuesta|el programa) (para que|pa que|por que|de que|que)
    ^ (esto|la encuesta|el programa|es|esta encuesta) (es)? (obligatorio|obligatoria|anonimo|anonima|confidencial|voluntario|oficial|real|seguro|verdad)
    ^ son (de|del) (la|el)? _ $
""")
WHICH = lines("""
    (donde|en cual|en que (opcion|numero|inciso)?) (va|entra|cae|queda|la pongo|lo pongo|pongo (eso|esa|ese|esto)|va eso|iria) $
    ^ y si no (traia|tenia|habia|hubo|vi|supe|me fije|fue)
""")
"""They ask which answer theirs is."""
ASKED_BACK = lines(
    "^ (que|como|como dice|como dijo|que dice|que dijo|eh|mande|perdon|cual|cuando|quien|donde|y eso|por que|porque|para que|y) $"
)
"""With a question mark, or as a whole message to a closed question."""

REFUSALS = lines("""
    prefiero (no|omitir|reservar*|pasar|guardar*)
    (me)? (reservo) (mi|el)? (respuesta|derecho|comentario|comentarios|opinion)?
    ^ (me lo reservo|lo reservo|sin comentarios|sin comentario|paso|siguiente|siguiente pregunta|la que sigue|otra pregunta|omitir|omito|nc|salto|saltar|me la salto|me niego|me abstengo|abstencion|no opino|sin respuesta|next)
    ^ no (le|les|voy a|quiero|deseo|puedo|debo|pienso|te) (decir*|dire|voy a decir|contestar*|responder*|quiero decir|comentar*|hablar de|dar informacion|dar detalles|compartir*|revelar*|opinar) (nada|eso|esa|esta|esas|pregunta|la|sobre|de|ese|al|mas|que|lo)?
    no le (dire|voy a decir) nada
    no tengo (por que|porque|obligacion de|la obligacion de) (contestar*|responder*|decir*|dar*|hablar)
    ^ (es|eso es|esa es|son|es algo|eso es algo|es un dato|es un asunto|es informacion|esa informacion es|es una pregunta) (muy)? (personal|privado|privada|confidencial|reservado|reservada|delicado|delicada|intima|intimo)
    (no es de su|no es de tu|que no es de su) incumbencia
    (eso|esa)? no (es asunto suyo|es su asunto|le importa|les importa|le incumbe|les incumbe)
    ^ (esa|eso|esta|esto)? (pregunta)? no (la|lo) voy a (contestar|responder) $
    ^ no (quiero|deseo|voy a) (platicar|hablar|decir nada) (de|sobre|del) (eso|esto|ese|tema|asunto) (tema|asunto)? $
    ^ (esa|eso|esta|esto) (pregunta)? no (la|lo|se la|se lo)? (contesto|respondo|voy a contestar|voy a responder|quiero contestar|puedo contestar|puedo decir|puedo decirlo|se lo digo|se lo voy a decir)
    ^ no (contesto|respondo|contestare|respondere) (eso|esa|esta|esas|nada|a eso)? (pregunta|preguntas)?
    ^ (me niego|me abstengo)
    no estoy (autorizad*|facultad*) (a|para)?
    no (puedo|debo) (dar|proporcionar|compartir|revelar) ~ informacion
    mejor no (digo|contesto|respondo|opino|hablo)
""")
PUZZLED = lines("""
    no (le|la|les|lo|te|los|las)? (entiendo|entendi|comprendo|comprendi|entendemos|entendimos|capto) (la|el|bien|nada|su|esta|esa|que|muy|a que|lo|las|eso|ni)?
    (pregunta|mensaje) ~ (no se entiende|confus*|no es clara|no esta clara|rara|mal (hecha|escrita|redactada|planteada))
""")
"""The question is not understood: it is put again."""
ABOUT_MESSAGE = PUZZLED + lines("""
    (yo)? no (estuve|fui|asisti|participe|acudi|tome) (en|a|al)? (ese|el|ningun|este|dicho|tal)? (taller|curso|platica|capacitacion)
    (yo)? (10|diez)? (minutos|horas)? (tardo|tardaron) en llegar (su|el|este) mensaje
    no me (ha|han)? (llego|llegado|llegaron|llega|mandaron|enviaron|aparece|aparecen|abre|abrio|carga|cargo|deja (abrir|ver|contestar|leer|entrar|responder)|sale (la|el|nada|bien)|salen|funciona) (el|la|los|las|nada|ningun|ninguna|su|bien|completo|mensaje|pregunta|imagen|link|liga|audio|video|archivo|opciones|opcion)?
    no (me)? llego $
    no (recibi|he recibido|recibimos|vi|habia visto|lei|he leido|alcance a (leer|ver)|alcanzo a (leer|ver)|pude (leer|ver|abrir|contestar|responder)|habia leido|puedo (abrir|ver el|ver la|leer el)|encuentro) (el|la|su|sus|los|las|nada|ningun|ninguna|bien|ayer|antes|a tiempo|completo|mensaje|mensajes|pregunta|imagen|link|liga|audio|video|archivo|antier|anoche|eso)? (mensaje|mensajes|pregunta|preguntas|imagen|link|liga|audio|video|archivo|correo|notificacion|antes|ayer)?
    ^ no (lei|alcance a leer|alcance a ver) $
    no (tengo|tenia|habia|hay|hubo|traia|traigo) (senal|saldo|internet|datos|pila|bateria|red|megas|wifi|cobertura|conexion|credito)
    (sin|me quede sin) (senal|saldo|internet|datos|pila|bateria|megas)
    no (sirve (el|la|su|ese)|abre|carga|funciona|jala|se abre|se ve|se escucha|se oye|se entiende|se lee|se descarga|aparece) (el|la|nada|bien|su|ese|esa)? (link|liga|imagen|audio|video|pagina|enlace|foto|archivo|mensaje|pregunta|boton|botones|opcion|opciones)?
    no es (mi|el|su|este mi|ese mi) (numero|telefono|celular|cel|nombre|caso el numero)
    (numero|num|telefono|persona|contacto) (equivocad*|incorrect*|erroneo|erronea)
    (se|esta|estan|te|creo que se) (equivoco|equivocaron|equivocad*|equivocaste|confundio|confundieron) (de)? (numero|persona|telefono|contacto|conmigo)?
    ^ (numero)? equivocado
    (yo)? no soy (policia|esa persona|el|ella|quien busca*|la persona|oficial|elemento|de la policia|ese|esa|servidor publico|trabajo ahi)
    ^ no soy _ $
    (este|el) (numero|celular|telefono|cel) (ya no)? (es|era|pertenece|no es) (de|a|mio|otra|suyo|del|mi)
    (soy|habla|contesta) (su|la|el) (esposa|esposo|hijo|hija|mama|hermano|hermana|papa|novia|novio|familiar|mujer)
    ya no (trabajo|laboro|trabajo ahi|laboro ahi) $
    ya no (trabajo|laboro|estoy|soy|presto servicio|pertenezco|sirvo) (en|para|como|con|a|de)? (la|el)? (policia|corporacion|secretaria|institucion|ahi|municipio|esa|ese|servicio|adscrito|aqui|sector|area)
    (me|ya me) (jubile|pensione|dieron de baja|di de baja de la (policia|corporacion)|cambiaron de (corporacion|area))
    (estoy|soy) (jubilad*|pensionad*|retirad*|de vacaciones|de incapacidad|incapacitad*|de licencia|comisionad*)
    (a mi|mi|yo)? no (fui|asisti|tome|estuve|acudi|pude ir|he tomado|curse|participe|me toco|me inscribi|me mandaron|alcance) (a|al|en|ese|el|ningun|este|esa|a ese|a ningun|a la|en el|en ese)? (taller|curso|capacitacion|clase|platica|entrenamiento|programa)
    no (conozco|se de|me acuerdo de|recuerdo|supe de|estoy en|estoy inscrito|me inscribi|me registre) ~ (taller|curso|programa|capacitacion|encuesta)
    ^ no (lo|la|los|las|les|le) conozco
    no (estuve|fui|tome|acudi|asisti|participe|curse|lleve|hice) ~ (taller|curso|platica|capacitacion|sesion|clase|entrenamiento)
    (yo)? no (di|he dado|proporcione|autorice|deje) ~ (numero|telefono|contacto|celular|correo|dato|datos)
    (ya)? (contesté|conteste|respondi|habia contestado|habia respondido|lo conteste|la conteste|le conteste|les conteste|te conteste|la respondi|lo respondi|le respondi|mande mi respuesta|la habia contestado|conteste eso|conteste esa|conteste antes) (ya|eso|esa|esta|antes|ayer|la|las|esas|todo|todas|pregunta|preguntas|encuesta)?
    (me)? (llego|llegaron|mandaron|manda|mandan|llega|enviaron|preguntaron|preguntan|repiten|repite) (dos veces|repetid*|doble|otra vez|varias veces|lo mismo|la misma|el mismo|incomplet*|cortad*|en blanco|tarde|a deshoras)
    (mensaje|pregunta) (repetid*|incomplet*|cortad*|en blanco|vacio|duplicad*|llego tarde|anterior ya)
    no (me queda|me quedo|queda|esta|es|quedo) (muy)? (claro|clara|entendible)
    (confus*|rara|poco clara) (la|esta|su|esa) (pregunta|redaccion)
    (a mi)? no me (dieron|mandaron|invitaron|toco|inscribieron|capacitaron) (a|en|ese|el|al|ningun|a ningun|ninguna)? (taller|curso|capacitacion)
    no se (a que se refiere*|que contestar|que responder|que quiere* decir|que poner|de que (habla*|me habla*)|como contestar|como responder|cual es la pregunta)
    (no estoy|no ando) (en servicio|en turno|trabajando|laborando|de servicio|de turno)
    no (he trabajado|he tenido|tengo|tuve|trabaje|he laborado|he ido|trabajo) (turno|turnos|servicio|estos dias|esta semana|hasta el|hasta|ayer|hoy|estos|ese dia|guardia)
    las opciones ~ (no|falta*)
    (falta|faltan|falto) (la|una|mi|las)? (opcion|opciones|respuesta)
    no (viene|vienen|esta|estan|trae|hay) (la|mi|una)? (opcion|opciones|respuesta) (de|que|para)
    ^ (escuche|oi|vi|abri|recibi|lei) (el|la|su|los) (audio|video|imagen|mensaje|liga|link|archivo|nota de voz|pregunta) (pero|y|aunque)? no
    (me)? (llego|llegaron|entro|entraron) (el mensaje|su mensaje|esto|la pregunta)? a (las|la) # (y media)? (de la (manana|madrugada|noche|tarde)|am|pm|cortado|incompleto|$)
    ^ me llegaron # (iguales|mensajes|veces|preguntas)
    ^ (0|cero|ningun|#) mensajes (me)? (han|ha)? (llegado|llego|llegaron)
    ^ (me)? llego igual que (el|la) de (ayer|antes|hace rato)
    ninguna opcion (me|es|aplica|queda)
    ^ (error|mensaje|texto) (de|en) (su|el) (sistema|mensaje|bot|link|liga)
""")
NUMBER_DENIED = lines("""
    ^ (no)? (este)? (ya)? no es (mi|su|este mi) (numero|telefono|celular|cel)
    ^ (numero|num|telefono|persona|contacto)? (equivocad*|incorrect*|erroneo)
    (numero|num|telefono|persona|contacto) (equivocad*|incorrect*|erroneo|erronea)
    (se|te|estan|esta) (equivoco|equivocaron|equivocad*|equivocaste|confundio|confundieron|confundid*) (de (numero|persona|telefono|contacto)|conmigo)
    (yo)? no soy (policia|esa persona|quien busca*|la persona|la que busca*|el que busca*|de la policia)
    ^ (yo)? (ya)? no soy (el|ella|_) $
    ^ (aqui|aca) (ya)? no (es|vive|trabaja|esta) (el|la|esa|ese|ningun*|nadie)? (persona|oficial|policia|senor|senora)? (con ese nombre)? $
    ya no es (de el|de ella|de esa persona|de ese|mi numero|mi telefono|su numero|su telefono|el numero de)
    (este|el) (numero|celular|telefono|cel) (ya no (es|era|pertenece)|no (es|pertenece)|era de|es de (otra|otro|alguien)|es nuevo)
    (me dieron|me vendieron|compre|acabo de comprar|acaban de (dar*|vender*|asignar*)|me asignaron) ~ (este|el|un|nuevo) (numero|chip|linea)
    ^ (yo)? (soy|habla|contesta) (su|la|el) (esposa|esposo|hijo|hija|mama|hermano|hermana|papa|novia|novio|familiar|mujer)
    ^ no conozco a (esa persona|ese (senor|oficial)|esa (senora|oficial)|nadie|ningun*|el|ella)
""")
"""Another person has the number, or says so. They are about the message, too."""
COMPLAINTS = lines("""
    (es|esta) (muy|bien|bastante)? (molesto|incomodo|inoportuno|desagradable) que ~ (llegue|llegan|lleguen|manden|mandan|escriban|pregunten|envien)
    no (estoy|estamos) de acuerdo con (sus|estas|las|esas|tantas|que me) (preguntas|mensajes|encuestas|encuesta|pregunten|escriban)
    no me (parece|gusta|gustan|agrada|late) (bien|correcto|justo|que|esta|esa|esto|su|sus|la|el|esas|estas|este)
    no (confio|creo|me fio|confiamos) (en|de)? (esto|esta|ustedes|este|nadie|su|sus|el anonimato|que sea anonimo)
    (esto|eso|la encuesta|su encuesta|sus preguntas|el curso|el taller|el programa|su programa)? no (me)? sirve* (para nada|de nada)
    (las|sus|estas|esas) preguntas no (aplican|sirven|tienen (caso|sentido)|van con|son para|checan)
    no (me)? (chingue*|chinguen|mame*|manche*|joda|jodan|frieguen|friegue|fastidien|se pase*|te pases|sea* (metiche|metiches|chismoso|chismosa)|inventen|abuse|abusen)
    ^ no (mames|inventes|manches|jodas|chingues) $
    (que les|que le|a usted que le|a ustedes que les|y a ti que te) importa
    (perdida|perdidera|desperdicio) de tiempo
    (esto|esta encuesta|este programa|su programa|su encuesta|esa pregunta|todo esto) (no sirve|no sirven|es una (burla|tonteria|estupidez|porqueria|perdida)|es puro|es ridicul*|es absurdo|no ayuda|no tiene caso|no tiene sentido|vale)
    (hart*|cansad*|fastidiad*|enfadad*|molest*) (ya)? (de|con|por) (que|tanta|tanto|tantos|tantas|sus|estas|estos|esta|este|la|las|los|ustedes) (pregunta*|mensaje*|encuesta*|manden|escriban|programa|me|molesten|lo mismo)?
    (que|k) (pregunta|preguntas|encuesta|mensaje|programa) (tan|mas|tonta|tontas|inutil)
    (preguntas|pregunta) (tonta|tontas|estupida|estupidas|capciosa*|tendenciosa*|metiche|metiches|inutil*|absurda*|ridicula*|repetitiva*)
    (chinga|chingue|chinguen|chingada|vete|vayanse|vayase) (tu|su|a su|a la|a tu|a) (madre|chingada|verga|mierda|diablo|carajo)?
    (pinche|pinches|puta|putos|puto|maldita|malditos|pendej*|mierda|estupid*|idiota*|cabron|cabrones|culero*|verga)
    (dejen|deje) de hacer (preguntas|perder)
    (mucho|muchos|muchas|tantos|tantas|demasiados|demasiadas) (mensajes|preguntas|encuestas) $
    ^ (pues|es que|lo que)? (el|mi)? (tiempo|sueno|rato) que me (quitan|quita|roban|roba|hacen perder)
    ^ (que|vaya) (fijacion|mania|terquedad|insistencia|necedad|afan|obsesion|ganas|lata|fastidio|guerra) (con|de|por|en|dan)
    ^ me (mandan|manda|escriben|llegan|despiertan|hablan|preguntan) ~ (a la hora que|a esta hora|a estas horas|cuando|de madrugada|en la madrugada|mientras)
    (tengan|tenga) ~ (consideracion|respeto|compasion|piedad) $
    ^ (ya|pero|oiga)? son (las)? # (y media|con #)? (de la (manana|madrugada|noche|tarde)|am|pm)? (oigan|oiga|senores|por favor|no manchen|no mamen|no friegue*|y me|y ustedes|y siguen)
    ^ (uno|una|yo|aqui) ~ ~ y (ustedes|usted) (preguntando|preguntan|con sus preguntas|mandando)
    (no son|estas no son|no es) (horas|hora) (de|para)
    (me despertaron|me desperto|estaba dormid*|estan molestando|estan chingando|como chingan|como molestan|que molestos|ya chole|que fastidio|que lata|que flojera con)
    (mejor)? (ponganse a|pongase a|vayan a|busquen) (trabajar|hacer algo)
    (quiero|voy a|deseo) (poner|presentar|levantar|hacer) (una)? (queja)
    (mejor)? (paguen*|subannos|suban) (mejor|el sueldo|mas|sueldos)
    (puro|puros|pura|puras) (choro|rollo|cuento|mentira|mentiras|hipocresia|faramalla|teatro)
""")
CORRECTIONS = lines("""
    lo que (le|les) (dije|puse|conteste|respondi) ~ ~ no (era|es|fue)
    la de antes (era|es|fue|ponga)
    la anterior (es|fue) (de|la|el|un|una|no|si|que|#)
    en la de (los|las|la|el|si|que) ~ ~ (era|fue|ponga|pongale|pongan|va)
    (respuesta|mensaje) no (era|es|fue) (mia|mio|la mia|el mio)
    ^ (no|si)? (contesto|respondio|fue|escribio) mi (hijo|hija|nino|nina|esposa|esposo|companero|hermano)
    ^ (esa|ese|esta|eso|la|mi) (respuesta|opcion|numero)? (anterior|de antes)? no (era|es|va) $
    ^ (esa|esta|la|mi) (respuesta|opcion) (anterior|de antes)? (no|esta mal|estuvo mal|fue)
    fue (un|por)? error
    ^ (no|si) perdon $
    ^ (me equivoque|me confundi|equivoque|perdon me equivoque|error mio|mi error|fe de erratas|correccion|corrijo|corrigiendo|rectifico|rectificacion|quise decir|quise poner|queria decir|queria poner|quiero corregir|me falto decir|digo|mas bien|mejor dicho|o sea digo|no es cierto es|era|no era|conteste mal|respondi mal|puse mal|le puse mal|escribi mal|me equivoque de|cambio mi respuesta|cambie*|corrija|corregir|dedazo|fue error|error)
    (me equivoque|me confundi|quise decir|quise poner|correccion|corrijo|rectifico|mejor dicho|conteste mal|respondi mal|puse mal|dedazo|cambio mi respuesta|cambiar mi respuesta|la respuesta correcta|mi respuesta correcta|respuesta correcta es|la anterior (no|esta mal|era)|mi respuesta (anterior|pasada)|fue error|perdon era|perdon es|perdon digo|no perdon|perdon no era)
    (no|si|#) (perdon)? digo (no|si|#|que|mejor|la|el|en)
""")
CORRECT_ME = lines("""
    (corrijame|corrijanme|corrijalo|corrijala|corrijanlo|corrijanla|lo corrigen|me lo corrige|me corrige|me lo corrigen|cambiemelo|cambienlo|cambienmelo)
""")
"""They ask for an earlier answer to be corrected, also where they say how."""
AUTO_REPLIES = lines("""
    (mensaje|respuesta|contestacion) (automatic*|predeterminad*|programad*|preestablecid*|generad*)
    (este|es) (es)? (un|una) (mensaje|respuesta) (automatic*|generad*)
    (gracias|agradecemos) (por|su) (comunicarte|comunicarse|contactarnos|escribir|llamar|contactar*|contactarnos|contacto|escribirnos|su mensaje|tu mensaje|comunicarte|mensaje) (con|a|en|lo|le|nos|te)?
    (en este momento|por el momento|ahora) no (estoy|estamos|me encuentro|nos encontramos|puedo|podemos) (disponible*|atender*le|atenderlo|atenderle|atenderte|atender (su|tu) (mensaje|llamada))
    (no)? (me encuentro|estoy|estamos) (fuera de la oficina|fuera de oficina|fuera del horario|de vacaciones y)
    fuera de (la)? oficina
    (horario|horarios) de (atencion|servicio|oficina)
    (le|te|nos) (responderemos|atenderemos|contestaremos|contactaremos|pondremos en contacto|responderé|atendera|respondere) (a la brevedad|en breve|lo antes|lo mas|cuanto antes|tan pronto|en cuanto|lo mas pronto)
    (un|nuestro) (asesor|agente|ejecutivo) (se|le|te|lo)
    (bienvenido|bienvenida|bienvenidos) a _
    (soy|hablas con|habla con) (el|la|un|una|su|tu)? (asistente|bot|robot) (virtual)?
    (marque|seleccione|presione|elija|escriba|digite|oprima) (#|una|la|el) (para|opcion|de las|del)
    numero (ya)? no (recibe|acepta|esta disponible)
    (el numero|el telefono) (que)? (usted)? (marco|marcado|llamo|solicitado)
    (mande*|envie*|envienos|mandenos|comparta*|compartanos|indique*|indiquenos) (su|tu) (ubicacion|pedido|domicilio|direccion|folio)
    (hay|contamos con|ofrecemos|brindamos) servicio ~ ~ (24 horas|a domicilio|todos los dias)
    (su|tu) mensaje es (muy)? importante
    (personas|clientes|usuarios) (antes que|delante de) (tu|usted|ti)
    modo (conduccion|no molestar|manejo|avion) (activado|activo)
    (out of office|auto reply|automatic reply|i am driving|driving right now|do not disturb|sent from my)
    (estoy conduciendo|voy conduciendo|estoy manejando) ~ (no molestar|modo|automatic*|se envio)
    (no disponible|cuenta de empresa|cuenta comercial|whatsapp business)
""")
