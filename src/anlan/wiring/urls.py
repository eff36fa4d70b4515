"""The door of clicks: every page, each app's under its own path."""

from django.urls import include, path

from anlan.foundation import design, metrics, views

urlpatterns = [
    path("", views.home, name="home"),
    path("no-post/", views.no_post, name="no_post"),
    path("post/", views.switch_post, name="switch_post"),
    path("language/", views.choose_language, name="choose_language"),
    path("design/", design.design_language, name="design"),
    path("healthz", views.alive, name="alive"),
    path("readyz", views.ready, name="ready"),
    path("metrics", metrics.metrics, name="metrics"),
    path("accounts/", include("allauth.urls")),
    path("", include("anlan.insight.urls")),
    path("", include("anlan.surveillance.urls")),
    path("", include("anlan.health.urls")),
    path("orders/", include("anlan.workorders.urls")),
]
