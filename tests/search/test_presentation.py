"""What a card and a sheet say of a service, and what they never leave blank."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.enums import AccessMode, Availability
from search.dates import TORONTO
from search.engines.base import FacetValue, Hit, SearchResult, Tier
from search.links import State
from search.presentation import asked, basket, cards, facets, pieces, results, sheet
from search.request import Chip, OrientationRequest
from tests.factories.documents import contact, corridor, location, organization, service

NOW = datetime(2026, 11, 21, 20, 40, tzinfo=TORONTO)  # a Saturday evening
TODAY = NOW.date()
RUNNING = [("2026-01-01", "2026-12-31")]
EMPTY = State(())


def hit(document: dict[str, Any] | None = None, **changes: Any) -> Hit:
    document = document or service(1, "Écoute")
    values: dict[str, Any] = {
        "code": document["code"], "document": document, "score": 1.0, "tier": 0, "reachable": None, "distance_km": None,
        "why": (), **changes,
    }  # fmt: skip
    return Hit(**values)


class TestPhone:
    def test_a_number_and_its_extension(self) -> None:
        found = pieces.phone("418-555-0111 poste 222")
        assert (found.number, found.rest, found.uri) == ("418 555-0111", "poste 222", "tel:+14185550111,222")

    def test_an_option_is_said_and_not_dialled(self) -> None:
        found = pieces.phone("811, option 2")
        assert (found.text, found.uri) == ("811, option 2", "tel:811")

    @pytest.mark.parametrize("text", ["", "   "])
    def test_none_is_said(self, text: str) -> None:
        assert pieces.phone(text) == pieces.NO_PHONE
        assert "à vérifier" in pieces.NO_PHONE.text

    def test_what_is_not_a_number_is_shown_without_a_link(self) -> None:
        assert pieces.phone("voir le site").uri == ""


class TestReach:
    @pytest.mark.parametrize(
        ("hours", "css", "text", "then"),
        [
            ("24/7", "on", "Joignable 24 h sur 24", ""),
            ("Lun-Dim 8h-22h", "soon", "Joignable jusqu’à 22 h", "Rouvre demain à 8 h"),
            ("Lun-Sam 8h-23h", "on", "Joignable jusqu’à 23 h", "Rouvre lundi à 8 h"),
            ("Lun-Ven 8h30-16h30", "off", "Fermé, ouvre lundi à 8 h 30", ""),
            ("calendrier scolaire", "unknown", "Horaire à vérifier", ""),
            ("", "unknown", "Horaire à vérifier", ""),
        ],
    )
    def test_state(self, hours: str, css: str, text: str, then: str) -> None:
        assert pieces.reach(service(1, hours=hours), NOW, with_next=True) == pieces.Reach(css, text, then)

    def test_a_closure_wins_over_the_hours_and_gives_its_reason(self) -> None:
        closed = {"start": "2026-11-20T00:00:00-05:00", "end": None, "reason": "rénovations"}
        document = service(1, hours="24/7", closures=[closed])
        assert pieces.reach(document, NOW).css == "off"
        assert sheet.closure_note(document, NOW) == "Fermeture temporaire : rénovations"
        assert sheet.closure_note(document, datetime(2026, 11, 1, tzinfo=TORONTO)) == ""


class TestCorridorBadge:
    def test_none(self) -> None:
        assert pieces.corridor_badge(service(1), TODAY) is None

    def test_in_force_says_the_shortest_urgent_delay(self) -> None:
        three = [
            corridor("COR1", RUNNING, urgent={"value": 2, "unit": "jours"}),
            corridor("COR2", RUNNING, urgent={"value": 24, "unit": "heures"}),
            corridor("COR3", RUNNING, urgent=None),
        ]
        badge = pieces.corridor_badge(service(1, corridors_in=three), TODAY)
        assert badge == pieces.Badge("corr", "Corridor en vigueur · urgent 24 h", "corr")

    def test_in_force_without_an_urgent_delay(self) -> None:
        badge = pieces.corridor_badge(service(1, corridors_in=[corridor(periods=RUNNING, urgent=None)]), TODAY)
        assert badge == pieces.Badge("corr", "Corridor en vigueur", "corr")

    def test_first_and_last_day_are_included(self) -> None:
        document = service(1, corridors_in=[corridor(periods=[("2026-11-21", "2026-11-21")])])
        assert [pieces.corridor_badge(document, TODAY.replace(day=day)).css for day in (20, 21, 22)] == [  # type: ignore[union-attr]
            "past", "corr", "past",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("status", "periods", "text"),
        [
            ("En vigueur", [("2025-01-01", "2025-12-31")], "Corridor échu"),
            ("En vigueur", [("2027-01-01", None)], "Corridor à venir"),
            ("Échue", [], "Corridor échu"),
            ("Suspendue", [], "Corridor suspendu"),
            ("Brouillon", [], "Corridor en préparation"),
            ("Résiliée", [], "Corridor résilié"),
        ],
    )
    def test_not_in_force(self, status: str, periods: list[tuple[str, str | None]], text: str) -> None:
        agreement = {"number": "E", "title": "", "declared_status": status, "starts_on": None, "ends_on": None}
        found = pieces.corridor_badge(service(1, corridors_in=[corridor(periods=periods, agreement=agreement)]), TODAY)
        assert found == pieces.Badge("past", text)


class TestCard:
    def test_normal_is_plain_text_and_only_deviations_are_badges(self) -> None:
        document = service(1, availability=Availability.AVAILABLE, verified_on="2026-11-17", hours="24/7")
        card = cards.card(hit(document, distance_km=2.84, why=("Deuil", "sert Limoilou")), "/?fiche=", NOW)
        assert card.badges == ()
        assert card.facts == ("Disponible", "à 2,8\u00a0km")
        assert card.why == "Deuil, sert Limoilou · vérifié il y a 4 jours"

    @pytest.mark.parametrize(
        ("availability", "delay", "text"),
        [
            ("liste_attente", 15, "Liste d’attente, 15 jours"),
            ("liste_attente", None, "Liste d’attente"),
            ("periodique", 45, "Périodique, 45 jours"),
            ("complet", 10, "Complet"),
            ("suspendu", None, "Suspendu temporairement"),
        ],
    )
    def test_availability(self, availability: str, delay: int | None, text: str) -> None:
        document = service(1, availability=availability, delay_days=delay, verified_on="2026-11-21")
        assert [badge.text for badge in cards.card(hit(document), "/?fiche=", NOW).badges] == [text]

    def test_nothing_known_is_never_blank(self) -> None:
        card = cards.card(hit(service(1, phone="")), "/?fiche=", NOW)
        assert card.phone.text == "Téléphone à vérifier"
        assert card.reach.text == "Horaire à vérifier"
        assert card.facts == ("Disponibilité à vérifier", "territoire à vérifier")
        assert [badge.text for badge in card.badges] == ["Fiche à vérifier, jamais confirmée"]
        assert card.why == "Besoins à vérifier"

    def test_what_the_card_shows_is_not_said_again(self) -> None:
        reasons = ("Deuil", "sert Limoilou", "corridor en vigueur", "à 2,8\u00a0km", "5-12\u00a0ans", "pour femmes")
        assert cards.why(hit(why=reasons), "") == "Deuil, sert Limoilou, 5-12\u00a0ans"
        assert cards.where(hit(service(1, serves=["R03"]), why=("sert Capitale-Nationale",))) == ""

    def test_where_without_a_distance(self) -> None:
        assert cards.where(hit(service(1, serves=["QC"]))) == "partout au Québec"
        assert cards.where(hit(service(1, serves=["LIM", "VAN", "R05"]))) == "Limoilou et 2 autres"

    @pytest.mark.parametrize(
        ("modes", "word"),
        [
            ((AccessMode.PHONE,), ""),
            ((AccessMode.PHONE, AccessMode.OUTREACH), "à domicile"),
            ((AccessMode.WALK_IN, AccessMode.REFERRAL), "sur référence"),
            ((), ""),
        ],
    )
    def test_the_access_worth_saying(self, modes: tuple[str, ...], word: str) -> None:
        assert pieces.telling_access(modes) == word


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (None, None, ""),
        (12, 17, "12-17 ans"),
        (18, None, "18 ans et plus"),
        (None, 5, "jusqu’à 5 ans"),
        (0, 5, "jusqu’à 5 ans"),
    ],
)
def test_ages(low: int | None, high: int | None, text: str) -> None:
    assert pieces.ages(service(1, age_min=low, age_max=high)) == text


def opened(document: dict[str, Any], others: tuple[Hit, ...] = ()) -> sheet.Sheet:
    return sheet.sheet(hit(document), EMPTY, NOW, others, "note", 3)


class TestSheet:
    def test_steps_come_in_the_order_in_which_one_refers(self) -> None:
        document = service(
            1, hours="Lun-Dim 8h-22h", phone="418-555-0111 poste 222", referral_procedure="demande de l'AEOR",
            required_documents="Carte ; formulaire",
        )  # fmt: skip
        first, second, third = opened(document).steps
        assert first.phone is not None
        assert first.text == ", tous les jours, de 8 h à 22 h."
        assert (second.text, third.text) == ("Demande de l'AEOR.", "Carte, formulaire.")

    def test_what_is_not_known_is_marked(self) -> None:
        seen = opened(service(1, phone=""))
        assert all("à vérifier" in step.text for step in seen.steps)
        doubtful = {fact.term for fact in (*seen.audience, *seen.upkeep) if fact.doubt}
        assert doubtful == {"Besoins", "Clientèle", "Territoires", "Langues", "Frais", "Fraîcheur"}
        assert all(fact.text for fact in seen.audience)
        assert seen.access == "Accès à vérifier"
        assert seen.access_note == "Délai à vérifier."

    def test_no_document_needed(self) -> None:
        assert opened(service(1, required_documents="Aucun")).steps[2].text == "Aucun document n’est demandé."

    def test_a_confidential_place_shows_its_municipality_only(self) -> None:
        (place,) = opened(service(1, locations=[location("Maison", confidential=True)])).places
        assert place.address == "adresse confidentielle, Québec"

    def test_unreadable_hours_are_shown_as_written(self) -> None:
        assert sheet.hours_text("", "calendrier scolaire") == "calendrier scolaire (à vérifier)"
        assert sheet.hours_text("", "") == "horaire à vérifier"

    def test_corridors_in_force_come_first_with_their_facts(self) -> None:
        fallback = {
            "code": "COR9", "service_code": "SRV9", "service": "Relève", "organization": "Centre",
            "phone": "418-555-0109", "visibility": "publique",
        }  # fmt: skip
        mechanism = {
            "label": "Transfert téléphonique à chaud", "channel": "transfert", "phone": "418-555-0110", "form_url": "",
            "hours": "", "to_have": "le motif", "consent": "", "confirmed_on": "2026-11-17",
        }  # fmt: skip
        lapsed = corridor("COR1", [("2025-01-01", "2025-12-31")])
        running = corridor("COR2", RUNNING, priority={"value": 5, "unit": "jours"}, criteria="6-17 ans",
                           mechanisms=[mechanism], fallback=fallback)  # fmt: skip
        first, second = opened(service(1, corridors_in=[lapsed, running])).corridors
        assert (first.code, first.badge.css, second.badge.css) == ("COR2", "corr", "past")
        facts = {fact.term: fact for fact in first.facts}
        assert facts["Délais"].text == "Urgent : 24 h; prioritaire : 5 jours"
        assert facts["Critères"].text == "6-17 ans"
        assert facts["Liaison"].doubt
        assert (
            facts["Mécanisme"].text
            == "Transfert téléphonique à chaud; à avoir en main : le motif; confirmé le 17 novembre 2026"
        )
        assert facts["Corridor de relève"].phone is not None
        assert facts["Entente"].text.startswith("ENT-1, Entente")

    def test_contacts_are_named_once_liaisons_first(self) -> None:
        person = contact("Luc Morin", "publique")
        liaison = {"program": "jeunes_difficulte", "crisis_role": "garde_24_7", "contact": person}
        extra = {**contact("Accueil", "publique"), "phone": "418-555-0107", "extension": "12", "email": "a@example.org"}
        found = opened(service(1, contacts=[person, extra], liaisons=[liaison])).contacts
        assert [(fact.term, fact.text) for fact in found] == [
            ("Liaison, Jeunes en difficulté, Garde 24/7", "Luc Morin"),
            ("Contact", "Accueil"),
        ]
        assert found[1].phone is not None
        assert found[1].phone.text == "418 555-0107, poste 12"
        assert found[1].url == "mailto:a@example.org"

    def test_equivalents_are_other_answers_reachable_first(self) -> None:
        here = service(1)
        others = (
            hit(here),
            hit(service(2, "Fermé", hours="Lun-Ven 9h-12h"), reachable=False),
            hit(service(3, "Ouvert", hours="24/7"), reachable=True),
            hit(service(4, "Ailleurs", hours="24/7"), reachable=True, tier=1),
            hit(service(5, "Muet", phone=""), reachable=True),
        )
        assert [item.name for item in opened(here, others).equivalents] == ["Ouvert", "Fermé"]


class TestBasket:
    def test_a_note_names_services_and_says_nothing_of_the_person(self) -> None:
        first = service(
            1, "Écoute", hours="24/7", organization=organization("Ligne"), corridors_in=[corridor("COR7", RUNNING)]
        )
        second = service(2, "Refuge", phone="", availability="complet")
        text = basket.note([hit(first), hit(second)], NOW, "Centre")
        assert text == (
            "Orientation du samedi 21 novembre 2026, 20 h 40, Centre\n\n"
            "1. Écoute, Ligne\n418 555-0100, 24 h sur 24\nCorridor COR7 (ENT-1), en vigueur, urgent 24 h\n\n"
            "2. Refuge, Organisme\ntéléphone à vérifier, horaire à vérifier\nDisponibilité : complet"
        )

    def test_the_mail_has_the_note_and_no_recipient(self) -> None:
        state = EMPTY.but(panier=["SRV0001"])
        made = basket.basket([hit()], state, NOW, "Centre")
        assert made.mail_url.startswith("mailto:?subject=Ressources&body=Orientation%20du")
        assert "%0D%0A" in made.mail_url
        assert made.print_url == "/imprimer?panier=SRV0001"

    def test_the_printed_sheet_leaves_the_question_out(self) -> None:
        state = EMPTY.but(q="il me fait peur", panier=["SRV0001"])
        assert "peur" not in basket.basket([hit()], state, NOW, "Centre").print_url


class TestAsked:
    def request(self, *chips: Chip) -> OrientationRequest:
        return OrientationRequest(moment=NOW, chips=chips)

    def test_a_chip_from_the_words_is_set_aside(self) -> None:
        state = EMPTY.but(q="deuil 8 ans")
        (chip,) = asked.chip_views([Chip("age", "8", "8 ans")], state)
        assert chip.url == "/?q=deuil+8+ans&sans=age:8"
        (back,) = asked.set_aside_views(state.but(sans="age:8"), {})
        assert (back.label, back.url) == ("8 ans", "/?q=deuil+8+ans")

    def test_a_chip_from_a_field_empties_the_field(self) -> None:
        state = EMPTY.but(q="deuil", moment="autre", le="2026-11-21T20:00")
        (chip,) = asked.chip_views([Chip("moment", "x", "ce soir", "field")], state)
        assert chip.url == "/?q=deuil"

    def test_understood_values_are_hints_never_values(self) -> None:
        request = self.request(Chip("age", "8", "8 ans"), Chip("place", "LIM", "Limoilou"))
        fields, hints = asked.fields_of(EMPTY.but(q="deuil 8 ans Limoilou"), request)
        assert (fields.age, fields.age_hint, fields.place, fields.place_hint) == ("", "8", "", "Limoilou")
        assert fields.summary == "Préciser : Limoilou, 8 ans, maintenant"
        assert {hint.name: hint.text for hint in hints}["moment"] == "maintenant"

    def test_a_typed_field_wins(self) -> None:
        fields, _ = asked.fields_of(EMPTY.but(q="x", age="40"), self.request(Chip("age", "8", "8 ans")))
        assert (fields.age, fields.age_hint) == ("40", "")

    def test_a_moment_and_a_language_out_of_the_lists_stay_chosen(self) -> None:
        fields, _ = asked.fields_of(EMPTY.but(moment="mardi 9 h", langue="ta"), self.request())
        assert [option.value for option in fields.moments if option.selected] == ["mardi 9 h"]
        assert [option.label for option in fields.languages if option.selected] == ["Tamoul"]


class TestResults:
    chips = (
        Chip("need", "Deuil", "Deuil"),
        Chip("place", "VAN", "Vanier"),
        Chip("language", "es", "espagnol", "field"),
    )

    def result(self, *tiers: Tier, hits: tuple[Hit, ...] = ()) -> SearchResult:
        return SearchResult(hits=hits, total=sum(tier.count for tier in tiers), tiers=tiers)

    def test_no_rescue_when_something_answers(self) -> None:
        request = OrientationRequest(moment=NOW, chips=self.chips)
        assert results.rescue_view(self.result(Tier(0, "", (), 1), hits=(hit(),)), request, EMPTY) is None

    def test_each_gesture_says_how_many_services_it_shows(self) -> None:
        request = OrientationRequest(moment=NOW, chips=self.chips)
        found = self.result(
            Tier(2, "Sans « en espagnol »", ("language",), 2),
            Tier(5, "Autre territoire, sans « en espagnol »", ("territory", "language"), 3),
            hits=(hit(tier=2),),
        )
        rescue = results.rescue_view(found, request, EMPTY.but(q="deuil Vanier", langue="es"))
        assert rescue is not None
        assert [(item.labels, item.action, item.url) for item in rescue.gestures] == [
            (("espagnol",), "Voir les 2 ressources", "/?q=deuil+Vanier"),
            (("Vanier", "espagnol"), "Voir les 5 ressources", "/?q=deuil+Vanier&sans=place:VAN"),
        ]

    def test_nothing_at_all_still_offers_ways_out(self) -> None:
        request = OrientationRequest(moment=NOW, chips=self.chips)
        rescue = results.rescue_view(self.result(), request, EMPTY.but(q="deuil", disponibilite="complet"))
        assert rescue is not None
        assert rescue.title == "Aucune ressource trouvée"
        assert [item.labels for item in rescue.gestures] == [("1 filtre",), ("Deuil",), ("Vanier",), ("espagnol",)]
        assert rescue.gestures[0].url == "/?q=deuil"

    def test_groups_say_what_they_gave_up(self) -> None:
        found = self.result(
            Tier(0, "", (), 1), Tier(4, "Autre territoire", ("territory",), 7), hits=(hit(), hit(service(2), tier=4))
        )
        first, second = results.tier_views(found, EMPTY, NOW)
        assert (first.label, first.level) == ("", 3)
        assert (second.label, second.level) == ("Autre territoire : 7 ressources", 4)
        assert "admise" in second.note


class TestFacets:
    def view(
        self, state: State = EMPTY, sees_corridors: bool = True, **values: tuple[FacetValue, ...]
    ) -> list[facets.Facet]:
        found = SearchResult(hits=(), total=0, facets=values)
        return list(facets.facet_views(found, state, sees_corridors, {"LIM": "Limoilou"}, "Maintenant"))

    def test_corridors_are_for_those_who_may_see_them(self) -> None:
        corridors = {"corridor": (FacetValue("1", 4),), "reachable": (FacetValue("1", 9),)}
        assert [option.label for option in self.view(**corridors)[0].options] == ["Joignable", "Avec corridor"]
        assert [option.label for option in self.view(sees_corridors=False, **corridors)[0].options] == ["Joignable"]

    def test_values_are_words_the_most_frequent_first(self) -> None:
        found = self.view(territory=(FacetValue("LIM", 2), FacetValue("VAN", 3)), language=(FacetValue("es", 1),))
        assert [[(o.label, o.count) for o in facet.options] for facet in found[1:]] == [
            [("VAN", 3), ("Limoilou", 2)],
            [("Espagnol", 1)],
        ]

    def test_a_chosen_value_can_always_be_unticked(self) -> None:
        found = self.view(EMPTY.but(programme="sapa"))
        assert [(o.label, o.selected, o.count) for o in found[1].options] == [("SAPA", True, 0)]

    def test_long_lists_are_folded(self) -> None:
        found = self.view(territory=tuple(FacetValue(f"T{n:02}", 50 - n) for n in range(20)))
        assert (len(found[1].options), len(found[1].rest)) == (facets.FACET_SHOWN, 14)


@given(
    st.builds(
        service,
        st.just(1),
        hours=st.sampled_from(["", "24/7", "Lun-Ven 8h-16h", "sur appel", "Lun-Dim 20h-8h"]),
        phone=st.text(max_size=20),
        age_min=st.none() | st.integers(0, 120),
        age_max=st.none() | st.integers(0, 120),
        availability=st.sampled_from(["", *Availability.values, "autre"]),
        delay_days=st.none() | st.integers(0, 400),
        verified_on=st.none() | st.dates(date(1990, 1, 1), date(2030, 1, 1)).map(date.isoformat),
        required_documents=st.text(max_size=20),
        referral_procedure=st.text(max_size=20),
        access_modes=st.lists(st.sampled_from(AccessMode.values), unique=True),
    ),
    st.none() | st.floats(0, 2_000),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda moment: moment.replace(tzinfo=TORONTO)),
)
def test_any_listing_makes_a_card_and_a_sheet_without_a_blank(
    document: dict[str, Any], kilometres: float | None, moment: datetime
) -> None:
    card = cards.card(hit(document, distance_km=kilometres), "/?fiche=", moment)
    assert all((card.phone.text.strip(), card.reach.text, card.why, card.facts))
    made = sheet.sheet(hit(document), EMPTY, moment, (), "", 1)
    assert all(step.text.strip() for step in made.steps)
    assert all(fact.text or fact.link for fact in (*made.audience, *made.upkeep))
    assert basket.note([hit(document)], moment, "Centre")
