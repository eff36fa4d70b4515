"""Addresses of the register."""

from django.urls import path

from anlan.people import views

urlpatterns = [
    path("people/", views.people, name="people"),
    path("people/search/", views.people_search, name="people_search"),
    path("people/<uuid:resident_id>/", views.person, name="person"),
    path("people/<uuid:resident_id>/reveal/", views.reveal, name="person_reveal"),
    path("people/<uuid:resident_id>/correct/", views.correct, name="person_correct"),
    path("households/", views.households, name="households"),
    path("households/<uuid:household_id>/", views.household, name="household"),
    path("households/<uuid:household_id>/register/", views.register, name="person_register"),
]
