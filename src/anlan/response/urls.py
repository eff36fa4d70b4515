"""Addresses of plans, responses and notices of their end."""

from django.urls import path

from anlan.response.views import library, lifting, responses

urlpatterns = [
    path("responses/", responses.response_list, name="responses"),
    path("responses/<uuid:proposal_id>/", responses.response_page, name="response"),
    path("responses/<uuid:proposal_id>/map/", responses.response_map, name="response_map"),
    path("responses/<uuid:proposal_id>/prepare/", responses.response_prepare, name="response_prepare"),
    path("responses/<uuid:proposal_id>/approve/", responses.response_approve, name="response_approve"),
    path("responses/<uuid:proposal_id>/decline/", responses.response_decline, name="response_decline"),
    path("responses/<uuid:proposal_id>/bodies/", responses.response_body, name="response_body"),
    path("responses/<uuid:proposal_id>/lift/", responses.response_lift, name="response_lift"),
    path("plans/", library.plan_list, name="plans"),
    path("plans/<slug:key>/", library.plan_page, name="plan"),
    path("measures/", library.measure_list, name="measures"),
    path("lifting/", lifting.lifting_list, name="lifting_notices"),
    path("lifting/<uuid:notice_id>/acknowledge/", lifting.lifting_acknowledge, name="lifting_acknowledge"),
]
