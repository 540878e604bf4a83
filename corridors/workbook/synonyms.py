"""How people title the columns of their tables of ententes, corridors and obligations.

Same conventions as `registry.workbook.synonyms`.
"""

from __future__ import annotations

Synonyms = dict[str, str]

_AGREEMENT = (
    "no entente | numéro d'entente | entente liée | référence de l'entente | en vertu de | agreement | "
    "agreement number | protocole | quelle entente | selon l'entente"
)
_STATUS = (
    "état | situation | où on en est | avancement | étape | rendu où | suivi | status | état actuel | réalisé "
    "| fait ou pas | complété | progression | phase"
)

AGREEMENTS: Synonyms = {
    "Numéro": (
        f"{_AGREEMENT} | no | code | référence | identifiant | id | no de dossier | agreement id | numéro de "
        "protocole | quel numéro"
    ),
    "Titre": (
        "nom | intitulé | entente | nom de l'entente | sujet | libellé | title | agreement title | appellation | "
        "désignation"
    ),
    "Type": (
        "genre | sorte | catégorie | nature | instrument | sorte d'entente | type d'entente | forme juridique | "
        "kind | genre d'entente | type de document | modèle"
    ),
    "Parties": (
        "qui | signataires | partenaires | entre | organismes | avec qui | avec | partenaires signataires | "
        "cocontractants | parties prenantes | parties contractantes | entre qui et qui | organisations | "
        "partenaires impliqués | organismes signataires | entre qui | parties liées"
    ),
    "Programme-services": (
        "programme | direction | programme services | volet | program | programme concerné | secteur | volet clinique"
    ),
    "Territoires": (
        "territoire | secteurs | où | couvre | région | territoire visé | zone | portée | area | quartiers | "
        "territoire d'application | territoire couvert | région visée | secteur visé | desserte"
    ),
    "Modalité": (
        "modalités | mode | forme | formule | façon de collaborer | type de collaboration | modality | façon de "
        "travailler ensemble | forme de collaboration | comment on travaille | mode de collaboration | présence "
        "ou corridor | arrangement | type de lien"
    ),
    "Statut": (f"{_STATUS} | en vigueur | active"),
    "Date de signature": (
        "signée le | signature | signé le | signé | date signée | conclue le | signed on | signed | date signed | "
        "signature date | signée quand | paraphée le"
    ),
    "Entrée en vigueur": (
        "début | date de début | à partir du | en vigueur le | du | commence le | prise d'effet | effective le | "
        "depuis | start date | start | effective date | date de prise d'effet | commence quand | débute le | "
        "valide à partir de | date d'effet | valide du"
    ),
    "Échéance": (
        "fin | date de fin | expiration | expire le | jusqu'au | au | terme | date d'échéance | se termine le | "
        "fin prévue | end date | end | expiry | date d'expiration | finit quand | finit le | se termine quand | "
        "prend fin le | date finale | date butoir | valide jusqu'au | valide au"
    ),
    "Renouvellement": (
        "reconduction | renouvelable | mode de renouvellement | se renouvelle | prolongation | renewal | clause "
        "de renouvellement | on renouvelle | se renouvelle comment | type de renouvellement | tacite ou non"
    ),
    "Préavis (jours)": (
        "préavis | avis | avis de fin | délai de préavis | jours d'avis | avis de résiliation | notice | notice "
        "days | jours de préavis | combien de jours de préavis | avertir combien de jours avant | avis préalable "
        "| préavis de résiliation | avis jours"
    ),
    "Responsable": (
        "responsable du dossier | répondant | porteur | suivi par | personne responsable | gestionnaire | à qui "
        "parler | qui s'en occupe | responsable de l'entente | coordonnateur | lead | owner | contact | qui suit "
        "| qui est responsable | chargé de dossier | pilote | personne au dossier | qui gère | c'est qui qui suit"
    ),
    "Mécanisme de référence": (
        "comment on réfère | référence | comment référer | pour référer | mode de référence | procédure de "
        "référence | cheminement | processus de référence | referral process | referral | façon de référer | "
        "modalités de référence | trajectoire de référence | procédure"
    ),
    "Mécanisme de mésentente": (
        "mésentente | chicane | différends | en cas de conflit | litiges | désaccords | conflits | règlement des "
        "différends | en cas de désaccord | résolution de conflits | dispute resolution | disputes | conflict | "
        "si on ne s'entend pas | en cas de mésentente | en cas de dispute | que faire en cas de mésentente | si "
        "ça va mal | recours | plaintes | bisbille"
    ),
    "Échange d'information": (
        "partage d'information | renseignements | confidentialité | info partagée | communication | échange de "
        "renseignements | info échangée | transmission | information sharing | data sharing | informations "
        "partagées | modalités d'échange de renseignements | partage de renseignements | consentement | "
        "protection des renseignements"
    ),
    "Objet": (
        "but | objectif | description | pourquoi | raison d'être | finalité | visée | intention | purpose | goal "
        "| aim | ça sert à quoi | à quoi ça sert | pourquoi cette entente | contenu | résumé | ce qu'on veut"
    ),
}

CORRIDORS: Synonyms = {
    "Code": ("no | numéro | identifiant | id | no corridor | clé | code corridor | pathway id"),
    "Entente": _AGREEMENT,
    "Service d'origine": (
        "de | origine | départ | référent | service référent | depuis | qui réfère | provenance | point de départ "
        "| source | service demandeur | from | de quel service | part de | partant de | service qui réfère | "
        "service de départ | du service | envoyé par | qui envoie | référé par | expéditeur"
    ),
    "Service de destination": (
        "vers | destination | à | arrivée | service receveur | receveur | à qui | réfère à | point d'arrivée | "
        "service qui reçoit | to | vers quel service | va à | va vers | au service | envoyé à | qui reçoit | "
        "référé à | référé vers | destinataire | service d'arrivée"
    ),
    "Direction": (
        "sens | aller-retour | unidirectionnel bidirectionnel | uni bi | réciproque | way | sens du corridor | "
        "sens de la référence | dans quel sens | un sens ou deux | bidirectionnel"
    ),
    "Critères": (
        "conditions | critères d'admission | pour qui | quand l'utiliser | admissibilité | éligibilité | "
        "exigences | préalables | clientèle visée | criteria | selon quels critères | qui peut passer | clientèle "
        "| pour quelle situation | balises"
    ),
    "Mécanisme": (
        "comment | mécanisme de référence | moyen | canal | façon de faire | procédure | marche à suivre | par "
        "quel moyen | mode | how | mechanism | par quoi | par quel mécanisme | façon de référer | mode de "
        "transmission | mode de référence | moyen de référence | outil"
    ),
    "Délai urgent (heures)": (
        "urgent | délai urgent | urgence | si urgent | heures si urgent | urgent hours | délai en situation "
        "urgente | si c'est urgent | cas urgents | priorité 1 | u h | urgence heures"
    ),
    "Délai prioritaire (jours)": (
        "prioritaire | délai prioritaire | si prioritaire | semi-urgent | priority | priority days | délai en "
        "situation prioritaire | si c'est prioritaire | cas prioritaires | priorité 2 | p j | priorité jours | "
        "priorité j"
    ),
    "Délai régulier (jours)": (
        "régulier | délai régulier | normal | délai normal | non urgent | courant | regular | regular days | "
        "délai en situation régulière | sinon | cas réguliers | priorité 3 | délai standard | délai habituel | "
        "ordinaire | r j | normal jours"
    ),
    "Contact de liaison": (
        "contact | liaison | répondant | personne de liaison | qui appeler | agent de liaison | personne-contact "
        "| personne à joindre | liaison contact | contact person | personne assurant la liaison | appeler qui | "
        "qui contacter | à qui parler | répondant du corridor | pivot"
    ),
    "Disponibilité": (
        "heures | horaire | quand | plages | heures d'ouverture | joignable | availability | hours | plage "
        "horaire | disponible quand | plages de disponibilité | disponibilités | quand appeler"
    ),
    "Retour en première ligne": (
        "retour | retour première ligne | après | et après | suivi | retour au référent | fin | back to first "
        "line | return | modalités de retour | comment se fait le retour | fin de suivi | une fois fini | retour "
        "d'information | ensuite | la suite | suivi au retour"
    ),
    "Corridor de relève": (
        "relève | plan b | sinon | remplacement | corridor de remplacement | si complet | autre corridor | "
        "alternative | deuxième choix | substitut | backup | fallback | alternate | corridor de substitution | si "
        "plein | quelle relève | en cas de refus | autre chemin | solution de rechange | corridor de rechange | "
        "si ça bloque | corridor alternatif | sinon aller à"
    ),
}

OBLIGATIONS: Synonyms = {
    "Entente": (f"{_AGREEMENT} | no | numéro"),
    "Partie": (
        "qui | organisme | partenaire | responsable | engagé | débiteur | à la charge de | par qui | party | "
        "quelle partie | partie responsable | partie débitrice | ressource | qui doit | qui s'engage | porteur | "
        "agency"
    ),
    "Contribution attendue": (
        "contribution | obligation | engagement | quoi | à faire | livrable | tâche | ce qui est attendu | "
        "description | action | commitment | expected contribution | deliverable | ce qui est promis | promesse | "
        "nature de la contribution | doit faire quoi | ce qu'ils doivent faire | devoirs | travail à faire | "
        "attentes | quoi faire"
    ),
    "Échéance": (
        "pour le | date | date limite | dû le | quand | pour quand | avant le | échéancier | remise | d'ici le | "
        "due date | due | deadline | date prévue | d'ici quand | date d'exigibilité | date de remise | à remettre "
        "le | date cible"
    ),
    "Fréquence": (
        "récurrence | périodicité | aux combien | à tous les | combien souvent | rythme | cadence | revient | "
        "frequency | how often | à quelle fréquence | répétition | fois"
    ),
    "État": (f"{_STATUS} | statut | fait"),
}
