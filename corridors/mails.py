"""Messages about ententes: written in the transaction that caused them, sent by the task queue, kept as a log.

One template a message (`templates/emails/<kind>.txt`) gives the words of both forms, plain text and HTML: they never
say two different things. First line: the subject; then paragraphs, between blank lines. Lines that begin with « - »
are a list; one that begins with « > » is what somebody wrote.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import models, transaction
from django.db.models import F, Q
from django.template import Context, engines
from django.template.backends.django import DjangoTemplates
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from .models import Agreement, Amendment, OutgoingMail, Reminder

logger = logging.getLogger(__name__)

# How long a message waits after each failed attempt; then the daily run tries it again, once a day.
WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=3))
MAX_ATTEMPTS = len(WAITS) + 1
UNTIL_THE_DAILY_RUN = timedelta(hours=12)
# Whoever took a message and died is given this long before somebody else may take it.
LEASE = timedelta(minutes=10)
# A message that the mail server refuses is given up after a week; one that no worker took (the server was stopped)
# leaves late, unless it is so old that nobody wants it any more and its links have expired.
GIVEN_UP_AFTER = timedelta(days=7)
TOO_OLD = timedelta(days=60)
# Two signs that do not stand alone at the start of a line, nor end one: « mot : », « … ».
_BLANKS = re.compile(r"[ \t\r\n\f\v]+")
# A mail server that refuses a message may quote it.
_ADDRESS = re.compile(r"https?://\S+")
_NO_BREAK = re.compile(r" (?=[:»])|(?<=«) ")


class MailKind(models.TextChoices):
    """What a message says; its template is named after the value."""

    ACCEPT_LINK = "lien_accepter", "Lien pour accepter le texte"
    SIGN_LINK = "lien_signer", "Lien pour signer"
    RECEIPT = "recu", "Accusé d’acceptation ou de signature"
    LINK_ASKED = "lien_demande", "Nouveau lien demandé"
    TO_REVIEW = "a_reviser", "À réviser"
    APPROVED = "approuvee", "Approuvée"
    SENT_BACK = "renvoyee", "Renvoyée au brouillon"
    YOUR_TURN = "votre_tour", "À votre tour"
    COMMENT = "commentaire", "Commentaire sur une clause"
    CHANGE_ASKED = "changement_demande", "Changement demandé"
    ACCEPTED = "texte_accepte", "Texte accepté"
    AGREED = "texte_convenu", "Texte convenu"
    CLEARED = "accords_effaces", "Acceptations et signatures effacées"
    SIGNATURE = "signature", "Signature reçue"
    SIGNED = "signee", "Entente signée"
    REFUSED = "refusee", "Entente refusée"
    CANCELLED = "annulee", "Entente annulée"
    SUSPENDED = "suspendue", "Entente suspendue"
    RESUMED = "reprise", "Suspension levée"
    TERMINATED = "resiliee", "Entente résiliée"
    KEPT = "resiliation_retiree", "Résiliation retirée"
    LAPSED = "echue", "Entente échue"
    RENEWED = "reconduite", "Entente reconduite"
    DISPUTE = "mesentente", "Mésentente"
    SETTLED = "mesentente_close", "Mésentente close"
    AMENDMENT = "avenant", "Avenant intégré"
    AMENDMENT_CLASH = "avenant_a_revoir", "Avenant à revoir"
    TERM = "terme", "Échéance qui approche"
    NOTICE_SOON = "preavis_bientot", "Préavis à donner"
    NOTICE = "preavis", "Préavis ouvert"
    TURN = "tour", "Réponse attendue"
    OBLIGATION = "contribution", "Contribution à venir"
    OBLIGATION_LATE = "contribution_retard", "Contribution en retard"
    SIGNATURE_PENDING = "signature_attendue", "Signature attendue"
    LINK_EXPIRING = "lien_expire", "Lien sur le point d’expirer"
    STEP = "mesentente_delai", "Étape d’une mésentente à venir"
    STEP_LATE = "mesentente_retard", "Étape d’une mésentente en retard"


@dataclass(frozen=True, slots=True)
class Message:
    """A message ready to be sent: the same words twice."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph (`kind` « p »), a list (« list ») or words of somebody's (« quote »)."""

    kind: str
    lines: tuple[str, ...]


def absolute(path: str) -> str:
    """The whole address of a page of ours; one that is whole already stays as it is."""
    return path if urlsplit(path).scheme else urljoin(settings.WAGTAILADMIN_BASE_URL.rstrip("/") + "/", path)


def queue(
    kind: str, recipient: str, agreement: Agreement | None = None, context: Mapping[str, Any] | None = None,
    reminder: Reminder | None = None,
) -> OutgoingMail:  # fmt: skip
    """Write a message and put it in the queue, both in the transaction that runs: it leaves once that is committed.

    `context`: what the template of this kind asks for (its first line says). Everywhere: `link` (a path of ours or a
    whole address) with `link_label`, `name` (whom it is for), `facts` (pairs of words, a small table), `amendment`
    (then the message is about it). Raises ValueError without recipient.
    """
    if not recipient:
        raise ValueError("A message goes to somebody.")
    values = dict(context or {})
    message = render(kind, {**names(agreement, values.pop("amendment", None)), **values})
    with transaction.atomic():
        mail = OutgoingMail.objects.create(
            agreement=agreement, reminder=reminder, kind=kind, recipient=recipient, subject=message.subject,
            text=message.text, html=message.html, created_at=timezone.now(),
        )  # fmt: skip
        _enqueue(mail.pk)
    return mail


def names(agreement: Agreement | None, amendment: Amendment | None = None) -> dict[str, str]:
    """What every template calls the thing that it talks about: `the` (« l’entente ENT-1, « Titre » »), `short`
    (« entente ENT-1 ») and `number`. Both begin in a way that « de », « à », « sur » go before."""
    if agreement is None:
        return {}
    the, short = f"l’entente {agreement.number}, « {agreement.title} »", f"entente {agreement.number}"
    if amendment is not None:
        the, short = f"l’avenant {amendment.number} à {the}", f"avenant {amendment.number}, {short}"
    return {"the": the, "short": short, "number": agreement.number}


def _enqueue(mail_id: int, run_after: datetime | None = None) -> None:
    # The queue is kept in the same database: the task is there if, and only if, the message is.
    from .tasks import send_mail

    send_mail.using(run_after=run_after).enqueue(mail_id)


def render(kind: str, context: Mapping[str, Any]) -> Message:
    """Both forms of a message. Raises TemplateDoesNotExist for a kind that has no words."""
    engine = cast(DjangoTemplates, engines["django"]).engine
    written = engine.get_template(f"emails/{kind}.txt").render(Context(_one_line(context), autoescape=False))
    subject, _end, body = written.strip().partition("\n")
    values = {
        **context,
        "subject": _no_break(subject),
        "blocks": blocks_of(_no_break(body)),
        "facts": [(label, _no_break(str(value))) for label, value in context.get("facts", ())],
        "name": context.get("name", ""),
        "link": absolute(context["link"]) if context.get("link") else "",
        "link_label": context.get("link_label") or "Ouvrir l’entente",
        "establishment": settings.PASSERELLES_ESTABLISHMENT,
    }
    text = engine.get_template("emails/base.txt").render(Context(values, autoescape=False))
    html = engine.get_template("emails/base.html").render(Context(values))
    return Message(values["subject"][:255], re.sub(r"\n{3,}", "\n\n", text).strip() + "\n", html)


def _one_line(context: Mapping[str, Any]) -> dict[str, Any]:
    """What people wrote, in one line each: a blank line in a reason must not look like a paragraph of ours."""
    return {
        name: _BLANKS.sub(" ", value).strip() if isinstance(value, str) else value for name, value in context.items()
    }


def _no_break(text: str) -> str:
    return _NO_BREAK.sub("\u00a0", text)


def blocks_of(body: str) -> list[Block]:
    """The body of a message, block by block."""
    found = []
    for part in re.split(r"\n\s*\n", body.strip()):
        lines = [line.strip() for line in part.splitlines() if line.strip()]
        if not lines:
            continue
        if all(line.startswith("- ") for line in lines):
            found.append(Block("list", tuple(line[2:].strip() for line in lines)))
        elif lines[0].startswith("> "):
            found.append(Block("quote", (" ".join(line.removeprefix("> ") for line in lines),)))
        else:
            found.append(Block("p", (" ".join(lines),)))
    return found


def deliver(mail_id: int) -> bool:
    """Send one message, if nobody else has or is about to. True: it left just now. A failure is noted, and tried again
    later. Call it outside of a transaction: the claim must be seen by the other workers at once."""
    now = timezone.now()
    free = Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lte=now)
    waiting = OutgoingMail.objects.filter(pk=mail_id, sent_at__isnull=True).exclude(text="")
    if not waiting.filter(free).update(attempts=F("attempts") + 1, next_attempt_at=now + LEASE):
        return False
    mail = OutgoingMail.objects.get(pk=mail_id)
    try:
        _message(mail).send()
    except Exception as error:  # whatever the mail server or the network says: it is told, and tried again
        _failed(mail, error)
        return False
    OutgoingMail.objects.filter(pk=mail_id).update(
        sent_at=timezone.now(), text="", html="", last_error="", next_attempt_at=None
    )
    return True


def _message(mail: OutgoingMail) -> EmailMultiAlternatives:
    host = urlsplit(settings.WAGTAILADMIN_BASE_URL).hostname or "passerelles"
    headers = {
        # The same if a worker died between sending and writing it down: mailboxes then show one message, not two.
        "Message-ID": f"<entente-{mail.pk}.{mail.created_at:%Y%m%d%H%M%S}@{host}>",
        "Auto-Submitted": "auto-generated",
        "Content-Language": "fr-CA",
    }
    message = EmailMultiAlternatives(mail.subject, mail.text, to=[mail.recipient], headers=headers)
    message.attach_alternative(mail.html, "text/html")
    return message


def _failed(mail: OutgoingMail, error: Exception) -> None:
    """Note it, without a word of the message: what it holds is personal."""
    last = mail.attempts >= MAX_ATTEMPTS
    again = timezone.now() + (UNTIL_THE_DAILY_RUN if last else WAITS[mail.attempts - 1])
    with transaction.atomic():
        OutgoingMail.objects.filter(pk=mail.pk, sent_at__isnull=True).update(
            last_error=_ADDRESS.sub("…", f"{type(error).__name__} : {error}")[:300], next_attempt_at=again
        )
        if not last:
            _enqueue(mail.pk, again)
    logger.warning("Message %s (%s) did not leave, attempt %s: %s", mail.pk, mail.kind, mail.attempts,
                   type(error).__name__)  # fmt: skip


def resend_waiting(now: datetime | None = None) -> tuple[int, int]:
    """Put back in the queue what should have left and did not (the daily run): returns how many, and how many are given
    up for good: too old, their words emptied. What a worker that is stopped will find in the queue is left there."""
    now = now or timezone.now()
    waiting = OutgoingMail.objects.filter(sent_at__isnull=True).exclude(text="")
    refused = Q(attempts__gte=MAX_ATTEMPTS, created_at__lt=now - GIVEN_UP_AFTER)
    hopeless = waiting.filter(refused | Q(created_at__lt=now - TOO_OLD))
    given_up = hopeless.update(text="", html="", next_attempt_at=None)
    free = Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lte=now)
    due = waiting.filter(free).only("pk").order_by("pk")
    queued = _in_the_queue() if due else set()
    lost = [mail.pk for mail in due if mail.pk not in queued]
    for mail_id in lost:
        _enqueue(mail_id)
    return len(lost), given_up


def _in_the_queue() -> set[int]:
    """The messages for which a task waits. One SQL query."""
    from .tasks import send_mail

    tasks = DBTaskResult.objects.filter(task_path=send_mail.module_path, status=TaskResultStatus.READY)
    return {found["args"][0] for found in tasks.order_by().values_list("args_kwargs", flat=True)}
