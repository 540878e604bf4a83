"""An invented network: who there is (the plan, in memory), and the rows of each sheet (made one by one, on demand).

Every row has a generator of its own, seeded by its place: any row can be made without those before it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from random import Random
from typing import Any

from .learned import PROVINCIAL, Learned, Row, counts, first_need, split
from .places import Places, Quarter

SMALLEST, LARGEST = 100, 1_000_000
SHEETS = (
    "Organismes", "Lieux", "Services", "Contacts", "Ententes", "Corridors", "Obligations", "Vocabulaire", "Territoires",
)  # fmt: skip
_AREA_CODES = {"R03": "418", "R05": "819", "R06": "514", "R13": "450", "R16": "450", "R07": "819"}
_CENTRE_TYPES = ("Programme CSSS/CIUSSS", "CLSC", "Hôpital", "CSSS/CIUSSS")


@dataclass(slots=True)
class Org:
    """An organization of the plan. Ranges are numbers of services, places and contacts, from 0."""

    number: int
    model: Row
    name: str
    acronym: str
    quarter: Quarter
    services: range
    places: range
    contacts: range

    @property
    def code(self) -> str:
        return f"ORG{self.number + 1:03d}"

    @property
    def kind(self) -> str:
        return str(self.model["Type de partenaire"])


@dataclass(slots=True)
class Pact:
    """An agreement of the plan: the centre, the partner, its corridors."""

    number: int
    model: Row
    centre: int
    partner: int
    corridors: list[tuple[int, int]]
    first_corridor: int
    obligations: int

    @property
    def code(self) -> str:
        return f"ENT-{self.model['Numéro'][4:8]}-{self.number + 1:03d}"


class Network:
    """The plan. `rows(sheet)` makes the rows of a sheet, in order."""

    def __init__(self, services: int, seed: int = 1, learned: Learned | None = None) -> None:
        if not SMALLEST <= services <= LARGEST:
            raise ValueError(f"De {SMALLEST} à {LARGEST} services.")
        self.size, self.seed = services, seed
        self.learned = learned or Learned.from_demo()
        self.places = Places.of(self.learned, services)
        self.orgs: list[Org] = []
        self.owner_of_service: list[int] = []
        self._plan_organizations()

    def _rng(self, *place: object) -> Random:
        return Random("/".join(map(str, (self.seed, *place))))

    def rows(self, sheet: str) -> Iterator[Row]:
        makers = {
            "Organismes": (self.organization(org) for org in self.orgs),
            "Lieux": (self.location(org, number) for org in self.orgs for number in org.places),
            "Services": (self.service(org, number) for org in self.orgs for number in org.services),
            "Contacts": (self.contact(org, number) for org in self.orgs for number in org.contacts),
            "Ententes": (self.agreement(pact) for pact in self.pacts),
            "Corridors": (self.corridor(pact, rank) for pact in self.pacts for rank in range(len(pact.corridors))),
            "Obligations": (row for pact in self.pacts for row in self.obligations(pact)),
            "Vocabulaire": iter(self.learned.rows["Vocabulaire"]),
            "Territoires": iter(self.places.territories),
        }
        return makers[sheet]

    # --- Who there is

    def _plan_organizations(self) -> None:
        learned, rng = self.learned, self._rng("plan")
        seen: set[tuple[str, str]] = set()
        ordinary = [row for row in learned.rows["Organismes"] if row["Type de partenaire"] != PROVINCIAL]
        offered = [len(learned.services_of.get(row["Code"], ())) for row in ordinary]
        held = Counter(row["Organisme"] for row in learned.rows["Lieux"])
        people = Counter(row["Organisme"] for row in learned.rows["Contacts"])
        service = place = contact = 0

        def add(model: Row, name: str, acronym: str, quarter: Quarter, count: int) -> None:
            nonlocal service, place, contact
            number = len(self.orgs)
            sites, answering = held[model["Code"]], people[model["Code"]]
            self.orgs.append(Org(
                number, model, name, acronym, quarter, range(service, service + count), range(place, place + sites),
                range(contact, contact + answering),
            ))  # fmt: skip
            self.owner_of_service.extend([number] * count)
            service, place, contact = service + count, place + sites, contact + answering

        # Provincial lines are what they are: one of each.
        for row in learned.rows["Organismes"]:
            if row["Type de partenaire"] == PROVINCIAL:
                add(row, row["Nom"], row["Acronyme"], self.places.quarters[0], len(learned.services_of[row["Code"]]))
                seen.add((row["Nom"], row["Type de partenaire"]))
        for count in counts(rng, self.size - service, offered):
            model, quarter = rng.choice(ordinary), rng.choice(self.places.quarters)
            kind = model["Type de partenaire"]
            head = rng.choice(learned.heads.get(kind) or ["Centre"])
            name = f"{head} {learned.own_name(rng)}"
            if rng.random() < 0.25:
                name = f"{name} {quarter.name.partition(' – ')[0]}"
            while (name, kind) in seen:
                name = f"{head} {learned.own_name(rng)}-{learned.surname(rng)}"
            seen.add((name, kind))
            acronym = "".join(word[0] for word in name.replace("-", " ").split() if word[0].isupper())[:6]
            add(model, name, acronym, quarter, count)

    @cached_property
    def pacts(self) -> list[Pact]:
        learned, rng = self.learned, self._rng("pacts")
        centres = [org.number for org in self.orgs if org.kind in _CENTRE_TYPES] or [0]
        by_model = Counter(row["Entente"] for row in learned.rows["Corridors"])
        owed = Counter(row["Entente"] for row in learned.rows["Obligations"])
        found: list[Pact] = []
        first = 0
        for number in range(max(1, round(self.size * learned.per_service("Ententes")))):
            model = rng.choice(learned.rows["Ententes"])
            centre, partner = rng.choice(centres), rng.randrange(len(self.orgs))
            if partner == centre:
                partner = (centre + 1) % len(self.orgs)
            ends = set()
            for _ in range(by_model[model["Numéro"]]):
                pair = rng.choice(self.orgs[partner].services), rng.choice(self.orgs[centre].services)
                ends.add(pair if rng.random() < 0.7 else pair[::-1])
            found.append(Pact(number, model, centre, partner, sorted(ends), first, owed[model["Numéro"]]))
            first += len(ends)
        return found

    @cached_property
    def pacts_of(self) -> dict[int, list[tuple[Pact, int]]]:
        """Service number → the corridors that leave from it or lead to it: (agreement, rank)."""
        found: dict[int, list[tuple[Pact, int]]] = defaultdict(list)
        for pact in self.pacts:
            for rank, pair in enumerate(pact.corridors):
                for service in pair:
                    found[service].append((pact, rank))
        return found

    @cached_property
    def _parents(self) -> list[int]:
        kinds = {row["Code"]: row["Type de partenaire"] for row in self.learned.rows["Organismes"]}
        heads = {kinds[row["Organisme parent"]] for row in self.learned.rows["Organismes"] if row["Organisme parent"]}
        return [org.number for org in self.orgs if org.kind in heads and not org.model["Organisme parent"]]

    # --- Rows

    def _phone(self, rng: Random, org: Org) -> str:
        phone = f"{_AREA_CODES.get(org.quarter.region, '418')}-555-01{rng.randrange(100):02d}"
        return f"{phone} poste {rng.randrange(200, 9999)}" if rng.random() < 0.6 else phone

    def _site(self, org: Org) -> str:
        return f"{(org.acronym or 'org').lower()}{org.number}.example.org"

    def organization(self, org: Org) -> Row:
        rng, learned, model = self._rng("org", org.number), self.learned, org.model
        alike = rng.choice(learned.organizations[org.kind])
        provincial = org.kind == PROVINCIAL
        parents = self._parents
        return {
            "Code": org.code, "Nom": org.name, "Acronyme": org.acronym,
            "Autres noms": model["Autres noms"] if provincial else org.name.rpartition(" ")[2],
            "Type de partenaire": org.kind,
            "Description": model["Description"]
            if provincial
            else f"{alike['Description']} Secteur {org.quarter.name}.",
            "NEQ": f"99{rng.randrange(10**8):08d}" if model["NEQ"] else "",
            "Téléphone": model["Téléphone"] if provincial else self._phone(rng, org),
            "Courriel": f"info@{self._site(org)}" if model["Courriel"] else "",
            "Site web": f"https://www.{self._site(org)}" if model["Site web"] else "",
            "Langues": model["Langues"],
            "Organisme parent": (
                self.orgs[rng.choice(parents)].code if model["Organisme parent"] and parents else ""
            ),
        }  # fmt: skip

    def location(self, org: Org, number: int) -> Row:
        rng, learned = self._rng("place", number), self.learned
        model = rng.choice(learned.rows["Lieux"])
        rank, quarter = number - org.places.start, org.quarter
        code, latitude, longitude = rng.choice(quarter.codes)
        street = learned.draw(rng, "Lieux", "Adresse").partition(", ")[2] or "rue Principale"
        return {
            "Code": f"LIE{number + 1:03d}", "Organisme": org.code,
            "Nom du lieu": "Bureau principal" if rank == 0 else f"Point de service {quarter.name} {rank + 1}",
            "Adresse": f"{rng.randrange(1, 9900)}, {street}", "Municipalité": quarter.municipality, "Code postal": code,
            "Latitude": round(latitude + rng.uniform(-0.005, 0.005), 4),
            "Longitude": round(longitude + rng.uniform(-0.005, 0.005), 4),
            "Adresse confidentielle": model["Adresse confidentielle"],
            "Accessible en fauteuil roulant": model["Accessible en fauteuil roulant"],
            "Heures d'ouverture": learned.draw(rng, "Lieux", "Heures d'ouverture"),
        }  # fmt: skip

    def service(self, org: Org, number: int) -> Row:
        """A service: what goes together (needs, people, ages, programme) comes from one service of the demo network;
        the rest is drawn."""
        rng, learned, rank = self._rng("service", number), self.learned, number - org.services.start
        if org.kind == PROVINCIAL:
            model = learned.services_of[org.model["Code"]][rank]
            return {**model, "Code": f"SRV{number + 1:04d}", "Organisme": org.code, "Lieux": "",
                    "Âge min": _whole(model["Âge min"]), "Âge max": _whole(model["Âge max"]),
                    "Délai d'accès (jours)": _whole(model["Délai d'accès (jours)"])}  # fmt: skip
        model = rng.choice(learned.services_by_type[org.kind])
        lead = model["Description"].partition(". ")[0].rstrip(".") + "."
        others = [
            *rng.sample(learned.sentences[first_need(model)] or [""], 1),
            rng.choice(learned.sentences[rng.choice(list(learned.sentences))] or [""]),
        ]
        places = [f"LIE{item + 1:03d}" for item in org.places]
        sites = places[: 1 + (rng.random() < 0.1)] if model["Lieux"] and places else []
        return {
            "Code": f"SRV{number + 1:04d}",
            "Organisme": org.code,
            "Nom du service": self._service_name(rng, org, rank, model),
            "Description": " ".join(item for item in (lead, *others) if item),
            "Programme-services": model["Programme-services"], "Ligne": model["Ligne"], "Besoins": model["Besoins"],
            "Clientèle": model["Clientèle"], "Âge min": _whole(model["Âge min"]), "Âge max": _whole(model["Âge max"]),
            "Langues": learned.draw(rng, "Services", "Langues"),
            "Territoires desservis": self._served(rng, org, model), "Lieux": " ; ".join(sites),
            "Modalité d'accès": model["Modalité d'accès"], "Procédure de référence": model["Procédure de référence"],
            "Documents requis": learned.draw(rng, "Services", "Documents requis"),
            "Frais": learned.draw(rng, "Services", "Frais"),
            "Délai d'accès (jours)": _whole(learned.draw(rng, "Services", "Délai d'accès (jours)")),
            "Disponibilité": learned.draw(rng, "Services", "Disponibilité"),
            "Heures": learned.draw(rng, "Services", "Heures"),
            "Téléphone": self._phone(rng, org),
            "Courriel": f"s{number}@{self._site(org)}" if model["Courriel"] else "",
            "Dernière vérification": learned.draw(rng, "Services", "Dernière vérification"),
            "Visibilité": learned.draw(rng, "Services", "Visibilité"),
        }  # fmt: skip

    def _service_name(self, rng: Random, org: Org, rank: int, model: Row) -> str:
        name, way = str(model["Nom du service"]), rng.random()
        if way < 0.3:
            name = f"{name.partition(' – ')[0]} – {org.name.rpartition(' ')[2]}"
        elif way < 0.5:
            name = f"{name.partition(' – ')[0]} {org.quarter.name.partition(' – ')[0]}"
        elif way < 0.6:
            name = f"{name} {self.learned.surname(rng)}"
        return f"{name} {rank + 1}" if rank else name

    def _served(self, rng: Random, org: Org, model: Row) -> str:
        quarter, served = org.quarter, split(model["Territoires desservis"])
        if "QC" in served:
            return "QC"
        if any(code in ("R03", "R05") for code in served):
            return quarter.region
        if any(code.startswith("RLS") for code in served):
            return quarter.rls
        others = [other.code for other in self.places.by_rls[quarter.rls] if other is not quarter]
        return " ; ".join([quarter.code, *rng.sample(others, min(len(served) - 1, len(others)))]) if served else ""

    def contact(self, org: Org, number: int) -> Row:
        rng, learned = self._rng("contact", number), self.learned
        model = rng.choice(learned.rows["Contacts"])
        name = f"{rng.choice(learned.first_names)} {learned.surname(rng)}"
        phone, _poste, extension = self._phone(rng, org).partition(" poste ")
        return {
            "Organisme": org.code,
            "Service": f"SRV{rng.choice(org.services) + 1:04d}" if model["Service"] else "",
            "Nom": name, "Fonction": model["Fonction"], "Téléphone": phone, "Poste": extension,
            "Courriel": f"c{number}@{self._site(org)}" if model["Courriel"] else "", "Visibilité": model["Visibilité"],
        }  # fmt: skip

    def agreement(self, pact: Pact) -> Row:
        rng, learned, model = self._rng("pact", pact.number), self.learned, pact.model
        shift = timedelta(days=rng.randrange(-120, 120))
        centre, partner = self.orgs[pact.centre], self.orgs[pact.partner]
        title = model["Titre"].partition(" – ")[0].partition(" : ")[0]
        return {
            **{name: model[name] for name in learned.headings["Ententes"]},
            "Numéro": pact.code, "Titre": f"{title} – {partner.name}",
            "Parties": f"{centre.code} (CSSS) ; {partner.code} (partenaire)",
            "Territoires": partner.quarter.rls,
            **{name: _moved(model[name], shift) for name in ("Date de signature", "Entrée en vigueur", "Échéance")},
            "Préavis (jours)": _whole(model["Préavis (jours)"]),
            "Responsable": f"{rng.choice(learned.first_names)} {learned.surname(rng)}" if model["Responsable"] else "",
        }  # fmt: skip

    def corridor(self, pact: Pact, rank: int) -> Row:
        number = pact.first_corridor + rank
        rng, (origin, destination) = self._rng("corridor", number), pact.corridors[rank]
        model = rng.choice(self.learned.rows["Corridors"])
        whole = ("Délai urgent (heures)", "Délai prioritaire (jours)", "Délai régulier (jours)")
        fallback = rng.randrange(number) + 1 if number and model["Corridor de relève"] else 0
        return {
            **model, "Code": f"COR{number + 1:03d}", "Entente": pact.code,
            "Service d'origine": f"SRV{origin + 1:04d}", "Service de destination": f"SRV{destination + 1:04d}",
            **{name: _whole(model[name]) for name in whole},
            "Corridor de relève": f"COR{fallback:03d}" if fallback else "",
        }  # fmt: skip

    def obligations(self, pact: Pact) -> Iterator[Row]:
        rng = self._rng("owed", pact.number)
        for model in rng.sample(self.learned.rows["Obligations"], pact.obligations):
            due = _moved(model["Échéance"], timedelta(days=rng.randrange(-60, 60)))
            party = self.orgs[rng.choice((pact.centre, pact.partner))]
            yield {**model, "Entente": pact.code, "Partie": party.code, "Échéance": due}


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) else value


def _moved(value: Any, shift: timedelta) -> Any:
    return value + shift if isinstance(value, date) else value
