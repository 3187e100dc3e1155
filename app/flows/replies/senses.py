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
    wish: quiero quisiera kiero deseo prefiero ganas pienso pensando pensado pensamientos ideas idea voy intente intento intentar planeo decidi decidido ojala quise antoj* impulsos mejor deberia anhelo urge planes planeado calculo ensaye
    life: vivir vivo viva viviendo vida existir existencia existiendo mundo despertar despierte amanecer amanezca amanezco respirar vivos nacer nacido existo amaneceres levantarme
    die: morir morirme muero muera muerto muerta muerte muriera matarme suicid* mato matara matado desaparecer descansar ahorcarme colgarme colgar cuelgo ahorcar desvivir* morirse murio moriria fallec* mataria mate matemos matarse mataba suicidar* colgarse ahorque aventarme aventarse tirarme desaparezca descanso dormido eterno cielo tumba panteon cajon ataud infierno bajo
    means: pistola arma escuadra revolver glock gatillo tiro balazo plomazo bala soga cuerda cinturon pastillas veneno raticida cloro navaja cuchillo cutter puente azotea venas frasco machete fierro cuete fusca escopeta cuerno ak calibre milimetros 9mm canon cargador cartucho cartuchos balas tiros funda seguro mecate reata cinto viga ventilador barranco barranca acantilado risco precipicio mirador tren metro vias trailer traileres gas lumbre gasolina anticongelante insulina tramadol clonazepam rivotril tafil alprazolam diazepam pastilla sobredosis dosis bisturi filo vidrio bascula presa pozo
    cut: corto corte cortando cortarme cortandome cortes lastimo lastimarme lastimando dano quemo autolesion*
    end: acabar acabe acaba acabo terminar termine terminar fin final salida ultimo ultima ultimas termino
    bye: adios despido despidanme despedida perdonenme perdonen perdoname carta cuiden cuide despide despidiendome despedidas cuidame encargo encarguense digales diganle recuerden
    help: ayuda ayudenme ayudeme auxilio sos socorro auxilienme manden mandenme vengan ambulancia refuerzos apoyo urgente llamen urgencia emergencia psicologo psicologa psiquiatra terapeuta linea mandame alguien quien ubicacion codigo
    kill: matar matarme matarlo matan mata maten mate maten mataron ejecutar quebrar asesinar desaparecer* levantar levantaron secuestr* balear balacearon disparar disparan disparando dispararon descuartizar linchar quemar piso matanza ejecut* remat* tronar* tronaron quebrar* quebrarlos fusil* degoll* descabez* levantado plagio plagiado rescate piden cazan plomo sicario sicarios balacera tirotearon balaz* sentenci* precio
    harm: golpe* peg* pate* ahorc* apunt* amenaz* agred* maltrat* encerr* amarr* apunal* torur* tortur* cachetad* empuj* aventa avento escup* jalone* violent* madre* bofetad* azot* golpiza madriza chinga patadas punetazo* jalon* grenas tron* torcio quebro fractur* moreton* morado cicatriz* sangr* cachetea estrangul* asfix* apreto puno rodillazo macan* macanazo* tolete* batazo* cinturonazo* corretea avient* madrea madrearon surt* descont* pisote* arrastr* revent* quemad* cigarro* marcas
    rape: violo violaron viola violar violada violacion abuso abusa abusaron abusada abusan abusando abusar violado violad* forzo abusado tocaba penetr* ultraj*
    grope: toc* manose* nalg* pechos senos piernas bes* entrepierna partes genitales caricia* acaricia* roz* agarra agarro agarran metio mano manos cintura falda blusa brasier panties nalgada arrimo arrimarse restreg* masturb* chich*
    harass: acos* hostig* chantaj* insinu* morbos* desnud* encuerad* sexo sexual* sexuales intim* pack packs porno motel moteles hotel acostarme acostarse acueste acuesto relaciones acoso acosador piropo piropos invita invito cenas cenar salir fotos foto mensajitos favores favorcito cuarto hoteles intimidad depa departamento insinua calent* desabroch* encim* pretend* coquet* sostiene
    demean: humill* insult* discrim* burl* ofend* grit* mobbing bullying denigr* sobaj* groser* castig* arrest* novatad* joto india puta maricon sobaja corrient* gritos gritonea ningune* marimach* machorra gordo gorda negro indio naco ridiculiz* exhib* apodos bautizo bautizos castigos lagartijas plantones planton encuer* novato novatos reclutas
    boss: jefe jefa jefes jefas gefe comandante comandantes mando mandos superior superiores sargento director subdirector capitan inspector coordinador encargado instructor instructores suboficial teniente cmte mandamas cap supervisor administrativo encargada directora capitana subinspector primero segundo tercero comisario secretario alcalde presidente titular tenientes mayor general coronel patron supervisora habilitado sectorial subsecretario mandon jefatura policial
    mate: companer* compa compas elemento elementos policia policias polis oficial cadete cadetes pareja carnal binomio turno grupo corporacion estatales municipales ministerial ministeriales federales transitos guardia custodio custodios escoltas
    family: esposo esposa marido novio novia mujer papa padre mama hermano hermana suegro hijo hija hijos hijas ex concubino padrastro nino nina ninos familia cunado vieja concubina cunada exesposo exesposa exnovio expareja exmarido exmujer yerno suegra primo prima sobrino sobrina abuelo abuela bebe morros chiquillos jefecita jefita amante embarazada panza
    money: dinero lana feria cuota cuotas moche moches mochada mochar mochas mocho entre mordida mordidas cobra* cobr* pag* pesos mil extor* extorsion* venden vende vend* robar rob* robo bono quincena sueldo viaticos billete billetes varo varos feriecita centavos miles tarifa cooperacion cooperaciones cooperar coopera charola libreta sobre sobres semanal quincenal tajada diezmo comision renta rentan dadiva* soborn* arregl* entregar juntar recaud* pension pensiones fondo prestamo prestamistas agiotista gota cash recibo depositar deposito transferencia aflojar caer caerse caernos
    force: oblig* orden* manda mandan mando hace hacen exig* pide piden pidio condicion* fuerza amenaz* sino obliga forz* presion* advirtio tenemos toca
    crime: sembr* plant* droga drogas cristal falso falsa falsos fals* mentir alter* encubr* inocente inocentes narco narcos cartel mana malos malandros sicarios delincuentes crimen coludid* borrar clav* ratero rateros raton sustra* huachicol desvi* cargamento mercancia tiendita punto puntos puchador* grilla mafia letra maleantes contrario bando plaza decomis* mota piedra grapas bolsitas paquete polvo contrabando tranza transa transas corrupt* coludidos protegen cuidan escolta avisan filtra filtr* halcon halconea* armas ficha
    held: detenid* esposad* asegurad* migrant* indigent* separos preso presos interno internos galera galeras barandilla celda celdas pila tambo asegurado detenidos arraigo caseta reos
    report: denunci* report* quej* asuntos cndh visitaduria contraloria fiscalia inspeccion quejas ministerio demanda acusar
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
    chase: siguen sigue persigu* rode* embosc* copad* correte* cercad* acorral* balacera emboscada tirotean tiroteando tirando vigil* espera esperan acechan acecho vigilan rondan ronda merodean preguntan preguntando buscan buscando cazan siguio persiguen encontr* topan topar afuera cerradura chapa chapas barda techo azotea motos motociclistas encapuchados armados
    torture: bolsa toques tabl* culataz* golpiza madriza madre calent* sometid* hincad* bolsazos cachetad* tehuacan desnudo costillas trapo agua ahogar* ahogaron tambo pila bat batea chicharra electric* vendado vendados ojos plastico amarrado amarrados arrodill* grava ladrillos cubet* hielo mojan mojado confes* cante cantara aflojara hablara ablandar*
    fake: firm* informe parte acta bitacora videos video camara evidencia prueba pruebas modific* cambi* invent* ficticio puesta hora iph falsear falsificar dictado dicto acomod* sin lesiones certifico legista respondiente cadena custodia boleta carpetas carpeta testigo testigos declar* borr* apag* gps grabaciones desaparecio limpiaron limpiar montaje montaron
    hush: callar* calla callado callados calladitos callen boca tap* encubr* solap* ocult* secreto silencio hablador hablan chiton dedo sapo borrega soplon chiva rajar rajo mudo olvid* viste oiste
    reprisal: correr corren corrieron represali* adscripcion cerro despedir despidieron arresto reubic* congel* vetaron baja descontaron suspendieron sancion* mandaron mandan castigo punto fijo rincon basurero hoja renuncia contrato ascenso plaza cambio permisos vacaciones descanso quitaron
    vanish: desapare* aparece aparecio presentaron llevaron levanton levantones desaparecido desaparecida desaparecidos contesta fosa fosas enterr* pozo arroyo terreno brecha
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
    omen: ramo corona cruz veladora veladoras flores recado recados nota papel manta cartulina narcomanta audio audios llamada llamadas anonimo amenaza tumba santa cabeza perro gato bala balas sobre mensaje
    body: cara ojo ojos cabeza cuello brazo brazos mano pierna piernas rodilla costilla costillas nariz labio boca espalda pecho estomago panza nuca cuerpo hueso huesos piel dedos oreja
    fear: miedo temor temo terror tiemblo temblando aterrad* pavor panico escond* encerrad* huir huyendo correr corriendo escap* salvar proteg* proteccion
    kids: hijos hijas nino ninos nina ninas morrito morritos chamaco chamaca chamacos bebe escuela kinder guarderia
    night: noche noches madrugada manana amanecer domingo hoy dia dias semana
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
