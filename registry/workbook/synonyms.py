"""How people title the columns of their own workbooks: usual synonyms of each canonical heading.

Written as people say it; capitals, accents, plurals, articles, punctuation and abbreviations need not be listed. Values
are separated by « | ». A synonym shared by two columns of a sheet is settled by what the columns hold.
"""

from __future__ import annotations

Synonyms = dict[str, str]

_CODE = "code interne | no | numéro | identifiant | id | matricule | clé"
_PHONE = (
    "tél | numéro de téléphone | no de téléphone | téléphone principal | ligne | numéro à composer | appeler au | phone"
    " | numéro"
)
_EMAIL = "email | e-mail | mail | adresse électronique | adresse courriel | adresse de courriel | @ | courriel général"
_LANGUAGES = "langue | langues parlées | langue de service | langues offertes | parle | parlent | services en"
_OWNER = (
    "organisation | ressource | partenaire | nom de l'organisme | nom de la ressource | nom du partenaire | offert par"
    " | milieu | établissement | appartient à | responsable | fournisseur"
)
_VISIBILITY = (
    "diffusion | confidentiel | confidentialité | qui peut voir | publication | partage | accès à la fiche"
    " | visible par | publier | niveau de diffusion | pour qui est la fiche"
)
_HOURS = (
    "horaire | heures d'ouverture | heures d'accueil | heures de service | plages horaires | ouvert | ouverture | quand"
    " | jours et heures | hres"
)
_TERRITORIES = (
    "secteurs desservis | secteur | territoire | desserte | région desservie | couvre | région | territoire couvert"
    " | zone | quartiers | municipalités desservies | où"
)

ORGANIZATIONS: Synonyms = {
    "Code": _CODE,
    "Nom": (
        "organisme | nom de l'organisme | ressource | nom de la ressource | raison sociale | partenaire |"
        " organisation | dénomination | établissement | appellation | nom officiel | nom légal | nom complet | nom"
        " usuel | désignation"
    ),
    "Acronyme": "sigle | abréviation | abrégé | initiales | nom court",
    "Autres noms": (
        "aussi connu sous | alias | autres appellations | anciens noms | ancien nom | dit aussi | aussi appelé |"
        " surnom | connu comme | autre nom | synonymes | variantes"
    ),
    "Type de partenaire": (
        "type | catégorie | sorte | genre | famille | type d'organisme | nature | sorte de partenaire | secteur"
        " d'activité"
    ),
    "Description": (
        "mission | résumé | présentation | ce qu'ils font | en bref | en quelques mots | à propos | vocation |"
        " rôle | offre en bref | détails | texte | ce qu'on y fait | activités | profil | mandat | champ d'action |"
        " explication"
    ),
    "NEQ": "numéro d'entreprise | numéro d'entreprise du Québec | no entreprise | registraire | numéro au registre",
    "Téléphone": _PHONE,
    "Courriel": _EMAIL,
    "Site web": "site | site internet | web | url | page web | adresse web | www | lien | internet",
    "Langues": _LANGUAGES,
    "Organisme parent": (
        "parent | relève de | rattaché à | dépend de | maison mère | chapeauté par | fait partie de | organisation"
        " mère | sous | affilié à | appartient à | regroupement | tutelle"
    ),
}

CONTACTS: Synonyms = {
    "Organisme": f"{_OWNER} | employeur | travaille à | pour | chez",
    "Service": "équipe | programme | service rattaché | no service | département | pour le service | secteur",
    "Nom": (
        "prénom et nom | nom et prénom | personne | nom complet | contact | personne-ressource | qui | nom de la"
        " personne | nom du contact | répondant | intervenant"
    ),
    "Fonction": (
        "titre | poste occupé | rôle | titre d'emploi | emploi | poste | responsabilité | profession | occupation"
    ),
    "Téléphone": f"{_PHONE} | cellulaire | téléphone direct | téléphone bureau | ligne directe",
    "Poste": "extension | poste téléphonique | no de poste | p.",
    "Courriel": f"{_EMAIL} | courriel professionnel",
    "Visibilité": _VISIBILITY,
}

LOCATIONS: Synonyms = {
    "Code": f"{_CODE} | no lieu | no de site",
    "Organisme": _OWNER,
    "Nom du lieu": (
        "lieu | point de service | site | installation | emplacement | nom | endroit | nom du site | bâtiment |"
        " local | succursale | pavillon | nom du point de service | désignation | immeuble | bureau"
    ),
    "Adresse": (
        "no et rue | rue | adresse civique | numéro civique et rue | adresse complète | adresse postale | adresse"
        " du lieu | no civique"
    ),
    "Municipalité": "ville | localité | village | arrondissement | municipalité et arrondissement | commune",
    "Code postal": "cp | postal | zip",
    "Latitude": "lat | y | latitude nord | coord y",
    "Longitude": "long | lng | lon | x | longitude ouest | coord x",
    "Adresse confidentielle": (
        "confidentiel | confidentialité | lieu confidentiel | secret | adresse cachée | cacher adresse | adresse"
        " secrète | ne pas diffuser | ne pas divulguer | masquer | protégé | adresse protégée | non publique |"
        " sensible | discret"
    ),
    "Accessible en fauteuil roulant": (
        "fauteuil | fauteuil roulant | accessible | accessibilité | mobilité réduite | rampe | accès universel |"
        " accès handicapé | accès fauteuil"
    ),
    "Heures d'ouverture": f"heures | {_HOURS}",
}

SERVICES: Synonyms = {
    "Code": f"{_CODE} | no service | no de fiche | code service",
    "Organisme": _OWNER,
    "Nom du service": (
        "service | nom | titre | intitulé | activité | programme offert | nom de l'activité | titre du service |"
        " offre | service offert | ce qui est offert"
    ),
    "Description": (
        "résumé | en bref | présentation | détails | ce qu'ils font | en quelques mots | texte | à propos |"
        " contenu | description du service | explications"
    ),
    "Programme-services": "programme | direction | programme services | volet | direction programme",
    "Ligne": "ligne de service | niveau | niveau de service | 1re 2e 3e | niveau de soins",
    "Besoins": (
        "mots-clés | thèmes | problématiques | sujets | motifs | raisons de consultation | besoins couverts |"
        " thématiques | étiquettes | tags | termes | besoins répondus | pour quoi | index"
    ),
    "Clientèle": (
        "pour qui | public | clientèle visée | population | à qui | public cible | clientèle cible | s'adresse à |"
        " clients | groupe visé"
    ),
    "Âge min": (
        "âge de | âge minimum | âge minimal | âge mini | de | à partir de | dès | plus de | âge à partir de | de"
        " quel âge"
    ),
    "Âge max": (
        "âge à | âge maximum | âge maximal | âge maxi | à | jusqu'à | moins de | âge jusqu'à | jusqu'à quel âge"
    ),
    "Langues": _LANGUAGES,
    "Territoires desservis": _TERRITORIES,
    "Lieux": "où | lieu | point de service | site | adresse | endroit | installation | code lieu | emplacement",
    "Modalité d'accès": (
        "accès | mode d'accès | comment y accéder | accueil | comment y aller | modalités | mode | façon d'accéder"
        " | porte d'entrée | rendez-vous"
    ),
    "Procédure de référence": (
        "comment référer | référence | procédure | marche à suivre | pour référer | démarche | étapes |"
        " inscription | admission | comment faire la demande"
    ),
    "Documents requis": (
        "papiers | documents | pièces à fournir | pièces requises | à apporter | preuves | documents à fournir |"
        " quoi apporter | formulaires"
    ),
    "Frais": "$ | coût | tarif | prix | combien | gratuit | gratuité | ça coûte | contribution",
    "Délai d'accès (jours)": (
        "délai | attente | temps d'attente | nombre de jours d'attente | délai d'attente | attente en jours |"
        " délai en jours"
    ),
    "Disponibilité": "état | statut | places | situation | places disponibles | liste d'attente | ouvert aux demandes",
    "Heures": _HOURS,
    "Téléphone": _PHONE,
    "Courriel": _EMAIL,
    "Dernière vérification": (
        "vérifié le | date de vérification | mise à jour | validé le | maj | dernière mise à jour | à jour le |"
        " revu le | date de mise à jour | confirmé le | contrôlé le | date de révision | fiche à jour le"
    ),
    "Visibilité": _VISIBILITY,
}

TERRITORIES: Synonyms = {
    "Code": f"{_CODE} | sigle | abrégé",
    "Nom": "territoire | secteur | nom du territoire | nom du secteur | appellation",
    "Type": "niveau | sorte | genre | catégorie | échelle",
    "Parent": "territoire parent | fait partie de | relève de | inclus dans | territoire englobant | dans",
    "Codes postaux": "préfixes postaux | rta | cp | débuts de code postal | préfixes",
}

NEEDS: Synonyms = {
    "Terme": "besoin | mot-clé | terme contrôlé | libellé | étiquette | sujet | problématique",
    "Terme parent": "parent | terme générique | catégorie | famille | terme plus large | sous | groupe",
    "Synonymes": (
        "autres termes | aussi | employé pour | mots équivalents | équivalents | voir aussi | dit aussi | variantes"
    ),
}
