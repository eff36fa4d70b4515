"""Lists of response: plans for signals."""

from django.utils.translation import gettext_lazy as _

from anlan.exchange.lists.kinds import ListColumn, ListSheet, moment
from anlan.response.presenting import proposal_lines
from anlan.response.queries import listed_proposals

RESPONSES = ListSheet(
    key="responses",
    title=_("应急响应"),
    url_name="responses",
    subject="response.PlanProposal",
    found=lambda actor, filters, now: listed_proposals(actor, filters.get("view", "open")),
    lines=lambda actor, rows, now: proposal_lines(actor, rows),
    order=("-proposed_at", "id"),
    filters=("view",),
    columns=(
        ListColumn("title", _("方案"), lambda line: line.title, width=30),
        ListColumn("place", _("地点"), lambda line: line.proposal.place_name, width=22),
        ListColumn("layer", _("范围"), lambda line: line.layer, width=18),
        ListColumn("state", _("状态"), lambda line: line.state),
        ListColumn("at", _("时间"), lambda line: moment(line.at), kind="moment", width=18),
    ),
)

LISTS = (RESPONSES,)
