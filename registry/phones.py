"""Phone numbers as a network writes them: every usual way in, one stored form, one way of showing them.

`phonenumbers` knows international plans; it refuses the short codes that matter most here (811, 911, 988) and the
French « poste 221 », and calls the reserved 555-01xx numbers invalid: these parts are read here.
"""

import re
from dataclasses import dataclass

import phonenumbers

SHORT_CODES = frozenset({"211", "311", "411", "511", "711", "811", "911", "988"})
TOLL_FREE = frozenset({"800", "833", "844", "855", "866", "877", "888"})

_SPACES = re.compile(r"[\s\u00a0\u202f\u2007]+")
_DASHES = re.compile(r"[‐‑‒–—−]")
_SHORT = re.compile(r"(\d)[\s.-]?(\d)[\s.-]?(\d)(?![\d.-]*\d)")
_NANP = re.compile(
    r"(?:\+?\s*\(?1\)?[\s./-]*)?\(?\s*([2-9](?!11)\d\d)\s*\)?[\s./-]*([2-9]\d\d)[\s.-]*(\d{4})(?!\d)(?!\s*-\s*\d)"
)
_VANITY = re.compile(r"(?:1[\s.-]*)?(8\d\d)[\s.-]+([A-Z][A-Z\s-]{5,9}[A-Z])\b")
_PROVINCIAL = re.compile(r"(310)[\s.-]?(\d{4})(?!\d)")
_STAR = re.compile(r"\*\s?(\d{3,4})(?!\d)")
_FOREIGN = re.compile(r"\+(?!1\b|1[\s(.-]|1\d)[\d\s().-]{7,}")
_EXTENSION = re.compile(
    r"[\s,;:(]*(?:poste|post|pst|extension|ext|p|x|#)(?![a-zà-ÿ])\s*[.:#]?\s*#?\s*(\d{1,7})(?![\d-])\)?", re.IGNORECASE
)
_LEADING_LABEL = re.compile(
    r"(?:t[ée]l(?:[ée]phone)?|cell(?:ulaire)?|bur(?:eau)?)\s*\.?\s*:?\s*(?=[\d(+*])", re.IGNORECASE
)
_EXTRA_NUMBER = re.compile(r"\d{3}[\s.-]?\d{4}")


class InvalidPhone(ValueError):
    """The text is not one phone number; the message, in French, says what to do."""


@dataclass(frozen=True)
class Phone:
    """One number. `number` is E.164 (« +14185550111 ») or a short code (« 811 »); `extension` digits or empty;
    `note` what the line is for or what to press (« option 2 »), empty most of the time."""

    number: str
    extension: str = ""
    note: str = ""

    @property
    def is_short(self) -> bool:
        return not self.number.startswith("+")

    def _groups(self) -> tuple[str, str, str, str] | None:
        """Country, area, exchange, line of a North American number; None for any other."""
        if len(self.number) != 12 or not self.number.startswith("+1"):
            return None
        digits = self.number[2:]
        return ("1" if digits[:3] in TOLL_FREE else "", digits[:3], digits[3:6], digits[6:])

    @property
    def canonical(self) -> str:
        """Storage form, the workbook's own: « 418-555-0102 poste 302 », « 811, option 2 », « 1-800-555-0102 »."""
        return self._written("-", "-") + (f" poste {self.extension}" if self.extension else "") + self._written_note()

    @property
    def display(self) -> str:
        """For reading aloud, with plain spaces and hyphens: « 418 555-0111, poste 222 »."""
        extension = f", poste {self.extension}" if self.extension else ""
        number = "9-8-8" if self.number == "988" else self._written(" ", "-")
        return number + extension + self._written_note()

    @property
    def display_nb(self) -> str:
        """`display` with no-break spaces and hyphens inside the number, so that no line ever cuts it."""
        head, comma, tail = self.display.partition(", ")
        tail = tail.replace("poste ", "poste\u00a0").replace("option ", "option\u00a0")
        return head.replace(" ", "\u00a0").replace("-", "\u2011") + comma + tail

    @property
    def tel_uri(self) -> str:
        """Link for a soft phone: « tel:+14185550111,222 » (the comma is a pause), « tel:811 »."""
        return f"tel:{self.number}" + (f",{self.extension}" if self.extension else "")

    def _written_note(self) -> str:
        return f", {self.note}" if self.note else ""

    def _written(self, area_separator: str, line_separator: str) -> str:
        groups = self._groups()
        if groups is not None:
            country, area, exchange, line = groups
            head = area_separator.join(part for part in (country, area) if part)
            return f"{head}{area_separator}{exchange}{line_separator}{line}"
        if self.is_short:
            return f"{self.number[:3]}-{self.number[3:]}" if len(self.number) == 7 else self.number
        return phonenumbers.format_number(phonenumbers.parse(self.number), phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def parse_phone(text: str) -> Phone:
    """Read one number with its extension and note. Raises `InvalidPhone`."""
    written = _SPACES.sub(" ", _DASHES.sub("-", str(text or ""))).strip()
    if not written:
        raise InvalidPhone("Le numéro de téléphone est vide.")
    body = _LEADING_LABEL.sub("", written, count=1) if _LEADING_LABEL.match(written) else written
    number, rest, vanity = _read_number(body, written)
    extension = ""
    match = _EXTENSION.match(rest)
    if match:
        extension, rest = match[1], rest[match.end() :]
    note = _read_note(rest, written)
    return Phone(number, extension, note or vanity)


def canonical_or_same(text: str) -> str:
    """The stored form where the text is one number, the trimmed text as written otherwise (it is never lost)."""
    try:
        return parse_phone(text).canonical
    except InvalidPhone:
        return str(text or "").strip()


def _read_number(body: str, written: str) -> tuple[str, str, str]:
    """The number, what follows it, and the letters of a number spelled with a word."""
    if match := _NANP.match(body):
        e164 = f"+1{match[1]}{match[2]}{match[3]}"
        if phonenumbers.is_possible_number(phonenumbers.parse(e164)):
            return e164, body[match.end() :], ""
    if match := _SHORT.match(body):
        code = f"{match[1]}{match[2]}{match[3]}"
        if code in SHORT_CODES:
            return code, body[match.end() :], ""
    if match := _PROVINCIAL.match(body):
        return f"{match[1]}{match[2]}", body[match.end() :], ""
    if match := _STAR.match(body):
        return f"*{match[1]}", body[match.end() :], ""
    if match := _VANITY.match(body):
        word = match[2]
        digits = re.sub(r"\D", "", phonenumbers.convert_alpha_characters_in_number(word))
        if len(digits) == 7:
            return f"+1{match[1]}{digits}", body[match.end() :], word
    if match := _FOREIGN.match(body):
        try:
            parsed = phonenumbers.parse(match[0])
        except phonenumbers.NumberParseException as error:
            raise InvalidPhone(_unreadable(written)) from error
        if phonenumbers.is_valid_number(parsed):
            e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
            return e164, body[match.end() :], ""
    if re.fullmatch(r"\d{3}[\s.-]?\d{4}", body):
        raise InvalidPhone(f"« {written} » n’a pas d’indicatif régional. Écrivez-le comme 418 555-0111.")
    raise InvalidPhone(_unreadable(written))


def _read_note(rest: str, written: str) -> str:
    """What is said after the number. Digits glued to it, or a second number, make the whole unreadable."""
    if not rest.strip(" ,;.-()"):
        return ""
    if rest[0].isalnum() or rest[0] in "-*+":
        raise InvalidPhone(_unreadable(written))
    if _EXTRA_NUMBER.search(rest):
        raise InvalidPhone(f"« {written} » contient plus d’un numéro. Gardez-en un seul par champ.")
    note = rest.strip(" ,;:-")
    return note[1:-1].strip() if note.startswith("(") and note.endswith(")") else note


def _unreadable(written: str) -> str:
    return f"« {written} » n’est pas un numéro de téléphone. Écrivez-le comme 418 555-0111, poste 222, ou 811."
