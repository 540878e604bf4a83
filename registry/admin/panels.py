"""Forms in tabs."""

from __future__ import annotations

from typing import Any

from wagtail.admin.panels import ObjectList, Panel, PublishingPanel, TabbedInterface


def tabs(*pages: tuple[str, list[Panel]], form: type | None = None) -> TabbedInterface:
    """One tab for each (heading, panels); the dates of publication, shown in the side panel, go with the first."""
    lists = [
        ObjectList([*panels, PublishingPanel()] if position == 0 else panels, heading=heading)
        for position, (heading, panels) in enumerate(pages)
    ]
    options: dict[str, Any] = {"base_form_class": form} if form is not None else {}
    return TabbedInterface(lists, **options)
