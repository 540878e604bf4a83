"""Languages spoken: names as people write them ↔ ISO 639 codes (the shortest one: « fr », else « atj »).

Names come from CLDR through babel, in French, in English and in the language itself. CLDR has no French entry for some
languages of Québec; these, and the names used in the field, are listed here and win.
"""

from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from registry.text import key

# Code → label as the network writes it. First because it decides where CLDR is silent or says it otherwise.
LABELS: dict[str, str] = {
    "abe": "Abénakis",
    "ase": "Langue des signes américaine",
    "atj": "Atikamekw",
    "cmn": "Mandarin",
    "cr": "Cri",
    "fcs": "Langue des signes québécoise",
    "ht": "Créole haïtien",
    "iu": "Inuktitut",
    "mic": "Micmac",
    "moe": "Innu",
    "moh": "Mohawk",
    "ne": "Népali",
    "nsk": "Naskapi",
    "prs": "Dari",
    "wya": "Wendat",
    "yue": "Cantonais",
}
# Other names in use → code.
NAMES: dict[str, str] = {
    "abenaki": "abe", "abenaquis": "abe", "aln8ba8dwaw8gan": "abe",
    "asl": "ase", "american sign language": "ase",
    "attikamek": "atj", "atikamek": "atj", "nehiromowin": "atj",
    "mandarin": "cmn", "chinois mandarin": "cmn",
    "creole": "ht", "haitien": "ht", "kreyol": "ht",
    "cree": "cr", "eeyou": "cr", "iiyiyuu ayimuun": "cr",
    "lsq": "fcs", "langage des signes quebecois": "fcs", "langue des signes du quebec": "fcs",
    "quebec sign language": "fcs",
    "innu aimun": "moe", "montagnais": "moe", "ilnu": "moe",
    "mi kmaq": "mic", "mi gmaq": "mic", "mikmaq": "mic", "migmaq": "mic",
    "kanienkeha": "moh", "kanien keha": "moh",
    "dari persan": "prs", "persan dari": "prs", "persan afghan": "prs",
    "farsi": "fa", "perse": "fa", "pachtoune": "ps", "pachtou": "ps", "pashto": "ps",
    "huron": "wya", "huron wendat": "wya",
    "cantonese": "yue", "punjabi": "pa", "penjabi": "pa", "roumain moldave": "ro", "tagal": "tl", "tagalog": "tl",
    "bengali": "bn", "kirundi": "rn", "kinyarwanda": "rw", "birman": "my", "flamand": "nl", "castillan": "es",
}  # fmt: skip

# Languages whose own name, in Latin letters, is likely in a Québec directory (« español », « kreyòl », « tiếng Việt »).
OWN_NAMES = (
    "af", "az", "bs", "ca", "cs", "da", "de", "es", "et", "eu", "fi", "fil", "ha", "hr", "hu", "id",
    "ig", "is", "it", "lt", "lv", "mg", "ms", "nb", "nl", "om", "pl", "pt", "rn", "ro", "rw", "sk",
    "sl", "so", "sq", "sv", "sw", "tr", "vi", "wo", "yo",
)  # fmt: skip


@lru_cache(maxsize=2)
def _names(locale: str) -> dict[str, str]:
    """CLDR's names of languages in French or English, by code."""
    return {str(code): str(name) for code, name in Locale(locale).languages.items() if name}


@lru_cache(maxsize=1)
def _codes_by_name() -> dict[str, str]:
    """Folded name → code. Filled from the least to the most trusted: English, French, ours."""
    names: dict[str, str] = {}
    for table in (_names("en"), _names("fr")):
        names.update({key(table[code]): code for code in _plain_codes() if code in table})
    names.update({key(label): code for code, label in LABELS.items()})
    names.update(NAMES)
    names.pop("", None)
    return names


@lru_cache(maxsize=1)
def _codes_by_own_name() -> dict[str, str]:
    """What a language calls itself → code. Apart, and for these only: each opens a locale file of its own."""
    names: dict[str, str] = {}
    for code in OWN_NAMES:
        try:
            own = Locale(code).get_display_name(code)
        except (UnknownLocaleError, ValueError):
            continue
        if own:
            names.setdefault(key(own), code)
    names.pop("", None)
    return names


def _plain_codes() -> list[str]:
    return [code for code in _names("fr") if code.isalpha() and len(code) <= 3]


def to_code(text: str) -> str | None:
    """« Français », « LSQ », « English », « español », « fr », « fra » → ISO code; None when it names none."""
    folded = key(text)
    if not folded:
        return None
    return _codes_by_name().get(folded) or _iso_code(folded) or _codes_by_own_name().get(folded)


def _iso_code(folded: str) -> str | None:
    """« fr », « fra », « fr ca » → « fr »; None for any other word."""
    code, _, region = folded.partition(" ")
    if not (2 <= len(code) <= 3 and code.isalpha() and (not region or len(region) == 2)):
        return None
    alias = get_global("language_aliases").get(code)
    code = str(alias) if alias and str(alias).isalpha() else code
    return code if code in LABELS or code in _names("fr") else None


def label(code: str) -> str:
    """« fr » → « Français », capitalised as in the workbook. An unknown code is returned as it is."""
    known = LABELS.get(code)
    if known:
        return known
    name = _names("fr").get(code)
    return name[:1].upper() + name[1:] if name else code


def label_lower(code: str) -> str:
    """« fr » → « français », for the middle of a sentence."""
    known = label(code)
    return known if known == code else known[:1].lower() + known[1:]
