"""Every page and state that is looked at: by axe in the tests, and as pictures by `make screenshots`."""

from __future__ import annotations

import re

from playwright.sync_api import Page

WHEN = "&moment=autre&le=2026-11-21T20:40"  # a Saturday evening: some answer, most are closed
RUNAWAY = "/?q=mon ado fugue, Limoilou"
# Of the demo network: the codes of a few services that show something particular.
LONG_NAME, FULL, CONFIDENTIAL, SUSPENDED, CORRIDOR = "SRV0237", "SRV0346", "SRV0355", "SRV0375", "SRV0024"

STATES = {
    "start": "/",
    "list": RUNAWAY + WHEN,
    "sheet": RUNAWAY + "&fiche=SRV0032" + WHEN,
    "sheet alone": f"/?fiche={CORRIDOR}",
    "corridor": "/?q=crise&corridor=1" + WHEN,
    "to check": "/?q=répit&lieu=Beauport&fiche=SRV0024" + WHEN,
    "closed": "/?q=aide alimentaire" + WHEN,
    "full": f"/?q=appartement supervisé&fiche={FULL}" + WHEN,
    "suspended": f"/?q=banque alimentaire Ascot&fiche={SUSPENDED}" + WHEN,
    "confidential": f"/?q=violence conjugale&fiche={CONFIDENTIAL}" + WHEN,
    "long names": f"/?q=régie du logement&fiche={LONG_NAME}" + WHEN,
    "basket": RUNAWAY + "&panier=SRV0032,SRV0007" + WHEN,
    "map": RUNAWAY + "&vue=carte" + WHEN,
    "map of a province": "/?q=aide alimentaire&vue=carte&suite=100" + WHEN,
    "map without a place": "/?q=avant de craquer, texto&acces=en_ligne&vue=carte" + WHEN,
    "rescue": "/?q=deuil, 8 ans, Vanier&langue=sw&disponibilite=complet" + WHEN,
    "rescue in tiers": "/?q=deuil, 8 ans, Vanier&langue=sw" + WHEN,
    "nothing": "/?q=deuil&besoin=Deuil et pertes&type=cpe&acces=en_ligne",
    "set aside": "/?q=mon ado de 15 ans fugue&sans=age:15",
    "messages": "/?q=deuil&age=douze&lieu=Nulle part&langue=klingon&fiche=SRV9999&panier=RIEN",
    "print": "/imprimer?panier=SRV0032,SRV0007",
    "print empty": "/imprimer",
    "help": "/aide-clavier",
    "account": "/profil/raccourcis",
    "not found": "/nulle-part",
}  # fmt: skip

# The coordination: (account, address). {first:model} is the key of the first record that the list of a model shows.
ADMIN = {
    "admin home": ("coordonnateur", "/admin/"),
    "admin organizations": ("coordonnateur", "/admin/snippets/registry/organization/"),
    "admin services": ("coordonnateur", "/admin/snippets/registry/service/?etat=publie&verification=vieille"),
    "admin locations": ("coordonnateur", "/admin/snippets/registry/location/"),
    "admin contacts": ("coordonnateur", "/admin/snippets/registry/contact/"),
    "admin needs": ("coordonnateur", "/admin/snippets/registry/need/"),
    "admin territories": ("coordonnateur", "/admin/snippets/registry/territory/"),
    "admin agreements": ("coordonnateur", "/admin/snippets/corridors/agreement/"),
    "admin entente": ("coordonnateur", "/admin/snippets/corridors/agreement/{first:corridors/agreement}/entente/"),
    "admin entente, its text": (
        "coordonnateur", "/admin/snippets/corridors/agreement/{first:corridors/agreement}/entente/texte/",
    ),
    "admin entente, a past day": (
        "coordonnateur", "/admin/snippets/corridors/agreement/{first:corridors/agreement}/entente/?au=2025-03-01",
    ),
    "admin entente, a document": (
        "coordonnateur", "/admin/snippets/corridors/agreement/{first:corridors/agreement}/entente/faire/document/",
    ),
    "admin standard clauses": ("coordonnateur", "/admin/snippets/corridors/clausetemplate/"),
    "admin corridors": ("coordonnateur", "/admin/snippets/corridors/servicecorridor/"),
    "admin agreements by term": ("coordonnateur", "/admin/snippets/corridors/agreement/?ordering=terme&terme=90"),
    "admin planner": ("coordonnateur", "/admin/ententes/planificateur/"),
    "admin contributions": ("coordonnateur", "/admin/ententes/contributions/"),
    "admin obligations": ("coordonnateur", "/admin/snippets/corridors/obligation/"),
    "admin nothing found": ("coordonnateur", "/admin/snippets/registry/service/?q=zzzzqqq"),
    "admin service": ("coordonnateur", "/admin/snippets/registry/service/edit/{first:registry/service}/"),
    "admin new service": ("coordonnateur", "/admin/snippets/registry/service/add/"),
    "admin organization": (
        "coordonnateur", "/admin/snippets/registry/organization/edit/{first:registry/organization}/",
    ),
    "admin location": ("coordonnateur", "/admin/snippets/registry/location/edit/{first:registry/location}/"),
    "admin agreement": ("coordonnateur", "/admin/snippets/corridors/agreement/edit/{first:corridors/agreement}/"),
    "admin history": ("coordonnateur", "/admin/snippets/registry/service/history/{first:registry/service}/"),
    "admin usage": ("coordonnateur", "/admin/snippets/registry/organization/usage/{first:registry/organization}/"),
    "admin delete": ("coordonnateur", "/admin/snippets/registry/service/delete/{first:registry/service}/"),
    "admin unpublish": ("coordonnateur", "/admin/snippets/registry/service/unpublish/{first:registry/service}/"),
    "admin openings of addresses": ("administrateur", "/admin/consultations-adresses/"),
    "admin memberships": ("administrateur", "/admin/rattachements/"),
    "admin users": ("administrateur", "/admin/users/"),
    "admin new user": ("administrateur", "/admin/users/new/"),
    "admin account": ("coordonnateur", "/admin/account/"),
    "admin imports": ("coordonnateur", "/admin/importations/"),
}  # fmt: skip


def resolved(address: str, page: Page) -> str:
    """The address with the key of the first record that a list of the coordination shows; `page` goes and looks."""
    found = re.search(r"{first:(.+?)}", address)
    if found is None:
        return address
    page.goto(f"/admin/snippets/{found[1]}/")
    # An entente opens its own page, other records their form.
    link = page.locator(f'tbody a[href*="{found[1]}/"]').first.get_attribute("href") or ""
    return address.replace(found[0], re.findall(rf"{found[1]}/(?:edit/)?(\d+)/", link)[0])


def settle(page: Page) -> None:
    """Wait for the map to be drawn, where the page has one."""
    if page.locator("#carte-fond").count() and page.evaluate("matchMedia('(scripting: enabled)').matches"):
        page.locator(".map-point").first.wait_for()
