"""Addresses of imports."""

from django.urls import path

from anlan.exchange.views import imports

urlpatterns = [
    path("imports/", imports.import_batches, name="imports"),
    path("imports/template/<slug:register>/", imports.import_template, name="import_template"),
    path("imports/<uuid:batch_id>/", imports.import_batch, name="import"),
    path("imports/<uuid:batch_id>/answers/", imports.import_answers, name="import_answers"),
    path("imports/<uuid:batch_id>/write/", imports.import_write, name="import_write"),
    path("imports/<uuid:batch_id>/stop/", imports.import_stop, name="import_stop"),
    path("imports/<uuid:batch_id>/decide/", imports.import_decide, name="import_decide"),
    path("imports/<uuid:batch_id>/undo/", imports.import_undo, name="import_undo"),
]
