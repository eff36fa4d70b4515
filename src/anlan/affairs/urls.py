"""Addresses of the gate, the lists, and grants."""

from django.urls import path

from anlan.affairs.views import gate, grants, verifying

urlpatterns = [
    path("lists/", gate.lists, name="lists"),
    path("gate/", gate.gate_page, name="gate"),
    path("gate/log/", gate.gate_log, name="gate_log"),
    path("gate/request/", gate.admission_request, name="admission_request"),
    path("gate/objections/", gate.objection_list, name="objections"),
    path("gate/objections/<uuid:objection_id>/", gate.objection, name="objection"),
    path("gate/<uuid:admission_id>/", gate.admission, name="admission"),
    path("gate/<uuid:admission_id>/decide/", gate.admission_decide, name="admission_decide"),
    path("grants/", grants.grant_list, name="grants"),
    path("grants/new/", grants.grant_new, name="grant_new"),
    path("grants/verify/", verifying.grant_verify, name="grant_verify"),
    path("grants/of/<uuid:facility_id>/", grants.facility_grants, name="facility_grants"),
    path("grants/<uuid:grant_id>/", grants.grant, name="grant"),
    path("grants/<uuid:grant_id>/check/", grants.grant_check, name="grant_check"),
    path("grants/<uuid:grant_id>/approve/", grants.grant_approve, name="grant_approve"),
    path("grants/<uuid:grant_id>/act/", grants.grant_act, name="grant_act"),
    path("grants/<uuid:grant_id>/certificate/", grants.grant_certificate, name="grant_certificate"),
    path("verify/", verifying.verify_home, name="verify_home"),
    path("verify/<str:code>/", verifying.verify, name="verify"),
]
