"""Addresses of the gate and the lists."""

from django.urls import path

from anlan.affairs import views

urlpatterns = [
    path("lists/", views.lists, name="lists"),
    path("gate/", views.gate_page, name="gate"),
    path("gate/log/", views.gate_log, name="gate_log"),
    path("gate/request/", views.admission_request, name="admission_request"),
    path("gate/objections/", views.objection_list, name="objections"),
    path("gate/objections/<uuid:objection_id>/", views.objection, name="objection"),
    path("gate/<uuid:admission_id>/", views.admission, name="admission"),
    path("gate/<uuid:admission_id>/decide/", views.admission_decide, name="admission_decide"),
]
