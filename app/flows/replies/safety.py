"""A crisis (life or safety of the writer, now) and a serious incident (abuse, crime, harassment, extortion by superiors,
colleagues or at home), as patterns. Fallible: the lists know some hundred ways to say it.

What an officer reports of work about others must not set them off. So the patterns speak of the writer or of the force's own
people, figures of speech are cut out first, and what another person is reported to have said is no crisis of the writer.
"""

import re

from app.flows.replies.patterns import Line, Match, Patterns, heard, lines

_END = (
    "(matarme|morir|morirme|suicidarme|quitarme la vida|colgarme|ahorcarme|darme un (tiro|balazo)|pegarme un (tiro|balazo)"
    "|meterme un (tiro|balazo)|volarme|hacerme dano|lastimarme|cortarme las venas|acabar con mi vida|terminar con mi vida"
    "|acabar conmigo|aventarme (al|del|de)|tirarme (al|del|de)|dejar de existir|dejar de vivir|no existir|dejar este mundo)"
)
_ME = (
    "(matar|suicidar|quitar la vida|colgar|ahorcar|dar un (tiro|balazo|plomazo)|pegar un (tiro|balazo|plomazo)"
    "|meter un (tiro|balazo|plomazo)|volar (la|los)|aventar (al|del)|tirar (al metro|del puente)|cortar las venas|hacer dano"
    "|morir (ya|por favor|de verdad)|morir $)"
)
_WANT = (
    "(quiero|quisiera|voy a|pienso|podria|he querido|he intentado|intente|trate de|quise|deseo|prefiero|estoy pensando en"
    "|he pensado en|pense en|pensando en|pienso en|ganas de|a punto de|estoy por|planeo|decidi|mejor|pensamientos de|ideas de)"
)
CRISIS = lines(f"""
    no (quiero|quisiera|deseo|tengo ganas de|tengo deseos de|me dan ganas de) (seguir|volver a)? (vivir|viviendo|existir|estar vivo|estar viva|estar en este mundo|seguir con vida|esta vida)
    no (quiero|quisiera) (volver a)? despertar*
    no despertar (nunca|jamas|manana|mas)
    no le (veo|encuentro|hallo) (mas)? (sentido|caso) a (la vida|mi vida|vivir|nada de esto ya)
    no (tiene|tengo|hay) (ningun)? (sentido|caso|razon|razones|motivo|motivos) (de|para|a|por que)? (vivir|la vida|seguir viviendo|mi vida)
    vida (ya)? no (vale la pena|vale nada|tiene sentido|tiene caso)
    (cans*|hart*) de (vivir|la vida|mi vida|existir|estar vivo|estar viva)
    me {_WANT[:-1]}|dan ganas de) {_ME}
    {_WANT} ~ {_END}
    (quiero|quisiera|voy a|quiero ya|pienso) (acabar|terminar) con todo !(el|la|lo|los|las|este|esta|esto|mi)
    quiero desaparecer !(de|del)
    suicidarme
    me suicid*
    quitarme la vida
    me (quito|quite|quitara|quitar) la vida
    (mejor|ya|hoy|luego) me (mato|muero|cuelgo) $
    (ojala|quisiera que) me (muera|muriera|mataran|maten|muriese)
    (estar|estaria|estuviera) (mejor)? (muerto|muerta) $
    (mejor|quisiera|prefiero|preferiria|prefiero estar|quisiera estar) (muerto|muerta)
    mejor sin mi $
    (estarian|estaria|estan|esten) ~ mejor sin mi
    (pienso|penso|pensando|pensado) ~ (suicidio|la muerte)
    solo pienso en (morir*|matarme|la muerte)
    (pensamientos|ideas) (suicidas|de muerte|de suicidio|de morir)
    ganas de (morir|morirme|matarme|desaparecer|no existir|no despertar)
    me (corte|estoy cortando|corto|he cortado) (los brazos|las venas|las munecas|los muslos|las piernas|otra vez)
    me (hago|hice|estoy haciendo|he hecho|quiero hacer) dano
    (hacerme|hacerme mas) dano
    me (tome|trague|estoy tomando|voy a tomar) (todas las|un frasco de|un bote de|muchas|un monton de) pastillas
    me (tome|trague) (veneno|raticida|cloro)
    (tengo|traigo) ~ (pistola|arma|revolver|escuadra) ~ ~ (ya no quiero|no se que hacer|ya no puedo|ya no aguanto|en la boca|en la cabeza|en la sien|cabeza)
    (tengo|traigo|puse) (lista)? (la|una) (soga|cuerda) (lista|puesta|amarrada|en el cuello)
    (es|esta es) mi despedida
    ya no voy a estar (manana|aqui|mas)
    (cuiden|cuida|cuide) ~ a (mis hijos|mi familia|mi hijo|mi hija) (por favor|cuando|si ya|adios)? $
    para mi ya? no hay salida
    (temo|miedo) por mi vida
    mi vida (corre|esta en) peligro
    (corro|estoy en) (mucho|grave)? peligro
    me quiero (matar|morir) (ya|por favor|de verdad|no puedo mas)
    me quiero (matar|morir) $
    (quiero|deseo) (morir|morirme) $
    (matarme|suicidarme|morirme|ahorcarme|colgarme|autolesion*|desvivir*|envenenarme|degollarme|dispararme)
    aventarme (del|al|de|desde|por) !(turno|rato)
    aventarme $
    quitarme de en medio
    (sin|ninguna|no encuentro|no hallo|no veo|no tengo|perdi|perdido) ~ (razon|razones|sentido|motivo|motivos|caso|ganas) ~ (vivir|viviendo|vida)
    (mejor|ojala|quisiera|prefiero|quiero|preferiria) no (despertar*|despierte|haber nacido|existir|estar vivo|estar viva|amanecer)
    (quisiera|ojala) ~ (estar|estuviera) (muerto|muerta)
    me despido de (todos|mi familia|la vida|este mundo|mis hijos)
    carta (de despedida|suicida|postuma)
    si sigo asi me voy a (hacer algo|matar|morir)
    (hacerme|voy a hacer|vaya a hacer|pueda hacer|puedo hacer) (algo|una tonteria|una locura) $
    (miedo (de|a)|asi) (me)? (hacerme|lo que me pueda hacer|hacer una tonteria|hacer una locura|mi mismo|mi misma)
    no quiero (seguir)? (vivo|viva)
    (muy mal|no puedo mas|no aguanto mas|triste|deprimid*|sol*) ~ ~ no quiero (estar|seguir) aqui
    (nadie|ni quien) me (va a|vaya a)? (extran*)
    cuando (ya)? (me muera|no este)
    (soy|siento) ~ (una carga|un estorbo) (para|y|de)
    (pistola|arma|cuchillo|navaja|revolver|escuadra) en (la|mi) (sien|boca|cabeza|garganta)
    me puse (la|el|una|mi) (pistola|arma|soga|cuerda)
    (prefiero|mejor|quiero|ganas de) (matarme|morir) (a|antes|que)
    (quiero|necesito) (dejar|parar) de sufrir
    (irme|reunirme|alcanzar*) con (el|ella|mi hijo|mi mama|mi papa) ~ ~ (vivir|morir|muerte)
    (tirar|estrellar|chocar) ~ (patrulla|moto|carro) ~ (morir*|matar*|acabar)
    (no|nada) me importa (vivir|morir*|si me muero|si me matan|la vida)
    me da igual (vivir|morir*|si me muero|si vivo)
    (pienso|pensando|idea|ideas|pensado) ~ (quitarme|matarme|colgarme|morir)
    no (quiero|quisiera|deseo) (seguir|estar|continuar|vivir) (mas)? en este mundo
    extrano ~ ~ ~ (ir|irme|estar|reunirme) con (el|ella|ellos)
    no !(queria|queria|querian|quiso|podia|pudo|pueden|puede|deja|dejan|dejaba) ~ (seguir viviendo|vivir) !(ahi|en|con|aqui|donde|de|juntos|cerca|lejos)
    (aguanto|soporto|puedo) ~ (vivir asi|con mi vida|con la vida|seguir viviendo|con esta vida)
    (hoy|ayer|anoche) casi me mato $
    (arma|pistola|escuadra|gatillo) ~ ~ (jalarle|jalar el gatillo|jalarlo|jalo)
    (jalarle al gatillo|jalar el gatillo|jalarme|jalarle)
    (tengo|traigo|agarro|saque) (la|el|mi|una) (arma|pistola|escuadra|revolver) (cargada|cargado|en la mano|en la boca|de cargo cargada)
    (me voy|irme|dejar|despedirme|abandonar|salir) (ya)? (de)? (este|esta) (mundo|vida)
    no (quiero|pienso|creo|voy a) (llegar a|pasar de|ver el dia de|ver) (manana|hoy|otro dia)
    si (yo)? me (muero|muriera|mato|matara) !(de|en la moto|trabajando)
    (a)? nadie (le)? (importo|importa si|va a extranar|me necesita|me quiere|notaria)
    (da|daria) (lo mismo|igual|igual si) ~ (amanezco|despierto|vivo|muero|vivir|morir|amanecer|despertar)
    (motivo|motivos|razon|razones|ganas|fuerzas) (para|de) (seguir|vivir|continuar) (viviendo|aqui|adelante|con vida)? $
    no ~ (chiste|sentido|gusto|caso) ~ (vivir|vida|existencia)
    aventarme (a|al|del|de|desde|por|en|frente|enfrente|bajo) (los|las|la|el|un|una)? (carro|carros|metro|puente|via|vias|azotea|camion|tren|vacio|calle|barranco|edificio|segundo piso|balcon|rio)
    (tirarme|echarme|lanzarme|arrojarme) (a|al|del|de|desde|por|en|frente|enfrente|bajo) (los|las|la|el|un|una)? (carro|carros|metro|puente|via|vias|azotea|camion|tren|vacio|barranco|edificio|balcon|rio)
    me voy a (tirar|aventar|lanzar|arrojar|echar) (a|al|del|de|desde|por|en|frente|bajo) (los|las|la|el|un|una)? (carro|carros|metro|puente|via|vias|azotea|camion|tren|vacio|barranco|edificio|balcon|rio)
    me corto (para|los|las|otra|cuando|el brazo|la pierna|porque)
    (quiero|ojala|necesito|deseo) que (todo|esto|mi vida) (se)? (acabe|termine) ~ (vivir|no aguanto|no puedo|de una vez|ya)
    (mejor|quisiera|quiero|prefiero) (estar|estaria) (bajo tierra|en una caja|tres metros|tres metros bajo tierra|con dios|en el cielo)
    (acabar|terminar) con (mi sufrimiento|mi existencia|este sufrimiento|este dolor|mi dolor)
    (me lastimo|me autolesiono|me rasguno|me quemo) (a mi|yo|los|para|cuando)
    (intente|intento|quise|tratado de|intentado) (matarme|suicidarme|quitarme|colgarme|ahorcarme)
""")
"""What the writer says of wanting to die or of hurting themselves."""

_ABUSER = "(esposo|marido|novio|pareja|ex|concubino|papa|padre|hermano|suegro|hijo|esposa|mujer|novia)"
DANGER = lines(f"""
    me (estan|esta|anda|andan|vienen|viene) (golpeando|pegando|apuntando|disparando|ahorcando|atacando|violando|balaceando|baleando|persiguiendo|siguiendo|amenazando|correteando) !(el sol|duro el sol|el frio|la gripa)
    (estan|esta) (golpeandome|pegandome|apuntandome|amenazandome|siguiendome|disparandome|atacandome|persiguiendome)
    nos estan (disparando|atacando|baleando|balaceando|tirando balazos|emboscando)
    me (quieren|quiere) (matar|desaparecer|levantar|secuestrar|asesinar) !(un acta|la voz|el reporte)
    me (van|va) a (matar|desaparecer|ejecutar|asesinar|balear|secuestrar)
    me (van|va) a levantar !(un|el|la|acta|reporte|temprano|queja)
    para (matarme|levantarme|secuestrarme|desaparecerme)
    me (tienen|tiene) ~ (secuestrad*|encerrad*|amarrad*|amenazad*|retenid*|privad*)
    estoy secuestrad*
    encerrad* ~ ~ ~ afuera ~ (arma|cuchillo|pistola|machete|golpe*|matar*)
    (encerrad*|encerro) ~ no me deja* salir
    me (acaban|acaba) de (balacear|balear|disparar|golpear|pegar|apunalar|amenazar|secuestrar|violar|atacar|asaltar)
    (vienen|viene) por mi !(turno|carro|patrulla|parte|lado)
    vienen (para|a) mi casa
    (estan|esta|anda|andan) afuera de mi casa
    me (sigue|siguen|viene siguiendo|vienen siguiendo) (una|un|unos|unas|dos) (camioneta|camionetas|carro|carros|moto|motos|coche|tipo|tipos|sujeto|sujetos|hombre|hombres)
    (ayuda|ayudenme|ayudeme|auxilio|auxilienme) ~ me (estan|van|quieren|tienen|siguen|persiguen|golpean|matan)
    estoy (muy|mal)? herid* !(en mi orgullo|de amor)
    (mandenme|manden|mandeme|necesito) (ayuda|apoyo|una patrulla|una ambulancia|refuerzos) (urgente|ya|por favor|rapido|ahorita)
    (me dispararon|me balearon|me apunalaron) ~ (ayuda|ahorita|ayudenme|mandenme)
    dice* que me va a matar
    mi {_ABUSER} ~ me va a matar !(si|cuando|por llegar)
    mi {_ABUSER} ~ me (quiere|quiso|esta|trata de|intenta|intento|va a) ~ (ahorcar|matar|golpear|golpeando|violar|quemar|ahorcando|pegar|pegando|apunalar)
    mi {_ABUSER} ~ ~ (arma|cuchillo|pistola|machete|navaja)
    me (encerro|amenaza|amenazo|tiene|amago) ~ ~ (cuchillo|arma|pistola|machete|navaja) (ahorita|en mi casa|y no)? $
    estoy (sangrando|desangrandome|desangrando|agonizando|atrapad*)
    desangrandome
    mi vida ~ (riesgo|peligro)
    peligra mi vida
    si (hablo|digo|denuncio|salgo|me quedo|regreso|no pago|declaro|no les doy) ~ me (matan|mata|desaparecen|van a matar|levantan)
    (pego|golpeo|amenaz*|encerr*|pega) ~ ~ no me deja* (salir|ir)
    (entraron|se metieron) a mi casa ~ ~ (golpe*|peg*|arma*|amenaz*|me)
    (afuera|fuera) de mi casa ~ (esper*|arma*|hombres|sujetos|con)
    esperandome (afuera|en mi casa|para)
    (me estan|estan) (rodeando|amagando)
    (saben|sabe) donde vivo ~ ~ (matar*|van|amenaz*|hijos|familia)
    (me|nos) (quieren|van a|vienen a) ~ (matar|quemar|ejecutar) !(de|con|si)
    (nos|me) (tienen|tiene) rodead*
    me van a matar si no (pago|entrego el dinero|doy|les doy|cumplo|coopero)
    amenaz* ~ ~ me (matan|mata)
    (hoy|esta noche|manana) me (matan|mata|van a matar)
    (puso|ponen|pusieron) (la|una|el|un) (pistola|arma|cuchillo|navaja) en (la|el|mi) (cabeza|cuello|pecho|sien|frente)
    mi {_ABUSER} me acaba de
    (unos|dos|tres|varios|hombres) (hombres)? armados ~ (me|afuera|siguiendo|persiguiendo)
    (vienen|van|viene|va|quieren|quiere|buscan|buscando|regresan) (a|para)? (matarme|matarnos|golpearme|levantarme|secuestrarme)
""")
"""What the writer says of a danger to themselves now."""

_BOSS = (
    "(jefe|jefa|jefes|jefas|comandante|comandanta|comandantes|mando|mandos|superior|superiores|sargento|sargentos|director"
    "|directora|subdirector|capitan|inspector|oficial|companero|companera|companeros|companeras|instructor|instructores|supervisor|mandos medios|comandancia|encargado"
    "|coordinador|suboficial|teniente|compas)"
)
_WHO = (
    "(policia|policias|polis|elementos|jefe|jefa|jefes|comandante|comandantes|mando|mandos|sargento|director|oficial|oficiales"
    "|companero|companera|companeros|companeras|superior|superiores)"
)
_RUDE = (
    "(acosa*|chantaj*|hostig*|extorsiona*|golpe*|pega|pego|pegan|pegaron|manosea*|humill*|violo|violaron|viola|insult*|agred*|discrimina*"
    "|maltrat*|denigr*|besa|beso|amenaz*|cacheteo|dio una cachetada|dio un golpe|tiene amenazad*|sobaj*)"
)
_MONEY = "(cuota|cuotas|dinero|lana|moche|feria|el entre|mochada|una lana)"
_FORCE = "(obliga*|ordena*|ordeno|ordenan|mandan|mando a|hacen|pidio que|pide que|piden que|exigen|exige)"
_CRIME = (
    "(sembr*|robar|extorsionar|pedir mordida*|pedir moche*|golpear|torturar|plantar|falsificar|mentir en|declarar en falso"
    "|robarle*|golpeemos|robemos|cobrar cuota*|cobrar piso|vender droga|sembremos)"
)
_HURT = (
    "(golpeamos|golpearon|golpeo|torturamos|torturaron|torturan|tortura|torturo|mataron|mato|matamos|madrearon|madreamos|asfixiaron"
    "|ahogaron|patearon|violaron|violaban|golpeaban|torturaban|golpean|violo|abusaron|abuso|roba|roban|desaparecieron|desaparecimos)"
)
_HELD = "(detenido|detenida|detenidos|detenidas)"
SERIOUS = lines(f"""
    {_BOSS} ~ me {_RUDE}
    me {_RUDE} ~ {_BOSS}
    me acosa*
    me (hostiga*|manose*|humilla*|extorsiona*)
    me (toca|toco|tocan|tocaron|agarra|agarro) ~ (sin mi permiso|sin permiso|las piernas|la pierna|el cuerpo|la cintura|las pompas|las nalgas|los senos|mis partes|a la fuerza|sin mi consentimiento)
    (besar|beso|abrazo|toco|agarro) a la fuerza
    (sufro|padezco|sufri|vivo|soy victima de|he sufrido|fui victima de|siendo victima de) ~ (acoso|hostigamiento|violencia|abuso|maltrato|extorsion|mobbing|discriminacion)
    (acoso|hostigamiento|abuso) (laboral|sexual) ~ (en mi|de mi|de mis|mi|del|de los|en el) ~ (sector|jefe|jefes|trabajo|turno|mando|mandos|comandante|corporacion|base|companeros)
    (hay|existe) (mucho)? (acoso|hostigamiento|mobbing) (laboral|sexual)? (en mi|de mi|de los jefes|en el trabajo|en la base)
    (hace|hacen|haciendo) mobbing
    (acoso|hostigamiento) (laboral|sexual) $
    favores sexuales
    (pidio|pide|exige|propuso|piden|quiere|ofrecio) ~ (sexo|fotos intimas|que me acueste|acostarme con|acostarse conmigo|una noche)
    me (manda|mando|envia|mandan) ~ fotos (de su|de sus|intimas|desnud*|intim*)
    me (violo|violaron|viola|violan|quiso violar|quisieron violar|intento violar)
    fui (violad*|abusad*|acosad*)
    (abuso|abusaron|abusa|abusan) (sexualmente)? de mi !(confianza|buena)
    (violaron|violo|abusaron de|abuso de|abusaron sexualmente de|acosan|acosa|manosea*) (a)? (una|mi|la|mis|las|unas) companer*
    companer* ~ (la violo|la violaron|la acosa*|la golpe*)
    (me|nos) (pide|piden|pidieron|pidio|cobra|cobran|exige|exigen|quitan|sacan) ~ (la cuota|una cuota|cuota|cuotas|moche|mochada|entre)
    {_BOSS} ~ (pide|piden|cobra|cobran|exige|exigen|quitan|quita) ~ {_MONEY}
    {_MONEY} ~ (los|las|mis|mi|el) {_BOSS}
    {_BOSS} ~ (pide|piden|cobra|cobran|exige|exigen) # (pesos)? (a la|por|cada|diarios|semanales)
    (piden|pide|cobran|exigen|exige) {_MONEY} ~ (mi|mis|los|el) {_BOSS}
    (cobran|cobra) cuota ~ {_BOSS}
    (dar|darle|darles|doy|damos|pasar|pasarle|pagar|pagarle|entregar|entregarle) ~ {_MONEY} (al|a mi|a los|a mis|a el) {_BOSS}
    (por no|si no|sino) (dar|damos|doy|pagar|pagamos|pago|entrar|entrarle|entramos|cooperar|le doy|les doy) ~ {_MONEY}
    si no (pagamos|pago|entramos|le entramos) ~ (arrestad*|cambian|castigan|quitan|mandan)
    {_BOSS} ~ extorsiona*
    extorsiona* ~ (mi|mis|los) {_BOSS}
    (me|nos) (quieren|quiere|tratan de|intentan|trataron de) {_FORCE} (a)? ~ {_CRIME}
    (nos|me) (castig*|corrig*|agarr*) a (golpes|patadas|cachetadas|tablazos)
    {_WHO} ~ (golpe*|mataba|mato|tortur*|pate*|le peg*|les peg*) ~ ~ (muchach*|chavo|chava|joven|civil|ciudadan*|migrante|migrantes|indigente|senor|senora|mujer|menor)
    (pus*|dieron|dimos|dan|ponen|meten|aplic*) (la|los|unos|las)? (bolsa|toques|tablazos|culatazos|tabla|tehuacan) (a|al|en|con)
    (plantaron|plantamos|plantan|plantar|sembr*|fabric*) (evidencia|evidencias|prueba|pruebas|delito|delitos|droga|arma|armas|un delito)
    {_BOSS} ~ (cobra|cobran|vende|venden|pide|piden) ~ (por dejar*|vacaciones|francos|descanso|descansos|permisos|permiso|plazas|ascensos|patrullas|dejarnos)
    (pagarle|pagarles|pagar|dar|darle|darles|mochar*) ~ {_BOSS} ~ (vacaciones|francos|descanso|descansos|permisos|permiso|patrulla|para que|sector|turno)
    {_WHO} ~ (con los malos|con la mana|con el crimen|de los malos|con la delincuencia|con los delincuentes)
    {_WHO} ~ (pasa|pasan|vende|venden|da|dan) (la|les|le)? informacion ~ (cartel|narco*|malos|delincuentes|mana|crimen)
    (obliga*|ordena*|mandan|manda|piden|pide) ~ (soltar|liberar|dejar ir|dejar libre|dejar libres) ~ (narco*|delincuente*|detenido*|malos|dinero)
    {_WHO} ~ (detener|detienen|levantar|levantan|arrestar|arrestan|culpar|culpan) ~ inocente*
    me (violentan|violenta|extorsionan|extorsiona|estan extorsionando|chantajean|estan chantajeando|discriminan|acosan)
    mi (hijo|hija|hijos|hijas|hermana|mama|sobrina|sobrino|nina|nino) ~ ~ ~ (maltrat*|abus*|violad*|violaron|amenazad*|acos*)
    (sufro|padezco|sufri|vivo) ~ (racismo|bullying|burlas|amenazas|golpes|humillaciones|maltratos|abusos|golpizas)
    me (dicen|dice|gritan|llaman|dijo|dijeron) (puta|perra|maricon|joto|naca|india|indio|prieta|gorda|zorra|marica) 
    {_WHO} ~ (grabo|graba|graban|espia|espio|espian|tomo fotos|toma fotos) ~ ~ (bano|banos|regadera|regaderas|vestidor|vestidores|cambiando*)
    (ofrecio|ofrecen|promete|prometio|condiciona) ~ ~ (acostarme|acostarse|favores|sexo|salir con el)
    {_BOSS} ~ (pide|insiste|exige|quiere|propone) ~ (salga con|salir con|que lo acompane al hotel|ande con|andar con)
    {_WHO} ~ (acoso|acosan|acosa|amenaza|amenazan|extorsiona|extorsionan) !(callejero|escolar)
    (me|nos) {_FORCE} (a)? ~ {_CRIME}
    (me|nos) {_FORCE} ~ firmar ~ fals*
    {_FORCE} (a)? extorsionar
    sembr* ~ (droga|drogas|arma|armas)
    tortur* (gente|personas|muchachos|jovenes|ciudadanos|inocentes)
    firm* ~ (parte|partes|informe|declaracion|acta|actas) fals*
    {_HURT} (sexualmente)? (a|al|a los|a las|a un|a una|de un|de una|de la)? {_HELD}
    {_HURT} (sexualmente)? (a|de) (un|una|la|el|los|las) {_HELD}
    (se nos murio|se murio|murio) (un|una|el|la) {_HELD} ~ (golpes|golpiza|tortura)
    (se nos murio|nos matamos|se nos paso la mano) ~ {_HELD}
    {_BOSS} ~ (robo|roba|roban|le quito|le quita|les quitan|les quita|le quitaron|le robo) ~ (dinero|ciudadano|senor|senora|gente|detenido|detenidos|celular|cosas|pertenencias)
    {_BOSS} ~ (coludid*|corrupt*|con los narcos|con el narco|con la mana|con la maña|del cartel|para el cartel|para los narcos|para el narco|con el crimen)
    {_BOSS} ~ (vende|venden|mueven|mueve) ~ (droga|drogas|arma|armas|parque|cartuchos)
    {_BOSS} ~ (recibe|reciben) ~ (dinero|lana|pago|pagos) ~ (narco|narcos|cartel|crimen|mana|delincuentes)
    (vendieron|venden|vende) ~ arma* de cargo
    amenazas de muerte ~ (mi|a mi)
    (recibo|recibi|llegan|llegaron|tengo|he recibido) ~ amenazas
    me (amenazo|amenazaron|amenazan|amenaza|han amenazado|tienen amenazad*) ~ de muerte
    me amenaz* con (correrme|arrestarme|cambiarme|matarme|golpearme|despedirme|matar|mandarme matar|desaparecerme)
    mi {_ABUSER} ~ me (golpea|pega|golpeo|pego|amenaza|amenazo|maltrata|viola|violo|agrede|agredio|ahorca|ahorco|insulta)
    me (golpea|pega|golpeo|pego|maltrata|amenaza|viola) mi {_ABUSER}
    (violencia|maltrato) ~ en (mi|la) casa $
    sufro violencia
    (le pego|le pegue|le he pegado|golpee|golpie|he golpeado|maltrato|amenazo) a mi (esposa|esposo|pareja|mujer|novia|hijo|hija|hijos|mama|ex)
    me encerro ~ oficina
    (desaparecieron|levantaron|mataron) a (un|una|mi) companer* ~ (por|porque)
    (castigan|arrestan|castigaron|arrestaron|cambiaron|quitaron) ~ (por no|si no) ~ (cuota|dinero|entrarle|moche)
    (quiero|voy a|puedo|como) (denunciar|demandar) ~ (mi|un|una|al|los|mis|ante) ~ {_BOSS}
    denunciar (a mi|al|a un|a mis|a los) {_BOSS}
    me discrimina* ~ por ser
    {_BOSS} ~ nos (amenaz*|golpe*|extorsion*|roba*|insult*|humill*|hostig*)
    mi {_ABUSER} ~ ~ me (golpea|pega|golpeo|pego|maltrata|viola|agrede|ahorca|insulta|amenaza)
    mis companeros ~ ~ (me pegan|me golpean|me amenazan|me acosan|me insultan|se burlan)
    {_BOSS} ~ ~ (se burlan de mi|me hacen bullying|me hace bullying|me hacen menos|me traen de encargo|me gritan groserias|me tratan como|me amenazan)
    (me traen de encargo|me hacen bullying|me hacen la vida imposible) ~ {_BOSS}
    (me|nos) (quieren|quiere)? (correr|cambiar|castigar|castigaron|arrestaron|cambiaron|corrieron|amenazaron|arrestar|castigan|arrestan|corren) ~ (por no|porque no) ~ (acostarme|acostarse|dar|dinero|entrarle|cuota|mentir|firmar|querer acostarme|robar|moche|prestarme)
    (por|tras|despues de|miedo de|miedo a|no me dejan|no me permiten|no puedo) denunciar
    (abuso|acoso|violacion|maltrato|hostigamiento|violencia) que (sufri|sufro|vivo|vivi|recibo|recibi|me hace*|me hizo)
    (abusaron|abuso|abusan) de mi $
    (golpeamos|pegamos|torturamos|pateamos|madreamos|dimos una golpiza|dimos toques|pusimos una golpiza|dimos bolsa|le pegue|lo golpee|le di una golpiza|di una golpiza) ~ ~ (detenid*|esposad*|asegurad*|imputad*)
    {_WHO} ~ (golpe*|peg*|tortur*|pate*|madre*|dieron|hacen tortur*) ~ ~ (detenid*|esposad*|asegurad*|imputad*)
    {_HELD} ~ (murio|muerto) ~ (golpe*|golpiza|tortura|porque lo)
    {_WHO} (violo|violaron|abuso de|abusaron de|manoseo|toco|acosa|viola) a (una|la|las|un)
    {_WHO} ~ (toca|manosea|acosa|besa) a (las|mis|una|la)
    (le|les) (pusieron|pusimos|plantaron|plantamos|sembraron|sembramos|ponen|siembran) (la|una|un)? (droga|drogas|arma|armas|pistola|mota|cristal)
    (me|nos) (hacen|piden|ordenan|obligan a|obliga a|hace|pide|ordena|mandan|mando|pidieron|pidio) (que)? ~ (alter*|falsific*|fals*|en blanco|inventar|inventemos|mentir|mintamos|modificar|modifiquemos|borrar|ocultar|encubrir)
    (me|nos) (manda*|hace|hacen|pone|ponen) a (robar|extorsionar|cobrar|vender droga|sembrar|golpear)
    (me|nos) (robaron|roban|quitan|quitaron|bajan|retienen) ~ (quincena|sueldo|pago|salario|viaticos|aguinaldo|bono) ~ {_BOSS}
    {_BOSS} ~ (se queda|se quedan|quitan|quita|roban|roba|quitaron|bajan) ~ ~ (sueldo|quincena|viaticos|bono|bonos|aguinaldo|combustible|gasolina|salario)
    (juntar|pasar|pasarle|dar|darle|darles|cooperar) ~ (dinero|lana|cuota|feria) ~ {_BOSS} !(prestado|prestada)
    {_WHO} ~ (cobran|cobra) piso
    cobran piso ~ {_WHO}
    {_WHO} ~ (trabaj*|protege*|encubre*|vende*|extorsion*|coludid*) ~ ~ (droga|drogas|narco*|cartel|mana|mania|delincuentes|comerciantes|crimen|ciudadanos|armas|gente)
    {_WHO} ~ extorsion* ~ (comerciantes|ciudadanos|gente|senor*)
    {_WHO} ~ (robo|roba|roban|robaron|quito|quitaron) ~ (cartera|dinero|celular|pertenencias|mercancia) ~ (detenid*|ciudadan*|senor*|muchach*)
    {_WHO} ~ (desaparecieron|ejecutaron|mataron|levantaron|secuestraron|asesinaron) a (un|una|unos|el|la|dos)
""")
"""What is done to the writer, or by the force's own people."""

_JOKER = "(jefe|jefa|esposa|vieja|viejo|senora|mujer|mama|comandante|suegra|sargento|patron|jefes|mando|novia|coordinador|director)"
_FIGURES = Patterns(
    lines(f"""
    (me|nos|se) (muero|morimos|estoy muriendo|quiero morir|queria morir|mori|voy a morir) ~ de (la|el|una|las|los)? (risa|sueno|hambre|calor|frio|pena|verguenza|sed|aburrimiento|cansancio|miedo|ganas|nervios|curiosidad|flojera|susto|coraje|amor|cosas|trabajo|envidia|antojo)
    (quiero|muero|quisiera) (morir|morirme) de (risa|sueno|hambre|calor|frio|pena|verguenza|sed|aburrimiento|cansancio)
    (me|nos) (va a|quiere|van a|va|puede) matar (mi|el|la|mis) {_JOKER}
    {_JOKER} ~ me (va a|quiere|mata|puede|ha de) (matar)? (si|cuando|por|de|a regano*)
    {_JOKER} me (va a|quiere) matar $
    me van a matar (en la casa|mis|los jefes|por)
    me van a matar si (no)? (contesto|llego|termino|falto|voy|me ven|se enteran|salgo|sigo|entrego (el|la|los|un) (reporte|parte|informe|tarea|trabajo))
    me (va a|van a|quiere|quieren) matar (de|con) (risa|calor|trabajo|tanto|tantas|tanta)
    (me|nos) (mato|voy a matar|matamos) (trabajando|estudiando|haciendo|en el gym)
    (curso|taller|platica|platicas|conferencia|capacitacion|simulacro|protocolo) ~ (acoso|hostigamiento|suicidio|violencia|tortura|mobbing|abuso|adicciones|extorsion) (laboral|sexual|de genero|familiar)?
    (para|de) (la|el|un|una) (cooperacha|cooperacion|pastel|fiesta|comida|rifa|gasolina|posada|rosca)
""")
)
_POOL = Patterns(
    lines("(dinero|lana|feria) (para|de) ~ (cooperacha|cooperacion|pastel|fiesta|comida|rifa|gasolina|posada)")
)
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
_OWN = Patterns(lines(f"(mi|mis|un|una|el|la|los|las|otro|unos|del|al) {_BOSS[:-1]}|jefe|jefa|mando)"))
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

_CRISIS, _DANGER, _SERIOUS = Patterns(CRISIS), Patterns(DANGER), Patterns(SERIOUS)


def crisis_in(line: Line, extra: Patterns | None = None) -> str | None:
    """The pattern by which a message speaks of a crisis of its writer, or None."""
    if extra is not None and (found := extra.first_in(line)):
        return found.pattern
    plain = line if _WEAPONS.first_in(line) else _FIGURES.without(line)
    for match in _CRISIS.all_in(plain):
        if not _is_reported(plain, match) and not (_LAUGHS.first_in(line) and not _GRAVE.first_in(plain)):
            return match.pattern
    danger = _DANGER.first_in(plain)
    return danger.pattern if danger else None


def serious_in(line: Line, extra: Patterns | None = None) -> str | None:
    """The pattern by which a message speaks of a serious incident, or None."""
    if extra is not None and (found := extra.first_in(line)):
        return found.pattern
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
