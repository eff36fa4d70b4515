"""Addresses of the pages over several apps."""

from django.urls import path

from anlan.insight import asides, views

urlpatterns = [
    path("work/", views.my_work, name="my_work"),
    path("command/", views.command, name="command"),
    path("command/map.json", views.command_map, name="command_map"),
    path("set-aside/", asides.set_aside, name="set_aside"),
    path("set-aside/decide/", asides.set_aside_decide, name="set_aside_decide"),
]
