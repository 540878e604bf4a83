"""How twelve people would title the sheets and columns of the same network, each in their own way.

Written as people say it, not drawn from the synonyms that the importer knows: those are what this measures. Columns are in canonical
order, separated by « | ».
"""

from __future__ import annotations

TARGETS = ("Organismes", "Lieux", "Services", "Contacts", "Ententes", "Corridors", "Obligations")

# Title of the sheet → titles of its columns, for each canonical sheet in the order of TARGETS.
Coordinator = dict[str, str]

SNAKE_CASE: Coordinator = {
    "tbl_organismes": "id_org | nom_organisme | sigle_org | alias_org | type_org | desc_org | neq | tel_org | courriel_org"
    " | site_web | langues_org | id_org_parent",
    "tbl_lieux": "id_lieu | id_org | nom_lieu | adresse_civique | municipalite | code_postal | coord_lat | coord_long"
    " | ind_confidentiel | acces_fauteuil | heures_ouv",
    "tbl_services": "id_service | id_org | nom_service | desc_service | programme_serv | niveau_ligne | liste_besoins"
    " | clientele_cible | age_min | age_max | langues_service | territoires_desservis | liste_lieux | modalite_acces"
    " | procedure_ref | docs_requis | frais_service | delai_jours | statut_dispo | heures_service | tel_service"
    " | courriel_service | date_verif | niveau_visibilite",
    "tbl_contacts": "id_org | id_service | nom_contact | fonction_contact | tel_contact | no_poste | courriel_contact"
    " | niveau_visibilite",
    "tbl_ententes": "no_entente | titre_entente | type_entente | parties_signataires | programme_serv | territoires"
    " | modalite | statut_entente | date_signature | date_debut | date_fin | type_renouvellement | preavis_jours"
    " | responsable_suivi | mecanisme_ref | mecanisme_mesentente | echange_info | objet_entente",
    "tbl_corridors": "id_corridor | no_entente | service_origine | service_dest | direction | criteres_admission"
    " | mecanisme_ref | delai_urgent_h | delai_prioritaire_j | delai_regulier_j | contact_liaison | heures_dispo"
    " | retour_1re_ligne | id_corridor_releve",
    "tbl_obligations": "no_entente | id_org_partie | contribution | date_echeance | frequence | statut_obligation",
}
CAPITALS: Coordinator = {
    "LISTE DES ORGANISMES": "NO ORGANISME | NOM DE L'ORG. | ACRONYME | AUTRE(S) NOM(S) | TYPE D'ORG. | DESCRIPTION"
    " | NUMERO NEQ | TELEPHONE | ADRESSE COURRIEL | SITE WEB | LANGUE DE SERVICE | ORG. PARENT",
    "LISTE DES ADRESSES": "NO LIEU | NOM DE L'ORG. | NOM DU POINT DE SERVICE | ADRESSE | VILLE | C.P. | LATITUDE"
    " | LONGITUDE | CONFIDENTIEL | FAUTEUIL ROULANT | HEURES D'OUVERTURE",
    "LISTE DES SERVICES": "NO SERVICE | NOM DE L'ORG. | TITRE DU SERVICE | DESCRIPTION | PROG. | LIGNE | BESOINS"
    " COUVERTS | CLIENTELE | AGE MIN | AGE MAX | LANGUES | TERRITOIRE DESSERVI | NO LIEU | MODE D'ACCES | PROCEDURE"
    " | DOCUMENTS | FRAIS | DELAI (JRS) | DISPONIBILITE | HORAIRE | TELEPHONE | COURRIEL | DATE VERIF. | VISIBILITE",
    "LISTE DES CONTACTS": "ORGANISME | NO SERVICE | NOM COMPLET | FONCTION | TELEPHONE | POSTE TEL. | COURRIEL"
    " | VISIBILITE",
    "REGISTRE DES ENTENTES": "NO ENTENTE | TITRE | TYPE D'ENTENTE | SIGNATAIRES | PROG. | TERRITOIRE | MODALITE"
    " | STATUT | DATE SIGNATURE | DATE DEBUT | DATE FIN | RENOUVELLEMENT | PREAVIS (JRS) | RESPONSABLE"
    " | MODE DE REFERENCE | REGLEMENT DES DIFFERENDS | PARTAGE D'INFORMATION | OBJET",
    "CORRIDORS DE SERVICE": "NO CORRIDOR | NO ENTENTE | SERVICE D'ORIGINE | SERVICE DE DESTINATION | SENS | CRITERES"
    " | MECANISME | DELAI URGENT (H) | DELAI PRIORITAIRE (J) | DELAI REGULIER (J) | PERSONNE-CONTACT | PLAGE HORAIRE"
    " | RETOUR 1RE LIGNE | CORRIDOR DE RELEVE",
    "SUIVI DES ENGAGEMENTS": "NO ENTENTE | PARTIE RESPONSABLE | ENGAGEMENT | DATE LIMITE | FREQUENCE | STATUT",
}
BILINGUAL: Coordinator = {
    "Agencies": "Agency ID | Agency name | Acronym | Also known as | Agency type | Overview | NEQ # | Main phone"
    " | E-mail | Website | Languages | Parent agency",
    "Sites": "Site ID | Agency | Site name | Street address | City | Postal code | Lat | Long | Confidential?"
    " | Wheelchair access | Opening hours",
    "Programs & services": "Service ID | Agency | Service name | Description | Program | Tier / ligne | Needs"
    " | Target population | Min age | Max age | Languages | Service area | Site ID | How to access | Referral"
    " procedure | Documents required | Fees | Wait time (days) | Availability | Hours | Phone | Email"
    " | Last verified | Visibility",
    "Staff contacts": "Agency | Service | Contact name | Job title | Phone | Ext. | Email | Privacy level",
    "Agreements": "Agreement # | Agreement title | Type | Parties | Program | Area | Modality | Status | Signed on"
    " | Start date | End date | Renewal | Notice (days) | Lead | Referral process | Dispute resolution"
    " | Information sharing | Purpose",
    "Pathways": "Pathway ID | Agreement # | From | To | Direction | Criteria | How | Urgent (hrs) | Priority (days)"
    " | Regular (days) | Liaison | Availability | Back to first line | Backup",
    "Commitments": "Agreement # | Party | Commitment | Due date | Frequency | Status",
}
QUESTIONS: Coordinator = {
    "Qui est qui": "Quel est son code? | Comment s'appelle l'organisme? | Quel est son sigle? | L'appelle-t-on autrement?"
    " | Quel genre d'organisme? | Que font-ils? | Quel est le NEQ? | À quel numéro appeler? | Quel courriel?"
    " | Quel site web? | Quelles langues? | De qui relèvent-ils?",
    "Où ça se passe": "Quel code? | Quel organisme? | Quel lieu? | Quelle adresse? | Quelle ville? | Quel code postal?"
    " | Latitude? | Longitude? | Adresse secrète? | Accessible en fauteuil? | Ouvert quand?",
    "Ce qu'on offre": "Quel code? | Quel organisme? | Quel service? | Qu'est-ce que c'est? | Quel programme?"
    " | Quelle ligne? | Pour quels besoins? | Pour quelle clientèle? | À partir de quel âge? | Jusqu'à quel âge?"
    " | En quelles langues? | Quels territoires? | À quel endroit? | Comment y avoir accès? | Comment faire une référence?"
    " | Quels documents apporter? | Combien ça coûte? | Combien de jours d'attente? | Est-ce disponible?"
    " | Quel horaire? | Quel téléphone? | Quel courriel? | Vérifié quand? | Qui peut voir la fiche?",
    "À qui parler": "Quel organisme? | Quel service? | Quel nom? | Quelle fonction? | Quel téléphone? | Quel poste?"
    " | Quel courriel? | Qui peut voir?",
    "Ce qu'on a signé": "Quel numéro? | Quel titre? | Quelle sorte? | Entre qui et qui? | Quel programme?"
    " | Quel territoire? | Quelle modalité? | Quel statut? | Signée quand? | Commence quand? | Finit quand?"
    " | Se renouvelle comment? | Combien de jours de préavis? | Qui est responsable? | Comment on réfère?"
    " | Que faire en cas de mésentente? | Quelle information est échangée? | Pourquoi cette entente?",
    "Qui réfère à qui": "Quel code? | Quelle entente? | De quel service? | Vers quel service? | Dans quel sens?"
    " | Selon quels critères? | Par quel mécanisme? | Urgent : combien d'heures? | Prioritaire : combien de jours?"
    " | Régulier : combien de jours? | Qui contacter? | Disponible quand? | Comment se fait le retour?"
    " | Quelle relève?",
    "Qui doit quoi": "Quelle entente? | Quelle partie? | Quelle contribution? | Pour quand? | À quelle fréquence?"
    " | Dans quel état?",
}
UNITS: Coordinator = {
    "Organismes (218)": "Code (ORG) | Nom (officiel) | Sigle (s'il y a lieu) | Autres noms (séparés par ;)"
    " | Type (voir légende) | Description (courte) | NEQ (10 chiffres) | Téléphone (principal) | Courriel (général)"
    " | Site (web) | Langues (séparées par ;) | Parent (code ou nom)",
    "Points de service (245)": "Code (LIE) | Organisme (code ou nom) | Nom (du point de service) | Adresse (no, rue)"
    " | Municipalité (ville) | Code postal (A1A 1A1) | Latitude (degrés) | Longitude (degrés) | Confidentiel (O/N)"
    " | Fauteuil roulant (O/N/P) | Heures (d'ouverture)",
    "Services (457)": "Code (SRV) | Organisme (code ou nom) | Service (nom) | Description (résumé)"
    " | Programme (services) | Ligne (1-2-3) | Besoins (vocabulaire) | Clientèle (visée) | Âge (min.) | Âge (max.)"
    " | Langues (offertes) | Territoires (codes) | Lieux (codes) | Accès (modalité) | Référence (procédure)"
    " | Documents (requis) | Frais ($) | Délai (jours) | Disponibilité (état) | Heures (horaire) | Téléphone (avec poste)"
    " | Courriel (s'il y a lieu) | Vérification (date) | Visibilité (publique, partenaires, interne)",
    "Personnes (254)": "Organisme (code ou nom) | Service (code) | Nom (prénom, nom) | Fonction (titre)"
    " | Téléphone (bureau) | Poste (tél.) | Courriel (bureau) | Visibilité (niveau)",
    "Ententes (152)": "Numéro (ENT) | Titre (complet) | Type (d'entente) | Parties (codes) | Programme (services)"
    " | Territoires (codes) | Modalité (forme) | Statut (actuel) | Signature (date) | Début (date) | Échéance (date)"
    " | Renouvellement (mode) | Préavis (nb jours) | Responsable (nom) | Référence (mécanisme)"
    " | Mésentente (mécanisme) | Information (échange) | Objet (but)",
    "Corridors (228)": "Code (COR) | Entente (no) | Origine (service) | Destination (service) | Direction (uni/bi)"
    " | Critères (admission) | Mécanisme (référence) | Urgent (heures) | Prioritaire (jours) | Régulier (jours)"
    " | Liaison (contact) | Disponibilité (heures) | Retour (1re ligne) | Relève (code)",
    "Obligations (215)": "Entente (no) | Partie (code ou nom) | Contribution (texte) | Échéance (date)"
    " | Fréquence (répétition) | État (actuel)",
}
LINE_BREAKS: Coordinator = {
    "ORG": "Code\nde l'organisme | Nom de\nl'organisme | Sigle\nou acronyme | Autres\nappellations | Catégorie de\npartenaire"
    " | Brève\ndescription | N°\nd'entreprise\n(NEQ) | N° de\ntéléphone | Adresse\nélectronique | Adresse\nInternet"
    " | Langue(s)\nparlée(s) | Organisme\ndont il relève",
    "LIEUX": "Code\ndu lieu | Organisme\nresponsable | Nom\ndu lieu | Adresse\ncivique | Ville /\nmunicipalité"
    " | Code\npostal | Position\nlatitude | Position\nlongitude | Lieu\nconfidentiel | Accès\nfauteuil\nroulant"
    " | Heures\nd'accueil",
    "SERVICES": "Code\ndu service | Organisme\nresponsable | Nom\ndu service | Description\ndu service"
    " | Programme-\nservices | Ligne\nde service | Besoins\nrépondus | Clientèle\nvisée | Âge\nminimum | Âge\nmaximum"
    " | Langue(s)\nparlée(s) | Secteur(s)\ndesservi(s) | Code\ndu lieu | Modalité(s)\nd'accès | Procédure de\nréférence"
    " | Documents\nà fournir | Coût du\nservice | Délai\nmoyen\n(jours) | Disponi-\nbilité | Heures\nde service"
    " | N° de\ntéléphone | Adresse\nélectronique | Date de\nvérification | Niveau de\ndiffusion",
    "CONTACTS": "Organisme\nd'attache | Service\nd'attache | Nom de la\npersonne | Titre\nd'emploi | N° de\ntéléphone"
    " | N° de\nposte | Adresse\nélectronique | Niveau de\ndiffusion",
    "ENTENTES": "N° de\nl'entente | Titre de\nl'entente | Type\nd'entente | Parties\nà l'entente | Programme-\nservices"
    " | Territoire(s)\nvisé(s) | Modalité de\ncollaboration | Statut de\nl'entente | Date de la\nsignature"
    " | Date d'entrée\nen vigueur | Date\nd'échéance | Mode de\nrenouvel-\nlement | Délai de\npréavis (jours)"
    " | Personne\nresponsable | Mécanisme\nde référence | Mécanisme en cas\nde mésentente | Échange de\nrenseignements"
    " | Objet de\nl'entente",
    "CORRIDORS": "Code du\ncorridor | N° de\nl'entente | Service\nd'origine | Service\nde destination | Sens du\ncorridor"
    " | Critères\nd'accès | Moyen de\nréférence | Délai\nurgent\n(heures) | Délai\nprioritaire\n(jours)"
    " | Délai\nrégulier\n(jours) | Personne\nde liaison | Heures de\ndisponibilité | Modalités de\nretour"
    " | Corridor\nde relève",
    "OBLIGATIONS": "N° de\nl'entente | Partie\nvisée | Contribution\nattendue | Date\nd'échéance | Fré-\nquence"
    " | État de la\ncontribution",
}
TYPOS: Coordinator = {
    "Oganismes": "Cdoe | Nom de l'organsime | Accronyme | Autre noms | Type de partenaie | Descripton | NEQ | Télépnone"
    " | Couriel | Site wed | Langeus | Organisme parrent",
    "Leiux": "Code | Organsime | Nom du leiu | Addresse | Municipalitée | Code posatl | Lattitude | Longtitude"
    " | Adresse confidentiel | Acessible en fauteuil | Heures d'ouveture",
    "Servcies": "Cdoe | Organsime | Nom du servcie | Descripiton | Programe-services | Ligen | Bessoins | Clientelle"
    " | Age minimun | Age maximun | Langeus | Teritoires desservis | Lieus | Modalitée d'accès | Procédure de référance"
    " | Document requi | Frai | Delais d'acces (jours) | Disponibilitée | Heurs | Telephonne | Courrriel"
    " | Derniere verificaton | Visibilitée",
    "Contatcs": "Organsime | Servcie | Nom | Fontion | Téléfone | Poste | Couriel | Visiblité",
    "Entantes": "Numero | Tittre | Tipe | Partis | Programe-services | Teritoires | Modalitée | Statu | Date de singature"
    " | Entrée en vigeur | Écheance | Renouvelement | Preavi (jours) | Responssable | Mecanisme de réference"
    " | Mécanisme de messentente | Echange d'informaton | Object",
    "Coridors": "Cdoe | Entante | Service d'orgine | Service de destinaton | Dirrection | Criteres | Mechanisme"
    " | Délai urgeant (heures) | Délai prioritere (jours) | Délai regulié (jours) | Contact de liason | Disponiblité"
    " | Retour en premiere ligne | Corridor de reléve",
    "Obligatons": "Entante | Partis | Contribution atendue | Echéanse | Fréquance | Etat",
}
FORMAL: Coordinator = {
    "Registre des partenaires": "Identifiant de l'organisme | Dénomination sociale | Sigle officiel"
    " | Autres dénominations | Catégorie d'organisme | Mission et mandat | Numéro d'entreprise du Québec (NEQ)"
    " | Numéro de téléphone | Adresse de courrier électronique | Adresse du site Internet | Langues d'intervention"
    " | Établissement de rattachement",
    "Registre des installations": "Identifiant de l'installation | Organisme propriétaire"
    " | Dénomination de l'installation | Adresse municipale | Localité | Code postal | Latitude (WGS84)"
    " | Longitude (WGS84) | Caractère confidentiel de l'adresse | Accessibilité aux personnes à mobilité réduite"
    " | Heures d'ouverture au public",
    "Registre des services": "Identifiant du service | Organisme dispensateur | Dénomination du service"
    " | Description sommaire | Programme-services du MSSS | Niveau de services | Besoins auxquels le service répond"
    " | Clientèle admissible | Âge minimal d'admissibilité | Âge maximal d'admissibilité | Langues de prestation"
    " | Territoire de desserte | Installation où le service est offert | Modalités d'accès au service"
    " | Procédure de demande de service | Pièces justificatives | Tarification | Délai moyen d'accès (jours)"
    " | État de la disponibilité | Plages horaires | Numéro de téléphone | Adresse de courrier électronique"
    " | Date de la dernière validation | Degré de visibilité",
    "Registre des répondants": "Organisme d'appartenance | Service d'appartenance | Nom et prénom"
    " | Titre de fonction | Numéro de téléphone | Numéro de poste | Adresse de courrier électronique"
    " | Degré de visibilité",
    "Registre des ententes": "Numéro de l'entente | Intitulé de l'entente | Nature de l'entente"
    " | Parties contractantes | Programme-services concerné | Territoire d'application | Modalité de collaboration"
    " | État de l'entente | Date de signature | Date de prise d'effet | Date d'expiration | Clause de renouvellement"
    " | Préavis de résiliation (jours) | Responsable du suivi | Modalités de référence"
    " | Mécanisme de règlement des différends | Modalités d'échange de renseignements | Objet de l'entente",
    "Registre des trajectoires": "Identifiant du corridor | Numéro de l'entente | Service demandeur"
    " | Service receveur | Sens de la référence | Critères d'admissibilité | Mode de transmission"
    " | Délai en situation urgente (heures) | Délai en situation prioritaire (jours)"
    " | Délai en situation régulière (jours) | Personne assurant la liaison | Plages de disponibilité"
    " | Modalités de retour en première ligne | Corridor de substitution",
    "Registre des obligations": "Numéro de l'entente | Partie débitrice | Nature de la contribution"
    " | Date d'exigibilité | Périodicité | État de réalisation",
}
SHORTENED: Coordinator = {
    "Org.": "Cod. | Nom org. | Acr. | Aut. noms | Typ. part. | Descr. | NEQ | Tél. princ. | Courr. | Web | Lang."
    " | Rel. de",
    "Adr.": "Cod. | Org. | Nom lieu | Adr. | Mun. | C. post. | Lat. | Lon. | Adr. conf. | Acc. faut. roul. | H. ouv.",
    "Serv.": "Cod. | Org. | Nom serv. | Descr. | Prog.-serv. | Lig. | Bes. | Client. | Âge min. | Âge max. | Lang."
    " | Terr. desserv. | Lx | Mod. d'acc. | Proc. réf. | Doc. req. | Fr. | Dél. (j) | Disp. | Hor. | Tél. | Courr."
    " | Dern. vérif. | Visib.",
    "Cont.": "Org. | Serv. | Nom | Fonct. | Tél. | Pte | Courr. | Visib.",
    "Ent.": "No ent. | Titre ent. | Typ. | Part. | Prog.-serv. | Terr. | Modal. | Stat. | Dt sign. | Dt début | Dt fin"
    " | Renouvel. | Préav. (j) | Respons. | Méc. réf. | Méc. mésent. | Éch. d'info | Obj.",
    "Corr.": "Cod. | No ent. | Serv. orig. | Serv. dest. | Direct. | Crit. | Mécan. | Dél. urg. (h) | Dél. prio. (j)"
    " | Dél. rég. (j) | Cont. liais. | Disp. | Ret. 1re l. | Corr. rel.",
    "Oblig.": "No ent. | Part. | Contrib. | Échéa. | Fréqu. | Stat.",
}
NUMBERED: Coordinator = {
    "1-Ressources": "1. Code | 2. Nom de la ressource | 3. Sigle | 4. Aussi appelée | 5. Type de ressource"
    " | 6. Mission | 7. NEQ | 8. Téléphone | 9. Courriel | 10. Site web | 11. Langues parlées | 12. Relève de",
    "2-Endroits": "1. Code | 2. Ressource | 3. Nom de l'endroit | 4. Adresse | 5. Ville ou village | 6. Code postal"
    " | 7. Latitude | 8. Longitude | 9. Adresse confidentielle? | 10. Accès en fauteuil | 11. Heures",
    "3-Activités": "1. Code | 2. Ressource | 3. Nom du service | 4. Résumé | 5. Programme | 6. Ligne | 7. Besoins visés"
    " | 8. Pour qui | 9. Âge minimum | 10. Âge maximum | 11. Langues | 12. Secteurs | 13. Endroits | 14. Accès"
    " | 15. Pour référer | 16. Papiers à apporter | 17. Coût | 18. Attente en jours | 19. Places | 20. Heures"
    " | 21. Téléphone | 22. Courriel | 23. Mise à jour le | 24. Diffusion",
    "4-Monde": "1. Ressource | 2. Service | 3. Nom de la personne | 4. Rôle | 5. Téléphone | 6. Poste | 7. Courriel"
    " | 8. Diffusion",
    "5-Ententes": "1. Numéro | 2. Nom de l'entente | 3. Sorte d'entente | 4. Signataires | 5. Programme | 6. Secteurs"
    " | 7. Façon de travailler ensemble | 8. Où c'est rendu | 9. Date signée | 10. Date de début | 11. Date de fin"
    " | 12. Renouvellement | 13. Jours de préavis | 14. Personne responsable | 15. Façon de référer"
    " | 16. Si on ne s'entend pas | 17. Informations partagées | 18. But de l'entente",
    "6-Passerelles": "1. Code | 2. Entente | 3. Service qui réfère | 4. Service qui reçoit | 5. Sens | 6. Conditions"
    " | 7. Façon de référer | 8. Urgent (h) | 9. Prioritaire (j) | 10. Régulier (j) | 11. Personne à contacter"
    " | 12. Disponibilités | 13. Retour | 14. Plan B",
    "7-Promesses": "1. Entente | 2. Ressource | 3. Ce qui est promis | 4. Date prévue | 5. Combien souvent | 6. Où c'est rendu",
}
GINETTE: Coordinator = {
    "Mes organismes": "# org | Organisme | Initiales | Surnom | Sorte | Ce qu'ils font | # NEQ | Numéro | Mail"
    " | Page web | Parlent | Sous",
    "Mes bureaux": "# lieu | Chez qui | Bureau | Adr. civique | Endroit | Code P. | GPS N | GPS O | Secret | Rampe"
    " | Ouvert",
    "Mes services": "# serv | Chez qui | Service | Détails | Prog | 1re-2e-3e | Problématique | Clients | Âge + de"
    " | Âge - de | Parlent | Quartiers | Bureau | Façon d'entrer | Démarche | Preuves | Prix | Jrs d'attente"
    " | Place? | Quand | Numéro | Mail | Dernier appel | Qui voit",
    "Mes contacts": "Chez qui | Pour quel service | Nom | Job | Numéro | Ext | Mail | Qui voit",
    "Mes ententes": "# | Nom | Sorte | Avec | Prog | Quartiers | Formule | Rendu où | Signé | Du | Au"
    " | On renouvelle? | Avis (jrs) | C'est qui qui suit | Comment référer | En cas de dispute | Infos échangées"
    " | Ça sert à quoi",
    "Mes corridors": "# cor | # entente | Part de | Va à | Sens | Pour qui | Par quoi | Si urgent (h) | Si prio (j)"
    " | Sinon (j) | Appeler qui | Quand | Après | Si plein",
    "Mes suivis": "# entente | Qui | Doit faire quoi | D'ici quand | Aux combien | Fait ou pas",
}
PREFIXED: Coordinator = {
    "Partenaires 2026": "Org - Code | Org - Nom | Org - Sigle | Org - Autres noms | Org - Type | Org - Description"
    " | Org - NEQ | Org - Tél. | Org - Courriel | Org - Web | Org - Langues | Org - Organisme parent",
    "Emplacements 2026": "Lieu - Code | Lieu - Organisme | Lieu - Nom | Lieu - Adresse | Lieu - Ville"
    " | Lieu - Code postal | Lieu - Latitude | Lieu - Longitude | Lieu - Confidentiel | Lieu - Fauteuil"
    " | Lieu - Heures",
    "Offre 2026": "Serv - Code | Serv - Organisme | Serv - Nom | Serv - Description | Serv - Programme | Serv - Ligne"
    " | Serv - Besoins | Serv - Clientèle | Serv - Âge min | Serv - Âge max | Serv - Langues | Serv - Territoires"
    " | Serv - Lieux | Serv - Accès | Serv - Procédure | Serv - Documents | Serv - Frais | Serv - Délai (j)"
    " | Serv - Disponibilité | Serv - Heures | Serv - Tél. | Serv - Courriel | Serv - Vérifié le | Serv - Visibilité",
    "Bottin 2026": "Cont - Organisme | Cont - Service | Cont - Nom | Cont - Fonction | Cont - Tél. | Cont - Poste"
    " | Cont - Courriel | Cont - Visibilité",
    "Protocoles 2026": "Ent - Numéro | Ent - Titre | Ent - Type | Ent - Parties | Ent - Programme | Ent - Territoires"
    " | Ent - Modalité | Ent - Statut | Ent - Signature | Ent - Début | Ent - Fin | Ent - Renouvellement"
    " | Ent - Préavis (j) | Ent - Responsable | Ent - Référence | Ent - Mésentente | Ent - Information | Ent - Objet",
    "Trajets 2026": "Cor - Code | Cor - Entente | Cor - Origine | Cor - Destination | Cor - Direction | Cor - Critères"
    " | Cor - Mécanisme | Cor - Urgent (h) | Cor - Prioritaire (j) | Cor - Régulier (j) | Cor - Contact"
    " | Cor - Disponibilité | Cor - Retour | Cor - Relève",
    "Livrables 2026": "Obl - Entente | Obl - Partie | Obl - Contribution | Obl - Échéance | Obl - Fréquence | Obl - État",
}

COORDINATORS: dict[str, Coordinator] = {
    "snake_case": SNAKE_CASE, "capitales": CAPITALS, "bilingue": BILINGUAL, "questions": QUESTIONS, "unités": UNITS,
    "retours de ligne": LINE_BREAKS, "fautes": TYPOS, "administratif": FORMAL, "abrégé": SHORTENED,
    "numéroté": NUMBERED, "Ginette": GINETTE, "préfixes": PREFIXED,
}  # fmt: skip
# Working columns that are nobody's data, with what their cells hold: « formula », « note », « date », « number »,
# « phone », « initials », « mark ».
EXTRAS: dict[str, str] = {
    "vérif": "formula", "formule (ne pas effacer)": "formula", "NB car.": "formula",
    "Remarques": "note", "Commentaires": "note", "À faire": "note", "Suivi Ginette": "note", "Note": "note",
    "Date de saisie": "date", "Ajouté le": "date", "Rappel": "date",
    "Fax": "phone", "Télécopieur": "phone", "Vu par": "initials", "Saisi par": "initials", "Couleur": "mark",
    "calcul": "formula", "Colonne1": "formula", "test": "mark", "Vérifié par": "initials", "Prochain suivi": "date",
    "Nb usagers 2025": "number", "Budget": "number", "Code couleur": "mark", "Notes perso": "note", "À rappeler": "note",
    "Doublon?": "mark", "Imprimé": "mark", "Ancien numéro": "number", "Rang": "number",
}  # fmt: skip
