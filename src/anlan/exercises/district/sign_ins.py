"""Gives one person of each role, and those the journeys need, a sign-in with a random password.

The passwords are written to two files that only their owner can read: sign-ins.txt for people, sign-ins.json
for the journeys. No account exists before, none is the same twice.
"""

import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.contrib.auth.hashers import Argon2PasswordHasher

from anlan.exercises.district.plan import Layout
from anlan.exercises.district.staff import Staff
from anlan.foundation.models import Account
from anlan.organisation.models import Member
from anlan.organisation.queries import neighbours_of
from anlan.people.rules import surname_of

PASSWORD_WORDS = 4
WORD_LETTERS, WORD_LENGTH = "abcdefghjkmnpqrstuvwxyz23456789", 4  # nothing that is mistaken for another
PRINTED_ABOVE = (
    "演示账号：仅限演示安装（ANLAN_DEMO 不为 0）和本合成演示区，可以不改口令。",
    "其他账号用开始口令首次登录后，必须先换成自己的密码。",
    "Demonstration sign-ins: only in a demonstration (ANLAN_DEMO not 0) and only in this synthetic",
    "district they keep these passwords. All other accounts must change theirs at the first sign-in.",
)
# User name → surname of its holder.
SURNAMES = {
    "wang": "王", "liu": "刘", "hou": "侯", "du": "杜", "shi": "石", "kong": "孔", "li": "李",
    "tao": "陶", "qian": "钱", "zheng": "郑", "feng": "冯", "chu": "褚", "wei": "卫", "tan": "谭",
    "an": "安", "zhao": "赵", "zhou": "周", "wu": "吴", "jiang": "蒋", "gu": "顾", "meng": "孟",
    "shen": "沈", "han": "韩", "yang": "杨", "zhu": "朱", "qin": "秦", "lei": "雷", "fang": "方",
    "jin": "金", "tong": "童", "gao": "高",
    "huo": "霍", "shui": "水", "pan": "潘", "you": "尤", "xu": "许", "he": "何", "lu": "吕",
}  # fmt: skip
# Posts that sit at the district: user name → role.
AT_THE_DISTRICT = {
    "zhao.commander": "district_commander",
    "zhou.cdc": "cdc_duty_officer",
    "wu.control": "disease_control_officer",
    "jiang.hotline": "hotline_operator",
    "gu.governance": "governance_centre",
    "meng.social": "social_work_officer",
    "shen.civil": "civil_affairs_officer",
    "han.police": "police_officer",
    "yang.housing": "housing_officer",
    "zhu.education": "education_officer",
    "qin.market": "market_supervision_officer",
    "jin.industry": "industry_officer",
    "lei.emergency": "emergency_management_officer",
    "fang.urban": "urban_management_officer",
    "huo.fire": "fire_rescue_officer",
    "shui.utility": "utility_contact",
    "pan.laboratory": "laboratory_clerk",
    "you.privacy": "data_protection_officer",
    "xu.audit": "auditor",
    "he.system": "system_administrator",
    "lu.security": "security_administrator",
}


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who may sign in, and what for."""

    username: str
    role: str
    area_code: str
    area_name: str
    name: str
    note: str
    password: str


@dataclass(frozen=True, slots=True)
class _Chosen:
    username: str
    role: str
    area_code: str
    note: str = ""


def give_sign_ins(layout: Layout, staff: Staff, now: datetime, suffix: str = "") -> list[SignIn]:
    """Make an account for each chosen person and return the sign-ins with their passwords.

    User names are told apart by the suffix where an installation holds a further, practice, district.
    """
    names, taken = layout.names(), dict[UUID, tuple[_Chosen, Member]]()
    for chosen in _chosen(layout, staff, now):
        holders = staff.holders_of(chosen.role, chosen.area_code)
        member = next((holder for holder in holders if holder.pk not in taken), None)
        if member is not None:
            taken[member.pk] = (chosen, member)
    passwords = ["-".join(_word() for _ in range(PASSWORD_WORDS)) for _ in taken]
    made = []
    for (chosen, member), password in zip(taken.values(), passwords, strict=True):
        account = member.account = Account.objects.create(
            username=chosen.username + suffix,
            password=_hashed(password),
            demonstration_district=layout.code,
        )
        surname = SURNAMES[chosen.username.partition(".")[0]]
        member.name = surname + member.name.removeprefix(surname_of(member.name))
        member.save(update_fields=["account", "name"])
        area = member.area_code
        made.append(
            SignIn(account.username, chosen.role, area, names[area], member.name, chosen.note, password)
        )
    return made


def _hashed(password: str) -> str:
    """Hash lightly: nobody guesses 80 random bits. The first sign-in stores it again at the full cost."""
    hasher = Argon2PasswordHasher()
    hasher.time_cost, hasher.memory_cost, hasher.parallelism = 1, 8 * 1024, 1
    return hasher.encode(password, hasher.salt())


def _word() -> str:
    return "".join(secrets.choice(WORD_LETTERS) for _ in range(WORD_LENGTH))


def _chosen(layout: Layout, staff: Staff, now: datetime) -> Iterator[_Chosen]:
    """Yield whom to give a sign-in: people around a school in the middle of the town, and the district's."""
    school = layout.school_in_the_middle()
    home, community = _home_grid(school, now), school[:12]
    near = [code for code, _kind in neighbours_of(home, now=now) if code[12:] < "9"]
    worker = staff.holders_of("grid_worker", home)
    others = [code for code in near if staff.holders_of("grid_worker", code) != worker]
    bordering = next((code for code in others if code.startswith(community)), others[0])
    apart = _grid_apart(layout, home, near)
    next_community = next(code for code, _ in neighbours_of(community, now=now) if code[9:] < "9")
    yield _Chosen("wang.grid", "grid_worker", home, "先看这个 · start here")
    yield _Chosen("liu.grid", "grid_worker", bordering, "与 wang.grid 接壤 · borders on wang.grid")
    yield _Chosen("hou.grid", "grid_worker", apart, "不接壤 · does not border")
    yield _Chosen("du.grid", "grid_worker", next_community, "另一社区 · another community")
    yield _Chosen("shi.building", "building_head", community)
    yield _Chosen("kong.secretary", "community_secretary", community)
    yield _Chosen("li.secretary", "community_secretary", next_community, "另一社区 · another community")
    yield _Chosen("tao.worker", "community_worker", community)
    yield _Chosen("qian.subdistrict", "subdistrict_officer", community[:9])
    yield _Chosen("zheng.health", "health_centre_officer", community[:9])
    yield _Chosen("feng.doctor", "village_doctor", layout.code)
    yield _Chosen("chu.school", "school_health_officer", school)
    yield _Chosen(
        "wei.pharmacy", "pharmacy_clerk", _first_with(staff, "pharmacy_clerk", community[:9], layout.code)
    )
    yield _Chosen("tan.hospital", "hospital_reporter", layout.code)
    yield _Chosen("an.care", "care_home_keeper", layout.code)
    yield _Chosen("tong.factory", "enterprise_contact", layout.code)
    for contact in staff.holders_of("enterprise_contact", layout.code)[:1]:
        where = contact.area_code[:12]
        yield _Chosen(
            "gao.secretary", "community_secretary", where, "童军的企业在这里 · where tong.factory is"
        )
    for username, role in AT_THE_DISTRICT.items():
        yield _Chosen(username, role, layout.code)


def _home_grid(school: str, now: datetime) -> str:
    """Return an ordinary grid of the school's community that borders on the school."""
    near = [code for code, _kind in neighbours_of(school, now=now) if code[12:] < "9"]
    return next(code for code in near if code.startswith(school[:12]))


def _grid_apart(layout: Layout, home: str, near: list[str]) -> str:
    """Return an ordinary grid of another subdistrict that does not border on `home`."""
    others = (grid.code for grid in layout.grids if grid.code[:9] != home[:9] and not grid.is_special)
    return next(code for code in others if code not in near)


def _first_with(staff: Staff, role: str, *areas: str) -> str:
    """Return the first of the areas where somebody holds the role; the last where nobody does."""
    return next((area for area in areas if staff.holders_of(role, area)), areas[-1])


def write_sign_ins(made: list[SignIn], data_dir: Path, suffix: str = "") -> None:
    """Write both files, readable by their owner alone."""
    lines = [f"# {sentence}" for sentence in PRINTED_ABOVE] + [
        f"{row.username:18} {row.password:20} {row.name}  {row.area_name} {row.role} {row.note}"
        for row in made
    ]
    _write(data_dir / f"sign-ins{suffix}.txt", "\n".join(line.rstrip() for line in lines) + "\n")
    rows = [
        {
            "username": row.username, "password": row.password, "role": row.role, "name": row.name,
            "area_code": row.area_code, "area_name": row.area_name, "note": row.note,
        }
        for row in made
    ]  # fmt: skip
    _write(data_dir / f"sign-ins{suffix}.json", json.dumps(rows, ensure_ascii=False, indent=1) + "\n")


def _write(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
