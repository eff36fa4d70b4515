"""Addresses of the register."""

from django.urls import path

from anlan.people.views import erasures, look_ups, merges, moves, residents, twins

urlpatterns = [
    path("people/", residents.people, name="people"),
    path("people/search/", residents.people_search, name="people_search"),
    path("people/twins/", twins.twins, name="twins"),
    path("people/twins/search/", twins.twins_search, name="twins_search"),
    path("people/twins/<uuid:twin_id>/", twins.twin, name="twin"),
    path("people/twins/<uuid:twin_id>/merge/", twins.twin_merge, name="twin_merge"),
    path("people/twins/<uuid:twin_id>/apart/", twins.twin_apart, name="twin_apart"),
    path("merges/<uuid:merge_id>/undo/", merges.merge_undo, name="merge_undo"),
    path("people/<uuid:resident_id>/", residents.person, name="person"),
    path("people/<uuid:resident_id>/reveal/", residents.reveal, name="person_reveal"),
    path("people/<uuid:resident_id>/correct/", residents.correct, name="person_correct"),
    path("people/<uuid:resident_id>/erase/", erasures.erase, name="person_erase"),
    path("people/<uuid:resident_id>/move/", moves.move_person, name="person_move"),
    path("households/<uuid:household_id>/move/", moves.move_home, name="household_move"),
    path("look-ups/", look_ups.look_up_alarms, name="look_up_alarms"),
    path("look-ups/<uuid:alarm_id>/seen/", look_ups.look_up_alarm_seen, name="look_up_alarm_seen"),
    path("erasures/", erasures.erasures, name="erasures"),
    path("households/", residents.households, name="households"),
    path("households/<uuid:household_id>/", residents.household, name="household"),
    path("households/<uuid:household_id>/register/", residents.register, name="person_register"),
]
