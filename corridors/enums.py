"""Closed vocabularies of the ententes; labels are the workbook's and the ministry's own words."""

from django.db import models


class InstrumentType(models.TextChoices):
    SERVICE = "entente_service", "Entente de service"
    COLLABORATION = "collaboration", "Entente de collaboration"
    COMPLEMENTARITY = "complementarite", "Entente de complémentarité"
    INTERINSTITUTION = "interetablissements", "Entente interétablissements"
    FRAMEWORK = "cadre", "Entente-cadre"
    CORRIDOR = "corridor", "Corridor de services"
    LETTER = "lettre", "Lettre d'entente"
    PROTOCOL = "protocole", "Protocole"
    SCHOOL = "milieu_scolaire", "Offre de service en milieu scolaire"
    AGREED_TERMS = "modalite_convenue", "Modalité convenue"


class Modality(models.TextChoices):
    PRESENCE = "presence", "Présence physique"
    CORRIDOR = "corridor", "Corridor de services"
    OCCASIONAL = "ponctuelle", "Collaboration ponctuelle"


class RenewalKind(models.TextChoices):
    NONE = "aucun", "Aucun"
    EXPRESS = "expresse", "À renégocier"
    TACIT = "tacite", "Tacite reconduction"


class DeclaredStatus(models.TextChoices):
    """The workbook's « Statut », kept as declared; the life of an entente is computed elsewhere."""

    DRAFT = "Brouillon", "Brouillon"
    IN_FORCE = "En vigueur", "En vigueur"
    RENEWING = "En renouvellement", "En renouvellement"
    SUSPENDED = "Suspendue", "Suspendue"
    LAPSED = "Échue", "Échue"
    TERMINATED = "Résiliée", "Résiliée"


class AgreementStatus(models.TextChoices):
    """Where an entente is in its life on a given day (see corridors.state)."""

    DRAFT = "brouillon", "Brouillon"
    REVIEW = "revision", "Révision interne"
    NEGOTIATION = "negociation", "Négociation"
    AGREED = "texte_convenu", "Texte convenu"
    SIGNING = "en_signature", "En signature"
    SIGNED = "signee", "Signée"
    IN_FORCE = "en_vigueur", "En vigueur"
    SUSPENDED = "suspendue", "Suspendue"
    DISPUTED = "mesentente", "En mésentente"
    LAPSED = "echue", "Échue"
    TERMINATED = "resiliee", "Résiliée"
    CANCELLED = "annulee", "Annulée"
    REFUSED = "refusee", "Refusée"


class AgreementFlag(models.TextChoices):
    """What a coordinator should see beside a status; derived, never stored."""

    TO_RENEW = "a_renouveler", "À renouveler"
    NOTICE_OPEN = "preavis_ouvert", "Préavis ouvert"
    UPCOMING = "a_venir", "À venir"
    UNSIGNED = "signature_manquante", "Signature manquante"
    CONTRADICTED = "statut_contredit", "Statut contredit par les dates"


class PartyRole(models.TextChoices):
    CENTRE = "centre", "CSSS"
    PARTNER = "partenaire", "partenaire"


class Direction(models.TextChoices):
    ONE_WAY = "uni", "Unidirectionnel"
    BOTH_WAYS = "bi", "Bidirectionnel"


class Recurrence(models.TextChoices):
    ONCE = "unique", "Unique"
    CONTINUOUS = "continu", "En continu"
    MONTHLY = "mensuelle", "Mensuelle"
    QUARTERLY = "trimestrielle", "Trimestrielle"
    YEARLY = "annuelle", "Annuelle"


class ObligationStatus(models.TextChoices):
    UPCOMING = "a_venir", "À venir"
    ONGOING = "en_cours", "En cours"
    MET = "respectee", "Respectée"
    LATE = "en_retard", "En retard"
    CLOSED = "close", "Close avec l’entente"


class Channel(models.TextChoices):
    PRIORITY_LINE = "numero_prioritaire", "Numéro prioritaire"
    WARM_TRANSFER = "transfert", "Transfert téléphonique à chaud"
    CALL_THEN_FORM = "appel_formulaire", "Appel puis formulaire"
    EMAIL_FORM = "formulaire_courriel", "Formulaire par courriel sécurisé"
    FAX = "telecopie", "Télécopie"
    ACCOMPANIMENT = "accompagnement", "Accompagnement au premier rendez-vous"
    CASE_MEETING = "rencontre", "Rencontre de cas"
    OTHER = "autre", "Autre"


class EventKind(models.TextChoices):
    """What a line of an entente's journal tells."""

    TRANSITION = "transition", "Changement d’état"
    VERSION = "version", "Version proposée"
    ACCEPTANCE = "acceptation", "Texte accepté"
    SIGNATURE = "signature", "Signature"
    REFUSAL = "refus", "Refus"
    CLEARING = "effacement", "Acceptations et signatures effacées"
    LINK_SENT = "lien_envoye", "Lien envoyé"
    LINK_REFUSED = "lien_refuse", "Lien refusé"
    LINK_ASKED = "lien_demande", "Nouveau lien demandé"
    LINK_WITHDRAWN = "lien_retire", "Lien retiré"
    SIGNATORY = "signataire", "Signataires"
    COMMENT = "commentaire", "Commentaire sur une clause"
    RENEWAL = "reconduction", "Reconduction"
    AMENDMENT = "avenant", "Avenant"
    DISPUTE = "mesentente", "Étape d’une mésentente"
    DOCUMENT = "document", "Document versé"
    REMINDER = "rappel", "Rappel envoyé"
    WAIVER = "derogation", "Dérogation"
    CONTRIBUTION = "contribution", "Contribution déclarée respectée"


class ClauseKind(models.TextChoices):
    REFERRAL = "reference", "Référence"
    DISPUTE = "mesentente", "Mésentente"
    INFORMATION = "information", "Échange d’information"
    CONCERTATION = "concertation", "Concertation"
    PROTOCOL = "protocole", "Protocole applicable"
    P38_ROLES = "roles_p38", "Partage des rôles (P-38)"
    FREE = "libre", "Clause libre"


class SignatureMethod(models.TextChoices):
    LINK = "en_ligne", "En ligne"
    PAPER = "papier", "Papier numérisé"


class LinkPurpose(models.TextChoices):
    ACCEPT = "accepter", "Accepter le texte"
    SIGN = "signer", "Signer l’entente"


class LinkOutcome(models.TextChoices):
    """How an attempt to use a link ended."""

    SHOWN = "montre", "Page montrée"
    DONE = "fait", "Geste accompli"
    REFUSED = "refuse", "Refus motivé"
    FORGED = "falsifie", "Lien falsifié"
    EXPIRED = "expire", "Lien expiré"
    USED = "utilise", "Lien déjà utilisé"
    REVOKED = "revoque", "Lien retiré"
    OUTDATED = "perime", "Texte changé depuis"
    SOMEBODY_ELSE = "autre", "Lien d’une autre personne"


class AmendmentKind(models.TextChoices):
    """What an amendment may change; the fields are listed in corridors.amendments."""

    DURATION = "duree", "Durée et renouvellement"
    CORRIDORS = "corridors", "Corridors et délais"
    MECHANISMS = "mecanismes", "Mécanismes"
    PARTIES = "parties", "Parties"
    SCOPE = "portee", "Objet, programmes et territoires"
    CLAUSES = "clauses", "Clauses"
    CONTRIBUTIONS = "contributions", "Contributions attendues"


class DisputeStatus(models.TextChoices):
    OPEN = "ouverte", "Ouverte"
    SETTLED = "reglee", "Réglée"
    ENDED = "close", "Close sans règlement"


class DocumentKind(models.TextChoices):
    SIGNED = "signee", "Entente signée"
    MANDATE = "mandat", "Mandat"
    NOTICE = "avis", "Avis de résiliation"
    EVIDENCE = "preuve", "Preuve d’une contribution"
    ANNEX = "annexe", "Annexe"
    OTHER = "autre", "Autre document"


class CheckKind(models.TextChoices):
    ACCESS = "acces", "Accès"
    QUALITY = "qualite", "Qualité"
    CONTINUITY = "continuite", "Continuité"


class DayCount(models.TextChoices):
    CALENDAR = "calendrier", "Jours de calendrier"
    BUSINESS = "ouvrables", "Jours ouvrables"
