"""How people title the columns of their own workbooks: usual synonyms of each canonical heading.

Written as people say it; capitals, accents, plurals, articles, punctuation and abbreviations need not be listed. Values
are separated by « | ». A synonym shared by two columns of a sheet is settled by what the columns hold.
"""

from __future__ import annotations

Synonyms = dict[str, str]

_CODE = (
    "code interne | no | numéro | identifiant | id | matricule | clé | code unique | numéro de fiche | no "
    "fiche | no séquentiel | cote"
)
_PHONE = (
    "tél | numéro de téléphone | no de téléphone | téléphone principal | ligne | numéro à composer | appeler "
    "au | phone | numéro | téléphone où appeler | coordonnées téléphoniques | main phone | phone number | "
    "numéro pour joindre | rejoindre au | tél général | appel"
)
_EMAIL = (
    "email | e-mail | mail | adresse électronique | adresse courriel | adresse de courriel | @ | courriel "
    "général | adresse de courrier électronique | courrier électronique | email address | boîte courriel | "
    "écrire à"
)
_LANGUAGES = (
    "langue | langues parlées | langue de service | langues offertes | parle | parlent | services en | "
    "languages | language | langues d'intervention | langues de prestation | langues d'usage | on y parle | "
    "langues disponibles"
)
_OWNER = (
    "organisation | ressource | partenaire | nom de l'organisme | nom de la ressource | nom du partenaire | "
    "offert par | milieu | établissement | appartient à | responsable | fournisseur | agency | chez qui | "
    "organisme responsable | propriétaire | dispensateur | qui l'offre | organisme d'attache | organisme "
    "d'appartenance | organisme hôte | groupe | rattaché à | qui"
)
_VISIBILITY = (
    "diffusion | confidentiel | confidentialité | qui peut voir | publication | partage | accès à la fiche | "
    "visible par | publier | niveau de diffusion | pour qui est la fiche | visibility | privacy | qui voit | "
    "qui a accès | degré de visibilité | niveau de visibilité | niveau d'accès | public ou interne | visible "
    "| affichage | audience | statut de diffusion"
)
_HOURS = (
    "horaire | heures d'ouverture | heures d'accueil | heures de service | plages horaires | ouvert | "
    "ouverture | quand | jours et heures | hres | opening hours | hours | heures d'accès | disponibilités | "
    "jours d'ouverture | ouvert quand | plage horaire | schedule"
)
_TERRITORIES = (
    "secteurs desservis | secteur | territoire | desserte | région desservie | couvre | région | territoire "
    "couvert | zone | quartiers | municipalités desservies | où | service area | area | coverage | territoire "
    "de desserte | aire de desserte | rayon d'action | région couverte | localités desservies | secteur "
    "couvert | quartier"
)

ORGANIZATIONS: Synonyms = {
    "Code": _CODE,
    "Nom": (
        "organisme | nom de l'organisme | ressource | nom de la ressource | raison sociale | partenaire | "
        "organisation | dénomination | établissement | appellation | nom officiel | nom légal | nom complet | nom "
        "usuel | désignation | name | agency name | agency | organization | nom de l'entité | groupe | milieu | "
        "dénomination sociale | comment s'appelle l'organisme | titre"
    ),
    "Acronyme": ("sigle | abréviation | abrégé | initiales | nom court | acronym | short name | diminutif | petit nom"),
    "Autres noms": (
        "aussi connu sous | alias | autres appellations | anciens noms | ancien nom | dit aussi | aussi appelé | "
        "surnom | connu comme | autre nom | synonymes | variantes | also known as | aka | autres dénominations | "
        "anciennement | autrement appelé | appelle autrement | également connu sous | autres graphies | noms "
        "d'usage | noms populaires | noms qu'on entend | noms courants"
    ),
    "Type de partenaire": (
        "type | catégorie | sorte | genre | famille | type d'organisme | nature | sorte de partenaire | secteur "
        "d'activité | agency type | kind | category | secteur | type de ressource | type d'établissement | "
        "classification | statut juridique | genre d'organisme"
    ),
    "Description": (
        "mission | résumé | présentation | ce qu'ils font | en bref | en quelques mots | à propos | vocation | "
        "rôle | offre en bref | détails | texte | ce qu'on y fait | activités | profil | mandat | champ d'action "
        "| explication | overview | about | summary | que font ils | c'est quoi | ce que c'est | services en bref "
        "| raison d'être | ce qu'ils offrent | champ d'intervention | brève description"
    ),
    "NEQ": (
        "numéro d'entreprise | numéro d'entreprise du Québec | no entreprise | registraire | numéro au registre | "
        "business number | no d'entreprise | matricule d'entreprise | registraire des entreprises"
    ),
    "Téléphone": _PHONE,
    "Courriel": _EMAIL,
    "Site web": (
        "site | site internet | web | url | page web | adresse web | www | lien | internet | website | adresse "
        "internet | page internet | lien web | hyperlien | facebook ou site"
    ),
    "Langues": _LANGUAGES,
    "Organisme parent": (
        "parent | relève de | rattaché à | dépend de | maison mère | chapeauté par | fait partie de | "
        "organisation mère | sous | affilié à | appartient à | regroupement | tutelle | parent agency | parent "
        "organization | établissement de rattachement | organisme de rattachement | organisme dont il relève | de "
        "qui relèvent ils | sous la responsabilité de | chapeau | siège social | organisme chapeau | instance | "
        "entité mère"
    ),
}

CONTACTS: Synonyms = {
    "Organisme": (f"{_OWNER} | employeur | travaille à | pour | chez"),
    "Service": (
        "équipe | programme | service rattaché | no service | département | pour le service | secteur | service "
        "d'attache | service d'appartenance | pour quel service | unité | volet"
    ),
    "Nom": (
        "prénom et nom | nom et prénom | personne | nom complet | contact | personne-ressource | qui | nom de la "
        "personne | nom du contact | répondant | intervenant | contact name | name | full name | nom au complet | "
        "répondante | nom de famille | interlocuteur | individu | employé"
    ),
    "Fonction": (
        "titre | poste occupé | rôle | titre d'emploi | emploi | poste | responsabilité | profession | occupation "
        "| job title | job | position | titre de fonction | fonction occupée | métier | ce qu'elle fait | role"
    ),
    "Téléphone": (
        f"{_PHONE} | cellulaire | téléphone direct | téléphone bureau | ligne directe | numéro au bureau | cell"
    ),
    "Poste": (
        "extension | poste téléphonique | no de poste | p. | ext | pste | pte | poste tél | numéro de poste | local"
    ),
    "Courriel": (f"{_EMAIL} | courriel professionnel"),
    "Visibilité": _VISIBILITY,
}

LOCATIONS: Synonyms = {
    "Code": (f"{_CODE} | no lieu | no de site"),
    "Organisme": _OWNER,
    "Nom du lieu": (
        "lieu | point de service | site | installation | emplacement | nom | endroit | nom du site | bâtiment | "
        "local | succursale | pavillon | nom du point de service | désignation | immeuble | bureau | site name | "
        "location | nom de l'endroit | dénomination de l'installation | édifice | nom de l'installation | lieu de "
        "service"
    ),
    "Adresse": (
        "no et rue | rue | adresse civique | numéro civique et rue | adresse complète | adresse postale | adresse "
        "du lieu | no civique | address | street | street address | adresse municipale | rue et numéro | adresse "
        "physique | numéro et rue | où"
    ),
    "Municipalité": (
        "ville | localité | village | arrondissement | municipalité et arrondissement | commune | city | town | "
        "ville ou village | endroit"
    ),
    "Code postal": ("cp | postal | zip | postal code | zip code | code p | c postal"),
    "Latitude": ("lat | y | latitude nord | coord y | gps n | gps nord | coordonnée nord | nord"),
    "Longitude": ("long | lng | lon | x | longitude ouest | coord x | gps o | gps ouest | coordonnée ouest | ouest"),
    "Adresse confidentielle": (
        "confidentiel | confidentialité | lieu confidentiel | secret | adresse cachée | cacher adresse | adresse "
        "secrète | ne pas diffuser | ne pas divulguer | masquer | protégé | adresse protégée | non publique | "
        "sensible | discret | confidential | secret address | caractère confidentiel | ne pas donner | cachée | "
        "privé | adresse privée | à protéger"
    ),
    "Accessible en fauteuil roulant": (
        "fauteuil | fauteuil roulant | accessible | accessibilité | mobilité réduite | rampe | accès universel | "
        "accès handicapé | accès fauteuil | wheelchair | wheelchair access | accessibilité physique | personnes "
        "handicapées | handicap | personnes à mobilité réduite | accessibilité universelle | ascenseur | plain "
        "pied"
    ),
    "Heures d'ouverture": (f"{_HOURS} | heures"),
}

SERVICES: Synonyms = {
    "Code": (f"{_CODE} | no service | no de fiche | code service"),
    "Organisme": _OWNER,
    "Nom du service": (
        "service | nom | titre | intitulé | activité | programme offert | nom de l'activité | titre du service | "
        "offre | service offert | ce qui est offert | service name | name | program name | dénomination du "
        "service | appellation | quoi | ce qu'on offre | projet | atelier | libellé"
    ),
    "Description": (
        "résumé | en bref | présentation | détails | ce qu'ils font | en quelques mots | texte | à propos | "
        "contenu | description du service | explications | summary | overview | c'est quoi | qu'est ce que c'est "
        "| description sommaire | en résumé | de quoi il s'agit | ce que ça fait"
    ),
    "Programme-services": (
        "programme | direction | programme services | volet | direction programme | program | programme clientèle "
        "| direction responsable | secteur | continuum"
    ),
    "Ligne": (
        "ligne de service | niveau | niveau de service | 1re 2e 3e | niveau de soins | tier | niveau de services "
        "| première ou deuxième ligne | 1re 2e ou 3e ligne | ligne 1 2 3 | palier | étage"
    ),
    "Besoins": (
        "mots-clés | thèmes | problématiques | sujets | motifs | raisons de consultation | besoins couverts | "
        "thématiques | étiquettes | tags | termes | besoins répondus | pour quoi | index | needs | besoins visés "
        "| problèmes | problématiques visées | quand la personne a | motif de référence | domaines | enjeux | "
        "difficultés | keywords | type de besoin"
    ),
    "Clientèle": (
        "pour qui | public | clientèle visée | population | à qui | public cible | clientèle cible | s'adresse à "
        "| clients | groupe visé | target population | target | clientèle admissible | clientèle desservie | qui "
        "peut y aller | usagers | bénéficiaires | personnes visées | destiné à"
    ),
    "Âge min": (
        "âge de | âge minimum | âge minimal | âge mini | de | à partir de | dès | plus de | âge à partir de | de "
        "quel âge | min age | minimum age | âge d'admissibilité minimal | âge plancher | âge plus de | from age"
    ),
    "Âge max": (
        "âge à | âge maximum | âge maximal | âge maxi | à | jusqu'à | moins de | âge jusqu'à | jusqu'à quel âge | "
        "max age | maximum age | âge d'admissibilité maximal | âge plafond | âge moins de | to age"
    ),
    "Langues": _LANGUAGES,
    "Territoires desservis": _TERRITORIES,
    "Lieux": (
        "où | lieu | point de service | site | adresse | endroit | installation | code lieu | emplacement | site "
        "id | location | à quel endroit | bureau | installation où le service est offert | lieu de dispensation | "
        "offert à | locaux | no lieu"
    ),
    "Modalité d'accès": (
        "accès | mode d'accès | comment y accéder | accueil | comment y aller | modalités | mode | façon "
        "d'accéder | porte d'entrée | rendez-vous | how to access | access | comment y avoir accès | façon "
        "d'entrer | mode d'entrée | comment entrer | type d'accès | comment ça marche | canal d'accès"
    ),
    "Procédure de référence": (
        "comment référer | référence | procédure | marche à suivre | pour référer | démarche | étapes | "
        "inscription | admission | comment faire la demande | referral procedure | referral | how to refer | "
        "comment faire une référence | procédure de demande | demande de service | comment s'inscrire | façon de "
        "référer | cheminement"
    ),
    "Documents requis": (
        "papiers | documents | pièces à fournir | pièces requises | à apporter | preuves | documents à fournir | "
        "quoi apporter | formulaires | documents required | required documents | documents nécessaires | papiers "
        "à apporter | pièces justificatives | à fournir | quoi amener | paperasse"
    ),
    "Frais": (
        "$ | coût | tarif | prix | combien | gratuit | gratuité | ça coûte | contribution | fees | cost | price | "
        "tarification | coût pour l'usager | montant | frais exigés | payant | c'est combien | combien ça coûte"
    ),
    "Délai d'accès (jours)": (
        "délai | attente | temps d'attente | nombre de jours d'attente | délai d'attente | attente en jours | "
        "délai en jours | wait time | wait time days | waiting time | temps d'attente en jours | délai moyen | "
        "jours d'attente | combien de jours d'attente | attente moyenne | nb jours"
    ),
    "Disponibilité": (
        "état | statut | places | situation | places disponibles | liste d'attente | ouvert aux demandes | "
        "availability | status | reste t il de la place | état de la disponibilité | est ce disponible | accepte "
        "des demandes | en ce moment | état actuel"
    ),
    "Heures": _HOURS,
    "Téléphone": _PHONE,
    "Courriel": _EMAIL,
    "Dernière vérification": (
        "vérifié le | date de vérification | mise à jour | validé le | maj | dernière mise à jour | à jour le | "
        "revu le | date de mise à jour | confirmé le | contrôlé le | date de révision | fiche à jour le | last "
        "verified | last update | updated | verified on | dernier appel | dernière validation | date de "
        "validation | dernier contact | vérifié quand | appelé le | info à jour au | confirmation"
    ),
    "Visibilité": _VISIBILITY,
}

TERRITORIES: Synonyms = {
    "Code": (f"{_CODE} | sigle | abrégé"),
    "Nom": ("territoire | secteur | nom du territoire | nom du secteur | appellation | name"),
    "Type": ("niveau | sorte | genre | catégorie | échelle | type de territoire | kind"),
    "Parent": ("territoire parent | fait partie de | relève de | inclus dans | territoire englobant | dans"),
    "Codes postaux": (
        "préfixes postaux | rta | cp | débuts de code postal | préfixes | postal codes | codes postaux couverts | fsa"
    ),
}

NEEDS: Synonyms = {
    "Terme": (
        "besoin | mot-clé | terme contrôlé | libellé | étiquette | sujet | problématique | terme | need | nom du besoin"
    ),
    "Terme parent": (
        "parent | terme générique | catégorie | famille | terme plus large | sous | groupe | parent term | besoin "
        "parent"
    ),
    "Synonymes": (
        "autres termes | aussi | employé pour | mots équivalents | équivalents | voir aussi | dit aussi | "
        "variantes | synonyms | mots courants"
    ),
}
