"""What each role is called and may do: as the pack in force says, else as the standard pack does."""

from dataclasses import dataclass
from typing import Any

from anlan.foundation.pack_store import NoPackInForce, section


@dataclass(frozen=True, slots=True)
class Role:
    """A duty with its title and purposes."""

    key: str
    title: str
    purposes: tuple[str, ...]


_STANDARD = (
    Role("grid_worker", "网格员", ("grid_work",)),
    Role("building_head", "楼栋长", ("grid_work",)),
    Role("community_secretary", "社区书记", ("grid_work", "lead")),
    Role("community_worker", "社区工作者", ("grid_work",)),
    Role("subdistrict_officer", "街道干部", ("grid_work", "lead", "org")),
    Role("district_commander", "区指挥长", ("lead",)),
    Role("cdc_duty_officer", "疾控中心值班员", ("health",)),
    Role("disease_control_officer", "疾控部门负责人", ("health", "lead")),
    Role("health_centre_officer", "社区卫生服务中心防疫专干", ("health",)),
    Role("village_doctor", "村医（卫生站医生）", ("health",)),
    Role("school_health_officer", "学校保健老师", ("reporting",)),
    Role("pharmacy_clerk", "药店店员", ("reporting",)),
    Role("hospital_reporter", "医院疫情报告员", ("reporting", "health")),
    Role("care_home_keeper", "养老机构照护主管", ("reporting",)),
    Role("enterprise_contact", "企业防疫联络员", ("reporting",)),
    Role("park_property_manager", "园区物业负责人", ("reporting",)),
    Role("laboratory_clerk", "检验机构报告员", ("reporting", "health")),
    Role("hotline_operator", "12345 热线坐席", ("department", "reporting")),
    Role("governance_centre", "综治中心值班员", ("department", "org")),
    Role("social_work_officer", "社会工作部干部", ("department", "org")),
    Role("civil_affairs_officer", "民政局干部", ("department",)),
    Role("police_officer", "公安民警", ("department",)),
    Role("housing_officer", "住建局干部", ("department",)),
    Role("education_officer", "教育局干部", ("department",)),
    Role("market_supervision_officer", "市场监管局干部", ("department",)),
    Role("industry_officer", "工业和信息化局干部", ("department",)),
    Role("emergency_management_officer", "应急管理局干部", ("department",)),
    Role("urban_management_officer", "城管局干部", ("department",)),
    Role("fire_rescue_officer", "消防救援人员", ("department",)),
    Role("utility_contact", "水电气企业联系人", ("department",)),
    Role("data_protection_officer", "个人信息保护负责人", ("privacy",)),
    Role("auditor", "审计管理员", ("audit",)),
    Role("system_administrator", "系统管理员", ("system",)),
    Role("security_administrator", "安全管理员", ("security",)),
)
STANDARD_ROLES = {role.key: role for role in _STANDARD}


def roles_in_force() -> dict[str, Role]:
    """Return every role by key: the pack's where one is in force, the standard ones for what it lacks."""
    roles = dict(STANDARD_ROLES)
    try:
        lines: list[Any] = list(section("posts"))
    except (NoPackInForce, KeyError):
        lines = []
    for line in lines:
        roles[line.key] = Role(line.key, line.title.zh, tuple(line.purposes))
    return roles
