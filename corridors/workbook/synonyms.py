"""How people title the columns of their tables of ententes, corridors and obligations.

Same conventions as `registry.workbook.synonyms`.
"""

from __future__ import annotations

Synonyms = dict[str, str]

_AGREEMENT = "no entente | numéro d'entente | entente liée | référence de l'entente | en vertu de"
_STATUS = "état | situation | où on en est | avancement | étape | rendu où | suivi"

AGREEMENTS: Synonyms = {
    "Numéro": f"no | code | référence | identifiant | id | no de dossier | {_AGREEMENT}",
    "Titre": "nom | intitulé | entente | nom de l'entente | sujet | libellé",
    "Type": "genre | sorte | catégorie | nature | instrument | sorte d'entente | type d'entente | forme juridique",
    "Parties": (
        "qui | signataires | partenaires | entre | organismes | avec qui | avec | partenaires signataires |"
        " cocontractants | parties prenantes"
    ),
    "Programme-services": "programme | direction | programme services | volet",
    "Territoires": "territoire | secteurs | où | couvre | région | territoire visé | zone | portée",
    "Modalité": "modalités | mode | forme | formule | façon de collaborer | type de collaboration",
    "Statut": _STATUS,
    "Date de signature": "signée le | signature | signé le | signé | date signée | conclue le",
    "Entrée en vigueur": (
        "début | date de début | à partir du | en vigueur le | du | commence le | prise d'effet | effective le | depuis"
    ),
    "Échéance": (
        "fin | date de fin | expiration | expire le | jusqu'au | au | terme | date d'échéance | se termine le |"
        " fin prévue"
    ),
    "Renouvellement": "reconduction | renouvelable | mode de renouvellement | se renouvelle | prolongation",
    "Préavis (jours)": "préavis | avis | avis de fin | délai de préavis | jours d'avis | avis de résiliation",
    "Responsable": (
        "responsable du dossier | répondant | porteur | suivi par | personne responsable | gestionnaire | à qui"
        " parler | qui s'en occupe | responsable de l'entente | coordonnateur"
    ),
    "Mécanisme de référence": (
        "comment on réfère | référence | comment référer | pour référer | mode de référence | procédure de"
        " référence | cheminement | processus de référence"
    ),
    "Mécanisme de mésentente": (
        "mésentente | chicane | différends | en cas de conflit | litiges | désaccords | conflits | règlement des"
        " différends | en cas de désaccord | résolution de conflits"
    ),
    "Échange d'information": (
        "partage d'information | renseignements | confidentialité | info partagée | communication | échange de"
        " renseignements | info échangée | transmission"
    ),
    "Objet": "but | objectif | description | pourquoi | raison d'être | finalité | visée | intention",
}

CORRIDORS: Synonyms = {
    "Code": "no | numéro | identifiant | id | no corridor | clé",
    "Entente": _AGREEMENT,
    "Service d'origine": (
        "de | origine | départ | référent | service référent | depuis | qui réfère | provenance | point de départ"
        " | source | service demandeur"
    ),
    "Service de destination": (
        "vers | destination | à | arrivée | service receveur | receveur | à qui | réfère à | point d'arrivée |"
        " service qui reçoit"
    ),
    "Direction": "sens | aller-retour | unidirectionnel bidirectionnel | uni bi | réciproque",
    "Critères": (
        "conditions | critères d'admission | pour qui | quand l'utiliser | admissibilité | éligibilité | exigences"
        " | préalables | clientèle visée"
    ),
    "Mécanisme": (
        "comment | mécanisme de référence | moyen | canal | façon de faire | procédure | marche à suivre | par"
        " quel moyen | mode"
    ),
    "Délai urgent (heures)": "urgent | délai urgent | urgence | si urgent | heures si urgent",
    "Délai prioritaire (jours)": "prioritaire | délai prioritaire | si prioritaire | semi-urgent",
    "Délai régulier (jours)": "régulier | délai régulier | normal | délai normal | non urgent | courant",
    "Contact de liaison": (
        "contact | liaison | répondant | personne de liaison | qui appeler | agent de liaison | personne-contact |"
        " personne à joindre"
    ),
    "Disponibilité": "heures | horaire | quand | plages | heures d'ouverture | joignable",
    "Retour en première ligne": "retour | retour première ligne | après | et après | suivi | retour au référent | fin",
    "Corridor de relève": (
        "relève | plan b | sinon | remplacement | corridor de remplacement | si complet | autre corridor |"
        " alternative | deuxième choix | substitut"
    ),
}

OBLIGATIONS: Synonyms = {
    "Entente": f"no | numéro | {_AGREEMENT}",
    "Partie": "qui | organisme | partenaire | responsable | engagé | débiteur | à la charge de | par qui",
    "Contribution attendue": (
        "contribution | obligation | engagement | quoi | à faire | livrable | tâche | ce qui est attendu |"
        " description | action"
    ),
    "Échéance": "pour le | date | date limite | dû le | quand | pour quand | avant le | échéancier | remise | d'ici le",
    "Fréquence": "récurrence | périodicité | aux combien | à tous les | combien souvent | rythme | cadence | revient",
    "État": f"statut | {_STATUS} | fait",
}
