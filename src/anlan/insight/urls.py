"""Addresses of the pages over several apps."""

from django.urls import path

from anlan.insight import asides, desks, places, views

urlpatterns = [
    path("work/", views.my_work, name="my_work"),
    path("command/", views.command, name="command"),
    path("command/map.json", views.command_map, name="command_map"),
    path("desk/community/", desks.community_desk, name="community_desk"),
    path("desk/subdistrict/", desks.subdistrict_desk, name="subdistrict_desk"),
    path("desk/command/", desks.commander_desk, name="commander_desk"),
    path("desk/department/", desks.department_desk, name="department_desk"),
    path("areas/<slug:code>/grid-sizes/", places.grid_sizes_page, name="grid_sizes"),
    path("members/<uuid:member_id>/leaving/", places.leaving_page, name="leaving"),
    path("brief/", desks.brief_page, name="brief"),
    path("brief.pdf", desks.brief_as_pdf, name="brief_pdf"),
    path("set-aside/", asides.set_aside, name="set_aside"),
    path("set-aside/decide/", asides.set_aside_decide, name="set_aside_decide"),
]
