"""Addresses of signals, products, notices and desks."""

from django.urls import path

from anlan.surveillance.views import desks, products, signals

urlpatterns = [
    path("desk/", desks.cdc_desk, name="cdc_desk"),
    path("desk/shifts/", desks.shift_list, name="shifts"),
    path("desk/shifts/give/", desks.shift_give, name="shift_give"),
    path("desk/shifts/<uuid:handover_id>/", desks.shift_page, name="shift"),
    path("desk/shifts/<uuid:handover_id>/take/", desks.shift_take, name="shift_take"),
    path("desk/control/", desks.disease_control_desk, name="disease_control_desk"),
    path("signals/", signals.signal_list, name="signals"),
    path("signals/<uuid:signal_id>/", signals.signal_page, name="signal"),
    path("signals/<uuid:signal_id>/expected/", signals.signal_expected, name="signal_expected"),
    path("signals/<uuid:signal_id>/assess/", signals.signal_assess, name="signal_assess"),
    path("signals/<uuid:signal_id>/<slug:act>/", signals.signal_act, name="signal_act"),
    path("products/<uuid:product_id>/", products.product_page, name="product"),
    path("products/<uuid:product_id>/write/", products.product_write, name="product_write"),
    path("products/<uuid:product_id>/sign/", products.product_sign, name="product_sign"),
    path("products/<uuid:product_id>/remind/", products.product_remind, name="product_remind"),
    path("warnings/", products.warning_list, name="notifications"),
    path("warnings/<uuid:receipt_id>/acknowledge/", products.warning_acknowledge, name="warning_acknowledge"),
    path("warnings/<uuid:receipt_id>/feedback/", products.warning_feed_back, name="warning_feed_back"),
]
