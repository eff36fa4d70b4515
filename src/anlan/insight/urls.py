"""Addresses of the pages over several apps."""

from django.urls import path

from anlan.insight import views

urlpatterns = [
    path("work/", views.my_work, name="my_work"),
    path("command/", views.command, name="command"),
    path("command/map.json", views.command_map, name="command_map"),
]
