"""Words that say nothing about who somebody is: titles, legal forms, mail providers, role mailboxes, nicknames."""

from __future__ import annotations

from sheetcrm.matching.headers import GIVEN_NAMES, HEADERS

__all__ = [
    "FREE_MAIL", "GIVEN_NAMES", "HEADERS", "LEGAL_FORMS", "NICKNAMES", "ORDINALS", "ROLES", "STREET_WORDS", "TITLES",
]  # fmt: skip


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TITLES = _words(
    "mr mrs ms miss mx dr prof professor sir dame herr frau hr fr ing dipl mag mba phd msc bsc jr sr ii iii "
    "mme mlle monsieur madame dhr mevr ifj ozv"
)

LEGAL_FORMS = _words(
    "the and und et en es y u e of ltd limited llc llp lp inc incorporated corp corporation co company plc pty "
    "gmbh ag kg kgaa ohg ug gbr ev ek eu og mbh gesellschaft se sa sas sarl sasu sl slu srl spa bv nv vof oy ab as aps "
    "kft bt zrt nyrt sro doo spzoo zoo sp cie cia group gruppe holding holdings"
)

FREE_MAIL = _words(
    "gmail.com googlemail.com outlook.com hotmail.com hotmail.co.uk live.com msn.com yahoo.com yahoo.co.uk yahoo.de "
    "icloud.com me.com mac.com aol.com gmx.de gmx.net gmx.at gmx.com web.de t-online.de freenet.de mail.com mail.ru "
    "protonmail.com proton.me orange.fr free.fr laposte.net wanadoo.fr libero.it virgilio.it btinternet.com sky.com "
    "freemail.hu citromail.hu ziggo.nl bluewin.ch comcast.net verizon.net att.net zoho.com yandex.ru fastmail.com"
)

ROLES = _words(
    "info office mail hello contact kontakt sales admin post team service support buero bureau einkauf bestellung "
    "enquiries enquiry orders billing accounts reception welcome verkauf vertrieb zentrale rechnung iroda shop "
    "marketing hr jobs purchasing procurement kitchen kueche reservation reservations booking hallo bonjour contacto"
)

STREET_WORDS = {
    "street": "st", "str": "st", "strasse": "st", "road": "rd", "avenue": "av", "ave": "av", "lane": "ln",
    "drive": "dr", "square": "sq", "court": "ct", "place": "pl", "platz": "pl",
    "boulevard": "blvd", "crescent": "cres",
    "utca": "u", "north": "", "south": "", "east": "", "west": "", "n": "", "s": "",
    "boul": "blvd", "blv": "blvd", "sts": "st", "aves": "av", "blvds": "blvd", "hwy": "highway", "pkwy": "parkway",
    "pky": "parkway", "expy": "expressway", "sw": "", "nw": "", "se": "", "ne": "", "w": "", "e": "",
    "apt": "", "unit": "", "suite": "", "no": "", "nr": "",
}  # fmt: skip

ORDINALS = {
    "first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th", "sixth": "6th", "seventh": "7th",
    "eighth": "8th", "ninth": "9th", "tenth": "10th", "eleventh": "11th", "twelfth": "12th",
}  # fmt: skip

_FAMILIES = """
alexander alex sandy xander|ann anne anna nancy annie|andrew andy drew|anthony tony|barbara barb babs|benjamin ben benny
catherine cathy kate katie kathryn katherine kathy|charles charlie chuck|christine chris christina tina
christopher kit|daniel dan danny|david dave|deborah debbie deb|donald don|douglas doug|edward ed eddie ted
elizabeth liz lizzie beth betty eliza|eugene gene|frances fran|francis frank|frederick fred freddie|gerald gerry
gregory greg|harold harry|jacob jake|james jim jimmy jamie|janet jan|jennifer jen jenny|jessica jess jessie
john johnny jack|jonathan jon|joseph joe joey|joshua josh|judith judy|kenneth ken kenny|kimberly kim
lawrence larry|leonard len leo|louise lou|margaret maggie meg peggy|martin marty|matthew matt|melissa mel
michael mike mick
nathan nate|nicholas nick nicky|nicole nicki|pamela pam|patricia pat patty trish|peter pete
philip phil phillip
rebecca becky becca|richard rick dick ricky|robert rob bob bobby robbie|ronald ron ronnie|samuel sam
samantha|sarah sally|stephen steve steven|susan sue susie suzanne|theodore theo|thomas tom tommy|timothy tim
valerie val|victoria vicky vicki|walter walt|william will bill billy willy|zachary zach|johann hans johannes
josef sepp jupp|katharina kathi|ulrich uli|wolfgang wolf|friedrich fritz|matthias matze|sebastian basti|stefan stephan
"""


def _nicknames() -> dict[str, str]:
    families = [family.split() for line in _FAMILIES.split("\n") for family in line.split("|")]
    return {nick: family[0] for family in families for nick in family[1:]}


NICKNAMES = _nicknames()
"""Short names to the long ones; a name that is itself a long one stands not here."""
