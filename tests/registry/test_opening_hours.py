"""Hours as people write them: what is read, what stays to be checked, and the way back into French."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opening_hours import validate
from python_calamine import CalamineWorkbook

from registry.opening_hours import Hours, parse_hours, render_canonical, render_hours

from .hours_strategies import patterns

FIXTURE = Path(__file__).parents[2] / "fixtures" / "reseau.xlsx"

OFFICE = "Mo-Fr 08:30-16:30"
READABLE = {
    # The workbook's own style
    "Lun-Ven 8h30-16h30": OFFICE,
    "Lun-Ven 8h30-16h30; Sam 10h-15h": "Mo-Fr 08:30-16:30, Sa 10:00-15:00",
    "24/7": "24/7",
    "Lun-Dim 16h-8h": "Mo-Su 16:00-08:00",
    "Lun-Dim 6h-24h": "Mo-Su 06:00-24:00",
    "Lun-Mer 9h-12h, 13h-16h": "Mo-We 09:00-12:00,13:00-16:00",
    "Lun-Ven 13h-1h": "Mo-Fr 13:00-01:00",
    "Sam-Dim 9h-17h": "Sa-Su 09:00-17:00",
    "Du vendredi 18h au dimanche 16h": "Fr 18:00-24:00, Sa 00:00-24:00, Su 00:00-16:00",
    "Fins de semaine, du vendredi 17h au dimanche 17h": "Fr 17:00-24:00, Sa 00:00-24:00, Su 00:00-17:00",
    # Spaces, dashes, case, punctuation
    "Lun–Ven 8h30 – 16h30": OFFICE,
    "  Lun-Ven\u00a08h30-16h30 ": OFFICE,
    "LUN-VEN, 8H30-16H30": OFFICE,
    "LUNDI AU VENDREDI : 08 h 30 à 16 h 30": OFFICE,
    "lun. au ven. 8:30 à 16:30": OFFICE,
    "Lun.-Ven. : 8 h 30 - 16 h 30.": OFFICE,
    "Ouvert du lundi au vendredi, de 8\u202fh\u202f30 à 16\u202fh\u202f30": OFFICE,
    "Lun-ven\n8h30-16h30\nSam\n10h-15h": "Mo-Fr 08:30-16:30, Sa 10:00-15:00",
    "Horaire : lun-ven (8h30 à 16h30)": OFFICE,
    "0830-1630 lun-ven": OFFICE,
    "lundi au vendredi inclusivement 8h30 à 16h30": OFFICE,
    # Days
    "du lundi au vendredi, de 8 h à midi": "Mo-Fr 08:00-12:00",
    "lun, mer et ven 9h-12h": "Mo,We,Fr 09:00-12:00",
    "lundi, mardi et jeudi de 9h à 12h": "Mo-Tu,Th 09:00-12:00",
    "Lun-Mer-Ven 9h-12h": "Mo,We,Fr 09:00-12:00",
    "L-V 8h30 à 12h et 13h à 16h30": "Mo-Fr 08:30-12:00,13:00-16:30",
    "LMMJV 9h-17h": "Mo-Fr 09:00-17:00",
    "Lu-Ve 9h-17h": "Mo-Fr 09:00-17:00",
    "ven au lun 9h-17h": "Mo,Fr-Su 09:00-17:00",
    "les mardis et jeudis, 18h30 à 21h": "Tu,Th 18:30-21:00",
    "mardi soir 18h30 à 21h": "Tu 18:30-21:00",
    "tous les jours 8h-20h": "Mo-Su 08:00-20:00",
    "7 jours 8h à 22h": "Mo-Su 08:00-22:00",
    "7 jours sur 7, de 8 h à 22 h": "Mo-Su 08:00-22:00",
    "8h à 22h, 7j/7": "Mo-Su 08:00-22:00",
    "tous les soirs de 18h à 23h": "Mo-Su 18:00-23:00",
    "fins de semaine 10h-17h": "Sa-Su 10:00-17:00",
    "la fin de semaine de 10 h à 17 h": "Sa-Su 10:00-17:00",
    "week-end 10h-17h": "Sa-Su 10:00-17:00",
    "en semaine de 8 h à 20 h et la fin de semaine de 10 h à 16 h": "Mo-Fr 08:00-20:00, Sa-Su 10:00-16:00",
    "Lundi: 9h-12h Mardi: 13h-16h": "Mo 09:00-12:00, Tu 13:00-16:00",
    "lundi 9h à 12h, mardi et jeudi 13h à 16h30": "Mo 09:00-12:00, Tu,Th 13:00-16:30",
    # Times first, or split
    "9h-17h du lundi au vendredi": "Mo-Fr 09:00-17:00",
    "9h-17h lun-ven, 10h-15h sam": "Mo-Fr 09:00-17:00, Sa 10:00-15:00",
    "de 9h à 12h et de 13h à 16h, du lundi au vendredi": "Mo-Fr 09:00-12:00,13:00-16:00",
    "lun-ven: 9h-12h; 13h-16h": "Mo-Fr 09:00-12:00,13:00-16:00",
    "entre 9h et 17h du lundi au vendredi": "Mo-Fr 09:00-17:00",
    "Lun-Ven 9-17h": "Mo-Fr 09:00-17:00",
    "de 9 à 12 h 30 du lundi au vendredi": "Mo-Fr 09:00-12:30",
    "lundi de minuit à 8 h": "Mo 00:00-08:00",
    # Halves of the day, English
    "Lun-Ven 8 h 30 a.m. à 4 h 30 p.m.": OFFICE,
    "Mon-Fri 8:30am-4:30pm": OFFICE,
    "Mon-Fri 9am-5pm": "Mo-Fr 09:00-17:00",
    "Monday to Friday, 9 a.m. to 5 p.m.": "Mo-Fr 09:00-17:00",
    "lun 1-4 pm": "Mo 13:00-16:00",
    "lun 9-5 pm": "Mo 09:00-17:00",
    "lun 9 h du matin à 5 h du soir": "Mo 09:00-17:00",
    "Mo-Fr 08:30-16:30": OFFICE,
    # Passing midnight
    "lundi au jeudi de 18 h à 2 h": "Mo-Th 18:00-02:00",
    "Lun-Ven 16h30-8h30": "Mo-Fr 16:30-08:30",
    "ven-sam 22h-minuit": "Fr-Sa 22:00-24:00",
    # Always
    "24h/24": "24/7",
    "24 heures sur 24, 7 jours sur 7": "24/7",
    "24 h/24, 7 j/7": "24/7",
    "7 jours sur 7, 24 heures par jour": "24/7",
    "En tout temps": "24/7",
    "Jour et nuit": "24/7",
    "Lun-Dim 0h-24h": "24/7",
    "Lun-Dim 8h-20h; Lun-Dim 20h-8h": "24/7",
    "lun-ven 24h/24": "Mo-Fr 00:00-24:00",
    # What adds, what replaces
    "Lun-Ven 9h-16h30; Mer 18h-21h": "Mo-Fr 09:00-16:30, We 18:00-21:00",
    "Lun-Ven 9h-17h; Ven 9h-12h": "Mo-Th 09:00-17:00, Fr 09:00-12:00",
    "Lun-Ven 8h30-16h30; jeu 8h30-20h": "Mo-We,Fr 08:30-16:30, Th 08:30-20:00",
    "Lun-Ven 9h-17h sauf vendredi 9h-12h": "Mo-Th 09:00-17:00, Fr 09:00-12:00",
    "Lun-Dim 9h-17h, fermé le dimanche": "Mo-Sa 09:00-17:00",
    "lun-ven 9h-17h, mardi fermé": "Mo,We-Fr 09:00-17:00",
    "tous les jours sauf le dimanche, de 9 h à 17 h": "Mo-Sa 09:00-17:00",
    "Lun-Ven 8h-17h, fermé de 12h à 13h": "Mo-Fr 08:00-12:00,13:00-17:00",
    "Lun-Ven 8h30-12h/13h-16h30": "Mo-Fr 08:30-12:00,13:00-16:30",
    # Ranks and seasons
    "1er et 3e mardi du mois 13h-16h": "Tu[1,3] 13:00-16:00",
    "Le premier lundi de chaque mois, de 19 h à 21 h": "Mo[1] 19:00-21:00",
    "dernier jeudi du mois 19h à 21h": "Th[-1] 19:00-21:00",
    "été: lun-ven 9h-15h (24 juin au 1er septembre)": "Jun 24-Sep 1 Mo-Fr 09:00-15:00",
    "Juin à août : lun-ven 9h-15h": "Jun-Aug Mo-Fr 09:00-15:00",
    "Lun-Ven 9h-17h; fermé en juillet": "Mo-Fr 09:00-17:00; Jul off",
    "Lun-Ven 9h-17h, fermé du 24 décembre au 2 janvier": "Mo-Fr 09:00-17:00; Dec 24-Jan 2 off",
    "Lun-Ven 9h-17h; 24 juin au 1er sept. : lun-jeu 9h-15h": (
        "Mo-Fr 09:00-17:00; Jun 24-Sep 1 off; Jun 24-Sep 1 Mo-Th 09:00-15:00"
    ),
    # Holidays
    "Lun-Ven 9h-17h, fermé les jours fériés": "Mo-Fr 09:00-17:00|ph=closed",
    "Lun-Dim 9h-17h sauf jours fériés": "Mo-Su 09:00-17:00|ph=closed",
    "tous les jours 9h-17h, à l'exception des jours fériés": "Mo-Su 09:00-17:00|ph=closed",
    "Lun-Sam 9h-17h, fermé le dimanche et les jours fériés": "Mo-Sa 09:00-17:00|ph=closed",
    "Lun-Dim 8h-20h; jours fériés : fermé": "Mo-Su 08:00-20:00|ph=closed",
    "24/7, sauf jours fériés": "24/7|ph=closed",
    "7 jours sur 7, jours fériés inclus, 8h à 20h": "Mo-Su 08:00-20:00|ph=open",
    "8h à 20h, 7 jours sur 7, jours fériés inclus": "Mo-Su 08:00-20:00|ph=open",
    "tous les jours 8h-20h, y compris les jours fériés": "Mo-Su 08:00-20:00|ph=open",
    "24/7/365": "24/7|ph=open",
    "Sam, dim et jours fériés 10h-17h": "Sa-Su 10:00-17:00|ph=10:00-17:00",
}

UNREADABLE = {
    "Sur rendez-vous": "",
    "En ligne": "",
    "Sur activation": "",
    "Variable selon la gardienne": "",
    "Été seulement (juin à août); fins de semaine sur réservation": "",
    "Lun-Ven 8h-16h (calendrier scolaire)": "Mo-Fr 08:00-16:00",
    "Été : lun-ven 9h-15h": "Mo-Fr 09:00-15:00",
    "Lun-Ven 8h30-16h30, sur rendez-vous": OFFICE,
    "Quatre samedis par année, 9h-16h": "Sa 09:00-16:00",
    "8h30-16h30": "08:30-16:30",
    "tous les soirs jusqu'à 23h": "",
    "lun-ven à partir de 9h": "",
    "Lun-Ven 25h-26h": "",
    "Lun-Ven 8h75-16h": "",
    "Lun-Ven 9h-9h": "",
    "Lun-Ven": "",
    "nuit": "",
    "selon Josée": "",
    "Lun-Ven 9h": "",
    "lundi après-midi, mardi 9h-12h": "Tu 09:00-12:00",
    "Un mardi sur deux 13h-16h": "Tu 13:00-16:00",
    "Lun-Ven 9h-17h environ": "Mo-Fr 09:00-17:00",
    "Lun-Ven 9h-17h jusqu'au 30 juin 2027": "Mo-Fr 09:00-17:00",
    "24 sur 24 je pense": "24/7",
    "fermé": "",
    "lundi au vendredi 9h-17h, samedi": "Mo-Fr 09:00-17:00",
    "Juin à août : lun-ven 9h-15h; en juillet : sam 9h-12h": None,
}


@pytest.mark.parametrize(("text", "pattern"), READABLE.items())
def test_hours_people_write_are_read(text: str, pattern: str) -> None:
    hours = parse_hours(text)
    assert (hours.status, hours.pattern) == ("known", pattern)
    assert hours.text == text


@pytest.mark.parametrize(("text", "partial"), UNREADABLE.items())
def test_what_cannot_be_read_is_to_be_checked_and_never_lost(text: str, partial: str | None) -> None:
    hours = parse_hours(text)
    assert (hours.status, hours.pattern, hours.osm, hours.text) == ("unknown", "", "", text)
    if partial is not None:
        assert hours.partial_osm == partial


@pytest.mark.parametrize("text", ["", "   ", "\u00a0", "\n"])
def test_a_blank_cell_is_blank_not_unknown(text: str) -> None:
    assert parse_hours(text).status == "blank"


def _column(sheet: str, heading: str) -> set[str]:
    rows = CalamineWorkbook.from_path(FIXTURE).get_sheet_by_name(sheet).to_python()
    index = rows[0].index(heading)
    return {str(row[index]) for row in rows[1:] if str(row[index]).strip()}


def test_every_schedule_of_the_demo_network_is_read_save_those_that_say_no_hours() -> None:
    texts = (
        _column("Services", "Heures") | _column("Lieux", "Heures d'ouverture") | _column("Corridors", "Disponibilité")
    )
    unread = {text for text in texts if parse_hours(text).status != "known"}
    assert len(texts) > 150
    assert unread == {
        "En ligne",
        "Lun-Ven 8h-16h (calendrier scolaire)",
        "Quatre samedis par année, 9h-16h",
        "Sur activation",
        "Variable selon la gardienne",
        "Été seulement (juin à août); fins de semaine sur réservation",
    }


@pytest.mark.parametrize("text", READABLE)
def test_what_is_read_can_be_written_back_and_read_again(text: str) -> None:
    pattern = parse_hours(text).pattern
    assert parse_hours(render_canonical(pattern)).pattern == pattern
    assert parse_hours(render_hours(pattern)).pattern == pattern


@settings(deadline=None)
@given(patterns())
def test_any_hours_survive_the_export_and_the_screen(pattern: str) -> None:
    assert parse_hours(render_canonical(pattern)).pattern == pattern
    assert parse_hours(render_hours(pattern)).pattern == pattern
    assert Hours.from_pattern(pattern).pattern == pattern
    assert validate(Hours.from_pattern(pattern).osm)


WORDS = (
    "lun", "ven", "mar", "-", "à", "h", "9h", "17h", "25", ":", ";", ",", "et", "sauf", "fermé", "24/7", "1er", "juin",
    "fériés", "inclus", "du", "au", "mois", "(",
)  # fmt: skip


@settings(deadline=None)
@given(st.text(max_size=80) | st.lists(st.sampled_from(WORDS)).map(" ".join))
def test_no_text_breaks_the_reader(text: str) -> None:
    hours = parse_hours(text)
    assert hours.text == text
    assert (hours.status == "known") == bool(hours.pattern)


def test_a_page_pasted_in_the_cell_is_refused_quickly() -> None:
    assert parse_hours("lun 9h-12h, " * 4000).status == "unknown"


@pytest.mark.parametrize(
    ("pattern", "screen", "export"),
    [
        (OFFICE, "du lundi au vendredi, de 8 h 30 à 16 h 30", "Lun-Ven 8h30-16h30"),
        ("Mo-Su 08:00-22:00", "tous les jours, de 8 h à 22 h", "Lun-Dim 8h-22h"),
        ("24/7", "24 h sur 24", "24/7"),
        ("24/7|ph=closed", "24 h sur 24, fermé les jours fériés", "24/7; fermé les jours fériés"),
        (
            "Mo-Su 08:00-22:00|ph=open",
            "tous les jours, de 8 h à 22 h, y compris les jours fériés",
            "Lun-Dim 8h-22h; jours fériés inclus",
        ),
        (
            "Mo-We 09:00-12:00,13:00-16:00, Sa 10:00-15:00",
            "du lundi au mercredi, de 9 h à 12 h et de 13 h à 16 h; le samedi, de 10 h à 15 h",
            "Lun-Mer 9h-12h, 13h-16h; Sam 10h-15h",
        ),
        ("Mo-Th 18:00-02:00", "du lundi au jeudi, de 18 h à 2 h", "Lun-Jeu 18h-2h"),
        (
            "Fr 18:00-24:00, Sa 00:00-24:00, Su 00:00-16:00",
            "du vendredi 18 h au dimanche 16 h",
            "Du vendredi 18h au dimanche 16h",
        ),
        ("", "à vérifier", ""),
    ],
)
def test_hours_are_said_in_french(pattern: str, screen: str, export: str) -> None:
    assert (render_hours(pattern), render_canonical(pattern)) == (screen, export)


@pytest.mark.parametrize("pattern", ["lundi", "Mo-Fr", "Mo-Fr 08:30-16:30|ph=peut-être", "PH off"])
def test_a_broken_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError):
        Hours.from_pattern(pattern)
