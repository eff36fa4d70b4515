"""Addresses of imports, of lists out of group texts, and of exports."""

from django.urls import path

from anlan.exchange.views import bulk, exports, group_lists, imports

urlpatterns = [
    path("imports/", imports.import_batches, name="imports"),
    path("imports/bulk/<slug:register>/", bulk.bulk_edit, name="bulk_edit"),
    path("imports/template/<slug:register>/", imports.import_template, name="import_template"),
    path("imports/<uuid:batch_id>/", imports.import_batch, name="import"),
    path("imports/<uuid:batch_id>/answers/", imports.import_answers, name="import_answers"),
    path("imports/<uuid:batch_id>/write/", imports.import_write, name="import_write"),
    path("imports/<uuid:batch_id>/stop/", imports.import_stop, name="import_stop"),
    path("imports/<uuid:batch_id>/decide/", imports.import_decide, name="import_decide"),
    path("imports/<uuid:batch_id>/undo/", imports.import_undo, name="import_undo"),
    path("group-lists/", group_lists.group_lists, name="group_lists"),
    path("group-lists/new/", group_lists.group_list_new, name="group_list_new"),
    path("group-lists/<uuid:list_id>/", group_lists.group_list, name="group_list"),
    path("group-lists/<uuid:list_id>/paste/", group_lists.group_list_paste, name="group_list_paste"),
    path("group-lists/<uuid:list_id>/confirm/", group_lists.group_list_confirm, name="group_list_confirm"),
    path("group-lists/<uuid:list_id>/decide/", group_lists.group_list_decide, name="group_list_decide"),
    path("group-lists/<uuid:list_id>/find/", group_lists.group_list_find, name="group_list_find"),
    path("group-lists/<uuid:list_id>/coverage/", group_lists.group_list_coverage, name="group_list_coverage"),
    path("group-lists/<uuid:list_id>/close/", group_lists.group_list_close, name="group_list_close"),
    path("exports/", exports.export_list, name="exports"),
    path("exports/new/<slug:list_key>/", exports.export_new, name="export_new"),
    path("exports/<uuid:export_id>/", exports.export_page, name="export"),
    path("exports/<uuid:export_id>/decide/", exports.export_decide, name="export_decide"),
    path("exports/<uuid:export_id>/recall/", exports.export_recall, name="export_recall"),
]
