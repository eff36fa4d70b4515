"""Addresses of reports."""

from django.urls import path

from anlan.health import views

urlpatterns = [
    path("report/", views.report_case, name="report_case"),
    path("reports/", views.report_list, name="reports"),
    path("reports/<uuid:report_id>/", views.report_page, name="report"),
    path("reports/<uuid:report_id>/step/", views.report_step, name="report_step"),
    path("reports/<uuid:report_id>/card/", views.report_card, name="report_card"),
]
