"""The door of clicks: every page, each app's under its own path; and the API beside them."""

from django.urls import include, path

from anlan.foundation import audit_views, design, filter_views, metrics, record_views, views
from anlan.wiring import first_screens
from anlan.wiring.api import api

urlpatterns = [
    path("", first_screens.home, name="home"),
    path("no-post/", views.no_post, name="no_post"),
    path("post/", views.switch_post, name="switch_post"),
    path("language/", views.choose_language, name="choose_language"),
    path("design/", design.design_language, name="design"),
    path("healthz", views.alive, name="alive"),
    path("readyz", views.ready, name="ready"),
    path("metrics", metrics.metrics, name="metrics"),
    path("audit/", audit_views.audit_list, name="audit"),
    path("audit/record/<str:subject>/<uuid:row_id>/", audit_views.audit_of_record, name="audit_of_record"),
    path("filters/save/", filter_views.filter_save, name="filter_save"),
    path("filters/forget/", filter_views.filter_forget, name="filter_forget"),
    path("files/<uuid:file_id>/", record_views.file_content, name="file"),
    path("reveal/<str:subject>/<uuid:row_id>/", record_views.reveal, name="reveal"),
    path("api/", api.urls),
    path("accounts/", include("allauth.urls")),
    path("", include("anlan.insight.urls")),
    path("field/", include("anlan.field.urls")),
    path("", include("anlan.surveillance.urls")),
    path("", include("anlan.response.urls")),
    path("", include("anlan.health.urls")),
    path("", include("anlan.organisation.urls")),
    path("", include("anlan.affairs.urls")),
    path("orders/", include("anlan.workorders.urls")),
    path("", include("anlan.people.urls")),
    path("", include("anlan.exchange.urls")),
]
