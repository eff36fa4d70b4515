"""Addresses of the grid worker's pages; all under one path, which is the service worker's scope."""

from django.urls import path

from anlan.field import views

urlpatterns = [
    path("", views.phone, name="field"),
    path("today/", views.my_day, name="my_day"),
    path("contact/", views.contact, name="field_contact"),
    path("worker.js", views.worker, name="field_worker"),
    path("manifest.webmanifest", views.manifest, name="field_manifest"),
]
