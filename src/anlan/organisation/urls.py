"""Addresses of areas, premises, vehicles, posts, members, settings and the pack."""

from django.urls import path

from anlan.organisation.views import areas, facilities, members, posts, settings, shifts, vehicles

urlpatterns = [
    path("areas/", areas.area_home, name="area_home"),
    path("areas/<slug:code>/", areas.area_page, name="area"),
    path("areas/<slug:code>/map.json", areas.area_map, name="area_map"),
    path("areas/<slug:code>/premises/", facilities.area_premises, name="area_premises"),
    path("areas/<slug:code>/links/new/", areas.link_new, name="link_new"),
    path("areas/<slug:code>/links/<uuid:link_id>/end/", areas.link_end, name="link_end"),
    path("facilities/", facilities.facility_list, name="facilities"),
    path("facilities/new/", facilities.facility_new, name="facility_new"),
    path("facilities/<uuid:facility_id>/", facilities.facility_page, name="facility"),
    path("facilities/<uuid:facility_id>/edit/", facilities.facility_edit, name="facility_edit"),
    path("facilities/<uuid:facility_id>/verify/", facilities.facility_verify, name="facility_verify"),
    path("facilities/<uuid:facility_id>/end/", facilities.facility_end, name="facility_end"),
    path("facilities/<uuid:facility_id>/beds/", facilities.facility_beds, name="facility_beds"),
    path("vehicles/", vehicles.vehicle_list, name="vehicles"),
    path("vehicles/new/", vehicles.vehicle_new, name="vehicle_new"),
    path("vehicles/<uuid:vehicle_id>/", vehicles.vehicle_page, name="vehicle"),
    path("vehicles/<uuid:vehicle_id>/edit/", vehicles.vehicle_edit, name="vehicle_edit"),
    path("vehicles/<uuid:vehicle_id>/state/", vehicles.vehicle_state, name="vehicle_state"),
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
