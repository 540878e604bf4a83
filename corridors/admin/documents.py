"""The door to the files of an entente, and the lock on every other one."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from .. import files
from ..models import AgreementDocument


@require_safe
@never_cache
@login_required
def serve(request: HttpRequest, pk: int) -> FileResponse:
    """A file of an entente, always as a download. One that is not theirs does not exist (404)."""
    found = AgreementDocument.objects.select_related("document", "agreement").prefetch_related("agreement__parties")
    item = get_object_or_404(found, pk=pk)
    if not files.may_open(request.user, item):
        raise Http404("Aucun document visible ne porte ce numéro.")
    try:
        content = item.document.file.open("rb")
    except FileNotFoundError as error:
        raise Http404("Le fichier n’est plus sur le disque : prévenez l’administration.") from error
    response = FileResponse(content, as_attachment=True, filename=item.document.filename)
    # Whatever a file claims to be, a browser does nothing with it but keep it.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Robots-Tag"] = "noindex"
    return response


def refuse_wagtail_door(document: Any, request: HttpRequest) -> None:
    """Wagtail's own address of a document (/documents/…) knows nothing of ententes: to it, their files do not exist."""
    in_collection = document.collection.name == files.COLLECTION
    if in_collection or AgreementDocument.objects.filter(document=document).exists():
        raise Http404("Aucun document visible ne porte ce numéro.")


def closed(request: HttpRequest) -> FileResponse:
    """Wagtail's library of documents. The only documents here are those of ententes: they are seen, and added, on the
    page of their entente, and nobody replaces or removes one."""
    raise Http404("Les documents se trouvent sur la page de leur entente.")
