"""One value, the many ways in which people write it, and what nobody can read."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from random import Random

_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip
_SHORT_MONTHS = (
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juill.", "août", "sept.", "oct.", "nov.", "déc.",
)  # fmt: skip
_EPOCH = dt.date(1899, 12, 30)


def spaced(chance: Random, text: str) -> str:
    """Stray spaces, before, after, within, or no-break ones: nothing to warn about."""
    kind = chance.random()
    if kind < 0.12:
        return text + chance.choice([" ", "\xa0", "  "])
    if kind < 0.17:
        return " " + text
    if kind < 0.23 and " " in text:
        place = chance.choice([match.start() for match in re.finditer(" ", text)])
        return text[:place] + chance.choice(["\xa0", "  "]) + text[place + 1 :]
    return text


def cased(chance: Random, text: str) -> str:
    return chance.choice([text, text, text.upper(), text.lower(), text.capitalize()])


def plain(text: str) -> str:
    """Without accents."""
    return "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))


def listed(chance: Random, text: str) -> str:
    """« a ; b » under other separators."""
    return chance.choice([" ; ", ";", "; ", " ;", "\n"]).join(text.split(" ; "))


def phone(chance: Random, text: str) -> object:
    """« 418-555-0101 poste 222 » any other way; 811 and lines with an option stay as they are."""
    match = re.fullmatch(r"(?:1-)?(\d{3})-(\d{3})-(\d{4})(?: poste (\d+))?", text)
    if match is None:
        return text
    area, exchange, line, extension = match.groups()
    number = chance.choice([
        "{0}-{1}-{2}", "({0}) {1}-{2}", "({0}){1}-{2}", "{0} {1}-{2}", "{0}.{1}.{2}", "{0}{1}{2}", "{0} {1} {2}",
        "1-{0}-{1}-{2}", "1 {0} {1}-{2}", "+1 {0} {1} {2}", "+1-{0}-{1}-{2}", "+1 ({0}) {1}-{2}", "+1{0}{1}{2}",
        "{0}\xa0{1}-{2}", "{0}‑{1}‑{2}", "{0}–{1}–{2}", "{0} - {1} - {2}", "{0}/{1}-{2}", "Tél. : {0} {1}-{2}",
    ]).format(area, exchange, line)  # fmt: skip
    if extension is None:
        return int(number) if number.isdigit() and chance.random() < 0.5 else number
    return number + chance.choice([
        " poste {0}", ", poste {0}", " p. {0}", " p.{0}", " ext. {0}", " ext {0}", " x{0}", " x {0}", " #{0}", " # {0}",
        ", #{0}", " (poste {0})", " Poste {0}", " POSTE : {0}", " post. {0}",
    ]).format(extension)  # fmt: skip


BAD_PHONES = (
    "555-0142", "418-555", "à demander", "voir courriel", "n/d", "idem", "418-555-01??", "aucun", "Ginette le sait",
    "418 555 01 2", "poste 44", "en attente", "41855501011234", "même que le CLSC", "-",
)  # fmt: skip
BAD_EMAILS = (
    "info@", "@exemple.org", "info(a)exemple.org", "info@exemple", "aucun", "par la poste", "info exemple@example.org",
    "info@exemple..org", "www.exemple.org", "à confirmer", "info@exemple;org", "info[at]exemple.org",
)  # fmt: skip
BAD_TYPES = (
    "à voir", "autre?", "OSBL", "Privé", "association", "bénévoles", "???", "groupe d'entraide", "banque alimentaire",
    "coopérative", "Église", "club", "je sais pas",
)  # fmt: skip
BAD_POSTAL_CODES = ("G1K 3X", "H0H", "12345", "n/d", "G1K 3X99", "D1K 3X9", "GIJ 2S3", "QC", "à venir", "G 1", "J1H-5")
BAD_HOURS = (
    "quand la porte est ouverte", "demander à Luc", "à peu près de 9 à 5", "ça dépend des semaines", "??",
    "appeler avant", "souvent le matin", "horaire à confirmer", "le soir je crois", "voir Facebook", "n/d",
    "pas sûr", "avant-midi d'habitude", "même que l'an passé", "bonnes heures de bureau",
)  # fmt: skip
BAD_BOOLEANS = ("peut-être", "?", "à vérifier", "pas sûr", "selon", "oui?", "demander", "ni oui ni non", "bof", "n/d")
BAD_AGES = ("18+", "adulte", "60 et plus", "vingt", "0-5", "12 ans et +", "majeur", "?", "tous")
BAD_NUMBERS = ("un mois", "env. 20", "variable", "3 sem.", "10-15", "?", "long", "n/d", "rapide", "deux", "1 an")
BAD_NEEDS = ("Tricot", "Mal de vivre???", "Bingo", "Aide (voir avec Luc)", "Divers", "Problèmes", "Coupe de gazon")
BAD_TERRITORIES = ("Beauce", "toute la région", "R99", "RLS-ZZ", "Charlevoix-Est", "à préciser", "chez nous", "Lévis")
BAD_PLACES = ("LIE777", "au 2e étage", "LIE0", "chez Luc", "le vieux presbytère", "LIE-12")
BAD_OWNERS = ("ORG999", "ORG-7", "#REF!", "N/A", "Centre fermé en 2017", "ORG0", "org 12 ?", "l'autre CLSC", "???")
BAD_SERVICES = ("SRV9988", "SRV-1", "#N/A", "Service aboli", "SRV00000", "???")
BAD_AGREEMENTS = ("ENT-2098-002", "ENT-XXXX", "à venir", "ENT-1", "verbale", "#REF!")
BAD_STATUSES = ("dans le tiroir", "en attente du CA", "bon", "oui", "à relancer", "perdue?", "chez Ginette", "50 %")
BAD_DATES = (
    "31/02/2026", "2025-14-40", "2026-02-31", "00/00/0000", "demain", "à confirmer", "n/d", "30 février 2026", "?",
    "dès que possible", "quand Luc revient", "99/99/9999", "2025/13/01", "à la signature", "32 mars 2025", "jamais",
)  # fmt: skip
PARTIAL_DATES = (
    "avril 2025", "AVRIL 2025", "hiver 2025", "2024", 2025, "oct. 2026", "2025-03", "03/2025", "début 2026",
    "fin mars 2025", "sept 2025", "été 2025", "mi-juin 2026", "T2 2025", "2e trimestre 2025", "vers mars 2025",
)  # fmt: skip
AMBIGUOUS_DATES = ("04/05/2026", "07-08-2025", "11.12.2025", "2/3/2026", "9-10-24", "06/07/26")
INJECTIONS = (
    "=1+2", "=HYPERLINK(\"http://piege.example.org\";\"ici\")", "+cmd|' /C calc'!A0", "@SUM(A1:A9)", "-5 places en juin",
    "+ 2 bénévoles depuis mars", "@maisonjeunes", "- voir le dépliant", "=cmd|'/c calc'!A1",
)  # fmt: skip
MARKUP = (
    "<script>alert(2)</script> Ouvert à tous", "<b>Nouveau!</b> Venez nous voir", "Aide &amp; écoute",
    "Texte<br>sur deux lignes", "<img src=x onerror=alert(3)> Bienvenue", "<p>Groupe de soir</p>",
    "<a href='http://piege.example.org'>cliquez</a>",
)  # fmt: skip
FORMULAS = ("=2+2", '=CONCATENATE("a","b")', "=A1&C1", '=HYPERLINK("http://piege.example.org/y","voir")', "=TODAY()")


def date(chance: Random, day: dt.date) -> object:
    """A valid date any way that leaves no doubt."""
    ways: list[object] = [
        day.isoformat(), dt.datetime(day.year, day.month, day.day), (day - _EPOCH).days, str((day - _EPOCH).days),
        f"{day:%Y/%m/%d}", f"{day:%Y%m%d}", f"{day:%Y.%m.%d}", f"{day} 00:00:00",
        f"{day.day} {_MONTHS[day.month - 1]} {day.year}", f"{day.day} {_SHORT_MONTHS[day.month - 1]} {day.year}",
        f"le {day.day} {_MONTHS[day.month - 1]} {day.year}", f"{day.day} {_MONTHS[day.month - 1].upper()} {day.year}",
        f"{day.day}-{_SHORT_MONTHS[day.month - 1].strip('.')}-{day.year}",
        f"{day.day}-{_SHORT_MONTHS[day.month - 1].strip('.')}-{day:%y}",
        f"{day.day} {plain(_MONTHS[day.month - 1])} {day.year}",
    ]  # fmt: skip
    if day.day > 12:
        ways += [f"{day:%d/%m/%Y}", f"{day:%d-%m-%Y}", f"{day:%d.%m.%Y}", f"{day:%m/%d/%Y}"]
    if day.day == 1:
        ways.append(f"1er {_MONTHS[day.month - 1]} {day.year}")
    chosen = chance.choice(ways)
    return spaced(chance, chosen) if isinstance(chosen, str) else chosen


def yes_or_no(chance: Random, text: str) -> object:
    """« Oui » and « Non » under other marks; anything else as it is."""
    if text == "Oui":
        return chance.choice(["Oui", "OUI", "oui", "O", "o", "x", "X", "1", 1, True, "Vrai", "✓", "Yes", "oui "])
    if text in ("Non", ""):
        return chance.choice(["Non", "NON", "non ", "N", "n", "0", 0, False, "Faux", "No", *([""] * (text == ""))])
    return cased(chance, text)


def near_name(chance: Random, name: str) -> str:
    """The same organization as somebody else would spell it."""
    ways = [
        name.upper(),
        f"{name} inc.",
        f"{name} inc",
        f"{name}.",
        f"Le {name}",
        f"{name} – Québec",
        plain(name),
        f"{name} (Québec)",
        name.replace("-", " "),
        f"{name} Inc.",
        f"{name}, OBNL",
        name.lower(),
    ]
    if "Saint" in name:
        ways += [re.sub(r"Sainte?([- ])", lambda match: f"St{'e' if 'e' in match[0] else ''}{match[1]}", name)] * 3
    if " et " in name:
        ways += [name.replace(" et ", " & ")] * 3
    long = re.findall(r"[A-Za-zÀ-ÿ]{7,}", name)
    if long and len(name) > 14:
        word = chance.choice(long)
        place = chance.randrange(2, len(word) - 2)
        ways += [name.replace(word, word[:place] + word[place + 1 :], 1)] * 2
    different = [way for way in ways if way != name]
    return chance.choice(different)


def grid(chance: Random, value: float) -> object:
    """A degree as a number, or as text with a comma."""
    return chance.choice([value, value, str(value), str(value).replace(".", ","), f"{value}°"])


def postal(chance: Random, code: str) -> str:
    bare = code.replace(" ", "")
    return chance.choice(
        [code, bare, code.lower(), bare.lower(), f"{bare[:3]}-{bare[3:]}", f"{bare[:3]}\xa0{bare[3:]}"]
    )


def count(chance: Random, value: object) -> object:
    return chance.choice([value, value, str(value), f" {value}", f"{value}.0"])
