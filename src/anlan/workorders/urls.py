"""Addresses of orders."""

from django.urls import path

from anlan.workorders import part_views, task_views, views

urlpatterns = [
    path("", views.order_list, name="orders"),
    path("problem/", part_views.problem, name="problem"),
    path("call/", part_views.call, name="call"),
    path("task/", task_views.task, name="task"),
    path("legs/<uuid:leg_id>/<slug:act>/", part_views.order_leg, name="order_leg"),
    path("<uuid:order_id>/", views.order_page, name="order"),
    path("<uuid:order_id>/items/answer/", part_views.order_items, name="order_items"),
    path("<uuid:order_id>/extension/ask/", part_views.order_extension, name="order_extension"),
    path(
        "<uuid:order_id>/extension/decide/", part_views.order_extension_decide, name="order_extension_decide"
    ),
    path("<uuid:order_id>/remind/send/", part_views.order_remind, name="order_remind"),
    path("<uuid:order_id>/not-community-duty/", part_views.order_object, name="order_object"),
    path("<uuid:order_id>/<slug:act>/", views.order_act, name="order_act"),
]
