"""Things that officers name instead of a label: «un oxxo» for Comercio, «nos fuimos al MP» for Detención. Never enough for an answer, only to
ask whether it was meant.

Each line is `names : signs`, both as beginnings of folded words. An option one of whose words begins like a name is what the signs
point to. A sign in brackets counts only behind an article or a possessive («mi jefe»): alone it is courtesy.
"""

from dataclasses import dataclass

_LINES = """
comerc tienda negoci establecim local mercad : oxxo seven tiend abarrot farmaci banco bancari mercad plaza supermerc super minisuper walmart soriana chedraui
    bodega aurrera elektra coppel gasoliner gasolinera restauran taquer taqueri fonda cantina ferreter papeler panader tortiller tiangui negoci cajero joyer carnicer
    comerci puesto local changarro estetic barberi polleri zapater vulcaniz refaccion =taller cafeteri =bar antro vinateri cocina dogos tacos tamales
    farmacia miscelan
casa domicil viviend hogar particular : casa domicil viviend hogar departamen =depa vecindad condomini condominio azotea recamara cochera patio privada fraccionam
calle vial via public : calle avenida banqueta crucero =cruce esquina carreter camellon semaforo boulevar bulevar calzada glorieta callejon =arroyo autopista =puente
    periferic libramient callecita callej
escuel educat plantel : escuel primari secundari prepa kinder colegi universid maestr alumn estudiant cbtis conalep cecyt bachiller facultad =jardin =secu =salon
hospital salud medic clinic : hospital clinic imss issste ambulanci urgencias doctor enfermer medic consultori
parque recre deporti jardin : parque jardin cancha deportiv juegos =unidad alameda =plaza
oficin gobiern edifici : oficin palacio presidenc ayuntam =registro tesorer =modulo ventanill
transport camion vehicul : camion combi microbus =micro taxi metrobus =metro vagon autobus uber pasaj =bus colectiv =tren =terminal paradero anden trailer urvan
carro auto coche : carro coche =auto camionet
patrull unidad : patrull =unidad
moto : =moto motociclet motopatrull
bici : bici biciclet
pie camin : =pie caminand =andando
auxili ayud emergenc apoy : auxili ayud apoy emergenci accident choqu choco herid lesionad robo robaron asalt rescat socorr atropell desmay
quej denunci reclam : quej denunci reclam
infracc multa transit : infracc multa multe folio boleta estacionad velocid =licencia =licencias placas transito alcoholim corralon
revis inspec : revis inspec reten filtro chequ cateo registr
conflict vecin pleito rina : vecin pleit rina ruid fiest musica escandal discusi discut pelea pelear
detenc detenid arrest asegur : detenc deten detuv arrest asegur remis remit esposad esposam ministeri juez barandilla flagranci captur aprehen
calm tranquil relaj seren : calm tranquil relaj seren
igual mism cambi : normal igual mism indifer
molest enoj alter : molest enoj alter agresiv grit insult mentad groser furios encabron prepotent ofend
tiempo pris : tiempo pris apurad saturad carrer
riesg peligr insegur : riesg peligr insegur armad arma balac balazo
orden mando : orden instruccion indicacion consign (jefe) (jefa) (jefes) (comandante) (mando) (mandos) (superior) (superiores)
actitud : groser agresiv prepotent altaner borrach ebri cooperaba insult ofendi necio necia terco terca violent
personal gente element : personal gente companeros elementos
equip material herramient : radio patrulla chaleco gasolina internet equip material herramient
capacit curso conocim : capacit curso taller ensenaron
clima lluvi : lluvi llovi calor frio
famil pariente : espos hij mama papa herman famil =mujer =senora
companer colega : companer colega =pareja cuate compita binomio =compa =compas parejita
jefe superior mando : (jefe) (jefa) (comandante) (mando) (director) (encargado) superior =comandante comandanta =director
zona vecin habitant resident colonia comunid : vecin habitant resident colono colonos
comerciant locatari tender : comerciant locatari tender vended ambulant tienda oxxo abarrot puesto mercad negocio =local ferreter farmaci carnicer panader taquer taquero tortiller
    tamaler dogos tacos tamales =cajera =cajero estetic restauran papeler verduler fruter
autorid instituc dependenc corporac : bombero proteccion =guardia ejercit =marina militar soldad ministeri =mp fiscal =transito estatal federal =cruz paramedic ambulanci c4 c5 =dif juez
    municipio inspector gobierno =policias =patrulla
conductor automovil chofer : conductor automovilist chofer taxist trailer motociclist operador
nino nina menor adolescen : nino nina menor morrit chamac adolescent chiquill
ancian adult : abuelit ancian viejit
turist visit : turist extranjer visitant
telefon llamad : telefon llamad marc =celular 911
radio central : radio =central despach c4 c5 cabina
manana matutin : manana mananit amanec temprano
tarde vespertin : tarde tardecit mediodia
noche nocturn : noche nocturn madrugad anochec
lluvi clima : lluvi llov calor frio
inicio princip comienz empez : inicio princip empez comenz arranc comienz
final fin termin : final =fin =termino =saliendo =salida
mitad medio medi : =mitad =media =medio =intermedio
cansad agotad fatig : cansad cansanci agotad agotamient molid rendid fatig desvelad exhaust tronad
trist : trist aguitad aguit deprim bajonead desanimad decaid
enojad molest frustr : enojad enoj molest encabron coraj furios frustr emputad alterad
feliz content alegr satisf : feliz content alegr satisf orgullos
estres nervi ansi preocup tens : estres nervi ansi preocup tens angusti
miedo temor : miedo temor asustad susto
curso taller capacit : curso taller capacit platica diplomad
manual protocol reglament ley : manual protocol reglament =ley =leyes codigo norma
resolv resuel soluc arregl : resolv resuel soluc arregl conciliar concilio
canaliz turn deriv : canaliz turnamos =turne deriv
pendient : pendient tramite
sueldo salari pag dinero econom : sueldo salari dinero pag quincen econom =lana
horari turno jornad : horari turno jornad
"""


@dataclass(frozen=True, slots=True)
class Association:
    """Beginnings of the words that a label has, and of the words that point to it; `whole` are such words themselves, `led` those of them that
    need an article."""

    names: tuple[str, ...]
    signs: tuple[str, ...]
    whole: frozenset[str]
    led: frozenset[str]

    def points(self, word: str, *, led: bool) -> bool:
        """Whether a word points to it; `led`: behind an article or a possessive."""
        return word.startswith(self.signs) or word in self.whole or (led and word in self.led)


def _associations() -> tuple[Association, ...]:
    found: list[Association] = []
    for line in _LINES.replace("\n    ", " ").strip().splitlines():
        names, _, signs = line.partition(" : ")
        words = signs.split()
        found.append(
            Association(
                tuple(names.split()),
                tuple([word for word in words if word[0] not in "(="]),
                frozenset(word[1:] for word in words if word[0] == "="),
                frozenset(word.strip("()") for word in words if word[0] == "("),
            )
        )
    return tuple(found)


ASSOCIATIONS = _associations()
