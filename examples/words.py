"""Made-up people, firms and towns of the example workbooks: nobody here exists, every mail is @….example.

Phone numbers come from ranges kept free for films and books, or begin with digits that no subscriber has.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Land:
    """What a country lends to its people and firms; in `phones` each `#` becomes a digit."""

    code: str
    spellings: tuple[str, ...]
    first: tuple[str, ...]
    last: tuple[str, ...]
    firms: tuple[str, ...]
    suffixes: tuple[str, ...]
    towns: tuple[tuple[str, str], ...]
    streets: tuple[str, ...]
    phones: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


_ADJECTIVES = _names(
    "Gilded,Crooked,Brass,Velvet,Salty,Wandering,Copper,Sleepy,Laughing,Rusty,Merry,Burnt,Floating,Humble,"
    "Thirsty,Midnight,Dancing,Pickled"
)
_THINGS = _names(
    "Turnip,Ladle,Saucepan,Teapot,Marrow,Whisk,Crumpet,Haddock,Parsnip,Skillet,Gooseberry,Rolling Pin,Colander,Nutmeg,"
    "Radish,Samovar"
)

BRITAIN = Land(
    "GB",
    ("UK", "United Kingdom", "GB", "England"),
    _words("Basil Olive Percy Hattie Winston Mabel Rupert Tess Archie Dotty Clive Nell Hugo Edie Barnaby Imogen"),
    _words("Butterworthy Crumbleton Gravyside Thimblecook Marrowby Pottering Saltcellar Toastwick Whiskerby "
        "Dumplington Ladlewright Muffinham Peppercorne Sagebottom Treaclewood Oxtailor Brothwell Chutneyson"),
    tuple(f"The {adjective} {thing}" for adjective in _ADJECTIVES for thing in _THINGS),
    ("Ltd", "Ltd", "Limited", "LLP", "Catering Ltd"),
    (
        ("LS1 4ZZ", "Leeds"), ("M2 9ZX", "Manchester"), ("BS1 9XZ", "Bristol"), ("EH3 9ZY", "Edinburgh"),
        ("N1 9XY", "London"), ("NR2 9ZA", "Norwich"), ("SA1 9XX", "Swansea"),
    ),
    ("{n} Teaspoon Lane", "{n} Old Larder Street", "{n} Gravy Row", "{n} Kettle Hill", "{n} Pantry Mews"),
    ("+44 20 7946 0###", "+44 117 496 0###", "+44 161 496 0###", "+44 113 496 0###", "+44 7700 900###"),
)  # fmt: skip

_GASTHAUS = _names(
    "Gasthaus Wackelpudding,Pfannenglück,Knödelwerk,Zur Schiefen Gabel,Kantine Löffelstein,Bäckerei Mehlwurm,"
    "Hotel Sauerampfer,Metzgerei Wurstmann,Café Zimtschaum,Suppenhimmel,Brotzeitstube Krümel,Feinkost Schlemmerle,"
    "Mensa Kesselhaus,Grillhütte Rußfleck,Konditorei Zuckerguss,Nudelhaus Spätzler,Biergarten Hopfenruh,"
    "Kochschule Schneebesen,Hofladen Rübenacker,Imbiss Senfklecks,Eisdiele Frostbeule,Landgasthof Dampfnudel,"
    "Weinstube Korkenzieher,Kelterei Apfelwurm,Käsekeller Lochmann,Rösterei Bohnenstroh,Schloss Krautwickel,"
    "Catering Silbertablett,Großküche Dampfkessel,Feldküche Gulaschkanone,Teestube Samowarth,Strandbar Seestern,"
    "Almhütte Graukäs,Partyservice Häppchen,Klinikküche Haferbrei,Internat Burg Bratwurst,Restaurant Fünf Finger,"
    "Fischhalle Grätenfrei,Bistro Untertasse,Vollkornhaus Dinkelmeier"
)
_GERMAN_FIRST = _words(
    "Klara Bruno Gerda Jürgen Heike Björn Saskia Lothar Ulrike Dörte Holger Anke Käthe Rüdiger Mirja Götz"
)
_GERMAN_LAST = _words(
    "Kümmelmann Pfannenberg Teigmüller Krautwinkler Nudelhuber Löffelholzer Brösel Sülzbacher Topfgucker "
    "Kesselring-Uhu Rührteig Zwiebelmoser Suppengrün Backhaus-Blech Möhrenthal Quarkstein Schöpfkell Würzmeister"
)

GERMANY = Land(
    "DE",
    ("Germany", "DE", "Deutschland", "Germany"),
    _GERMAN_FIRST,
    _GERMAN_LAST,
    _GASTHAUS,
    ("GmbH", "GmbH", "GmbH & Co. KG", "e.K.", "OHG"),
    (
        ("80331", "München"), ("86150", "Augsburg"), ("10115", "Berlin"), ("20095", "Hamburg"), ("50667", "Köln"),
        ("89073", "Ulm"), ("01067", "Dresden"), ("04109", "Leipzig"),
    ),
    ("Löffelgasse {n}", "Am Kochtopf {n}", "Petersilienweg {n}", "Kellenstr. {n}", "Pfeffermühlenallee {n}"),
    ("+49 30 23125 ###", "+49 89 99998 ###", "+49 40 66969 ###", "+49 221 4710 ###", "+49 176 04069 ###"),
)  # fmt: skip

AUSTRIA = Land(
    "AT",
    ("Austria", "AT", "Österreich"),
    _words("Resi Poldi Franzi Ferdl Sissi Xaver Vroni Leopold Burgi Korbinian"),
    _words("Schlagobers Palatschink Semmelweiß-Knödl Kipferlhuber Marillentaler Topfenstrudl Jausenberger Kracherl"),
    _names(
        "Beisl Zum Nockerl,Heuriger Achterl,Kaffeehaus Einspänner,Jausenstation Speckbrettl,Gasthof Kaiserschmarrn,"
        "Hotel Marillenhof,Würstelstand Eitrige,Konditorei Punschkrapfl,Wirtshaus Blunzn,Mehlspeis-Manufaktur Resi,"
        "Skihütte Germknödl,Mostschänke Birnbaum"
    ),
    ("GmbH", "OG", "e.U."),
    (("1070", "Wien"), ("8010", "Graz"), ("5020", "Salzburg"), ("6020", "Innsbruck"), ("4020", "Linz")),
    ("Nockerlgasse {n}", "Strudelring {n}", "Am Marillenhang {n}"),
    ("+43 1 0000 ###", "+43 660 0000###"),
)

HUNGARY = Land(
    "HU",
    ("Hungary", "HU", "Magyarország"),
    _words("Ilonka Bence Piroska Gergő Zsófi Ödön Kinga Lőrinc Boglárka Zsombor"),
    _words("Paprikásy Fakanálfi Lángosváry Gulyásházi Tepertős Pogácsai Csípősy Rétesi Meggyleves Túróczky-Rudi"),
    _names(
        "Arany Fakanál,Csülök és Társa,Lángos Palota,Piros Paprika Csárda,Kürtős Műhely,Halászlé Hajó,Öreg Bogrács,"
        "Túró Klub,Pogácsa Pékség,Szilvás Vendéglő,Vidám Malac,Rétes Ház"
    ),
    ("Kft.", "Kft.", "Bt.", "Zrt."),
    (("1051", "Budapest"), ("6720", "Szeged"), ("4024", "Debrecen"), ("7621", "Pécs")),
    ("Fakanál u. {n}.", "Bogrács tér {n}.", "Mákos köz {n}."),
    ("+36 20 000 0###", "+36 30 000 0###"),
)

FRANCE = Land(
    "FR",
    ("France", "FR"),
    _words("Fleurette Anatole Solange Gaston Mirabelle Achille Ninon Barnabé"),
    _words("Fourchetteau Casserolle Beurrenoir Poêlon Soufflard Vinaigrier Marmitton Crêpinette"),
    _names(
        "Bistro La Louche,Chez Marmite,L'Assiette Volante,Boulangerie Croûton,Brasserie du Fouet,La Cocotte Bleue,"
        "Crêperie Blé Perdu,Table Ronflante,Maison Cornichon,Le Pot Fêlé"
    ),
    ("SARL", "SAS", "SARL"),
    (("69002", "Lyon"), ("31000", "Toulouse"), ("67000", "Strasbourg"), ("75011", "Paris")),
    ("{n}, rue de la Louche", "{n}, place du Beurre", "{n} bis, quai des Épices"),
    ("+33 1 99 00 0# ##", "+33 6 39 98 0# ##"),
)

NETHERLANDS = Land(
    "NL",
    ("Netherlands", "NL", "The Netherlands"),
    _words("Wim Fenna Joost Saar Tijmen Floortje Krijn Lotje"),
    _names("van der Pannekoek,Stroopwafelaar,Haringman,de Pollepel,Poffert,van Hutspot,Boterbloem-Kaas,Kroketman"),
    _names(
        "De Dikke Pollepel,Pannenkoekenboot Stroop,Eetcafé De Garde,Bakkerij Krentenbol,Vishuis Kibbeling,"
        "Het Gouden Vergiet,Snackbar Bitterbal,Lunchroom Beschuit"
    ),
    ("B.V.", "B.V.", "VOF"),
    (("3511 ZZ", "Utrecht"), ("1012 ZX", "Amsterdam"), ("9711 ZY", "Groningen")),
    ("Pollepelstraat {n}", "Kaasplein {n}", "Dropkade {n}"),
    ("+31 20 000 0###", "+31 6 0000 0###"),
)

GIFTS = ("combi oven", "32 place settings", "olive oil, 12 pallets", "dough mixer", "cold room", "spice range",
         "espresso set", "chef's knives", "dish washer lease", "tinned tomatoes",
         "banquet chairs", "frying oil contract")  # fmt: skip


def phone(dice: Random, land: Land) -> str:
    """A number of the land that nobody has, as people write it: `+44 20 7946 0123`."""
    return "".join(str(dice.randrange(10)) if sign == "#" else sign for sign in dice.choice(land.phones))


def slug(text: str) -> str:
    """The text as it may stand in a mail address: `Käthe Brösel` gives `kaethebroesel`."""
    for umlaut, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        text = text.lower().replace(umlaut, plain)
    table = str.maketrans("áàâéèêëíîïóôőúûűçñÿ", "aaaeeeeiiiooouuucny")
    return "".join(sign for sign in text.translate(table) if "a" <= sign <= "z" or sign.isdigit())
