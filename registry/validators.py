"""Field validators with messages that say what to do."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from . import phones, postal_codes

validate_neq = RegexValidator(r"^\d{10}$", "Le NEQ compte dix chiffres, sans espace : par exemple 1143920115.", "neq")
validate_charity = RegexValidator(
    r"^\d{9}\s?RR\s?\d{4}$", "Numéro d’organisme de bienfaisance attendu : 123456789 RR 0001.", "charity"
)


def validate_phone(value: str) -> None:
    """Accept every usual way of writing a number, « poste 221 », 811, 911, 9-8-8, toll-free."""
    try:
        phones.parse_phone(value)
    except phones.InvalidPhone as error:
        raise ValidationError(str(error), code="phone") from error


def validate_postal_code(value: str) -> None:
    if not postal_codes.is_valid(value):
        raise ValidationError(
            f"« {value} » n’est pas un code postal canadien. Écrivez-le comme G1K 0G9.", code="postal_code"
        )
