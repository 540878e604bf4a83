"""The addresses of amendments, disputes, endings and renewals in the admin, and their places on an entente's page."""

from __future__ import annotations

from django.urls import path

from . import amendments, disputes, ending, journey, page

urlpatterns = [
    path(
        "ententes/<int:pk>/avenants/nouveau/", amendments.OpenAmendmentView.as_view(), name="corridors_amendment_open"
    ),
    path("ententes/<int:pk>/avenants/<int:number>/", amendments.AmendmentView.as_view(), name="corridors_amendment"),
    path(
        "ententes/<int:pk>/avenants/<int:number>/modifier/",
        amendments.EditAmendmentView.as_view(),
        name="corridors_amendment_edit",
    ),
    path(
        "ententes/<int:pk>/avenants/<int:number>/faire/<slug:gesture>/",
        amendments.AmendmentGestureView.as_view(),
        name="corridors_amendment_gesture",
    ),
    path(
        "ententes/<int:pk>/avenants/<int:number>/passer/<slug:transition>/",
        amendments.AmendmentStepView.as_view(),
        name="corridors_amendment_step",
    ),
    path("ententes/<int:pk>/suspendre/", ending.SuspendView.as_view(), name="corridors_suspend"),
    path("ententes/<int:pk>/lever/", ending.ResumeView.as_view(), name="corridors_resume"),
    path("ententes/<int:pk>/resilier/", ending.TerminateView.as_view(), name="corridors_terminate"),
    path("ententes/<int:pk>/maintenir/", ending.WithdrawView.as_view(), name="corridors_withdraw"),
    path("ententes/<int:pk>/impact/", ending.ImpactView.as_view(), name="corridors_impact"),
    path("ententes/<int:pk>/renouveler/", ending.RenewView.as_view(), name="corridors_renew"),
    path("ententes/<int:pk>/mesentente/", disputes.OpenDisputeView.as_view(), name="corridors_dispute_open"),
    path("ententes/<int:pk>/mesentente/clore/", disputes.settle, name="corridors_settle"),
    path("ententes/<int:pk>/mesentente/<int:dispute>/", disputes.DisputeView.as_view(), name="corridors_dispute"),
]

# These transitions ask for more than a reason and a day.
journey.PAGES.update({
    "suspend": "corridors_suspend", "resume": "corridors_resume", "terminate": "corridors_terminate",
    "dispute": "corridors_dispute_open", "settle": "corridors_settle",
    "keep_in_force": "corridors_withdraw", "keep_suspended": "corridors_withdraw",
    "keep_disputed": "corridors_withdraw",
})  # fmt: skip
page.EXTRA_PANELS += [disputes.disputes_panel, ending.ending_panel, amendments.amendments_panel]
