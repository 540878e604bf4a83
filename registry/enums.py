"""Closed vocabularies. Values are stable codes; labels are the workbook's and the ministry's own words."""

from django.db import models


class TerritoryKind(models.TextChoices):
    PROVINCE = "province", "Province"
    REGION = "region", "Région sociosanitaire"
    RLS = "rls", "RLS"
    MUNICIPALITY = "municipality", "Municipalité"
    BOROUGH = "borough", "Arrondissement"
    QUARTER = "quarter", "Quartier"


class SynonymKind(models.TextChoices):
    SYNONYM = "synonym", "Synonyme"
    ACRONYM = "acronym", "Sigle"
    LAY = "lay", "Expression courante"
    FORMER = "former", "Ancien terme"


class PartnerType(models.TextChoices):
    PROVINCIAL_LINE = "ligne_provinciale", "Ligne téléphonique provinciale"
    CENTRE_PROGRAM = "programme_centre", "Programme CSSS/CIUSSS"
    CLSC = "clsc", "CLSC"
    HOSPITAL = "centre_hospitalier", "Centre hospitalier"
    YOUTH_CENTRE = "centre_jeunesse", "Centre jeunesse"
    REHABILITATION = "centre_readaptation", "Centre de réadaptation"
    POLICE = "corps_policier", "Corps policier"
    MUNICIPALITY = "municipalite", "Municipalité – sécurité civile"
    CRISIS_CENTRE = "centre_crise", "Centre de crise"
    PRIMARY_SCHOOL = "ecole_primaire", "École primaire"
    SECONDARY_SCHOOL = "ecole_secondaire", "École secondaire"
    ADULT_EDUCATION = "formation_adultes", "Centre de formation aux adultes"
    CEGEP = "cegep", "Cégep"
    CPE = "cpe", "CPE"
    GMF = "gmf", "GMF"
    NETWORK_CLINIC = "clinique_reseau", "Clinique-réseau"
    PHARMACY = "pharmacie", "Pharmacie"
    SHELTER = "maison_hebergement", "Maison d'hébergement"
    COMMUNITY = "organisme_communautaire", "Organisme communautaire"
    EMERGENCY = "urgence", "Urgence"
    OTHER = "autre", "Autre / à préciser"


# « École » groups these (domain.md).
SCHOOLS = (PartnerType.PRIMARY_SCHOOL, PartnerType.SECONDARY_SCHOOL, PartnerType.ADULT_EDUCATION)


class Program(models.TextChoices):
    GENERAL_PSYCHOSOCIAL = "psychosociaux_generaux", "Services psychosociaux généraux"
    YOUTH = "jeunes_difficulte", "Jeunes en difficulté"
    SAPA = "sapa", "Soutien à l'autonomie des personnes âgées"
    MENTAL_HEALTH = "sante_mentale", "Santé mentale"
    PHYSICAL_DISABILITY = "deficience_physique", "Déficience physique"
    DI_TSA = "di_tsa", "DI-TSA"
    ADDICTIONS = "dependances", "Dépendances"
    PHYSICAL_HEALTH = "sante_physique", "Santé physique"
    PUBLIC_HEALTH = "sante_publique", "Santé publique"


class FrameworkService(models.TextChoices):
    AEOR = "aeor", "Accueil, évaluation, orientation et référence (AEOR)"
    INFO_SOCIAL = "info_social", "Info-Social"
    CRISIS_24_7 = "crise_milieu", "Intervention en situation de crise dans le milieu 24/7"
    CONSULTATION = "consultation", "Consultation psychosociale"
    PROXIMITY = "proximite", "Intervention de proximité / de quartier"
    CIVIL_SECURITY = "securite_civile", "Sécurité civile (volet psychosocial)"
    INTERPROFESSIONAL = "interprofessionnelle", "Équipe interprofessionnelle"


class Line(models.TextChoices):
    FIRST = "1", "1re ligne"
    SECOND = "2", "2e ligne"
    THIRD = "3", "3e ligne"


class AccessMode(models.TextChoices):
    PHONE = "telephone", "Téléphone"
    WALK_IN = "sans_rendez_vous", "Sans rendez-vous"
    APPOINTMENT = "rendez_vous", "Sur rendez-vous"
    REFERRAL = "reference", "Sur référence"
    OUTREACH = "domicile", "À domicile ou dans le milieu"
    ONLINE = "en_ligne", "En ligne"


class Availability(models.TextChoices):
    AVAILABLE = "disponible", "Disponible"
    WAITING_LIST = "liste_attente", "Liste d'attente"
    FULL = "complet", "Complet"
    PERIODIC = "periodique", "Périodique"
    SUSPENDED = "suspendu", "Suspendu temporairement"


class Visibility(models.TextChoices):
    PUBLIC = "publique", "Publique"
    NETWORK = "reseau", "Partenaires"
    INTERNAL = "interne", "Interne"


# Widest first: an organization takes the widest visibility among its services.
VISIBILITY_ORDER = (Visibility.PUBLIC, Visibility.NETWORK, Visibility.INTERNAL)


class Clientele(models.TextChoices):
    EVERYONE = "tous", "Toute la population"
    ADULTS = "adultes", "Adultes"
    CHILDREN = "enfants", "Enfants"
    TEENAGERS = "adolescents", "Adolescents"
    YOUNG_ADULTS = "jeunes_adultes", "Jeunes adultes"
    ELDERS = "aines", "Personnes aînées"
    WOMEN = "femmes", "Femmes"
    MEN = "hommes", "Hommes"
    FAMILIES = "familles", "Familles et parents"
    HOMELESS = "itinerance", "Personnes en situation d'itinérance"
    IMMIGRANTS = "immigrantes", "Personnes immigrantes"
    LGBTQ = "lgbtq", "Personnes LGBTQ+"
    PHYSICAL_DISABILITY = "incapacite_physique", "Personnes ayant une incapacité physique"
    INTELLECTUAL_DISABILITY = "deficience_intellectuelle", "Personnes ayant une déficience intellectuelle"
    CAREGIVERS = "proches_aidants", "Proches aidants"
    INDIGENOUS = "autochtones", "Personnes autochtones"


class Sex(models.TextChoices):
    FEMALE = "f", "Femmes"
    MALE = "m", "Hommes"


class Wheelchair(models.TextChoices):
    YES = "oui", "Oui"
    NO = "non", "Non"
    PARTIAL = "partiel", "Partiellement"
    UNKNOWN = "", "À vérifier"


class DelayUnit(models.TextChoices):
    HOURS = "heures", "heures"
    CALENDAR_DAYS = "jours", "jours"
    BUSINESS_DAYS = "jours_ouvrables", "jours ouvrables"


class ServiceLevelKind(models.TextChoices):
    CALLBACK = "rappel", "Rappel"
    ASSESSMENT = "evaluation", "Évaluation"
    FIRST_CONTACT = "premier_contact", "Premier contact"
    FOLLOW_UP = "suivi", "Suivi"
    URGENT = "urgent", "Urgent"


class CrisisRole(models.TextChoices):
    NONE = "", "Aucun"
    POLICE = "police", "Police"
    SHELTER = "hebergement", "Hébergement"
    EMERGENCY = "urgence", "Urgence"
    DESIGNATED_CENTRE = "centre_designe", "Centre désigné"
    ON_CALL = "garde_24_7", "Garde 24/7"
    SUICIDE_PREVENTION = "prevention_suicide", "Prévention du suicide"


class Role(models.TextChoices):
    INTERVENANT = "intervenant", "Intervenant"
    COORDINATOR = "coordonnateur", "Coordonnateur d'ententes"
    MANAGER = "gestionnaire", "Gestionnaire"
    PARTNER = "partenaire", "Partenaire"
    ADMINISTRATOR = "administrateur", "Administrateur"
