"""Addresses of areas, posts, members, settings and the pack."""

from django.urls import path

from anlan.organisation.views import areas, members, posts, redraws, settings, shifts

urlpatterns = [
    path("areas/", areas.area_home, name="area_home"),
    path("areas/import/", redraws.area_import, name="area_import"),
    path("areas/<slug:code>/", areas.area_page, name="area"),
    path("areas/<slug:code>/map.json", areas.area_map, name="area_map"),
    path("areas/<slug:code>/links/new/", areas.link_new, name="link_new"),
    path("areas/<slug:code>/links/<uuid:link_id>/end/", areas.link_end, name="link_end"),
    path("areas/<slug:code>/then/", redraws.area_then, name="area_then"),
    path("areas/<slug:code>/redraw/", redraws.redraw_new, name="redraw_new"),
    path("redraws/", redraws.redraw_list, name="redraws"),
    path("redraws/<uuid:redraw_id>/", redraws.redraw_page, name="redraw"),
    path("redraws/<uuid:redraw_id>/undo/", redraws.redraw_undo, name="redraw_undo"),
    path("redraws/<uuid:redraw_id>/confirm/", redraws.redraw_confirm, name="redraw_confirm"),
    path("redraws/<uuid:redraw_id>/withdraw/", redraws.redraw_withdraw, name="redraw_withdraw"),
    path("posts/", posts.post_list, name="posts"),
    path("posts/new/", posts.post_new, name="post_new"),
    path("posts/<uuid:post_id>/", posts.post_page, name="post"),
    path("posts/<uuid:post_id>/appoint/", posts.appoint_page, name="appoint"),
    path("posts/<uuid:post_id>/roster/", shifts.roster, name="roster"),
    path("duty/<uuid:shift_id>/", shifts.duty_shift, name="duty_shift"),
    path("duty/<uuid:shift_id>/swap/", shifts.duty_swap, name="duty_swap"),
    path("duty/<uuid:shift_id>/withdraw/", shifts.duty_withdraw, name="duty_withdraw"),
    path("appointments/<uuid:appointment_id>/end/", posts.appointment_end, name="appointment_end"),
    path("members/new/", members.member_new, name="member_new"),
    path("members/<uuid:member_id>/", members.member_page, name="member"),
    path("members/<uuid:member_id>/start-password/", members.member_password, name="member_password"),
    path("members/<uuid:member_id>/void-password/", members.member_password_void, name="member_void"),
    path("settings/", settings.setting_list, name="settings"),
    path("settings/<str:key>/", settings.setting_page, name="setting"),
    path("settings/<str:key>/set/", settings.setting_set, name="setting_set"),
    path("settings/<str:key>/end/", settings.setting_end, name="setting_end"),
    path("pack/", settings.pack_page, name="pack"),
]
