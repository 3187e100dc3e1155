"""How officers speak of a serious incident, as patterns: what superiors, colleagues or family do to them, and what the force does."""

from app.flows.replies.crisis import ABUSER
from app.flows.replies.patterns import lines

BOSS = (
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
    (ordenes|orden|ordeno|ordenaron|mando|mandaron|dijeron|dijo) (de|que)? ~ (golpear|golpearlo|pegarle|madrear|madrearlo|torturar*|calentarlo|calentar al|sembrarle|sembrar|bajarle)
    (llevar*|llevamos|llevaron) al (baldio|monte|cerro|llano) ~ (calent*|golpe*|peg*|madre*|tortur*)
    mi {BOSS} (roba|extorsiona|acosa|golpea|trafica)
    si no (le|les|se)? (doy|damos|paso|pasamos|pago|pagamos|suelto|soltamos) (los|unos|sus)? # (pesos|varos|mil)? (al|a mi|a la|a los)? {BOSS}
    si (le|les)? (doy|damos|paso|pago) (los|unos|sus)? # (pesos|varos|mil) (al|a mi|a la|a los)? {BOSS}? (me|nos|si no) ~
    (le|les) (paga|pagan|pasa|pasan|da dinero|dan dinero) a (mi|mis|nuestro|nuestros|el|los) {BOSS} (para|pa) que ~
    (vendio|vendieron|vende|venden) (mi|mis|los|las|el|nuestro) (lugar|lugares|plaza|plazas|puesto|puestos|turno|turnos|ascenso|ascensos|descanso|descansos)
    (nos quedamos|se quedaron|se quedo|quedarnos) con (la|el|las|los|su|sus) (moto|motos|carro|celular|celulares|dinero|lana|mercancia|droga|camioneta|cartera) (del|de la|de un|de los|porque|que le)
    {BOSS} ~ (le|les) (robo|quito|saco) (el|la|los|su|sus) (cel|celular|dinero|cartera|lana|reloj|cadena) a (la|el|un|una) (victima|detenido|detenida|senor|senora|muchacho|borracho|herido)
    si no me acost* con (el|ella)
    (me|nos) (hicieron|hacen|obligaron a|obligan a|quieren hacer) firmar !(la entrada|asistencia|la lista|el recibo|la bitacora|de recibido)
    (detenid*|detuvimos|muchacho|subimos|agarramos|llevaron) ~ ~ ~ (nunca lo presentaron|nunca la presentaron|ya no supimos de|ya no lo vimos|no aparece)
    me (quieren|van a) correr (porque|por) (dije|vi|denunci*|hable|hablar|decir|no quise|no querer)
    me dieron (una|un) (tabliza|tablazo|tablazos|golpiza|madriza|calentada) (por|de castigo|de bienvenida|mis|los)
    se me (fue|salio) un (tiro|balazo|disparo) ~ ~ (persona|muchacho|senor|civil|companer*)
    (golpear*|golpean*|pegan*|pegaron|patear*|patean*|madrear*) ~ ~ ~ (ya esposad*|ya sometid*|entre cuatro|entre tres|entre varios) !(vecinos|civiles)
    (lo|la|los) (golpearon|patearon|madrearon|torturaron) ~ (antes de|para que|hasta que) ~ (hablar*|firm*|confes*|dijera)
    (sueldo|franco|descanso|cambio|arresto|plaza) ~ por represalia*
    (el|del|al) (acoso|hostigamiento) (del|de mi|de la|de los|de mis) {BOSS}
    {BOSS} ~ ~ (hasta|si no|a que) (que)? (pague|paguemos|pagamos|pago|le paguemos)
    (los nuestros|los mismos companeros|mi propio turno|los propios companeros) ~ (rob*|mat*|golpe*|levant*|hicieron)
    (rob*|mat*|golpe*|levant*) ~ ~ ~ (los nuestros|los mismos companeros|mi propio turno|los propios companeros|los mismos policias)
    {BOSS} ~ me (avento|empujo|estrello|azoto) contra
    (menor|menores|nino|nina) ~ (esposad*|encerrad*|golpead*) ~ (comandancia|separos|base|patrulla|tubo)
    (hay|tienen|traen) gente (golpeada|torturada|encerrada)
    (pusieron|pusimos|plantaron) (una|el arma|un arma|la pistola) despues
    (cambiar|modificar|alterar|corregir) ~ (hora|lugar|version) ~ ~ (detencion|informe|parte|acta|puesta)
    {BOSS} ~ me {_RUDE}
    me {_RUDE} ~ {BOSS}
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
    {BOSS} ~ (pide|piden|cobra|cobran|exige|exigen|quitan|quita) ~ {_MONEY}
    {_MONEY} ~ (los|las|mis|mi|el) {BOSS}
    {BOSS} ~ (pide|piden|cobra|cobran|exige|exigen) # (pesos)? (a la|por|cada|diarios|semanales)
    (piden|pide|cobran|exigen|exige) {_MONEY} ~ (mi|mis|los|el) {BOSS}
    (cobran|cobra) cuota ~ {BOSS}
    (no (nos)? dejan (salir|ir*)|encierran|hasta que) ~ (juntamos|juntemos|completamos|completemos|sacamos|saquemos) ~ (del|de la|para el|para la|al) {BOSS}
    (dar|darle|darles|doy|damos|pasar|pasarle|pagar|pagarle|entregar|entregarle) ~ {_MONEY} (al|a mi|a los|a mis|a el) {BOSS}
    (por no|si no|sino) (dar|damos|doy|pagar|pagamos|pago|entrar|entrarle|entramos|cooperar|le doy|les doy) ~ {_MONEY}
    si no (pagamos|pago|entramos|le entramos) ~ (arrestad*|cambian|castigan|quitan|mandan)
    {BOSS} ~ extorsiona*
    extorsiona* ~ (mi|mis|los) {BOSS}
    (me|nos) (quieren|quiere|tratan de|intentan|trataron de) {_FORCE} (a)? ~ {_CRIME}
    (nos|me) (castig*|corrig*|agarr*) a (golpes|patadas|cachetadas|tablazos)
    {_WHO} ~ (golpe*|mataba|mato|tortur*|pate*|le peg*|les peg*) ~ ~ (muchach*|chavo|chava|joven|civil|ciudadan*|migrante|migrantes|indigente|senor|senora|mujer|menor)
    (pus*|dieron|dimos|dan|ponen|meten|aplic*) (la|los|unos|las)? (bolsa|toques|tablazos|culatazos|tabla|tehuacan) (a|al|en|con)
    (plantaron|plantamos|plantan|plantar|sembr*|fabric*) (evidencia|evidencias|prueba|pruebas|delito|delitos|droga|arma|armas|un delito)
    {BOSS} ~ (cobra|cobran|vende|venden|pide|piden) ~ (por dejar*|vacaciones|francos|descanso|descansos|permisos|permiso|plazas|ascensos|patrullas|dejarnos)
    (pagarle|pagarles|pagar|dar|darle|darles|mochar*) ~ {BOSS} ~ (vacaciones|francos|descanso|descansos|permisos|permiso|patrulla|para que|sector|turno)
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
    {BOSS} ~ (pide|insiste|exige|quiere|propone) ~ (salga con|salir con|que lo acompane al hotel|ande con|andar con)
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
    {BOSS} ~ (robo|roba|roban|le quito|le quita|les quitan|les quita|le quitaron|le robo) ~ (dinero|ciudadano|senor|senora|gente|detenido|detenidos|celular|cosas|pertenencias)
    {BOSS} ~ (coludid*|corrupt*|con los narcos|con el narco|con la mana|con la maña|del cartel|para el cartel|para los narcos|para el narco|con el crimen)
    {BOSS} ~ (vende|venden|mueven|mueve) ~ (droga|drogas|arma|armas|parque|cartuchos)
    {BOSS} ~ (recibe|reciben) ~ (dinero|lana|pago|pagos) ~ (narco|narcos|cartel|crimen|mana|delincuentes)
    (vendieron|venden|vende) ~ arma* de cargo
    amenazas de muerte ~ (mi|a mi)
    me (tienen|tiene|traen) ~ amenazad* (de|con) (correr*|arrest*|cambi*|quitar*|bajar*|castig*|despedir*|(el|un) (arresto|cambio))
    nos (tuvo|tuvieron|puso|pusieron|dejo|trae) ~ ~ (hincad*|encuerad*|de rodillas|lagartijas)
    (recibo|recibi|llegan|llegaron|tengo|he recibido) ~ amenazas
    me (amenazo|amenazaron|amenazan|amenaza|han amenazado|tienen amenazad*) ~ de muerte
    me amenaz* con (correrme|arrestarme|cambiarme|matarme|golpearme|despedirme|matar|mandarme matar|desaparecerme)
    mi {ABUSER} ~ me (golpea|pega|golpeo|pego|amenaza|amenazo|maltrata|viola|violo|agrede|agredio|ahorca|ahorco|insulta)
    me (golpea|pega|golpeo|pego|maltrata|amenaza|viola) mi {ABUSER}
    (violencia|maltrato) ~ en (mi|la) casa $
    sufro violencia
    (le pego|le pegue|le he pegado|golpee|golpie|he golpeado|maltrato|amenazo) a mi (esposa|esposo|pareja|mujer|novia|hijo|hija|hijos|mama|ex)
    me encerro ~ oficina
    (desaparecieron|levantaron|mataron) a (un|una|mi) companer* ~ (por|porque)
    (castigan|arrestan|castigaron|arrestaron|cambiaron|quitaron) ~ (por no|si no) ~ (cuota|dinero|entrarle|moche)
    (quiero|voy a|puedo|como) (denunciar|demandar) ~ (mi|un|una|al|los|mis|ante) ~ {BOSS}
    denunciar (a mi|al|a un|a mis|a los) {BOSS}
    me discrimina* ~ por ser
    {BOSS} ~ nos (amenaz*|golpe*|extorsion*|roba*|insult*|humill*|hostig*)
    mi {ABUSER} ~ ~ me (golpea|pega|golpeo|pego|maltrata|viola|agrede|ahorca|insulta|amenaza)
    mis companeros ~ ~ (me pegan|me golpean|me amenazan|me acosan|me insultan|se burlan)
    {BOSS} ~ ~ (se burlan de mi|me hacen bullying|me hace bullying|me hacen menos|me traen de encargo|me gritan groserias|me tratan como|me amenazan)
    (me traen de encargo|me hacen bullying|me hacen la vida imposible) ~ {BOSS}
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
    (me|nos) (robaron|roban|quitan|quitaron|bajan|retienen) ~ (quincena|sueldo|pago|salario|viaticos|aguinaldo|bono) ~ {BOSS}
    {BOSS} ~ (se queda|se quedan|quitan|quita|roban|roba|quitaron|bajan) ~ ~ (sueldo|quincena|viaticos|bono|bonos|aguinaldo|combustible|gasolina|salario)
    (juntar|pasar|pasarle|dar|darle|darles|cooperar) ~ (dinero|lana|cuota|feria) ~ {BOSS} !(prestado|prestada)
    {_WHO} ~ (cobran|cobra) piso
    cobran piso ~ {_WHO}
    {_WHO} ~ (trabaj*|protege*|encubre*|vende*|extorsion*|coludid*) ~ ~ (droga|drogas|narco*|cartel|mana|mania|delincuentes|comerciantes|crimen|ciudadanos|armas|gente)
    {_WHO} ~ extorsion* ~ (comerciantes|ciudadanos|gente|senor*)
    {_WHO} ~ (robo|roba|roban|robaron|quito|quitaron) ~ (cartera|dinero|celular|pertenencias|mercancia) ~ (detenid*|ciudadan*|senor*|muchach*)
    {_WHO} ~ (desaparecieron|ejecutaron|mataron|levantaron|secuestraron|asesinaron) a (un|una|unos|el|la|dos)
""")
"""Acts done to the writer, or by the force's own people."""
