from .approval import RoleApprovalTask
from .base import LiveManager, Record, RecordQuerySet
from .contact import Contact, Liaison
from .imports import ImportLine, ImportStatus, LineKind, SheetLayout, WorkbookImport
from .location import AddressDisclosure, ConfidentialAddress, Location
from .membership import Membership, User
from .need import Need, NeedSynonym
from .organization import Organization
from .service import Service, ServiceClosure, ServiceKeyword, ServiceLevel, ServiceNeed
from .territory import Territory

__all__ = [
    "AddressDisclosure",
    "ConfidentialAddress",
    "Contact",
    "ImportLine",
    "ImportStatus",
    "Liaison",
    "LineKind",
    "LiveManager",
    "Location",
    "Membership",
    "Need",
    "NeedSynonym",
    "Organization",
    "Record",
    "RecordQuerySet",
    "RoleApprovalTask",
    "Service",
    "ServiceClosure",
    "ServiceKeyword",
    "ServiceLevel",
    "ServiceNeed",
    "SheetLayout",
    "Territory",
    "User",
    "WorkbookImport",
]
