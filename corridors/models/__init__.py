from .agreement import Agreement, AgreementParty, Obligation
from .amendment import AgreementDocument, Amendment, Check, Dispute, DisputeStep, Waiver
from .clause import Clause, ClauseComment, ClauseTemplate
from .corridor import ReferralMechanism, ServiceCorridor
from .journal import AgreementEvent, JournalError
from .reminder import CalendarFeed, OutgoingMail, Reminder
from .version import Acceptance, ActionLink, AgreementVersion, LinkAttempt, Signatory, Signature

__all__ = [
    "Acceptance",
    "ActionLink",
    "Agreement",
    "AgreementDocument",
    "AgreementEvent",
    "AgreementParty",
    "AgreementVersion",
    "Amendment",
    "CalendarFeed",
    "Check",
    "Clause",
    "ClauseComment",
    "ClauseTemplate",
    "Dispute",
    "DisputeStep",
    "JournalError",
    "LinkAttempt",
    "Obligation",
    "OutgoingMail",
    "ReferralMechanism",
    "Reminder",
    "ServiceCorridor",
    "Signatory",
    "Signature",
    "Waiver",
]
