"""Files of an entente: what may be put in, where it is kept, and who is served.

They are Wagtail documents in a collection of their own, that no list of documents shows to strangers; the one door to
them is `corridors.admin.documents.serve`, which asks the policies.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.models import Collection, CollectionViewRestriction
from wagtail.utils.file import hash_filelike

from . import actions, policies
from .actions import Actor
from .dossier import status_of
from .enums import DocumentKind, EventKind
from .models import Agreement, AgreementDocument

COLLECTION = "Ententes"
MAX_MB = 25  # a signed entente of sixty scanned pages
_ZIP = b"PK\x03\x04"
# What each kind of file begins with: the name alone proves nothing.
_BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    ".pdf": (b"%PDF-",),
    ".docx": (_ZIP,),
    ".odt": (_ZIP,),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".tif": (b"II*\x00", b"MM\x00*"),
    ".tiff": (b"II*\x00", b"MM\x00*"),
}
ACCEPTED = ",".join(_BEGINNINGS)
ACCEPTED_WORDS = "PDF, Word (.docx), OpenDocument (.odt), JPEG, PNG ou TIFF"
_NAME_LENGTH = 100  # of a file, in Wagtail's own column


def check_upload(upload: UploadedFile) -> None:
    """Raises ValidationError, in French, for a file that is empty, too large, or not of an accepted kind."""
    size = upload.size or 0
    if not size:
        raise ValidationError("Ce fichier est vide : choisissez-en un autre.", code="empty")
    if size > MAX_MB * 1024 * 1024:
        raise ValidationError(
            f"Ce fichier dépasse {MAX_MB}\u00a0Mo. Numérisez en plus petite résolution, ou séparez-le.", code="size"
        )
    name = PurePath(upload.name or "").name
    beginnings = _BEGINNINGS.get(PurePath(name).suffix.lower())
    if beginnings is None:
        raise ValidationError(f"Ce genre de fichier n’est pas accepté. Versez un {ACCEPTED_WORDS}.", code="kind")
    if len(name) > _NAME_LENGTH - len("documents/"):
        raise ValidationError("Le nom de ce fichier est trop long : raccourcissez-le.", code="name")
    head = upload.read(8)
    upload.seek(0)
    if not head.startswith(beginnings):
        raise ValidationError(
            f"Le contenu de ce fichier ne correspond pas à son nom ({PurePath(name).suffix.lower()}). "
            "Enregistrez-le de nouveau dans le bon format.",
            code="content",
        )


def collection() -> Collection:
    """Where the files of ententes live, closed to whoever has no account (the policies decide for the others)."""
    found = Collection.objects.filter(name=COLLECTION, depth=2).first()
    if found is None:
        found = Collection.get_first_root_node().add_child(name=COLLECTION)
        CollectionViewRestriction.objects.create(collection=found, restriction_type=CollectionViewRestriction.LOGIN)
    return found


def attach(
    actor: Actor, agreement: Agreement, upload: UploadedFile, kind: DocumentKind | str, label: str = ""
) -> AgreementDocument:
    """Put a file in the dossier of an entente; one line of journal. Raises ValidationError for a file that is refused,
    PermissionDenied for somebody who may not."""
    if actor.capacity is None:
        policies.require(actor.user, policies.Action.ATTACH, agreement, status_of(agreement))
    check_upload(upload)
    kind = DocumentKind(kind)
    label = label.strip() or PurePath(upload.name or "").name
    document = get_document_model()(
        title=f"{agreement.number}, {label}"[:255], file=upload, collection=collection(), uploaded_by_user=actor.user
    )
    try:
        with transaction.atomic():
            locked = actions.locked(agreement)
            document.file_size = upload.size
            document.file_hash = hash_filelike(upload)
            upload.seek(0)
            document.save()
            kept = AgreementDocument.objects.create(
                agreement=locked, document=document, kind=kind, label=label[:200], added_by=actor.user,
                added_at=timezone.now(),
            )  # fmt: skip
            actions.record(
                locked, EventKind.DOCUMENT, actor, data={"document": kept.pk, "label": label, "kind": str(kind.label)}
            )
    except BaseException:
        # The database forgets the row; the disk must forget the file too.
        if document.file and document.file._committed:
            document.file.delete(save=False)
        raise
    return kept


def may_open(user: Any, document: AgreementDocument) -> bool:
    """Those who may read the entente may open its files, in the status it is in today."""
    agreement = document.agreement
    return policies.may(user, policies.Action.READ, agreement, status_of(agreement))
