"""Addresses of orders."""

from django.urls import path

from anlan.workorders import views

urlpatterns = [
    path("", views.order_list, name="orders"),
    path("<uuid:order_id>/", views.order_page, name="order"),
    path("<uuid:order_id>/not-community-duty/", views.order_object, name="order_object"),
    path("<uuid:order_id>/<slug:act>/", views.order_act, name="order_act"),
]
