"""The wish to leave the programme, as patterns: clear in any words, or perhaps. Both are looked for in the whole message without
the courtesy around it."""

from app.flows.replies.patterns import lines

_TO_WRITE = "(escrib*|mand*|envi*|molest*|contact*|llam*|marq*|busq*|mensaj*|text*|chingu*|jod*|fregu*|insist*|fastidi*|hostigu*)"
_STOP_WRITING = "(mandar*|enviar*|escribir*|molestar*|chingar*|joder*|estar*|fregar*|contactar*|llamar*|insistir*|mensajear*|fastidiar*|preguntar*)"
_PROGRAMME = (
    "(lista|listas|programa|encuesta|encuestas|estudio|grupo|sistema|registro|base|mensajes|contactos|seguimiento|proyecto"
    "|whatsapp|investigacion|curso|preguntas|servicio de mensajes|aqui|esto|ahi)"
)
_TAKE_OUT = (
    "(borr*|elimin*|elimineme|quiten|quiteme|quitenme|quitame|quita|sacame|sacar|saquen|saqueme|saquenme|retirenme"
    "|retireme|retiren|excluyanme|excluyame|cancelen*|remuevan*|desactiven*|desactiveme|desinscrib*|desuscrib*|desafilie*|depuren*)"
)
_IN_IT = (
    "(participar|participando|continuar|seguir|seguirle|recibir|recibiendo|formar parte|estar en|estar aqui|que me (escriban|manden|molesten"
    "|contacten|envien|busquen|llamen)|seguir (contestando|respondiendo|participando|recibiendo|con esto|con la encuesta|en esto)"
    "|saber de ustedes|saber nada|mas preguntas|mas mensajes|sus mensajes|estos mensajes|mensajes|preguntas|encuestas|mas encuestas)"
)
CLEAR = lines(f"""
    me bajo del barco
    ^ (la)? baja (por favor|porfavor|gracias|pol|saludos|de favor) ~
    ^ (la|mi)? baja (por favor|porfavor|gracias)? (atte|atentamente|att|saludos) ~ ~ $
    ^ (la|mi)? baja (por favor|gracias)? (pol|policia|oficial|of) (1ro|2do|3ro|1o|2o|3o|primero|segundo|tercero) ~ $
    ^ (exit|unsuscribe|unsubscribe|suspender|suspendan|terminar|apaguen*|desconecten*|desconectar|bloqueado|bloqueados|ya paren|ya parenle) $
    fuera de mi (whatsapp|whats|celular|telefono|cel)
    (ya me harte|me hartaron|ya me canse|me canse|ya me cansaron) ~ ~ (adios|fuera|hasta luego|ya no sigo|no contesto)
    voluntario ~ ~ (ya)? no (sigo|quiero|contesto|le sigo|participo)
    (cambie de opinion|me arrepenti|ya lo pense) ~ no (participo|quiero (seguir|participar|estar|contestar)|sigo|le sigo)
    dejo (el|este|su) (seguimiento|programa|estudio)
    ^ (ya)? mejor (ya)? no (sigo|le sigo) (gracias)?
    ^ ya no (acepto|le sigo|sigo) $
    (dejeme|dejenme|dejame) empaz
    cuantas veces ~ ~ ~ baja
    (no|ya no) (pienso|voy a|quiero) (seguir)? contest* ~ (ninguna|ni una|ni las|nada) (mas|que sigan|que siguen)
    ^ (yo)? hasta aqui (llego|le dejo|la dejo|le paro|nomas|no mas)
    ^ (baja|bajas|alto|salir|stop|cancelar|cancelen|cancela|cancele|basta|quitar|paren|parenle|sacame|saqueme|saquenme|saquen|unsubscribe|desuscribir|desuscribirme|desinscribirme|eliminar|elimineme|eliminenme|eliminame|borrenme|borreme|borrame|quitenme|quiteme|quitame|renuncio|desafiliarme|salirme|dejenme en paz|deje de molestar|no molestar) $
    ^ (baja|alto|stop|basta|salir|ya)? (baja|alto|stop|basta|salir|paren) (ya|thank|thanks|you|thank you|gracias|definitiva|definitivo|de mensajes|a los mensajes|con los mensajes|con esto)? $
    ^ (desafili*|desinscrib*|desuscrib*|desactiv*|abandono|desisto|descarten*|excluy*|excluir|anular|revoco|removerme|eliminarme|quitarme|borrarme) $
    stop thank you
    (take|get|remove|delete) (me|my number) (off|from|out of) (this|the|your) (list|program|study|survey|group)
    borren mi (numro|num|numero|nmero|contacto|cel|celular|telefono)
    (dar*|dame|deme|denme|den|doy|quiero|quisiera|solicito|solicitar|pido|exijo|necesito|deseo|tramitar|favor de|mandar|mi|requiero) (me)? (dar*|de|mi|la|una|dar|dame)? (de|mi|la)? (baja) (de|del)? (esto|programa|lista|encuesta|mensajes|sistema|estudio|servicio|grupo|aqui|los|las|la|el|ya|porfa|definitiva|definitivamente|inmediata)? (lista|mensajes|encuesta|encuestas|preguntas|grupo|programa)? (por favor|gracias|ya|de una vez|porfavor)? $
    (dar*|dame|deme|denme|denos) de baja !(en la policia|de la policia|de la corporacion|al detenido|al companero|del servicio|un|del (grupo de (motos|reaccion|operaciones)|grupo (tactico|canino|motorizado)|equipo|sindicato|gimnasio|gym|curso de|seguro|imss|issste|sat))
    (solicito|quiero|pido|exijo|tramiten|procesen|registren|deseo) (mi|la) baja !(de la policia|de la corporacion|voluntaria)
    ya no (quiero|deseo|quisiera|pienso|voy a|acepto|me interesa|planeo|gusto|pretendo|estoy interesad*) {_IN_IT}
    no (quiero|deseo|quisiera|pienso|acepto|me interesa|pretendo) (seguir|continuar|recibir|que me (escriban|manden|molesten|contacten|envien|busquen|llamen)|saber (nada)? de ustedes)
    no (quiero|deseo|acepto) (mas|sus|estos|tantos|ningun|ninguno de sus|esos|recibir) (mensajes|mensaje|preguntas|encuestas|whatsapp|whats|msj|mensajitos|textos)
    no (me|nos) (escrib*|mand*|envi*|molest*|contact*|busq*) (mas|nunca|otra vez) $
    ^ (please|pls|plz)? (stop|quit) (texting|messaging|writing|contacting|bothering|sending) (to)? (me|us|this|these|messages)? (messages)? (please|pls|thanks|now)? $
    (take|remove) me (off|from)
    no (quiero|deseo) (nada de|nada con|saber de) (esto|ustedes|encuestas|su programa)
    no me interesa (participar|el programa|este programa|seguir|continuar|su programa|su encuesta|la encuesta|formar parte|nada de esto|esto)
    ya no me interesa $
    (prefiero|prefiero ya|decidi|opto por|mejor) no (seguir|participar|continuar|recibir|que me escriban)
    no quiero que (me|nos)? (vuelvan|sigan|esten|anden|siga|vuelva|manden|escriban)
    ^ (ya)? no estoy interesad* (en (participar|seguir|esto|el programa|continuar|su programa|la encuesta|sus mensajes))? $
    favor de (ya)? no (molestar*|mandar*|escribir*|enviar*|insistir|contactar*|volver)
    (pido|solicito|agradeceria|exijo|ruego|suplico|agradezco) (que)? (por favor)? (ya)? (que)? no me (escriba*|escriban|manden|mande|envien|envie|molesten|moleste|contacten|llamen|busquen|sigan)
    ya no (los|las|lo|la)? (quiero|deseo) (nada|ser parte|saber|recibir*|seguirle|estar)
    no (quiero|deseo) (ser parte|seguirle|seguirles|formar parte de esto|estar en (esto|su lista|el programa|este programa))
    (saquenme|saqueme|borrenme|borreme|eliminenme|elimineme|quitenme|quiteme|retirenme|desinscribanme) (ya|de ahi|de una vez|por favor|porfa)? $
    ^ no (deben|tienen por que|tienen derecho a|tienen permiso de) (escribir*|mandar*|contactar*|molestar*)
    (ya)? no quiero (que)? (me)? (lleguen|llegue|esten (mandando|escribiendo|molestando))
    (dejen|quiten|borren|eliminen) de (su|la) lista
    (quisiera|quiero|deseo|necesito|me gustaria) (que)? (ya)? (no)? (dejar de|me dejen de|me quiten|me saquen|me borren|me eliminen|me den de baja|ya no recibir|no recibir|no participar|ya no participar|no seguir)
    no (gracias)? ya no me interesa
    ya no (me)? (escriba|escriban|escribas|escribirme|manden|mande|mandes|mandarme|envien|envie|enviarme|molesten|moleste|molestes|molestarme|contacten|contacte|llamen|busquen|pregunten|insistan|texteen|llegue*)
    no (me|nos) (vuelvan|vuelva|vuelvas|sigan|siga) (a)? {_TO_WRITE}
    no (vuelvan|vuelva|sigan|siga|quiero que vuelvan|quiero que sigan) (a)? (escribir*|mandar*|molestar*|mandando*|escribiendo*|enviar*|enviando*|contactar*|molestando*|preguntando|insistir|insistiendo)
    ^ no (me|nos) (escriba|escriban|escribas|mande|manden|mandes|envie|envien|moleste|molesten|molestes|contacte|contacten|llamen|busquen|pregunten|texteen) (mas|ya|nada|mensajes|nunca|otra vez|mas mensajes|nada mas|mas preguntas|mas encuestas)? (mensajes|mas|nunca|porfa|ya)? $
    ^ no (moleste|molesten|molestes|molestar|mandar mensajes|escribir|manden|manden mensajes|envien mensajes|escriban) (mas)? $
    deje de (molestarme|mandarme|escribirme|enviarme|mandar mensajes|enviar mensajes|molestar $|escribir $|mandar $|estar)
    (dejen|dejenme|dejeme|paren|parenle|cesen|dejar|suspendan|suspender) (ya|por favor)? (de|con)? {_STOP_WRITING}
    (deje|dejen|dejenme|dejeme|dejame) (ya)? (en paz|tranquil*)
    (paren|suspendan|detengan|suspender|eliminen|bloqueen|cancelen|cancelar) (ya)? (de|los|sus|con los|con sus|con estos|estos|el envio de|con|todos los) (mensajes|mensajitos|preguntas|encuestas|envios|whatsapp|notificaciones)
    {_TAKE_OUT} (me|por favor)? (ya)? (de|del) (su|sus|la|las|el|este|esta|todo|todos|todas|los|esa|ese)? (sus)? {_PROGRAMME}
    {_TAKE_OUT} (por favor)? (mi|mis) (numero|num|telefono|datos|registro|nombre|contacto|cel|celular|informacion|cuenta|participacion|suscripcion|inscripcion)
    (revoco|retiro|cancelo|anulo) (mi|el) (consentimiento|autorizacion|participacion|permiso|registro)
    (ya)? no (doy|otorgo|autorizo) (mi|el|que|mas)? (consentimiento|autorizacion|permiso|uso de mis datos|me escriban|me manden|usen mis datos)
    (quiero|deseo|quisiera|prefiero|me gustaria|necesito|decidi|voy a|puedo|como puedo|como le hago para|como hago para|como) (salirme|retirarme|desuscribirme|desinscribirme|desafiliarme|cancelar|dejar de (recibir|participar)|dejar el (programa|estudio)|abandonar el (programa|estudio)|renunciar) !(la|una|el) !(cita|orden|reporte)
    (quiero|deseo|quisiera|prefiero|me gustaria|voy a|me quiero|puedo) (salir|salirme|retirar|retirarme|desafiliar|desuscribir|borrar) (ya)? (de|del) (la|el|este|esta|su|estos|los|todo)? {_PROGRAMME}
    ^ (ya)? (quiero|me quiero|deseo|quisiera|solo quiero) (salir|cancelar|salirme|retirar|retirarme|dar de baja|ya salir) (ya|por favor)? $
    me (salgo|retiro|doy de baja|desuscribo|desafilio|voy a salir|borro|quiero retirar|quiero salir) (ya)? (del|de) (la|el|este|esta|su|todo)? {_PROGRAMME}
    ^ me (salgo|doy de baja|desuscribo|desapunto|retiro|bajo de esto) $
    ^ (bajenme|bajeme|desapunt*|cancelenme|canceleme|apartenme|descartenme|descarteme|desenrol*|anulenme|abandonar|hasta aqui|hasta aqui (llego|llegue|le dejo|la dejo|la dejamos)) $
    ^ (cual es|que es|diganme|digame) (el|la)? (comando|palabra|clave) para (salirme|salir|darme de baja|cancelar|la baja|que ya no manden) $
    no me (ande|anden|andes|esten|este) (mandando|escribiendo|molestando|enviando|texteando|llamando)
    (renuncio|renunciar) (a|al) (este|su|mi|el|la)? (programa|estudio|participacion|encuesta|participar|seguir)
    cancel* (mi|la) (suscripcion|participacion|inscripcion|registro|numero)
    (dejo|dejare) de (participar|contestar|recibir)
    no cuenten (mas)? conmigo
    ^ (ya)? no mas (mensajes|preguntas|encuestas|por favor)? $
    ^ (ya)? no (mensajes|mas mensajes|quiero mensajes|mas encuestas) $
    ya no (mas)? (mensajes|encuestas|preguntas)
    ya basta (de|con) (mensajes|tantos|tanta|esto|sus|preguntas|encuestas)
    (quiero|deseo) que (me)? (borren|eliminen|quiten|saquen|den de baja|dejen de)
    (opt out|no molesten mas|no me molesten|ya no participo|dejen de molestar)
    ya no (participo|participare|seguire|continuo|continuare|le sigo|sigo) (en|con|mas)?
    (desde hoy|a partir de hoy|hasta aqui) ~ (no participo|no contesto|dejo|llego mi participacion|participo)
    (pedi|pedia|solicite|exigi|les dije|les pedi|pedimos) (que)? (ya)? (que)? me (sacaran|quitaran|borraran|eliminaran|dieran de baja|dejaran|desuscribieran|retiraran|excluyeran) !(la guardia|el arresto|el reporte|copias)
    (#|varias|muchas|mil|tantas|ya van #) veces (ya)? (que)? (les|le|se los|se lo)? (he dicho|dije|digo|pedi|he pedido|pido|llevo diciendo|llevo pidiendo) que (ya)? (no (quiero|me|voy)|me (saquen|borren|quiten|den de baja))
    de acuerdo (en|con) (salirme|que me (saquen|borren|quiten|den de baja)|darme de baja|dejar (esto|el programa|de participar))
    (a quien|con quien|donde) (le|les|lo)? (digo|pido|aviso|mando|hablo|solicito|pido) (para)? que (ya)? me (saque*|quite*|borre*|elimine*|de de baja|den de baja|dejen)
    (retiro|revoco|cancelo|anulo) (todo)? (lo que firme|mi firma|lo firmado|la firma) !(del cheque|en el parte)
    no quiero que (usen|guarden|tengan|ocupen|manejen|sigan usando) (mis|mi|ninguno de mis) (respuestas|datos|nombre|numero|informacion|telefono)
    (pido|solicito|exijo|ejerzo|requiero|tramito|quiero) (la|mi|el derecho de)? (cancelacion|supresion|borrado|eliminacion|oposicion) (de|a|total)? (los|mis|todos|mi|el)? (mios|datos|registro|numero|participacion|inscripcion|informacion|uso|tratamiento|seguimiento)
    ya es la ultima ~ (luego|despues|y)? me (sacan|borran|quitan|dan de baja)
    (asi que|entonces|por eso|mejor|por lo tanto|y) (ya)? me (salgo|retiro|doy de baja|borro) (de (esto|aqui|todo))? (gracias|saludos|bendiciones)? $
    no quiero (ver|leer|contestar|recibir|saber de) (otra|ni una|ninguna|mas) (pregunta|preguntas|encuesta|mensaje|mensajes) (mas|suya|suyas)?
    (renuncio|renunciar|mi renuncia) (a|al) (este|su|mi|el|la|todo)? (taller|seguimiento|cuestionario|mensajes|preguntas|proyecto|consejos|grupo|esto)
    (ni una|ninguna|ni otra|ya no|no mas) ~ baja $
    ya no le (voy a entrar|entro|quiero entrar|pienso entrar|voy a seguir) !(a las|al turno|al servicio|a la guardia|a trabajar)
    que ya (ni|no) (me)? (lleguen|llegue|manden|mande|escriban) (recordatorios|mensajes|preguntas|nada|mas|sus)?
    (agradeceria|agradezco|apreciaria|suplico|ruego|pediria|pido|pedirles|pedirle) (que|si)? ~ me (quitaran|quiten|quite|sacaran|saquen|saque|borraran|borren|borre|eliminaran|eliminen|dieran de baja|den de baja|excluyan|excluyeran|retiren|retiraran) !(la guardia|el arresto|el reporte|copias)
    no quiero (consejos|mensajes|nada|encuestas|preguntas|recordatorios) ~ ~ (ni nunca|nunca mas|jamas)
    ^ (no more|no mas) ~ ~ (quitame|quitenme|saquenme|borrenme|sacame|borrame) $
""")
CLEAR_UNLESS_ASKED = lines("""
    ^ (ya)? no (quiero|deseo|acepto|quisiera|voy a|pienso|puedo|podre|me interesa) (participar|formar parte|estar en (el programa|esto)) (en|del|de)? (esto|el programa|este programa|nada|su encuesta|programa)? $
    ^ ya no (quiero|deseo|jalo|le entro|me interesa|quise) $
    ^ no participo $
    ^ no participare $
""")
"""To an invitation or a request for consent these are a no."""

PERHAPS = lines("""
    ^ (esta|este|esto) (es|sea|seria|va a ser) (la|el|lo) ultim* (eh|he|jefe|oiga|que contesto|que respondo|vez)? $
    ^ (para|fin|terminar|detener|termina|termine|terminado|finalizar|acabar|final|finaliza|end|quit|parar|detente|detenganse|detengase|parele|pare|suficiente|dejenme|dejeme|adios|bye|bloquear|bloqueado|bloqueados|retirarme|salgo|renunciar|desactivar|eliminar|borrar|cancelado|suspender|callense|ya paren|ya parenle) $
    ^ (ya)? no (quiero|me interesa|deseo) $
    ^ no (gracias)? ya no (gracias)? $
    ^ no (muchas)? gracias $
    ^ ya no (gracias|por favor|quiero|deseo|mas)? $
    ^ (ya estuvo|ya estuvo bueno|ya fue mucho|ya fueron muchas|ya no quiero nada|ya me harte|ya me cansaron|me tienen harto|me tienen harta) $
    ^ (ya)? no (voy a|pienso|quiero) (contestar|responder|contestarles) (mas|nada mas|nada|sus preguntas|sus mensajes|ninguna mas) $
    ^ ya no (contesto|respondo|voy a contestar|voy a responder|contestare|quiero contestar|quiero responder) (mas|nada)? $
    (los|las|lo|te|la) (voy a bloquear|bloqueo|bloqueare)
    (puedo|se puede|como|donde) (me)? (salirme|salir|cancelar|dejar de participar|me salgo|me doy de baja|darme de baja|me puedo salir|cancelo)
    (hartos|harto|harta|cansado|cansada|fastidiado) (ya)? (de) (sus|tantos|tantas|estos|estas|los|las)? (mensajes|preguntas|encuestas)
    ^ no (tengo tiempo|tengo interes) (para|en) (esto|participar|sus preguntas|encuestas) $
    (me voy|me quiero) (a)? (salir|retirar)
    hasta cuando (van|me van|dejan|terminan|se acaba)
""")

STAYS = lines("""
    no (quiero|deseo|pienso|voy a|planeo|quisiera|me gustaria|es que quiera) (salirme|salir|abandonar|retirarme|darme de baja|cancelar|dejar (el|esto|la|de contestar|de participar|de recibir))
    no (me|nos) (quiten|quite|borren|borre|saquen|saque|eliminen|elimine|den de baja|de de baja|vayan a (quitar|borrar|sacar|eliminar|dar de baja)|den por dado de baja)
    no (cancelen|cancele|den de baja|borren|eliminen|quiten) (mi|el|este|mis) (numero|registro|participacion|suscripcion|lugar)
    no (dejen|deje) de (mandar*|escribir*|enviar*|contactar*)
    (me)? (quiero|quisiera|voy a|deseo|gustaria) (ya)? (salir|salirme|cambiar|cambiarme|retirar|retirarme|mover|moverme) (ya)? (de|del) (ese|este|el|mi|la|esta|esa)? (sector|cuadrante|turno|area|zona|region|modulo|punto|puesto|comandancia|unidad|patrulla|colonia|delegacion|estacion|crucero) (ya no quiero estar ahi)?
""")
"""Somebody stays: these wish no leave."""
