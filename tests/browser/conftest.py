"""A real server on the demo network, and Debian's Chromium to look at it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, StorageState, sync_playwright

from .serving import AXE, FLAGS, chromium_path, prepare, serving

# What htmx reports when a newer question cancels the previous one, as it must.
ABORTED = ("htmx:afterRequest", "htmx:sendAbort")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium. Without it the suite is skipped on a workstation, and fails where everything must run."""
    wanted = chromium_path()
    missing = [name for name, there in ((wanted, Path(wanted).exists()), (str(AXE), AXE.exists())) if not there]
    if not missing:
        return wanted
    reason = f"Suite du navigateur non lancée : {', '.join(missing)} introuvable (variable CHROMIUM, « npm ci »)."
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A data folder holding the demo network, its index and one account for each role; made once for all workers."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "browser-network"
    with FileLock(str(folder) + ".lock"):
        if not (folder / "ready").exists():
            prepare(folder)
            (folder / "ready").touch()
    return folder


@pytest.fixture(scope="session")
def server(network: Path) -> Iterator[str]:
    """The address of a server process on that folder."""
    with serving(network) as address:
        yield address


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    # Playwright's synchronous interface runs an event loop in this thread: Django must not take our tests for async.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield opened
        opened.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def signed_in(browser: Browser, server: str) -> Callable[[str], StorageState]:
    """Signs a demo account in through the form, once; gives the cookies."""
    known: dict[str, StorageState] = {}

    def sign_in(role: str) -> StorageState:
        if role not in known:
            context = browser.new_context()
            page = context.new_page()
            page.goto(f"{server}/connexion/")
            page.fill("#id_username", role)
            page.fill("#id_password", f"Passerelles-{role}-2026")
            page.press("#id_password", "Enter")
            page.wait_for_url(f"{server}/")
            known[role] = context.storage_state()
            context.close()
        return known[role]

    return sign_in


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, server: str, signed_in: Callable[[str], StorageState]) -> Iterator[Open]:
    """open_page("/", role="intervenant", width=1366, height=768, javascript=True) → a page. Fails the test on any error
    of the console: a refused script or style (CSP), an exception, a missing file."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(ABORTED):
            troubles.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def opener(
        path: str = "/", *, role: str = "intervenant", width: int = 1366, height: int = 768, javascript: bool = True,
        **options: object,
    ) -> Page:  # fmt: skip
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale="fr-CA",
            timezone_id="America/Toronto",
            java_script_enabled=javascript,
            storage_state=signed_in(role) if role else None,
            base_url=server,
            **options,  # type: ignore[arg-type]
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(path)
        return page

    yield opener
    for context in contexts:
        context.close()
    assert troubles == []
