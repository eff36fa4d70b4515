"""Addresses of signals and notices."""

from django.urls import path

from anlan.surveillance import views

urlpatterns = [
    path("signals/", views.signal_list, name="signals"),
    path("signals/<uuid:signal_id>/", views.signal_page, name="signal"),
    path("signals/<uuid:signal_id>/<slug:act>/", views.signal_act, name="signal_act"),
    path("warnings/", views.warning_list, name="notifications"),
    path("warnings/<uuid:receipt_id>/acknowledge/", views.warning_acknowledge, name="warning_acknowledge"),
]
