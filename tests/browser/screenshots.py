"""A picture of every page and state of the demo network: `make screenshots` or `python -m tests.browser.screenshots`.

Pictures are for people to look at; what must hold is in the tests beside this file.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from .serving import FLAGS, ROOT, chromium_path, prepare, serving
from .states import ADMIN, RUNAWAY, STATES, WHEN, resolved, settle
from .workbooks import messy_workbook

DESK, PHONE, ZOOM = (1366, 768), (360, 740), (320, 256)  # 400 % of 1280 × 1024
STAFF = "intervenant"
# An Elasticsearch that nobody reaches: no program answers on this port.
UNREACHABLE = {"SEARCH_ENGINE": "elasticsearch", "ELASTICSEARCH_URL": "http://127.0.0.1:9"}
WAIT = 120_000  # milliseconds: reading a workbook starts a process


@dataclass
class Camera:
    """Takes pictures of one server's pages, signed in as each demo account once."""

    browser: Browser
    server: str
    folder: Path
    taken: list[Path] = field(default_factory=list)
    _signed_in: dict[str, StorageState] = field(default_factory=dict)

    @contextmanager
    def page(self, address: str, size: tuple[int, int] = DESK, role: str = STAFF, **options: Any) -> Iterator[Page]:
        """A page of its own at that address, as that account sees it."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="fr-CA", timezone_id="America/Toronto",
            base_url=self.server, storage_state=self._state(role) if role else None, **options,
        )  # fmt: skip
        page = context.new_page()
        try:
            page.goto(resolved(address, page))
            page.wait_for_load_state("networkidle")
            settle(page)
            yield page
        finally:
            context.close()

    def take(self, name: str, page: Page, *, whole: bool = False) -> None:
        path = self.folder / f"{len(self.taken) + 1:02}-{name.replace(' ', '-')}.png"
        page.screenshot(path=path, full_page=whole, animations="disabled")
        self.taken.append(path)
        print(path.name, flush=True)

    def shoot(self, name: str, address: str, size: tuple[int, int] = DESK, role: str = STAFF, **options: Any) -> None:
        with self.page(address, size, role, **options) as page:
            self.take(name, page)

    def _state(self, role: str) -> StorageState:
        if role not in self._signed_in:
            context = self.browser.new_context(base_url=self.server)
            page = context.new_page()
            page.goto("/connexion/")
            page.fill("#id_username", role)
            page.fill("#id_password", f"Passerelles-{role}-2026")
            page.press("#id_password", "Enter")
            page.wait_for_url(f"{self.server}/")
            self._signed_in[role] = context.storage_state()
            context.close()
        return self._signed_in[role]


def orientation(camera: Camera) -> None:
    """The page that is open all day, in every state, on a desk and on a phone."""
    camera.shoot("sign in", "/connexion/", role="")
    for name, address in STATES.items():
        camera.shoot(name, address)
    for name in (
        "start",
        "list",
        "sheet",
        "corridor",
        "confidential",
        "long names",
        "map",
        "rescue",
        "nothing",
        "print",
    ):
        camera.shoot(f"{name} 360", STATES[name], PHONE)
    for name in ("start", "list", "sheet", "rescue", "map"):
        camera.shoot(f"{name} zoom 400", STATES[name], ZOOM)
    for name in ("list", "sheet", "map"):
        camera.shoot(f"{name} without script", STATES[name], java_script_enabled=False)
    camera.shoot("start without script 360", "/", PHONE, java_script_enabled=False)
    for name in ("list", "sheet", "map"):
        camera.shoot(f"{name} forced colours", STATES[name], forced_colors="active")


def gestures(camera: Camera) -> None:
    """What only shows after a gesture: proposals, help, keyboard focus, a point of the map, paper."""
    for size, suffix in ((DESK, ""), (PHONE, " 360")):
        with camera.page("/", size) as page:
            page.keyboard.type("viol", delay=30)
            page.locator("#propositions [role=option]").first.wait_for()
            page.keyboard.press("Alt+ArrowDown")
            camera.take(f"proposals{suffix}", page)
    with camera.page("/") as page:
        page.focus("#lieu")
        page.keyboard.type("sain", delay=30)
        page.locator("#lieux [role=option]").first.wait_for()
        camera.take("places proposed", page)
        page.keyboard.press("Escape")
        page.focus("#ressources")
        page.keyboard.press("?")
        page.locator("#aide").wait_for()
        camera.take("keyboard help", page)
    with camera.page(RUNAWAY + WHEN) as page:
        page.keyboard.press("ArrowDown")
        page.keyboard.press("j")
        camera.take("keyboard focus", page)
    with camera.page(RUNAWAY + "&vue=carte" + WHEN) as page:
        page.locator(".map-point:not(.several)").first.press("Enter")
        page.locator(".map-popup").wait_for()
        page.wait_for_timeout(400)  # the map moves to show what it opened
        camera.take("map point open", page)
    for name in ("print", "sheet", "list"):
        with camera.page(STATES[name], (794, 1123)) as page:  # A4 at 96 points per inch
            page.emulate_media(media="print")
            camera.take(f"{name} on paper", page, whole=True)


def standby(camera: Camera) -> None:
    """« Mode secours »: Elasticsearch is out of reach, the local copy answers."""
    camera.shoot("standby list", STATES["list"])
    camera.shoot("standby list 360", STATES["list"], PHONE)
    camera.shoot("standby start", "/")  # after two failures nobody waits for the server, and every page says so


def coordination(camera: Camera) -> None:
    for name, (role, address) in ADMIN.items():
        camera.shoot(name, address, role=role)
    for name in ("admin home", "admin services", "admin service", "admin imports"):
        role, address = ADMIN[name]
        camera.shoot(f"{name} 360", address, PHONE, role=role)
    with camera.page("/admin/snippets/registry/location/?q=LIE099", role="gestionnaire") as page:  # a shelter
        address = page.locator('a[href*="location/edit/"]').first.get_attribute("href") or ""
        page.goto(address.replace("/edit/", "/adresse/"))
        camera.take("admin confidential address", page)


def importing(camera: Camera, workbook: Path) -> None:
    """A messy workbook, from the upload to the report; each step on a desk and on a phone."""
    with camera.page("/admin/importations/", role="coordonnateur") as page:

        def both(name: str) -> None:
            camera.take(name, page)
            page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
            camera.take(f"{name} 360", page)
            page.set_viewport_size({"width": DESK[0], "height": DESK[1]})

        page.set_input_files("input[type=file]", workbook)
        both("import upload")
        page.get_by_role("button", name="Envoyer et comparer").click()
        page.wait_for_url(re.compile(r"/importations/\d+/"))
        if page.locator("[data-import-progress]").count():
            camera.take("import progress", page)
        page.get_by_role("button", name="Continuer").wait_for(timeout=WAIT)
        both("import columns to settle")
        page.get_by_role("button", name="Continuer").click()
        page.get_by_role("heading", name="Ce que le fichier change").wait_for(timeout=WAIT)
        both("import preview")
        page.get_by_role("button", name="Appliquer au réseau").click()
        page.get_by_text("C’est fait").wait_for(timeout=WAIT)
        both("import report")
        broken = workbook.with_name("brise.xlsx")
        broken.write_text("<html><table><tr><td>Pas un classeur</td></tr></table></html>", encoding="utf-8")
        page.goto("/admin/importations/")
        page.set_input_files("input[type=file]", broken)
        page.get_by_role("button", name="Envoyer et comparer").click()
        page.wait_for_load_state("networkidle")
        camera.take("import refused", page)
        page.goto("/admin/importations/")
        both("import history")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "var" / "screenshots")
    parser.add_argument("--data", type=Path, help="a prepared data folder; a new demo network otherwise")
    parser.add_argument("--only", choices=["orientation", "gestures", "standby", "coordination", "importing"])
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="passerelles-images-") as folder:
        data = options.data or Path(folder) / "data"
        if options.data is None:
            print("Préparation du réseau de démonstration…", flush=True)
            prepare(data)
        with serving(data) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
            camera = Camera(browser, address, options.folder)
            for name, shots in (("orientation", orientation), ("gestures", gestures), ("coordination", coordination)):
                if options.only in (None, name):
                    shots(camera)
            if options.only in (None, "standby"):
                with serving(data, **UNREACHABLE) as camera.server:
                    standby(camera)
                camera.server = address
            if options.only in (None, "importing"):
                importing(camera, messy_workbook(Path(folder)))
            browser.close()
    print(f"{len(camera.taken)} images dans {options.folder} ({time.monotonic() - started:.0f} s)")


if __name__ == "__main__":
    main()
