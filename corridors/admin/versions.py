"""The whole text of a version, and any two of them side by side, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from .. import reading
from ..canonical import labels_of, short_hash
from ..models import AgreementVersion
from .gestures import EntenteView
from .journey import page_url, short_day
from .page import changed_between
from .sections import versions_of

CURRENT = "actuel"


@dataclass(frozen=True, slots=True)
class Text:
    """One text that can be read or compared. `key`: « 3 » for a version, « actuel » for the text in preparation."""

    key: str
    name: str
    detail: str
    terms: Mapping[str, Any]
    labels: reading.Labels
    fingerprint: str


class _TextsView(EntenteView):
    template_name = ""

    def texts(self) -> list[Text]:
        """The newest first. The text in preparation is there when it is not that of the last version."""
        found = [_of_version(version) for version in versions_of(self.dossier)]
        if not found or not self.dossier.text_unchanged:
            terms = self.dossier.terms
            current = Text(
                CURRENT, "Texte actuel", "tel qu’il est enregistré", terms, labels_of(terms),
                short_hash(self.dossier.hash),
            )  # fmt: skip
            found.insert(0, current)
        return found

    def page(self, **shown: Any) -> HttpResponse:
        context = {
            "agreement": self.agreement, "status": self.dossier.status, "page_url": page_url(self.agreement), **shown,
        }  # fmt: skip
        return TemplateResponse(self.request, self.template_name, context)


def _of_version(version: AgreementVersion) -> Text:
    who = str(version.proposed_by or version.author_name or "")
    detail = ", ".join(word for word in (who, short_day(timezone.localdate(version.created_at))) if word)
    return Text(
        str(version.number), f"Version {version.number}", detail, version.terms, version.labels,
        short_hash(version.content_hash),
    )  # fmt: skip


class TextView(_TextsView):
    """`?version=3`: the whole of a text; by default the newest."""

    template_name = "corridors/admin/texte.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        texts = self.texts()
        chosen = next((text for text in texts if text.key == request.GET.get("version")), texts[0])
        return self.page(
            page_title=f"Texte de l’entente, {chosen.name[0].lower()}{chosen.name[1:]}", texts=texts, chosen=chosen,
            text=reading.read(chosen.terms, chosen.labels),
        )  # fmt: skip


class VersionsView(_TextsView):
    """`?de=1&a=3`: what changes from one text to the other; by default between the last two."""

    template_name = "corridors/admin/versions.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        texts = self.texts()
        by_key = {text.key: text for text in texts}
        new = by_key.get(request.GET.get("a", ""), texts[0])
        older = texts[min(texts.index(new) + 1, len(texts) - 1)]
        old = by_key.get(request.GET.get("de", ""), older)
        names = (old.name[0].lower() + old.name[1:], new.name[0].lower() + new.name[1:])
        labels = reading.merged(old.labels, new.labels)
        return self.page(
            page_title="Comparer deux textes", texts=texts, old=old, new=new,
            changed=changed_between(old.terms, new.terms, labels, names),
        )  # fmt: skip
