"""Addresses of reports and of the day's counts."""

from django.urls import path

from anlan.health.views import count_files, counts, reports

urlpatterns = [
    path("report/", reports.report_case, name="report_case"),
    path("report/places/", reports.report_places, name="report_places"),
    path("reports/", reports.report_list, name="reports"),
    path("reports/awaiting-card/", reports.awaiting_cards, name="awaiting_cards"),
    path("reports/<uuid:report_id>/", reports.report_page, name="report"),
    path("reports/<uuid:report_id>/step/", reports.report_step, name="report_step"),
    path("reports/<uuid:report_id>/card/", reports.report_card, name="report_card"),
    path("reporting/", counts.reporting_desk, name="reporting_desk"),
    path("reporting/<str:form_key>/", counts.count_form, name="count_form"),
    path("counts/", counts.counts, name="counts"),
    path("counts/silent/", counts.silent, name="silent"),
    path("counts/files/", count_files.count_files, name="count_files"),
    path("counts/files/<uuid:file_id>/", count_files.count_file, name="count_file"),
    path("counts/files/<uuid:file_id>/retry/", count_files.count_file_retry, name="count_file_retry"),
    path("counts/<uuid:sheet_id>/", counts.count_sheet, name="count_sheet"),
]
