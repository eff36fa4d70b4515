"""The rows of the main navigation; a post sees those whose page its purposes open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.foundation.actor import Actor
from anlan.wiring.first_screens import first_screen_of


@dataclass(frozen=True, eq=False)  # compared as what it is: comparing labels would translate them
class Row:
    """One line of the navigation; who sees it is what its view declares (foundation.doors)."""

    group: str
    label: str | Promise
    url_name: str
    icon: str
    short: str | Promise = ""
    """The word under the icon of the phone's bottom bar; rows without one stay in the drawer."""


GROUPS: dict[str, str | Promise] = {
    "": "",
    "watch": _("监测预警"),
    "work": _("处置"),
    "place": _("网格与人"),
    "house": _("管理"),
}

NAVIGATION: tuple[Row, ...] = (
    Row("", _("今日"), "home", "home", short=_("今日")),
    Row("", _("我的工作"), "my_work", "clipboard-check"),
    Row("watch", _("态势总览"), "command", "map-2", short=_("态势")),
    Row("watch", _("预警信号"), "signals", "radar", short=_("信号")),
    Row("watch", _("日报"), "brief", "book"),
    Row("watch", _("监测指标"), "indicators", "chart-line"),
    Row("work", _("应急响应"), "responses", "urgent"),
    Row("work", _("工单"), "orders", "clipboard-list", short=_("工单")),
    Row("work", _("议定事项"), "decisions", "flag"),
    Row("work", _("准入关口"), "gate", "lock"),
    Row("work", _("社区事项清单"), "lists", "list-details"),
    Row("work", _("报告病例"), "report_case", "stethoscope", short=_("报告")),
    Row("work", _("报数"), "reporting_desk", "list-details", short=_("报数")),
    Row("work", _("病例报告"), "reports", "first-aid-kit"),
    Row("work", _("尚未网络直报"), "awaiting_cards", "clock"),
    Row("work", _("当日计数"), "counts", "chart-bar"),
    Row("work", _("警示信息通报"), "notifications", "speakerphone"),
    Row("work", _("解除通知"), "lifting_notices", "circle-check"),
    Row("work", _("预案库"), "plans", "book"),
    Row("place", _("网格与区域"), "area_home", "sitemap", short=_("区域")),
    Row("place", _("区域调整"), "redraws", "switch-horizontal"),
    Row("place", _("单位名录"), "facilities", "building"),
    Row("place", _("车辆"), "vehicles", "ambulance"),
    Row("place", _("资格与白名单"), "grants", "certificate"),
    Row("place", _("组织与专班"), "bodies", "users"),
    Row("place", _("检查清单"), "checklists", "checklist"),
    Row("place", _("居民"), "people", "users", short=_("居民")),
    Row("place", _("户与房屋"), "households", "building-community"),
    Row("place", _("重点人群"), "key_people", "heart"),
    Row("place", _("联系到户"), "liaison", "checklist"),
    Row("place", _("新到人员"), "arrivals", "walk"),
    Row("place", _("待复核住户"), "recheck", "refresh"),
    Row("place", _("网格工作量"), "workload", "chart-bar"),
    Row("place", _("群接龙"), "group_lists", "checklist"),
    Row("place", _("表格导入"), "imports", "upload"),
    Row("place", _("疑似重复"), "twins", "switch-horizontal"),
    Row("place", _("导出"), "exports", "download"),
    Row("house", _("岗位与任职"), "posts", "id-badge-2"),
    Row("house", _("现行设置"), "settings", "settings"),
    Row("house", _("配置包"), "pack", "package"),
    Row("house", _("未能入账"), "set_aside", "hand-stop"),
    Row("house", _("异常查看"), "look_up_alarms", "eye"),
    Row("house", _("查阅记录"), "audit", "history"),
    Row("house", _("删除记录"), "erasures", "trash"),
)

PHONE_ROWS = 4


@cache
def _address(row: Row) -> str | None:
    try:
        return reverse(row.url_name)
    except NoReverseMatch:
        return None


@cache
def _purposes(address: str) -> frozenset[str]:
    return getattr(resolve(address).func, "purposes", frozenset())


@dataclass(frozen=True, eq=False)
class Shown:
    """The navigation as one page shows it: groups of rows, and the phone's bottom bar."""

    groups: list[dict[str, Any]]
    phone: list[dict[str, Any]]


def visible_rows(actor: Actor) -> tuple[tuple[Row, str], ...]:
    """Return the rows this post may open, each with its address; rows without a page are absent."""
    return _rows_for(actor.purposes, first_screen_of(actor))


@lru_cache(maxsize=256)
def _rows_for(purposes: frozenset[str], first_screen: str) -> tuple[tuple[Row, str], ...]:
    found: list[tuple[Row, str]] = []
    for row in NAVIGATION:
        address = first_screen if row.url_name == "home" else _address(row)
        if address is None or address in (taken for _row, taken in found):
            continue
        needed = _purposes(address)
        if not needed or not needed.isdisjoint(purposes):
            found.append((row, address))
    return tuple(found)


def _here(path: str, addresses: Iterable[str]) -> str:
    """Return the longest of the addresses the path lies under."""
    under = [
        address for address in addresses if path == address or (address != "/" and path.startswith(address))
    ]
    return max(under, key=len, default="")


def navigation(request: HttpRequest) -> dict[str, Shown | None]:
    """Give templates `navigation`; one object for all pages that show the same, for the tag `kept`."""
    actor = getattr(request, "actor", None)
    if actor is None:
        return {"navigation": None}
    rows = visible_rows(actor)
    return {"navigation": _shown(rows, _here(request.path, [address for _row, address in rows]))}


@lru_cache(maxsize=1024)
def _shown(rows: tuple[tuple[Row, str], ...], here: str) -> Shown:
    groups: dict[str, list[dict[str, Any]]] = {}
    phone: list[dict[str, Any]] = []
    for row, address in rows:
        line = {
            "label": row.label,
            "short": row.short,
            "href": address,
            "icon": row.icon,
            "here": address == here,
        }
        groups.setdefault(row.group, []).append(line)
        if row.short and len(phone) < PHONE_ROWS:
            phone.append(line)
    return Shown([{"label": GROUPS[key], "rows": lines} for key, lines in groups.items()], phone)
