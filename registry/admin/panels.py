"""Forms in tabs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wagtail.admin.panels import FieldPanel, InlinePanel, ObjectList, Panel, PublishingPanel, TabbedInterface
from wagtail.admin.panels.group import PanelGroup


def tabs(*pages: tuple[str, list[Panel]], form: type | None = None) -> TabbedInterface:
    """One tab for each (heading, panels); the dates of publication, shown in the side panel, go with the first."""
    for _, panels in pages:
        _require_on_save(panels)
    lists = [
        ObjectList([*panels, PublishingPanel()] if position == 0 else panels, heading=heading)
        for position, (heading, panels) in enumerate(pages)
    ]
    options: dict[str, Any] = {"base_form_class": form} if form is not None else {}
    return TabbedInterface(lists, **options)


def _require_on_save(panels: Iterable[Panel]) -> None:
    """A draft occupies a row too: the few required fields are what its row cannot do without (code, name…), so a draft
    without them is refused in words, by the form, and not by the database."""
    for panel in panels:
        if isinstance(panel, FieldPanel):
            panel.required_on_save = True
        elif isinstance(panel, PanelGroup):
            _require_on_save(panel.children)
        elif isinstance(panel, InlinePanel):
            _require_on_save(panel.panels or [])
