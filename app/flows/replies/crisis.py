"""How officers speak of a crisis of their own, as patterns: wanting to die, or being in danger now."""

from app.flows.replies.patterns import lines

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
    ^ (ya)? no quiero (ya|seguir)? (estar|existir) (ya|mas)? $
    no creo (seguir|estar|llegar|amanecer|quedar) (con)? (vivo|viva|vida)
    ^ ya no (puedo|aguanto|doy) mas $
    ya no le (encuentro|veo|hallo) (sentido|caso|chiste) a (nada|todo)
    ya nada (tiene (caso|sentido)|importa|vale la pena) $
    (de baja|mi baja|bajas) ~ de (la vida|este mundo|esta vida)
    (con|tengo|traigo|puse) (la|una) (soga|cuerda) (lista|puesta|preparada|en la mano)
    (deje|dejo|tengo|esta) ~ arreglad* ~ (seguro|escrituras|testamento)
    (y|hoy|ya|mejor) (acabo|termino) con todo $
    (hoy|este) es mi ultimo (dia|turno) (de vida|de todo|en este mundo|en la tierra)
    adios ~ (fueron|fuiste|fue) (buen*|muy buen*)
    ya me despedi (de|con) (mis|mi|todos)
    (ya no|no) voy a estar (vivo|viva)
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
    i (dont|don t|do not) (wanna|want to) (live|be alive|be here) (anymore|any more|no more)?
    (i want to die|i wanna die|kill myself|(gonna|going to) kill me)
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
"""The writer wants to die, or hurts themselves."""

ABUSER = "(esposo|marido|novio|pareja|ex|concubino|papa|padre|hermano|suegro|hijo|esposa|mujer|novia)"
DANGER = lines(f"""
    ^ (balacera|balazos|emboscada|enfrentamiento) (ayuda|auxilio|apoyo|manden|socorro) ~ $
    (agresion|ataque) (armada|armado|con arma*) ~ (contra|a) (la|nuestra|mi|el|nosotros) (unidad|patrulla|base|caseta|personal|crp|companero*)?
    no puedo (hablar|contestar|llamar) ~ (el|ella|mi (marido|esposo|pareja|ex|novio)) (esta|anda|sigue) (aqui|junto|a un lado|viendo*|afuera|en la (sala|puerta|casa)|tomado)
    si (ya)? no (contesto|respondo|escribo|vuelvo|llego) ~ (hablen|llamen|hablenle|llamenle|avisen|manden|busquen*) ~ (policia|911|patrulla|apoyo|alguien|familia|ministerio)
    mi (ex|exmarido|exesposo|exnovio|expareja|padrastro) ~ (salio|libre|fugo|escapo) ~ ~ (preguntando|buscando*|rondando|por mi|afuera)
    no me (deja|dejan) salir de (la|mi|su|esta) (casa|cuarto)
    me (amenazaron|amenazan|han amenazado|volvieron a amenazar) ~ de muerte !(mis (propios)? companeros|mi (jefe|comandante))
    (estamos|tamos|estoy|toy|quedamos|nos tienen|andamos) (emboscad*|copad*|rodead*|acorralad*|bajo fuego !(de)|cercad*|sin parque)
    se esta (ahorcando|colgando|asfixiando|suicidando|desangrando|convulsionando) !(de risa)
    (colgad*|ahorcad*) ~ (todavia|aun) respira
    no salgo viv*
    (dejaron|dejo|pusieron|mandaron|encontre|llego) ~ (cabeza de|corona|cartulina|manta|bala|balas|papel|gato muerto|perro muerto) ~ ~ (mi casa|mi nombre|mi puerta|mi carro)
    me (amenazo|apunto|amago) con (la|su) (de cargo|pistola|arma|escuadra)
    (mi|a mi) (hermano|hijo|hija|esposa|familia|hermana) ~ (matan|van a matar|lo tienen|la tienen|los tienen) ~ (si no|renuncie|dinero|ayud*)
    ^ (auxilio|socorro|sos|ayuda|ayudenme|ayudeme|auxilienme) (auxilio|ayuda|socorro|sos|por favor|ya|urgente|rapido)? (ayuda|por favor|auxilio)? $
    me (estan|esta|anda|andan|vienen|viene) (golpeando|pegando|apuntando|disparando|ahorcando|atacando|violando|balaceando|baleando|persiguiendo|siguiendo|amenazando|correteando) !(preguntas|dudas|con preguntas|a preguntas|el sol|duro el sol|el frio|la gripa)
    (estan|esta) (golpeandome|pegandome|apuntandome|amenazandome|siguiendome|disparandome|atacandome|persiguiendome)
    nos estan (disparando|atacando|baleando|balaceando|tirando balazos|emboscando)
    me (quieren|quiere) (matar|desaparecer|levantar|secuestrar|asesinar) !(un acta|la voz|el reporte)
    me (van|va) a (matar|desaparecer|ejecutar|asesinar|balear|secuestrar)
    me (van|va) a levantar !(un|el|la|acta|reporte|temprano|queja)
    para (matarme|levantarme|secuestrarme|desaparecerme)
    me (tienen|tiene|traen) ~ (secuestrad*|encerrad*|amarrad*|retenid*|privad*|encajuelad*)
    me (tienen|tiene|traen) ~ amenazad* !((de|con) (correr*|arrest*|cambi*|quitar*|bajar*|castig*|el|un|despedir*)|en (la|mi) casa que|mi (mujer|esposa|vieja|suegra|jefa))
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
    mi {ABUSER} ~ me va a matar !(si|cuando|por llegar)
    mi {ABUSER} ~ me (quiere|quiso|esta|trata de|intenta|intento|va a) ~ (ahorcar|matar|golpear|golpeando|violar|quemar|ahorcando|pegar|pegando|apunalar)
    mi {ABUSER} ~ ~ (arma|cuchillo|pistola|machete|navaja)
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
    mi {ABUSER} me acaba de
    (unos|dos|tres|varios|hombres) (hombres)? armados ~ (me|afuera|siguiendo|persiguiendo)
    (vienen|van|viene|va|quieren|quiere|buscan|buscando|regresan) (a|para)? (matarme|matarnos|golpearme|levantarme|secuestrarme)
""")
"""The writer is in danger now."""
