"""The norovirus Monday (DOMAIN.md section 3): fifteen browsers, each step seen without reloading.

The town is a practice district, so the story's own hours and its fifth day are real to the house.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.monday_people import (
    Townsperson,
    answer_notices,
    assess_as_low,
    check_order,
    come_in,
    do_order,
    do_order_without_a_signal,
    first_times,
    hear,
    heard,
    it_is,
    send_counts,
    wrong_with,
)
from tests.journeys.monday_town import PEOPLE, SUNDAY, MondayTown, build_monday_town
from tests.journeys.town import serving

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
SIGNAL = "腹泻/呕吐症候群"
GAUGE = "6/20：尚未达到突发公共卫生事件报告标准；达到 20 例，2 小时内报告"
SHARE = re.compile(r"(学校|药店|肠道门诊) \d+（预期 [\d.]+，贡献 (\d+)%）")
PLAN = "诺如病毒和感染性腹泻"
FIRST_TIMES = [30, 40, 52]  # minutes: report to signal, signal to verification, verification to action
TOLD_ON = {  # where each of them was when the notice came
    "chu": "/work/", "zhu": "/work/", "zheng": "/work/", "kong": "/desk/community/",
    "wang": "/", "liu": "/",
}  # fmt: skip
ANSWER = ("chu", "zhu", "zheng", "wang", "liu")  # school, education, health centre, the pupils' grids
ORDERS = {  # who does which order of the plan
    "chu": "单位落实防控措施", "zheng": "现场流行病学调查", "zhu": "部门协同", "qin": "部门协同",
    "wang": "周边协防", "liu": "周边协防",
}  # fmt: skip
LOSES_THE_SIGNAL = "liu"  # a grid worker with a phone
CHECKED_BY = {
    "chu": "zheng", "zheng": "zhou", "zhu": "wu", "qin": "wu", "wang": "kong", "liu": "li", "verify": "zhou",
}  # fmt: skip
NOTICE = (
    "附近班级出现呕吐腹泻聚集，风险低。请在今天 18:00 前完成周边协防六项。"
    "留意呕吐和腹泻，发现后联系社区卫生服务中心。"
)


@pytest.fixture
def monday(standard_pack: None) -> MondayTown:
    return build_monday_town()


@pytest.fixture
def base(monday: MondayTown) -> Iterator[str]:
    with serving(monday) as address:
        yield address


def counts_arrive(all_of: dict[str, Townsperson], monday: MondayTown) -> None:
    """Pharmacy and clinic are slightly up; the class has three absent, and half an hour later six."""
    sunday = SUNDAY.isoformat()
    vomiting = f"n_{monday.classes['三（2）班'].pk.hex}_vomiting"
    zheng = all_of["zheng"].watches("/reporting/")
    zhou, hou = all_of["zhou"].watches("/desk/"), all_of["hou"].watches("/")
    all_of["zhao"].watches("/desk/command/")
    hear(hou)
    it_is(7, 40)
    send_counts(all_of["wei"], "pharmacy_sales", "n_unit_antidiarrhoeal", 4, on=sunday)
    send_counts(all_of["he"], "fever_clinic", "n_unit_enteric_visits", 4, on=sunday)
    it_is(7, 55)
    send_counts(all_of["chu"], "school_absence", vomiting, 3)
    zheng.saw_it_come("已报 1")
    zhou.must_not_see(SIGNAL)

    it_is(8, 25)
    zheng.watches("/work/")
    send_counts(all_of["chu"], "school_absence", vomiting, 6)
    zhou.saw_it_come("多源综合偏高")
    zhou.saw_it_come(GAUGE)
    shares = SHARE.findall(zhou.page.inner_text("#desk"))
    assert {source for source, _share in shares} == {"学校", "药店", "肠道门诊"}
    assert all(int(share) > 0 for _source, share in shares)
    assert 98 <= sum(int(share) for _source, share in shares) <= 102  # rounded each by itself
    zheng.saw_it_come("信号核实")
    for other in ("zhao", "hou"):
        all_of[other].must_not_see(SIGNAL, "呕吐")


def verified_and_assessed(all_of: dict[str, Townsperson]) -> None:
    """The duty officer phones, the health centre looks, at 09:05 it holds; the risk is low."""
    zhou, zheng, wu = all_of["zhou"], all_of["zheng"], all_of["wu"].watches("/desk/control/")
    it_is(8, 40)
    zhou.follow(SIGNAL)
    zhou.press("响应：由我核实")
    do_order(zheng, "信号核实", "电话和到校核实：三（2）班六人呕吐，无住院")
    zhou.sees("处理反馈")
    it_is(9, 5)
    zhou.page.get_by_label("属实，已核实").check()
    zhou.page.get_by_label("依据").fill("电话和卫生服务中心到校核实")
    zhou.press("提交核实结论")
    for leader in (wu, all_of["zhao"]):
        leader.saw_it_come(SIGNAL)
    it_is(9, 20)
    wu.watches("/responses/")
    assess_as_low(zhou)
    zhou.sees(GAUGE)
    wu.saw_it_come(PLAN)


def plan_signed(all_of: dict[str, Townsperson]) -> None:
    """One class is proposed, the wider ones with what they cost families; one signature sends it all."""
    wu = all_of["wu"]
    for handle, words in TOLD_ON.items():
        all_of[handle].watches(words)
    wu.follow(PLAN)
    table = wu.page.locator(".scope-table").first
    expect(table.locator("th", has_text="班级或楼层")).to_contain_text("建议")
    assert wu.page.locator("[name=layer][value=class_or_floor]").is_checked()
    families = table.locator("tr", has_text="有学生的家庭").locator("td").all_inner_texts()
    assert [int(one) for one in families] == [40, 80, 9]  # of the class, the school, the homes around
    care = table.locator("tr", has_text="家庭看护").locator("td").all_inner_texts()
    assert [int(one) for one in care] == [320, 640, 72]  # hours a day at home
    it_is(9, 57)
    wu.page.get_by_label("警示信息通报正文").fill(NOTICE)
    wu.press("批准启动")
    for handle in TOLD_ON:
        all_of[handle].saw_it_come("附近班级出现呕吐腹泻聚集")
    wu.sees("核实→行动")
    assert first_times(wu) == FIRST_TIMES


def told_and_answered(all_of: dict[str, Townsperson]) -> None:
    """School, education, health centre and the pupils' grids answer; the signer sees it as it happens."""
    wu = all_of["wu"].watches(all_of["wu"].page.url.removeprefix(all_of["wu"].base))
    it_is(10, 10)
    for handle in ANSWER:
        answer_notices(all_of[handle])
    for handle in ANSWER:
        wu.saw_it_come(PEOPLE[handle][0])
    wu.saw_it_come("5/5")


def orders_done_and_checked(all_of: dict[str, Townsperson]) -> None:
    """Each receiver does the checklist; another post checks and closes."""
    wu = all_of["wu"]
    response = wu.page.url.removeprefix(wu.base)
    it_is(14, 0)
    done = {
        handle: (do_order_without_a_signal if handle == LOSES_THE_SIGNAL else do_order)(
            all_of[handle], title, f"{PEOPLE[handle][0]}：已按要求办理"
        )
        for handle, title in ORDERS.items()
    }
    verify = all_of["zhou"].at("/orders/?view=check")
    verify.follow("信号核实")
    done["verify"] = verify.page.url.removeprefix(verify.base)
    it_is(16, 0)
    wu.watches(response)
    for handle, checker in CHECKED_BY.items():
        check_order(all_of[checker], done[handle])
    wu.at(response)
    expect(wu.page.get_by_text("已派出")).to_have_count(0)
    for name in ("褚红", "郑洁"):
        all_of["zhou"].at(done["chu"]).sees(name)


def record_of_a_child(all_of: dict[str, Townsperson], monday: MondayTown) -> None:
    """A child's record was opened by three posts, and the data-protection officer reads which."""
    child = monday.children["林小满"].pk
    for handle in ("zheng", "zhou", "wang"):
        all_of[handle].at(f"/people/{child}/").sees("林**")
    for handle in ("hou", "liu"):
        other = all_of[handle]
        assert other.page.request.get(f"{other.base}/people/{child}/").status == 404
    you = all_of["you"].at(f"/audit/record/people.Resident/{child}/")
    rows = you.page.locator("tbody tr").all_inner_texts()
    named = {PEOPLE[handle][0] for handle in PEOPLE if any(PEOPLE[handle][0] in row for row in rows)}
    assert named == {"郑洁", "周航", "王芳"}


def lifted_and_closed(all_of: dict[str, Townsperson]) -> None:
    """On the fifth day the response is lifted, all who were told hear it, and the signal is closed."""
    wu, zhou = all_of["wu"], all_of["zhou"]
    response = wu.page.url.removeprefix(wu.base)
    signal = wu.page.get_by_role("link", name="打开信号").get_attribute("href") or ""
    for handle in ("chu", "wang", "liu"):
        all_of[handle].watches("/lifting/")
    zhao = all_of["zhao"].watches("/desk/command/")
    it_is(10, 0, day=5)
    wu.page.reload()
    wu.page.get_by_label("终末消毒完成").check()
    wu.page.get_by_label("理由").fill("末例后满三天无新发，终末消毒完成")
    wu.page.get_by_role("button", name="解除响应").click()
    wu.page.get_by_role("button", name="解除", exact=True).click()
    wu.sees("已解除")
    for handle in ("chu", "wang", "liu"):
        all_of[handle].saw_it_come("附近的响应已解除")
    zhou.at(signal).page.get_by_label("依据").fill("五日无新发，响应已解除")
    zhou.press("关闭信号")
    zhou.sees("已关闭")
    for name in ("周航", "吴岚"):  # who did what, through which post, when
        zhou.sees(name)
    zhao.at(response)
    zhao.sees("核实→行动")
    assert first_times(zhao) == FIRST_TIMES


def nothing_reached(hou: Townsperson) -> None:
    """The grid that has nothing to do with it saw and heard nothing."""
    assert heard(hou) == []
    for page in ("/", "/work/", "/warnings/", "/lifting/", "/orders/"):
        hou.at(page).must_not_see("呕吐", "腹泻", "春泉", "三（2）班", "已解除")


def test_norovirus_monday(monday: MondayTown, base: str, browser: Browser) -> None:
    all_of = come_in(browser, base, monday)
    counts_arrive(all_of, monday)
    verified_and_assessed(all_of)
    plan_signed(all_of)
    told_and_answered(all_of)
    orders_done_and_checked(all_of)
    lifted_and_closed(all_of)
    nothing_reached(all_of["hou"])
    record_of_a_child(all_of, monday)
    assert wrong_with(*all_of.values()) == []
