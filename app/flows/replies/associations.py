"""Things that officers name instead of a label: «un oxxo» for Comercio, «nos fuimos al MP» for Detención. Never enough for an answer, only to
ask whether it was meant.

Each line is `names : signs`, both as beginnings of folded words. An option one of whose words begins like a name is what the signs
point to. A sign in brackets counts only behind an article or a possessive («mi jefe»): alone it is courtesy.
"""

from dataclasses import dataclass

_LINES = """
comerc tienda negoci establecim local : oxxo seven tiend abarrot farmaci banco bancari mercad plaza supermerc walmart bodega aurrera
    elektra coppel gasoliner restauran taquer fonda cantina ferreter papeler panader tortiller tiangui negoci cajero joyer carnicer comerci
casa domicil viviend hogar : casa domicil viviend hogar departamen vecindad condomini azotea recamara
calle vial via : calle avenida banqueta crucero esquina carreter camellon semaforo boulevar bulevar calzada glorieta callejon
escuel educat plantel : escuel primari secundari prepa kinder colegi universid maestr alumn estudiant cbtis conalep cecyt
hospital salud medic clinic : hospital clinic imss issste ambulanci urgencias doctor enfermer
parque recre deporti : parque jardin cancha deportiv juegos
transport camion : camion combi microbus taxi metrobus autobus uber pasaj
auxili ayud emergenc apoy : auxili ayud apoy emergenci accident choqu choco herid lesionad robo robaron asalt rescat socorr atropell desmay
quej denunci reclam : quej denunci reclam
infracc multa transit : infracc multa multe folio boleta estacionad velocid licenci placas transito alcoholim corralon
revis inspec : revis inspec reten filtro chequ cateo registr
conflict vecin pleito rina : vecin pleit rina ruid fiest musica escandal discusi discut pelea pelear
detenc detenid arrest asegur : deten detuv arrest asegur remis remit esposa ministeri juez barandilla flagranci captur aprehen
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
famil : espos hij mama papa herman famil
companer colega : companer colega pareja cuate
jefe superior : (jefe) (jefa) (comandante) (mando) superior
"""


@dataclass(frozen=True, slots=True)
class Association:
    """Beginnings of the words that a label has, and of the words that point to it; `led` are whole words that need an article."""

    names: tuple[str, ...]
    signs: tuple[str, ...]
    led: frozenset[str]


def _associations() -> tuple[Association, ...]:
    found: list[Association] = []
    for line in _LINES.replace("\n    ", " ").strip().splitlines():
        names, _, signs = line.partition(" : ")
        words = signs.split()
        found.append(
            Association(
                tuple(names.split()),
                tuple([word for word in words if word[0] != "("]),
                frozenset(word.strip("()") for word in words if word[0] == "("),
            )
        )
    return tuple(found)


ASSOCIATIONS = _associations()
