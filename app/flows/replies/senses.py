"""The meanings of words for the model: senses of a few dozen kinds, by whole words or their beginnings (`golpe*`), heard as patterns hear them."""

from functools import lru_cache

from app.flows.replies.patterns import heard

_SHORTEST = 3
_KEPT = 1 << 15
_SENSES = """
    me: me mi mis yo conmigo mio mia soy estoy
    us: nos nosotros nuestr*
    neg: no nunca jamas sin ni tampoco nada nadie
    yano: ya
    wish: quiero quisiera kiero deseo prefiero ganas pienso pensando pensado pensamientos ideas idea voy intente intento intentar planeo decidi decidido ojala quise antoj* impulsos mejor deberia
    life: vivir vivo viva viviendo vida existir existencia existiendo mundo despertar despierte amanecer amanezca amanezco respirar
    die: morir morirme muero muera muerto muerta muerte muriera matarme suicid* mato matara matado desaparecer descansar ahorcarme colgarme colgar cuelgo ahorcar desvivir*
    means: pistola arma escuadra revolver glock gatillo tiro balazo plomazo bala soga cuerda cinturon pastillas veneno raticida cloro navaja cuchillo cutter puente azotea venas frasco machete
    cut: corto corte cortando cortarme cortandome cortes lastimo lastimarme lastimando dano quemo autolesion*
    end: acabar acabe acaba acabo terminar termine terminar fin final salida
    bye: adios despido despidanme despedida perdonenme perdonen perdoname carta cuiden cuide
    help: ayuda ayudenme ayudeme auxilio sos socorro auxilienme manden mandenme vengan ambulancia refuerzos apoyo urgente llamen
    kill: matar matarme matarlo matan mata maten mate maten mataron ejecutar quebrar asesinar desaparecer* levantar levantaron secuestr* balear balacearon disparar disparan disparando dispararon descuartizar linchar quemar piso
    harm: golpe* peg* pate* ahorc* apunt* amenaz* agred* maltrat* encerr* amarr* apunal* torur* tortur* cachetad* empuj* aventa avento escup* jalone* violent* madre* bofetad*
    rape: violo violaron viola violar violada violacion abuso abusa abusaron abusada abusan abusando abusar
    grope: toc* manose* nalg* pechos senos piernas bes* entrepierna partes genitales caricia* acaricia* roz* agarra agarro agarran
    harass: acos* hostig* chantaj* insinu* morbos* desnud* encuerad* sexo sexual* sexuales intim* pack packs porno motel moteles hotel acostarme acostarse acueste acuesto relaciones
    demean: humill* insult* discrim* burl* ofend* grit* mobbing bullying denigr* sobaj* groser* castig* arrest* novatad* joto india puta maricon
    boss: jefe jefa jefes jefas gefe comandante comandantes mando mandos superior superiores sargento director subdirector capitan inspector coordinador encargado instructor instructores suboficial teniente cmte mandamas cap supervisor administrativo
    mate: companer* compa compas elemento elementos policia policias polis oficial cadete cadetes pareja
    family: esposo esposa marido novio novia mujer papa padre mama hermano hermana suegro hijo hija hijos hijas ex concubino padrastro nino nina ninos familia cunado vieja
    money: dinero lana feria cuota cuotas moche moches mochada mochar mochas mocho entre mordida mordidas cobra* cobr* pag* pesos mil extor* extorsion* venden vende vend* robar rob* robo bono quincena sueldo viaticos
    force: oblig* orden* manda mandan mando hace hacen exig* pide piden pidio condicion* fuerza
    crime: sembr* plant* droga drogas cristal falso falsa falsos fals* mentir alter* encubr* inocente inocentes narco narcos cartel mana maña malos malandros sicarios delincuentes crimen coludid* borrar clav*
    held: detenid* esposad* asegurad* migrant* indigent* separos
    report: denunci* report* quej* asuntos
    duty: atend* acud* deten* detuv* remit* asegur* canalic* rescat* apoy* auxili* acordon* levante levantamos remiti detuvimos detencion infraccion ciudadan* victima denunciante vecin* sujeto masculino femenina usuari* quejoso servicio sector operativo patrull* someti* espos* resguard* custodi* evit* llegamos llego
    civ: senor senora senorita muchacho muchacha joven chavo chava gente persona tipo vato borracho ebrio conductor automovilista peaton
    old: hace anos ano pasado pasada antes
    joke: jaja jajaja jajajaja jeje jejeje lol xd risa
    fun: hambre sueno calor frio sed trabajo cafe verguenza pena susto nervios flojera aburrimiento transito
    write: escrib* mand* envi* mensaj* msj* contact* molest* chingu* chingar jod* llam* busqu* busc* preguntar* preguntas whats* encuesta* notificacion*
    stop: deje dejen deja dejar dejame dejenme pare paren parenle para alto stop basta suspend* deten* detengan cese
    out: baja quit* borr* elimin* saqu* sac* salir salirme salgo retir* desinscrib* desuscrib* desactiv* cancel* bajen* bajame bajo remuev* excluy* renunci* abandon* desist* fuera revoc* salida darme darle afili* desafili*
    part: particip* continu* seguir seguirle sigo sigue entro contar cuenten cuente formar parte recibir recibiendo interes* incluy* consider* autoriz* consentimiento
    prog: programa lista encuesta encuestas estudio grupo registro sistema base datos numero seguimiento participacion esto suscripcion taller
    now: ahorita orita ahora hoy mismo momento noche anoche
    past: ayer antier anteayer pasado pasada lunes martes miercoles jueves viernes sabado domingo antes
    fed: harto harta cansado cansada canse canso aguanto soporto rendido rendida vencido agotado agotada fuerzas tope colmo rindo
    sad: triste tristeza deprimid* depresion solo sola llor* vacio vacia angusti* ansiedad dolor dolido sufr* culpa arrepient* pesadilla* insomnio desespera* desesperad*
    worth: sentido caso valgo sirvo estorbo carga importo importa chiste razon motivo vale pena inutil cobarde fracas*
    settled: arreglado arregle testamento escrituras seguro papeles herencia firmado listo lista encargo encargue nota grabe
    sleep: dormir dormirme duerma duerman durmiera dormido despertarme pastilla somnifero*
    chase: siguen sigue persigu* rode* embosc* copad* correte* cercad* acorral* balacera emboscada tirotean tiroteando tirando vigil* espera esperan
    torture: bolsa toques tabl* culataz* golpiza madriza madre calent* sometid* hincad* bolsazos cachetad* tehuacan desnudo costillas
    fake: firm* informe parte acta bitacora videos video camara evidencia prueba pruebas modific* cambi* invent* ficticio puesta hora
    hush: callar* calla callado callados calladitos callen boca tap* encubr* solap* ocult* secreto
    reprisal: correr corren corrieron represali* adscripcion cerro despedir despidieron arresto reubic* congel* vetaron
    vanish: desapare* aparece aparecio presentaron llevaron levanton levantones
    minor: menor menores muchachita muchachito chiquita chiquito adolescente escuela secundaria
    medic: hospital imss issste doctor doctora clinica consulta cita incapacidad medico cirugia
    place: casa cuarto bano puerta azotea calle domicilio carretera brecha cerro monte
    wheels: camioneta camionetas carro moto patrulla unidad placas trailer combi
    train: curso taller capacitacion platica academia simulacro protocolo examen clase conferencia pelicula serie novela noticias
    leisure: futbol partido fiesta comida tacos cumpleanos boda crudo peda equipo juego dieta gym cuarentena
    later: luego rato despues manana ratito terminando ahorita espere permitame desocupe
    thanks: gracias saludos favor buenas buenos hola bendiciones
    say: digo diga dije dijeron decir hablar hablo contar cuento avisar platic*
    ask: quien cual cuando donde cuanto cuantos porque como
    job: retenes reten filtro rondin recorrido vialidad choque infraccion rina pleito robo accidente lesionado ambulancia paramedicos cateo
    third: dijo dice dicen decia gritaba conto le les lo la los las su sus
"""


def _table() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """The senses of whole words, and of beginnings."""
    whole: dict[str, tuple[str, ...]] = {}
    begun: dict[str, tuple[str, ...]] = {}
    for line in _SENSES.strip().splitlines():
        name, _, words = line.strip().partition(":")
        for word in words.split():
            table, key = (begun, heard(word[:-1])) if word.endswith("*") else (whole, heard(word))
            if name not in table.get(key, ()):
                table[key] = (*table.get(key, ()), name)
    return whole, begun


_WHOLE, _BEGUN = _table()


@lru_cache(maxsize=_KEPT)
def senses(word: str) -> tuple[str, ...]:
    """The senses of a word as a line has it, none for most words."""
    found = list(_WHOLE.get(word, ()))
    for end in range(_SHORTEST, len(word) + 1):
        found += _BEGUN.get(word[:end], ())
    return tuple(dict.fromkeys(found))
