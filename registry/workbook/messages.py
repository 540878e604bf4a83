"""Reasons of rejection and warnings: a stable code each, and one sentence in French that says what to do."""

REASONS: dict[str, str] = {
    "nom_manquant": (
        "Le nom (ou le titre, ou la contribution attendue) est vide : écrivez-le, puis importez de nouveau cette ligne."
    ),
    "organisme_introuvable": (
        "L’organisme indiqué n’existe ni dans la feuille des organismes ni dans le réseau : corrigez son code ou son "
        "nom, ou ajoutez-le."
    ),
    "code_en_double": (
        "Ce code sert déjà plus haut dans la feuille à une autre fiche : donnez-en un autre, ou videz-le."
    ),
    "ligne_en_double": "Cette fiche figure déjà plus haut dans la feuille : gardez une seule des deux lignes.",
    "parties_introuvables": (
        "Aucune partie de l’entente n’a pu être reconnue : écrivez leurs codes ou leurs noms exacts."
    ),
    "service_introuvable": (
        "Le service d’origine ou de destination n’existe ni dans la feuille des services ni dans le réseau : corrigez "
        "son code."
    ),
    "meme_service": "Le service d’origine et celui de destination sont le même : corrigez l’un des deux.",
    "entente_introuvable": (
        "Ce numéro d’entente n’existe ni dans la feuille des ententes ni dans le réseau : corrigez-le, ou importez "
        "d’abord l’entente."
    ),
    "ligne_total": "Ligne de total ou de séparation, sans donnée : il n’y a rien à faire.",
    "brouillon_non_publie": (
        "Cette fiche a un brouillon non publié, que l’import n’écrase pas : publiez-le ou supprimez-le, puis importez "
        "de nouveau."
    ),
    "entente_signee": (
        "Le texte de cette entente est signé : un corridor ou une contribution ne s’y ajoute que par un avenant."
    ),
    "fiche_verrouillee": "Cette fiche est verrouillée : déverrouillez-la, puis importez de nouveau.",
}

MESSAGES: dict[str, str] = {
    "date_invalide": "Date illisible ou impossible : elle n’a pas été prise. Écrivez-la comme 2026-11-21.",
    "date_imprecise": "Date partielle : elle n’a pas été prise. Ajoutez le jour et le mois, comme 2026-11-21.",
    "date_ambigue": "Jour et mois ne peuvent être distingués : la date n’a pas été prise. Écrivez-la comme 2026-11-21.",
    "type_inconnu": (
        "Type hors de la liste : un organisme est classé « Autre / à préciser »; le type d’une entente est gardé tel "
        "qu’il est écrit."
    ),
    "telephone_invalide": "Numéro illisible : il n’a pas été pris. Écrivez-le comme 418-555-0111 poste 222.",
    "courriel_invalide": "Adresse de courriel invalide : elle n’a pas été prise.",
    "site_invalide": "Adresse Web invalide : elle n’a pas été prise. Écrivez-la comme https://www.exemple.ca.",
    "code_manquant": "Aucun code : un nouveau code sera donné à cette fiche.",
    "doublon_probable": (
        "Nom très semblable à celui d’un autre organisme : la ligne est ajoutée à part. Si c’est le même, inscrivez "
        "son code ici, ou retirez la ligne."
    ),
    "formule": (
        "La cellule contient une formule, ou l’erreur qu’elle a laissée : elle n’est jamais calculée. Remplacez-la par "
        "sa valeur."
    ),
    "injection_formule": "Le texte commence comme une formule (= + - @) : il est gardé comme simple texte.",
    "html": "Le texte contient des balises : elles s’afficheront telles quelles, sans effet. Retirez-les.",
    "texte_trop_long": "Le texte est trop long : il a été coupé. Résumez-le.",
    "besoin_inconnu": (
        "Besoin hors du vocabulaire : il n’a pas été pris. Choisissez un terme de la feuille Vocabulaire."
    ),
    "territoire_inconnu": "Territoire inconnu : il n’a pas été pris. Écrivez un code de la feuille Territoires.",
    "code_postal_invalide": "Code postal invalide : il n’a pas été pris. Écrivez-le comme G1K 0G9.",
    "coordonnees_invalides": (
        "Latitude et longitude hors du Québec, incomplètes ou inversées : elles n’ont pas été prises."
    ),
    "booleen_ambigu": "Oui ou non? La réponse est illisible. Par prudence, une adresse est alors tenue confidentielle.",
    "age_invalide": "Âge illisible, ou minimum plus grand que le maximum : il n’a pas été pris. Écrivez un nombre.",
    "nombre_invalide": (
        "Un nombre est attendu (dix chiffres pour un NEQ) : la valeur n’a pas été prise. Écrivez seulement "
        "les chiffres."
    ),
    "horaire_illisible": "Horaire non interprétable : il est gardé comme texte, « à vérifier ».",
    "lieu_introuvable": "Lieu inexistant : le service est importé sans ce lieu.",
    "partie_introuvable": "Une des parties est introuvable : l’entente est importée avec les autres.",
    "echeance_avant_debut": "L’échéance précède l’entrée en vigueur : vérifiez les deux dates.",
    "service_introuvable_contact": "Service inexistant : le contact est rattaché à l’organisme seulement.",
    "statut_inconnu": (
        "Statut hors de la liste : celui d’une entente est gardé tel qu’il est écrit, tout autre n’est pas pris."
    ),
    "statut_en_conflit": (
        "Le statut du classeur diffère de celui du système, qui prévaut. Pour le changer, agissez dans l’entente."
    ),
    "texte_signe": (
        "Le texte de cette entente est signé : la valeur n’a pas été prise. Pour la changer, passez par un avenant."
    ),
    "releve_introuvable": "Corridor de relève inexistant : le corridor est importé sans relève.",
    "parent_introuvable": "Fiche parente introuvable : le lien n’a pas été pris. Écrivez un code ou un nom exact.",
    "valeur_inconnue": "Valeur hors de la liste : elle n’a pas été prise.",
    "langue_inconnue": "Langue inconnue : elle n’a pas été prise. Écrivez son nom en français.",
    "confidentialite_conservee": (
        "Ce lieu est confidentiel et le reste : un classeur ne peut pas le rendre public. Faites-le dans la fiche."
    ),
}


def message_for(code: str) -> str:
    """What a warning or a rejection says; the code itself where a stored report has one that is no longer given."""
    return MESSAGES.get(code) or REASONS.get(code, code)
