"""Articles and questions in four languages, all made up for this; see test_tongue.py.

    python -m tests.rag.tongues        # how many are answered right, and declined where they should

A question is (language, words, what a right answer holds; None where no article answers). Half of
the questions, by a hash of their words, was not looked at one by one while the code was written.
"""

import hashlib
import tempfile
from collections import Counter
from pathlib import Path

from rag import NewsQA
from rag.types import Answer

ARTICLES = (
    {
        "id": "es-puerto",
        "title": "El puerto de Valdemar cierra dos muelles por la tormenta",
        "publisher": "El Faro de Valdemar",
        "published": "2024-02-11",
        "text": (
            "La autoridad portuaria de Valdemar cerró el domingo dos muelles a causa de la "
            "tormenta. Las olas alcanzaron los 7,5 metros, según la directora del puerto, Elena "
            "Quiroga. Un total de 34 barcos esperan mar adentro.\n\nLos daños se calculan en 2,3 "
            "millones de euros. El puerto volverá a abrir el miércoles si mejora el tiempo. "
            "Nadie resultó herido."
        ),
    },
    {
        "id": "es-hospital",
        "title": "El nuevo hospital de Ribera tendrá 420 camas",
        "publisher": "Crónica de Ribera",
        "published": "2024-03-05",
        "text": (
            "El gobierno regional aprobó el martes la construcción de un hospital en Ribera. El "
            "edificio tendrá 420 camas y once quirófanos. Las obras empezarán en septiembre y "
            "durarán tres años.\n\nLa consejera de Sanidad, Pilar Montes, dijo que trabajarán "
            "allí 1.150 personas. La oposición votó en contra porque el proyecto no incluye "
            "aparcamiento."
        ),
    },
    {
        "id": "es-tren",
        "title": "Los maquinistas desconvocan la huelga de trenes",
        "publisher": "El Faro de Valdemar",
        "published": "2024-04-18",
        "text": (
            "El sindicato de maquinistas desconvocó el jueves la huelga prevista para el 22 de "
            "abril. La empresa Ferrosur aceptó subir los salarios un 4,2 por ciento.\n\nEl "
            "secretario general del sindicato, Tomás Arce, calificó el acuerdo de razonable. El "
            "paro habría afectado a unos 90.000 viajeros diarios."
        ),
    },
    {
        "id": "de-bruecke",
        "title": "Stadtrat beschließt Abriss der Marienbrücke",
        "publisher": "Lindauer Bote",
        "published": "2024-02-20",
        "text": (
            "Der Stadtrat von Hohenfeld hat am Dienstag den Abriss der Marienbrücke beschlossen. "
            "Die Brücke stammt aus dem Jahr 1961 und weist 18 Risse auf. Der Neubau kostet nach "
            "Angaben von Bürgermeisterin Karin Vogt 27 Millionen Euro.\n\nDie Arbeiten beginnen "
            "am 3. Juni. Täglich fahren etwa 12.000 Autos über die Brücke. Für Fußgänger wird "
            "eine Behelfsbrücke gebaut."
        ),
    },
    {
        "id": "de-brand",
        "title": "Großbrand zerstört Lagerhalle in Osterbach",
        "publisher": "Tagesblatt Osterbach",
        "published": "2024-05-14",
        "text": (
            "Ein Großbrand hat in der Nacht zum Dienstag eine Lagerhalle in Osterbach zerstört. "
            "Rund 160 Feuerwehrleute waren im Einsatz. Zwei Männer wurden leicht verletzt.\n\n"
            "Die Polizei vermutet einen technischen Defekt. Der Schaden beträgt nach Angaben "
            "von Polizeisprecher Jens Albers mindestens drei Millionen Euro. Die Bundesstraße war "
            "sechs Stunden lang gesperrt."
        ),
    },
    {
        "id": "de-werk",
        "title": "Autozulieferer Kessler schließt Werk in Grünau",
        "publisher": "Lindauer Bote",
        "published": "2024-06-07",
        "text": (
            "Der Autozulieferer Kessler schließt sein Werk in Grünau zum Jahresende. Betroffen "
            "sind 780 Beschäftigte, teilte das Unternehmen am Freitag mit. Als Grund nannte der "
            "Vorstand die hohen Energiekosten.\n\nDer Betriebsrat kündigte Proteste an. "
            "Wirtschaftsminister Paul Rieger will am Montag mit der Firma sprechen."
        ),
    },
    {
        "id": "fr-musee",
        "title": "Le musée de Sainte-Aure rouvre après quatre ans de travaux",
        "publisher": "La Gazette du Littoral",
        "published": "2024-01-27",
        "text": (
            "Le musée des beaux-arts de Sainte-Aure a rouvert samedi après quatre ans de travaux. "
            "La rénovation a coûté 31 millions d'euros. La directrice, Claire Bonnet, attend "
            "250 000 visiteurs par an.\n\nL'entrée sera gratuite jusqu'au 15 février. Le toit a "
            "été refait et deux salles ont été ajoutées."
        ),
    },
    {
        "id": "fr-inondation",
        "title": "Inondations : 900 habitants évacués à Montval",
        "publisher": "Le Courrier de Montval",
        "published": "2024-03-31",
        "text": (
            "Les pompiers ont évacué 900 habitants de Montval dans la nuit de samedi à dimanche. "
            "La rivière est montée de 4,8 mètres en dix heures. Le pont de la gare est fermé à la "
            "circulation.\n\nLe préfet, Yves Lambert, a demandé l'aide de l'armée. Les écoles "
            "resteront fermées jusqu'à jeudi. Aucun blessé n'est signalé."
        ),
    },
    {
        "id": "fr-usine",
        "title": "L'usine de batteries de Brévans recrutera 600 salariés",
        "publisher": "La Gazette du Littoral",
        "published": "2024-05-22",
        "text": (
            "Le groupe Volta construira une usine de batteries à Brévans, a annoncé mercredi sa "
            "présidente, Inès Caron. Elle emploiera 600 salariés à partir de 2026. "
            "L'investissement s'élève à 1,4 milliard d'euros.\n\nLa région versera une aide de 80 "
            "millions. Les syndicats regrettent l'absence d'accord sur les salaires."
        ),
    },
    {
        "id": "en-port",
        "title": "Storm closes quays in Valdemar and Montval",
        "publisher": "Coastal Wire",
        "published": "2024-02-12",
        "text": (
            "A storm closed two quays in the port of Valdemar on Sunday. Waves were seven metres "
            "high, and 40 ships waited at sea, officials said. In Hohenfeld a bridge was shut."
        ),
    },
)

QUESTIONS = (
    ("es", "¿Qué altura alcanzaron las olas en Valdemar?", "7,5 metros"),
    ("es", "¿Cuántos barcos esperan fuera del puerto de Valdemar?", "34 barcos"),
    ("es", "¿Quién dirige el puerto de Valdemar?", "Elena Quiroga"),
    ("es", "¿Cuántas camas tendrá el hospital de Ribera?", "420 camas"),
    ("es", "¿Cuánto durarán las obras del hospital de Ribera?", "tres años"),
    ("es", "¿Por qué votó la oposición en contra del hospital?", "aparcamiento"),
    ("es", "¿Cuánto subirán los salarios de los maquinistas?", "4,2 por ciento"),
    ("es", "¿Para cuándo estaba prevista la huelga de trenes?", "22 de abril"),
    ("es", "¿Cuánto costará el hospital de Ribera?", None),
    ("es", "¿Quién es el alcalde de Valdemar?", None),
    ("es", "¿Cuántos trenes nuevos compró Ferrosur?", None),
    ("es", "¿Cuántos pasajeros murieron en el accidente de Valdemar?", None),
    ("de", "Was kostet der Neubau der Marienbrücke?", "27 Millionen"),
    ("de", "Wann beginnen die Arbeiten an der Marienbrücke?", "3. Juni"),
    ("de", "Wie viele Autos fahren täglich über die Marienbrücke?", "12.000"),
    ("de", "Wie viele Feuerwehrleute waren in Osterbach im Einsatz?", "160"),
    ("de", "Wie hoch ist der Schaden des Brandes in Osterbach?", "drei Millionen"),
    ("de", "Wie lange war die Bundesstraße gesperrt?", "sechs Stunden"),
    ("de", "Wie viele Beschäftigte sind von der Schließung des Werks in Grünau betroffen?", "780"),
    ("de", "Warum schließt Kessler das Werk in Grünau?", "Energiekosten"),
    ("de", "Wer ist der neue Chef von Kessler?", None),
    ("de", "Wie viele Menschen starben beim Brand in Osterbach?", None),
    ("de", "Wann wurde der Bürgermeister von Grünau gewählt?", None),
    ("de", "Wie viele Bäume werden an der Marienbrücke gefällt?", None),
    ("fr", "Combien a coûté la rénovation du musée de Sainte-Aure ?", "31 millions"),
    ("fr", "Jusqu'à quand l'entrée du musée sera-t-elle gratuite ?", "15 février"),
    ("fr", "Qui dirige le musée de Sainte-Aure ?", "Claire Bonnet"),
    ("fr", "Combien d'habitants ont été évacués à Montval ?", "900 habitants"),
    ("fr", "De combien de mètres la rivière est-elle montée à Montval ?", "4,8 mètres"),
    ("fr", "Jusqu'à quand les écoles de Montval seront-elles fermées ?", "jeudi"),
    ("fr", "Combien de salariés l'usine de Brévans emploiera-t-elle ?", "600"),
    ("fr", "À combien s'élève l'investissement du groupe Volta ?", "1,4 milliard"),
    ("fr", "Combien de tableaux ont été volés au musée de Sainte-Aure ?", None),
    ("fr", "Qui est le maire de Montval ?", None),
    ("fr", "Quand l'usine de Brévans a-t-elle été vendue ?", None),
    ("fr", "Combien de morts les inondations de Montval ont-elles faits ?", None),
)


WHO = (
    {
        "id": "es-pesca",
        "title": "El consejo de pesca de Arzúa pide menos cuotas",
        "publisher": "La Voz de Arzúa",
        "published": "2024-05-02",
        "text": (
            "El consejo de pesca de Arzúa pidió el jueves reducir las cuotas de sardina un 15 por "
            "ciento. La presidenta del consejo, Nuria Castell, dijo que la población de peces ha "
            "caído a la mitad.\n\nEl ministro de Pesca, Andrés Roca, respondió que lo estudiará "
            "en junio. Los pescadores protestaron ante el puerto."
        ),
    },
    {
        "id": "es-museo",
        "title": "Abre el museo del mar de Luanes",
        "publisher": "La Voz de Arzúa",
        "published": "2024-06-11",
        "text": (
            "El museo del mar de Luanes abrió sus puertas el martes con 300 piezas. La entrada "
            "cuesta seis euros.\n\nSu director, Iván Prados, explicó que la obra costó cuatro "
            "millones. La alcaldesa Rosa Melero cortó la cinta."
        ),
    },
    {
        "id": "de-wasserwerk",
        "title": "Wasserwerk Hemmin wird erneuert",
        "publisher": "Hemminer Blatt",
        "published": "2024-05-07",
        "text": (
            "Das Wasserwerk Hemmin wird bis 2026 erneuert, teilte die Stadt am Dienstag mit. Der "
            "Leiter des Wasserwerks, Jonas Brill, sprach von der größten Baustelle seit "
            "1970.\n\nBürgermeisterin Karla Wendt nannte Kosten von 18 Millionen Euro. Die "
            "Anwohner müssen mit Lärm rechnen."
        ),
    },
    {
        "id": "de-gewerkschaft",
        "title": "Gewerkschaft der Lokführer wählt neuen Vorstand",
        "publisher": "Hemminer Blatt",
        "published": "2024-06-03",
        "text": (
            "Die Gewerkschaft der Lokführer in Ostland hat am Montag einen neuen Vorstand "
            "gewählt. Chefin der Gewerkschaft bleibt Meike Tarn, die 81 Prozent der Stimmen "
            "erhielt.\n\nIhr Gegner Rolf Hauk kam auf 19 Prozent."
        ),
    },
    {
        "id": "fr-orchestre",
        "title": "L'orchestre de Vernay en grève",
        "publisher": "Le Courrier de Vernay",
        "published": "2024-05-15",
        "text": (
            "Les musiciens de l'orchestre de Vernay ont cessé le travail mercredi. La directrice "
            "de l'orchestre, Claire Aubin, regrette l'échec des négociations.\n\nLe ministre de "
            "la Culture, Paul Lemoine, a promis une aide de 400 000 euros. Quatre concerts sont "
            "annulés."
        ),
    },
    {
        "id": "fr-port",
        "title": "Le port de Brézac s'agrandit",
        "publisher": "Le Courrier de Vernay",
        "published": "2024-06-20",
        "text": (
            "Le port de Brézac aura un troisième quai en 2027. Le patron du port, Louis Garrec, a "
            "présenté le projet jeudi.\n\nLe maire de Brézac, Hugo Tessier, craint le bruit. Les "
            "travaux coûteront 52 millions d'euros."
        ),
    },
    {
        "id": "it-teatro",
        "title": "Il teatro di Solmare riapre",
        "publisher": "Il Corriere di Solmare",
        "published": "2024-05-15",
        "text": (
            "Il teatro di Solmare riapre sabato dopo due anni di lavori costati otto milioni. La "
            "direttrice del teatro, Bruna Pace, ha annunciato trenta spettacoli.\n\nIl biglietto "
            "costa dieci euro. Il ministro Carlo Fabbri sarà presente."
        ),
    },
)

WHO_QUESTIONS = (
    ("es", "¿Quién preside el consejo de pesca de Arzúa?", "Nuria Castell"),
    ("es", "¿Quién dirige el museo del mar de Luanes?", "Iván Prados"),
    ("es", "¿Quién encabeza el consejo de pesca?", "Nuria Castell"),
    ("de", "Wer leitet das Wasserwerk Hemmin?", "Jonas Brill"),
    ("de", "Wer führt die Gewerkschaft der Lokführer?", "Meike Tarn"),
    ("de", "Wer steht an der Spitze der Gewerkschaft der Lokführer in Ostland?", "Meike Tarn"),
    ("fr", "Qui dirige l'orchestre de Vernay ?", "Claire Aubin"),
    ("fr", "Qui est à la tête du port de Brézac ?", "Louis Garrec"),
    ("fr", "Qui préside le port de Brézac ?", "Louis Garrec"),
    ("es", "¿Quién es el director del museo del mar?", "Iván Prados"),
    ("de", "Wer ist Leiter des Wasserwerks?", "Jonas Brill"),
    ("fr", "Qui est la directrice de l'orchestre de Vernay ?", "Claire Aubin"),
    ("es", "¿Quién fundó el museo del mar de Luanes?", None),
    ("de", "Wer baute das Wasserwerk Hemmin?", None),
    ("fr", "Qui a fondé l'orchestre de Vernay ?", None),
    ("de", "Wer verklagt die Gewerkschaft der Lokführer?", None),
    ("es", "¿Quién dirige el hospital de Arzúa?", None),
    ("fr", "Qui dirige le musée de Vernay ?", None),
    ("it", "Chi dirige il teatro di Solmare?", "Bruna Pace"),
    ("it", "Chi presiede il consiglio di Solmare?", None),
    ("es", "¿Quién cortó la cinta en el museo del mar?", "Rosa Melero"),
    ("de", "Wer erhielt 81 Prozent der Stimmen?", "Meike Tarn"),
    ("fr", "Qui a promis une aide à l'orchestre de Vernay ?", "Paul Lemoine"),
    ("fr", "Qui craint le bruit à Brézac ?", "Hugo Tessier"),
    ("de", "Wer nannte die Kosten des Wasserwerks?", "Karla Wendt"),
    ("es", "¿Quién es la alcaldesa de Luanes?", "Rosa Melero"),
    ("es", "¿Quién compró el museo de Luanes?", None),
    ("de", "Wer ist Bürgermeisterin in Hemmin?", "Karla Wendt"),
)
"""Who leads, founded, promised: of articles that name several people."""


def is_unread(question: str) -> bool:
    """Return True for the half of the questions that nobody looks at one by one."""
    return hashlib.sha256(question.encode()).digest()[0] % 2 == 0


def outcome(answer: Answer, wanted: str | None) -> str:
    """Return what became of a question: right, wrong or declined."""
    if answer.outcome == "declined":
        return "declined" if wanted else "rightly declined"
    quotes = " ".join(c.quote for s in answer.statements for c in s.citations)
    return "right" if wanted and wanted in quotes and wanted in answer.text else "wrong"


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        NewsQA.open(Path(folder) / "a", chat="none") as qa,
    ):
        qa.add(ARTICLES)
        counts: Counter[tuple[str, bool, str]] = Counter()
        for language, question, wanted in QUESTIONS:
            answer = qa.ask(question)
            found, unread = outcome(answer, wanted), is_unread(question)
            counts[language, unread, found] += 1
            if not unread:
                said = answer.text or [s.text for s in answer.dropped]
                print(f"{found}: {question} ({wanted}) {answer.confidence:.2f} {said}")  # noqa: T201
        for (language, unread, found), n in sorted(counts.items()):
            print(language, "unread" if unread else "read", found, n)  # noqa: T201


if __name__ == "__main__":
    main()
