"""Canadian postal codes as people type them: recognised, validated, put in their stored form (« G1K 0G9 »)."""

import re

# Canada Post never uses D, F, I, O, Q, U; W and Z never come first.
_FSA = r"[ABCEGHJKLMNPRSTVXY]\d[ABCEGHJKLMNPRSTVWXYZ]"
_LDU = r"\d[ABCEGHJKLMNPRSTVWXYZ]\d"
_SEPARATOR = r"[\s\-‐‑‒–—.]*"
_FULL = re.compile(rf"({_FSA}){_SEPARATOR}({_LDU})", re.IGNORECASE)
_FSA_ONLY = re.compile(_FSA, re.IGNORECASE)
_IN_TEXT = re.compile(rf"(?<![0-9A-Za-zÀ-ÿ])({_FSA})(?:[\s\-‐‑–]?({_LDU}))?(?![0-9A-Za-zÀ-ÿ])", re.IGNORECASE)


class InvalidPostalCode(ValueError):
    """The text is not a postal code; the message, in French, says what to write."""


def normalise(text: str) -> str:
    """« g1k-0g9 » → « G1K 0G9 ». Raises `InvalidPostalCode` for anything but one complete Canadian code."""
    match = _FULL.fullmatch(str(text or "").strip())
    if match is None:
        raise InvalidPostalCode(f"« {str(text).strip()} » n’est pas un code postal canadien. Écrivez-le comme G1K 0G9.")
    return f"{match[1]} {match[2]}".upper()


def normalise_or_same(text: str) -> str:
    """The stored form where the text can be read, the trimmed text as written otherwise (it is never lost)."""
    try:
        return normalise(text)
    except InvalidPostalCode:
        return str(text or "").strip()


def is_valid(text: str) -> bool:
    """True for one complete Canadian postal code, however it is spaced."""
    return _FULL.fullmatch(str(text or "").strip()) is not None


def fsa(text: str) -> str | None:
    """The forward sortation area (three characters) of a complete code or of an area alone; None for other text."""
    stripped = str(text or "").strip()
    full = _FULL.fullmatch(stripped)
    if full is not None:
        return full[1].upper()
    return stripped.upper() if _FSA_ONLY.fullmatch(stripped) else None


def compact(text: str) -> str | None:
    """« g1k 0g9 » → « G1K0G9 », « g1k » → « G1K »; None for other text. The form that prefixes are compared with."""
    area = fsa(text)
    if area is None:
        return None
    full = _FULL.fullmatch(str(text).strip())
    return f"{area}{full[2].upper()}" if full else area


def find(text: str) -> tuple[str, int, int] | None:
    """The first postal code (or area alone) inside free text: its stored form and its start and end offsets."""
    match = _IN_TEXT.search(text)
    if match is None:
        return None
    code = f"{match[1]} {match[2]}" if match[2] else match[1]
    return code.upper(), match.start(), match.end()
