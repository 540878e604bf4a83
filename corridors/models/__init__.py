from .agreement import Agreement, AgreementParty, Obligation
from .corridor import ReferralMechanism, ServiceCorridor

__all__ = ["Agreement", "AgreementParty", "Obligation", "ReferralMechanism", "ServiceCorridor"]
