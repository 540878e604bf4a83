"""« Ententes »: the list and the form of agreements."""

from __future__ import annotations

from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel

from registry.admin.panels import tabs

from .agreement_list import EXPORT_COLUMNS, LIST_DISPLAY, AgreementFilterSet
from .clauses import StandardClausesNotice
from .editing import EntenteForm, LifeNotice
from .ententes import EntenteViewSet


class AgreementViewSet(EntenteViewSet):
    icon = "doc-full"
    menu_label = "Ententes"
    menu_order = 100
    ordering = "-number"
    search_fields = ("number", "title", "responsible", "parties__organization__name")
    filterset_class = AgreementFilterSet
    list_prefetch = ("parties__organization",)
    list_display = LIST_DISPLAY
    export_filename = "ententes"
    export_prefetch = ("territories",)
    export_columns = EXPORT_COLUMNS
    edit_handler = tabs(
        (
            "Entente",
            [
                LifeNotice(),
                FieldRowPanel([FieldPanel("number"), FieldPanel("instrument_type")]),
                FieldPanel("title"),
                FieldPanel("older_status"),
                FieldPanel(
                    "object", help_text="En une ou deux phrases : ce que les parties conviennent de faire ensemble."
                ),
                FieldPanel("responsible", help_text="La personne du centre qui suit cette entente."),
                FieldPanel("modalities"),
                FieldPanel("programs"),
                FieldPanel("territories"),
                FieldPanel("predecessor", help_text="Celle que cette entente remplace."),
            ],
        ),
        (
            "Parties",
            [
                InlinePanel(
                    "parties",
                    [
                        FieldPanel("organization"),
                        FieldPanel("role"),
                        FieldRowPanel([FieldPanel("negotiator"), FieldPanel("negotiator_email")]),
                        FieldPanel("mandate"),
                    ],
                    label="Partie",
                    heading="Parties",
                    help_text="Dans l’ordre où le texte les nomme.",
                ),
            ],
        ),
        (
            "Clauses",
            [
                StandardClausesNotice(),
                InlinePanel(
                    "clauses",
                    [
                        FieldPanel("title"),
                        FieldRowPanel([FieldPanel("kind"), FieldPanel("frequency")]),
                        FieldPanel("text"),
                    ],
                    label="Clause",
                    heading="Clauses",
                    help_text="Le numéro d’une clause est sa place dans cette liste.",
                ),
            ],
        ),
        (
            "Durée",
            [
                FieldRowPanel([FieldPanel("signed_on"), FieldPanel("starts_on"), FieldPanel("ends_on")]),
                FieldRowPanel([FieldPanel("renewal"), FieldPanel("renewal_months"), FieldPanel("notice_days")]),
            ],
        ),
        (
            "Mécanismes",
            [
                FieldPanel("referral_mechanism"),
                FieldPanel("dispute_mechanism"),
                FieldPanel("information_exchange"),
            ],
        ),
        form=EntenteForm,
    )
