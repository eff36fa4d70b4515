"""The lists that can be exported, one file an app; to add one, declare it in its app's file.

A page with a table either has its list here or stands in WITHOUT, with the reason; a test walks all pages.
"""

from anlan.exchange.lists import (
    affairs,
    audit,
    care,
    health,
    organisation,
    people,
    response,
    surveillance,
    workorders,
)
from anlan.exchange.lists.kinds import Filters, ListColumn, ListSheet

APPS = (people, care, health, organisation, affairs, workorders, surveillance, response, audit)
LISTS: dict[str, ListSheet] = {one.key: one for app in APPS for one in app.LISTS}

# Template: why what its tables show is not a list to be exported.
WITHOUT: dict[str, str] = {
    "affairs/lists.html": "articles of the pack, the same for everybody; the pack's own files hold them",
    "response/plan.html": "one plan of the pack, which is printed",
    "response/plan_list.html": "the plans of the pack, the same for everybody",
    "response/_running.html": "parts of one running response; its orders are in the list of orders",
    "organisation/setting_list.html": "a handful of values; each has a page with its history",
    "organisation/setting.html": "the history of one value",
    "organisation/body_list.html": "the bodies of one area; the roll-up has its list",
    "organisation/body.html": "the seats of one body",
    "organisation/checklist_list.html": "the checklists of one area; the roll-up has its list",
    "organisation/pack.html": "entries of the pack to be checked, with the line of their file",
    "organisation/mechanism_list.html": "what the pack's source names; the pack's own file holds it",
    "organisation/_level_staff.html": "who answers for one area; all of them are in the list of posts",
    "organisation/_areas_below.html": "the areas below one; the search for areas lists them",
    "organisation/_patch_rows.html": "which grids make a patch; areas and people have their lists",
    "organisation/patch.html": "the grids of one patch; areas and people have their lists",
    "organisation/_redraw_moves.html": "a look at what one redraw would move, before it is done",
    "insight/grid_sizes.html": "numbers of this minute; areas and people have their lists",
    "insight/leaving.html": "one person's sheet, which is printed and signed",
    "organisation/redraw_new.html": "a form: which piece goes where",
    "organisation/redraw.html": "what one redraw moved; all redraws are in their list",
    "organisation/area_then.html": "one area as it stood on a day",
    "organisation/_premises_figures.html": "how many of each kind; they themselves are in their list",
    "organisation/post.html": "one post; all posts are in their list",
    "exchange/import.html": "rows of a file that somebody brought; its marked copy is the way back",
    "exchange/imports.html": "files that came from outside",
    "exchange/undo.html": "a preview of one undo",
    "exchange/group_lists.html": "answers of groups, gone with their purpose; each is printed from its page",
    "people/service_list.html": "is printed from its page; the same people are in the list of key people",
    "people/recheck.html": "whose door is to be looked at again, gone with the next visit",
    "people/workload.html": "counts of the areas below one, as they are now",
    "people/liaison.html": "counts of the areas below one; the households behind them have their list",
    "people/twin.html": "two entries side by side, to be decided",
    "people/twins.html": "pairs to be decided here; who is registered is in the list of residents",
    "exchange/exports.html": "the record of exports is looked at where it is kept",
    "health/count_file.html": "rows of a file that somebody brought",
    "health/count_files.html": "files that came from outside",
    "health/silent.html": "who is still to be called today; gone with the next report",
    "insight/brief.html": "has its own PDF",
    "insight/subdistrict_desk.html": "the state of this minute; its orders and areas have their lists",
    "surveillance/_sheet.html": "one sheet of a shift, as it was printed",
    "surveillance/_signal_rows.html": "a desk's view of signals that are in their list",
    "surveillance/signal.html": "parts of one signal",
    "surveillance/product.html": "receipts of one product",
    "foundation/audit_record.html": "who looked at one record: one question's answer, not a list",
    "foundation/_design_lists.html": "samples of the design language",
    "workorders/task.html": "what one task would ask of whom, before it is sent",
    "people/_table.html": "the rows of people.html, and of a search, which no file repeats",
}

__all__ = ["LISTS", "WITHOUT", "Filters", "ListColumn", "ListSheet"]
