"""Telephone lines that always answer: the public ones of Québec, then those of the network that the viewer may see."""

from __future__ import annotations

from collections.abc import Iterable

from registry.enums import PartnerType
from registry.policies import Scope

from .presentation import pieces
from .presentation.pieces import Line
from .vocabulary import Vocabulary

# Public lines, the same everywhere in Québec; a page shows them even when nothing else can be reached.
EMERGENCY = Line("Danger immédiat", "Police, ambulance, pompiers", pieces.phone("911"), "danger immédiat", "911")
SUICIDE = Line(
    "Pensées suicidaires", "9-8-8, appel ou texto, français et anglais", pieces.phone("988"), "suicide", "988"
)
INFO_SOCIAL = Line(
    "Info-Social 811, option 2",
    "24 h sur 24, pour la personne et ses proches",
    pieces.phone("811, option 2"),
    "Info-Social",
    "811",
)
PUBLIC_LINES = (EMERGENCY, SUICIDE, INFO_SOCIAL)
_PUBLIC = {line.phone.uri: line for line in PUBLIC_LINES}
CRISIS = "Crise psychosociale"
# Needs whose line is worth showing before anything was said, most urgent first.
FIRST_NEEDS = (
    CRISIS,
    "Protection de la jeunesse",
    "Violence conjugale – victimes",
    "Prévention du suicide",
)


def lines(
    vocabulary: Vocabulary, scope: Scope, needs: Iterable[str] = (), territory: str | None = None, most: int = 6
) -> tuple[Line, ...]:
    """Lines to show: danger, then those that answer the need asked, then suicide and Info-Social; each number once."""
    found: list[Line] = [EMERGENCY]
    wanted = list(needs)
    for need in wanted or FIRST_NEEDS:
        for known in vocabulary.lines_for(scope, (need,), territory, limit=2 if wanted else 1):
            if need in known.needs:
                found.append(Line(known.name, known.organization, pieces.phone(known.phone)))
    found += [SUICIDE, INFO_SOCIAL]
    once: dict[str, Line] = {}
    for line in found:
        number = line.phone.uri.partition(",")[0] or line.phone.text
        once.setdefault(number, _PUBLIC.get(number, line))
    return tuple(once.values())[:most]


def foot(vocabulary: Vocabulary, scope: Scope) -> tuple[Line, ...]:
    """The footer: 911, 988, and the crisis team that goes to people, where the network has one."""
    for known in vocabulary.lines_for(scope, (CRISIS,), None, limit=8):
        if known.needs[:1] == (CRISIS,) and known.partner_type != PartnerType.PROVINCIAL_LINE:
            team = Line(
                known.name, known.organization, pieces.phone(known.phone), "crise, sur place", "Crise", wide=True
            )
            return EMERGENCY, SUICIDE, team
    return PUBLIC_LINES
