"""The pack's words for kinds of area, purposes and facilities, in the reader's language."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from anlan.foundation.pack_store import section
from anlan.foundation.packs import Source, Text
from anlan.organisation.pack import FacilityKind, Purpose
from anlan.organisation.queries import area_kinds

SECTIONS: dict[str, str | Promise] = {
    "sources": _("依据"),
    "levels": _("层级"),
    "area_kinds": _("区域类型"),
    "purposes": _("用途"),
    "posts": _("岗位角色"),
    "facility_kinds": _("单位类型"),
    "vehicle_kinds": _("车辆类型"),
    "attributes": _("登记项目"),
    "bodies": _("专班与机构"),
    "checklists": _("检查清单"),
    "diseases": _("病种"),
    "symptoms": _("症状"),
    "syndromes": _("症候群"),
    "rules": _("预警规则"),
    "event_gauge": _("突发事件标准"),
    "risk_grades": _("风险等级"),
    "risk_questions": _("风险评估问题"),
    "warning_products": _("预警产品"),
    "alert_budget": _("预警预算"),
    "clocks": _("时限"),
    "key_people": _("重点人群"),
    "service_needs": _("服务需求"),
    "liaison_lines": _("联系到户的条线"),
    "notices": _("告知书"),
    "lists": _("社区事项清单"),
    "grants": _("资格与白名单"),
    "gate": _("准入关口"),
    "order_kinds": _("工单类型"),
    "order_stages": _("工单环节"),
    "call_and_respond": _("吹哨报到"),
    "response_delays": _("演练用响应时间"),
    "office_hours": _("办公时间"),
    "count_forms": _("统计表"),
    "school_terms": _("学期"),
    "indicators": _("监测指标"),
    "risk_matrix": _("风险矩阵"),
    "scope_layers": _("响应范围"),
    "plan_orders": _("预案任务"),
    "measures": _("措施"),
    "plans": _("预案"),
    "problem_categories": _("问题类别"),
    "mechanisms": _("来源机制"),
    "place": _("合成的区"),
}


def section_words(key: str) -> str:
    """Return what a section of the pack is called."""
    return str(SECTIONS.get(key, key))


def source_words() -> dict[str, str]:
    """Return what each source of the pack is called."""
    return {row.key: in_words(row.title) for row in section(Source)}


def entry_words(body: Mapping[str, Any]) -> str:
    """Return an entry's title, name or question in the reader's language, else its key."""
    english = get_language() == "en"
    for name in ("title", "name", "question", "text", "words"):
        text = body.get(name)
        if isinstance(text, dict) and "zh" in text:
            return str(text["en"] if english and text.get("en") else text["zh"])
    return str(body.get("key", ""))


def in_words(text: Text | None, key: str = "") -> str:
    """Return a pack's words in the reader's language; the key where the pack has none."""
    if text is None:
        return key
    return text.en if get_language() == "en" else text.zh


def area_kind_words() -> dict[str, str]:
    """Return what each kind of area is called."""
    return {key: in_words(kind.title) for key, kind in area_kinds().items()}


def purpose_words(purposes: Iterable[str]) -> list[dict[str, str]]:
    """Return each purpose with what it allows."""
    known = {row.key: row for row in section(Purpose)}
    return [
        {
            "title": in_words(known[key].title) if key in known else key,
            "allows": in_words(known[key].allows) if key in known else "",
        }
        for key in purposes
    ]


def facility_kind_words() -> dict[str, str]:
    """Return what each kind of facility is called."""
    return {row.key: in_words(row.title) for row in section(FacilityKind)}
