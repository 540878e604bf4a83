"""The printed dossier of an entente, served to those who may read the entente."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from . import documents
from .dossier import open_dossier
from .policies import Action, get_agreement_for, may


@require_safe
@login_required
def dossier_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The PDF of one entente. One that is not this person's to read does not exist (404)."""
    agreement = get_agreement_for(request.user, number)
    dossier = open_dossier(agreement)
    inside = may(request.user, Action.READ_JOURNAL, agreement, dossier.status)
    pdf = documents.dossier_pdf(dossier, with_journal=inside)
    name = documents.file_stem(agreement.number)
    return HttpResponse(
        pdf,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{name}.pdf"',
            # It holds names and network addresses: not to be kept by what stands between.
            "Cache-Control": "private, no-store",
        },
    )
