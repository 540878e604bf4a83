"""More people and their titles, written once the importer knew those of `titles`: how well it does on what it has never
seen. A title that it misses here is first measured, then only taught.

Columns are in canonical order, separated by « | ».
"""

from __future__ import annotations

from .titles import Coordinator

TRAVEL_WORKER: Coordinator = {
    "Les groupes": "Code du groupe | Groupe communautaire | Petit nom | Noms qu'on entend | Genre de groupe"
    " | À quoi ça sert | Registre NEQ | Tél général | Courriel du groupe | Site du groupe | Langues | Groupe au-dessus",
    "Les portes": "Code porte | Groupe | Nom de la porte | Rue | Ville | Code postal | Lat | Lng | On tait l'adresse"
    " | Fauteuil | Heures de la porte",
    "Les services": "Code serv | Groupe | Service | En deux mots | Programme-serv. | Niveau de ligne | Besoins touchés"
    " | Monde visé | Âge minim. | Âge maxim. | Langues du service | Secteurs touchés | Portes | Façon d'y accéder"
    " | Façon de référer quelqu'un | Papiers demandés | Coût demandé | Attente estimée (jours) | Disponible ou pas"
    " | Heures du service | Tél du service | Courriel du service | Dernière fois vérifié | Niveau de visibilité",
    "Le monde": "Groupe | Service lié | Nom du monde | Fonction | Tél direct | Poste | Courriel direct | Visible pour",
    "Les papiers signés": "No du papier | Titre du papier | Sorte de papier | Parties signataires | Programme lié"
    " | Secteurs couverts | Modalité choisie | Statut du papier | Date de la signature | Début du papier"
    " | Fin du papier | Façon de renouveler | Préavis à donner (jours) | Responsable chez nous"
    " | Façon de référer convenue | En cas de chicane | Informations à partager | But du papier",
    "Les chemins": "Code chemin | No d'entente | Service de départ | Service d'arrivée | Sens du chemin"
    " | Critères à respecter | Façon de faire la référence | Urgent en heures | Prioritaire en jours"
    " | Régulier en jours | Contact au bout du fil | Heures de disponibilité | Retour vers la 1re ligne"
    " | Chemin de relève",
    "Les engagements": "No d'entente | Partie engagée | Contribution promise | Échéance fixée | Fréquence prévue"
    " | État d'avancement",
}
ANALYST: Coordinator = {
    "DIM_ORGANISME": "CD_ORG | NM_ORG | SIGLE | NM_AUTRES | TYP_ORG | DESCR | NO_NEQ | NO_TEL | ADR_COURRIEL | ADR_WEB"
    " | LANGUES | CD_ORG_PARENT",
    "DIM_LIEU": "CD_LIEU | CD_ORG | NM_LIEU | ADR_CIVIQUE | NM_MUNIC | CD_POSTAL | NB_LAT | NB_LONG | IND_CONFID"
    " | IND_FAUTEUIL | HEURES_OUV",
    "DIM_SERVICE": "CD_SERVICE | CD_ORG | NM_SERVICE | DESCR | PROG_SERV | NO_LIGNE | BESOINS | CLIENTELE"
    " | NB_AGE_MIN | NB_AGE_MAX | LANGUES | TERRITOIRES | CD_LIEU | MOD_ACCES | PROC_REF | DOC_REQUIS | FRAIS"
    " | NB_JRS_DELAI | ETAT_DISPO | HEURES | NO_TEL | ADR_COURRIEL | DT_VERIF | NIV_VISIB",
    "DIM_CONTACT": "CD_ORG | CD_SERVICE | NM_CONTACT | FONCTION | NO_TEL | NO_POSTE | ADR_COURRIEL | NIV_VISIB",
    "FAIT_ENTENTE": "NO_ENTENTE | TITRE | TYP_ENTENTE | PARTIES | PROG_SERV | TERRITOIRES | MODALITE | STATUT"
    " | DT_SIGNATURE | DT_DEBUT | DT_FIN | TYP_RENOUV | NB_JRS_PREAVIS | NM_RESPONSABLE | MEC_REFERENCE"
    " | MEC_MESENTENTE | ECH_INFO | OBJET",
    "FAIT_CORRIDOR": "CD_CORRIDOR | NO_ENTENTE | CD_SERV_ORIG | CD_SERV_DEST | DIRECTION | CRITERES | MECANISME"
    " | NB_HRES_URGENT | NB_JRS_PRIO | NB_JRS_REG | NM_LIAISON | DISPO | RETOUR_1L | CD_COR_RELEVE",
    "FAIT_OBLIGATION": "NO_ENTENTE | CD_ORG_PARTIE | CONTRIBUTION | DT_ECHEANCE | FREQUENCE | ETAT",
}
SECRETARY: Coordinator = {
    "Répertoire organismes": "Code d'organisme | Organisme (nom au long) | Abréviation usuelle | Autre appellation"
    " | Catégorie | Brève présentation | NEQ | Téléphone | Adr. courriel | Adr. Internet | Langue(s) | Relevant de",
    "Répertoire adresses": "Code d'adresse | Organisme (nom au long) | Désignation du lieu | Adresse (no civique, rue)"
    " | Municipalité | C.P. | Lat. | Long. | Conf. (oui/non) | Accès fauteuil roulant (oui/non)"
    " | Heures d'ouverture",
    "Répertoire services": "Code de service | Organisme (nom au long) | Désignation du service | Brève description"
    " | Programme | Ligne | Besoin(s) | Clientèle(s) | Âge minimum requis | Âge maximum permis | Langue(s)"
    " | Territoire(s) | Lieu(x) | Mode(s) d'accès | Procédure pour référer | Documents à présenter | Frais éventuels"
    " | Délai approximatif (jrs) | Disponibilité actuelle | Heures | Téléphone | Adr. courriel | Validé en date du"
    " | Diffusion permise",
    "Répertoire téléphonique": "Organisme (nom au long) | Service concerné | Nom, prénom | Titre d'emploi | Téléphone"
    " | Poste | Adr. courriel | Diffusion permise",
    "Ententes en dossier": "No de dossier | Titre du document | Nature du document | Parties au document | Programme"
    " | Territoire(s) | Modalité retenue | Statut du dossier | Signée en date du | En vigueur à compter du"
    " | Échéant le | Renouvellement prévu | Préavis requis (jrs) | Responsable au dossier | Mécanisme de référence"
    " | Règlement des mésententes | Échange d'information | Objet du document",
    "Corridors en dossier": "Code | No de dossier | Service d'origine | Service de destination | Sens"
    " | Critères d'admission | Mécanisme de référence | Délai urgent (hres) | Délai prioritaire (jrs)"
    " | Délai régulier (jrs) | Agent de liaison | Disponible | Retour en 1re ligne | Corridor de remplacement",
    "Obligations en dossier": "No de dossier | Partie obligée | Contribution demandée | Échéant le | Périodicité | État",
}
MIXED: Coordinator = {
    "orgs": "org code | org name | acronyme | aka | org type | mission | NEQ | tel | email | url | langues | parent org",
    "sites": "site code | org | site | adresse | ville | postal | lat | lon | confid | wheelchair (O/N) | heures",
    "services": "service code | org | service | desc | prog | ligne | besoins | clientele | age from | age to | langues"
    " | territoires | sites | acces | comment referer | docs | cout | delai jrs | dispo | heures | tel | email"
    " | last check | visib",
    "people": "org | service code | full name | job | tel | ext | email | visib",
    "ententes": "entente # | titre | type | parties | prog | territoires | modalite | statut | signed | start | end"
    " | renewal | preavis jrs | responsable | comment on refere | chicanes | partage info | but",
    "corridors": "corridor code | entente # | from service | to service | uni/bi | criteres | comment | urgent h | prio j"
    " | reg j | liaison | dispo | retour 1L | backup corridor",
    "obligations": "entente # | org | contribution | due | freq | etat",
}
POETIC: Coordinator = {
    "Nos alliés": "Code allié | Notre allié | Sigle de l'allié | Surnoms | Sorte d'allié | Sa mission | Son NEQ"
    " | Son téléphone | Son courriel | Son site | Ses langues | Son organisme mère",
    "Leurs adresses": "Code | Allié | Nom du lieu | Adresse complète | Ville | Code postal | Latitude | Longitude"
    " | À garder secret | Fauteuil roulant | Heures",
    "Leurs services": "Code | Allié | Nom du service | Ce que c'est | Programme-services | Ligne de services"
    " | Besoins comblés | Clientèle accueillie | Dès quel âge | Jusqu'à quel âge | Langues | Territoires couverts"
    " | Lieux du service | Modalités d'accès | Comment on y réfère | Documents exigés | Frais à payer"
    " | Jours d'attente | Disponibilité | Heures | Téléphone | Courriel | Vérifié la dernière fois | Visibilité",
    "Leurs gens": "Allié | Service | Prénom et nom de famille | Fonction | Téléphone | Poste | Courriel | Visibilité",
    "Nos ententes": "Numéro | Titre | Type d'entente | Parties présentes | Programme | Territoires | Modalité | Statut"
    " | Signature | Entrée en vigueur | Échéance | Renouvellement | Préavis en jours | Responsable"
    " | Comment référer | Comment régler une mésentente | Information échangée | Objet",
    "Nos corridors": "Code | Entente | Service d'où l'on part | Service où l'on arrive | Direction | Critères"
    " | Mécanisme | Délai si urgent (heures) | Délai si prioritaire (jours) | Délai si régulier (jours) | Liaison"
    " | Disponibilité | Retour | Relève",
    "Nos promesses": "Entente | Partie qui promet | Contribution | Échéance | Fréquence | État",
}
HURRIED: Coordinator = {
    "o": "cod | nom org | sig | autres | typ | desc | neq | tel | courriel | web | lang | parent",
    "l": "cod | org | lieu | adr | mun | cp | lat | long | conf | faut | hres",
    "s": "cod | org | serv | desc | prog | lig | besoins | client | age min | age max | lang | terr | lieux | acc | proc"
    " | docs | frais | delai | dispo | hres | tel | courriel | verif | visib",
    "c": "org | serv | nom | fonct | tel | poste | courriel | visib",
    "e": "no ent | titre | type | parties | prog | terr | mod | statut | sign | debut | fin | renouv | preavis | resp"
    " | mec ref | mec mesent | ech info | objet",
    "k": "cod | ent | orig | dest | dir | crit | mec | urg | prio | reg | contact | dispo | retour | releve",
    "ob": "ent | partie | contrib | ech | freq | etat",
}

COLLEAGUE: Coordinator = {
    "Ressources (à jour)": "ID | Ressource | Acro. | Autre(s) appellation(s) | Genre | C'est quoi | Entreprise (NEQ)"
    " | No tél. | @ | www | Parle | Fait partie de",
    "Places": "ID lieu | À qui | Endroit | Adr. civique | Mun. | C.P. | Y | X | Secret? | Mob. réduite | Ouvert",
    "Offre": "ID | Offert par | Titre | Détails | PS | 1/2/3 | Thèmes | Public visé | min | max | Parle | Couvre"
    " | Endroit(s) | Modalités | Pour référer | À apporter | Coût | Délai | Place? | Quand | No tél. | @"
    " | Contrôlé le | Qui voit ça",
    "Bottin": "Travaille pour | Programme | Qui | Rôle | No tél. | Ext. | @ | Publication",
    "Protocoles": "No | Intitulé | Forme | Signataires | PS | Couvre | Mode | Où c'est rendu | Signature | Du | Au"
    " | Reconduction | Avis (jours) | Porteur | Façon de référer | Désaccords | Renseignements partagés | Pourquoi",
    "Trajets": "No | Protocole | Départ | Arrivée | Aller/retour | Conditions | Moyen | U (h) | P (j) | R (j)"
    " | Répondant | Heures | Ensuite | Si ça bloque",
    "À livrer": "Protocole | Par qui | Quoi | Avant le | Aux... | Rendu où",
}
NEIGHBOUR: Coordinator = {
    "liste_org_VF": "No d'org. | Nom au complet | Nom court | Ancien ou autre nom | Sorte d'org. | Description brève"
    " | No NEQ | Tél. bureau | Courriel général | Page Web | Langue parlée | Maison-mère",
    "coordonnées": "No | Organisation | Installation | Rue et no | Ville/Mun. | Code post. | Latit. | Longit."
    " | Adresse à cacher? | Accessible (fauteuil)? | Hres d'ouv.",
    "catalogue": "No fiche | Organisation | Activité | Descriptif | Direction/programme | Palier | Problématiques"
    " | S'adresse à | Âge (min) | Âge (max) | Langue parlée | Zone | Installation | Entrée | Marche à suivre"
    " | Pièces | Tarif | Attente (j.) | Situation | Plages horaires | Tél. | Courr. | Date MAJ | Confidentialité",
    "Personnes-ressources 2026": "Organisation | Équipe | Personne | Titre | Tél. | Poste # | Courr. | Confidentialité",
    "ENTENTES v3": "Entente # | Nom de l'ent. | Catégorie | Partenaires | Programme(s) | Zone | Formule | Étape"
    " | Date sign. | Depuis le | Jusqu'au | Prolongation | Avis de fin (j) | Suivi par | Référence | Conflit"
    " | Confidentialité / info | Raison d'être",
    "CORRIDORS v3": "# | Entente # | Service A (réfère) | Service B (reçoit) | Sens | Admissibilité | Canal"
    " | Urgence (h) | Priorité (j) | Normal (j) | Qui joindre | Joignable | Suivi au retour | Corridor alternatif",
    "engagements v3": "Entente # | Engagé | Engagement | Échéancier | Récurrence | Avancement",
}

STRANGERS: dict[str, Coordinator] = {
    "travail de rue": TRAVEL_WORKER, "analyste": ANALYST, "secrétaire": SECRETARY, "mélangé": MIXED,
    "poète": POETIC, "pressé": HURRIED, "collègue": COLLEAGUE, "voisine": NEIGHBOUR,
}  # fmt: skip
