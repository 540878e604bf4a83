"""Who is at the keyboard, and what each door left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.template import engines
from django.test import Client
from wagtail.models import ModelLogEntry

from registry.enums import Role
from registry.signals import record_changed

from . import building


@pytest.fixture(autouse=True)
def _wagtails_templates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wagtail's own templates lean on undefined variables; ours are held to the rule in `test_templates`."""
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", "")


@pytest.fixture
def sign_in(db: None) -> Callable[..., Client]:
    """A browser signed in with a new account that holds the role."""

    def with_role(role: Role | None, **options: Any) -> Client:
        client = Client()
        client.force_login(building.account(role, **options))
        return client

    return with_role


@pytest.fixture
def coordinator(sign_in: Callable[..., Client]) -> Client:
    return sign_in(Role.COORDINATOR)


@pytest.fixture
def manager(sign_in: Callable[..., Client]) -> Client:
    return sign_in(Role.MANAGER)


@pytest.fixture
def administrator(sign_in: Callable[..., Client]) -> Client:
    return sign_in(Role.ADMINISTRATOR)


class Trace:
    """Log entries written and changes announced since the last `clear`."""

    def __init__(self) -> None:
        self.announced: list[tuple[type, list[int]]] = []
        self.clear()

    def hear(self, sender: type, ids: list[int], **kwargs: Any) -> None:
        self.announced.append((sender, list(ids)))

    def clear(self) -> None:
        self.announced.clear()
        self._last = ModelLogEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    @property
    def logged(self) -> list[str]:
        return list(ModelLogEntry.objects.filter(pk__gt=self._last).order_by("pk").values_list("action", flat=True))


@pytest.fixture
def trace(db: None) -> Iterator[Trace]:
    kept = Trace()
    record_changed.connect(kept.hear)
    yield kept
    record_changed.disconnect(kept.hear)
