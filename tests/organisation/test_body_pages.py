"""Bodies as pages: those of an area, founding, seating, calling up, answering, meetings, the roll-up."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from anlan.foundation.clock import SHANGHAI, day_of, utc_now
from anlan.foundation.ids import new_id
from anlan.foundation.scope import scope
from anlan.organisation.models import Body, CallUpReceipt, Decision, Seat
from tests.organisation.seating import called, command_group, decided, found, receipt_of, seat
from tests.world import BRIDGE, DISTRICT, FIELD, GRID_D, SPRING, World

pytestmark = pytest.mark.django_db
COVERAGE_QUERIES = 12  # of a roll-up, whatever the number of areas
BODY_QUERIES = 18  # of a body's page, whatever the number of seats and calls


def text_of(world: World, client: Client, handle: str, path: str) -> str:
    answer = world.sign_in(client, handle).get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def form_id() -> dict[str, str]:
    return {"row_id": str(new_id())}


def test_an_area_shows_each_template_as_complete_incomplete_or_not_founded(
    world: World, client: Client
) -> None:
    command_group(world)
    found(world, template="joint_parties")

    page = text_of(world, client, "kong", reverse("bodies"))

    for words in (
        "社区应急指挥小组",
        "齐全",
        "社区联防联控单位",
        "不齐",
        "公安缺 1",
        "缺召集人",
        "公共卫生委员会",
    ):
        assert words in page
    assert "园区工作专班" not in page  # of parks
    assert f"{reverse('body_new')}?area={SPRING}&template=public_health_committee" in page.replace(
        "&amp;", "&"
    )
    assert 'data-live-topics="bodies posts"' in page


def test_the_bodies_of_another_area_are_absent(world: World, client: Client) -> None:
    world.sign_in(client, "kong")

    for area in (BRIDGE, DISTRICT, "nonsense", "330199001009"):
        for name in ("bodies", "body_coverage", "body_new"):
            assert client.get(reverse(name), {"area": area}).status_code == 404, (name, area)


def test_those_who_do_not_seat_see_no_button(world: World, client: Client) -> None:
    body = command_group(world)

    assert reverse("body_new") in text_of(world, client, "kong", reverse("bodies"))
    assert reverse("body_new") not in text_of(world, client, "tao", reverse("bodies"))
    page = text_of(world, client, "tao", reverse("body", args=[body.pk]))
    for name in ("body_call", "body_end", "body_meeting"):
        assert reverse(name, args=[body.pk]) not in page


def test_a_body_is_founded_and_seated_by_its_pages_and_twice_is_once(world: World, client: Client) -> None:
    world.sign_in(client, "kong")
    path, said = reverse("body_new"), form_id() | {"template": "community_command_group"}
    assert client.post(path, said).status_code == 302
    assert client.post(path, said).status_code == 302
    with scope(world.actor("kong")):
        body = Body.objects.get()
    seating = f"{reverse('body_seat', args=[body.pk])}?slot=head"
    assert "社区书记 · 春泉社区（孔庆华）" in client.get(seating).content.decode()

    sits = form_id() | {"who": f"post:{world.posts['kong'].pk}", "is_lead": "on"}
    assert [client.post(seating, sits).status_code for _time in (1, 2)] == [302, 302]

    page = client.get(reverse("body", args=[body.pk])).content.decode()
    for words in ("孔庆华", "召集人", "业主委员会缺 1", "不齐"):
        assert words in page
    with scope(world.actor("kong")):
        assert Seat.objects.count() == 1


def test_wrong_input_comes_back_with_what_is_wrong(world: World, client: Client) -> None:
    world.sign_in(client, "kong")
    body = found(world)
    unsaid = client.post(reverse("body_new"), form_id() | {"template": "temporary_party_branch"})
    again = client.post(reverse("body_new"), form_id() | {"template": "community_command_group"})
    stranger = client.post(
        f"{reverse('body_seat', args=[body.pk])}?slot=head",
        form_id() | {"who": f"post:{world.posts['du'].pk}"},
    )
    no_slot = client.get(f"{reverse('body_seat', args=[body.pk])}?slot=no_such")

    assert [row.status_code for row in (unsaid, again, stranger, no_slot)] == [422, 422, 422, 404]
    assert "随事件成立的组织须写明原因" in unsaid.content.decode()
    assert "已有同名的组织" in again.content.decode()


def test_people_are_found_by_name_where_a_seat_is_open_to_all(world: World, client: Client) -> None:
    body = found(world)
    path = f"{reverse('body_seat', args=[body.pk])}?slot=owners_committee&q=韩冰"
    assert "韩冰（个人）" in text_of(world, client, "kong", path)

    answer = client.post(path, form_id() | {"who": f"member:{world.members['han'].pk}"})

    assert answer.status_code == 302
    assert "没有找到可以担任的岗位或人员" in text_of(world, client, "kong", path.replace("韩冰", "查无此人"))


def test_a_seat_is_taken_back_and_a_body_ended(world: World, client: Client) -> None:
    body = command_group(world)
    with scope(world.actor("kong")):
        sits, version = Seat.objects.get(slot="owners_committee"), Body.objects.get(pk=body.pk).version
    world.sign_in(client, "kong")
    assert client.post(reverse("seat_leave", args=[sits.pk])).status_code == 302

    ending = reverse("body_end", args=[body.pk])
    assert client.post(ending, {"version": version, "reason": "合并"}).status_code == 409
    assert client.post(ending, {"version": version + 1, "reason": ""}).status_code == 422
    assert client.post(ending, {"version": version + 1, "reason": "合并"}).status_code == 302
    page = client.get(reverse("body", args=[body.pk])).content.decode()
    assert "该组织已撤销" in page
    assert reverse("body_call", args=[body.pk]) not in page


def test_a_call_goes_from_the_lead_to_my_work_and_back(world: World, client: Client) -> None:
    body = command_group(world)
    calling = reverse("body_call", args=[body.pk])
    assert 'value="15"' in text_of(world, client, "kong", calling)
    assert client.post(calling, form_id() | {"text": "", "minutes": "15"}).status_code == 422
    said = form_id() | {"text": "到社区集合", "place": "服务站", "minutes": "20"}
    assert [client.post(calling, said).status_code for _time in (1, 2)] == [302, 302]
    with scope(world.actor("zhao")):
        receipt = CallUpReceipt.objects.get(member=world.members["wang"])

    mine = reverse("call_answer", args=[receipt.pk])
    assert mine in text_of(world, client, "wang", reverse("my_work"))
    page = client.get(mine).content.decode()
    for words in ("到社区集合", "服务站", "孔庆华", "20 分钟"):
        assert words in page
    assert client.post(mine, {"answer": "cannot", "reason": ""}).status_code == 422
    assert client.post(mine, {"answer": "cannot", "reason": "在外地"}).status_code == 302
    assert mine not in client.get(reverse("my_work")).content.decode()
    assert "您的应答" in client.get(mine).content.decode()

    page = text_of(world, client, "kong", reverse("body", args=[body.pk]))
    for words in ("在外地", "等待应答", "已应答 1/3"):
        assert words in page


def test_who_is_late_stands_on_the_page_in_colour(world: World, client: Client) -> None:
    body = command_group(world)
    receipt = receipt_of(world, called(world, body), "tao")
    with scope(world.actor("kong")):
        CallUpReceipt.objects.filter(pk=receipt.pk).update(late_at=utc_now())

    assert "! 超时未应答" in text_of(world, client, "kong", reverse("body", args=[body.pk]))


def test_nobody_answers_for_another(world: World, client: Client) -> None:
    receipt = receipt_of(world, called(world, command_group(world)), "wang")
    for handle in ("tao", "kong", "zhao", "liu", "du"):
        world.sign_in(client, handle)
        assert client.get(reverse("call_answer", args=[receipt.pk])).status_code == 404
        assert client.post(reverse("call_answer", args=[receipt.pk]), {"answer": "coming"}).status_code == 404


def test_a_meeting_is_written_down_and_its_decision_followed_by_who_answers_for_it(
    world: World, client: Client
) -> None:
    body, now = command_group(world), utc_now().astimezone(SHANGHAI)
    meeting = reverse("body_meeting", args=[body.pk])
    said = form_id() | {
        "held_at": f"{now - timedelta(minutes=5):%Y-%m-%dT%H:%M}", "agenda": "应急准备",
        "present": str(world.members["tao"].pk), "words_1": "备齐应急包",
    }  # fmt: skip
    world.sign_in(client, "kong")
    half = client.post(meeting, said)
    assert half.status_code == 422
    assert "事项、责任岗位、期限须一起填写" in half.content.decode()
    whole = said | {"accountable_1": str(world.posts["wang"].pk), "due_on_1": f"{now:%Y-%m-%d}"}
    assert [client.post(meeting, whole).status_code for _time in (1, 2)] == [302, 302]
    page = client.get(reverse("body", args=[body.pk])).content.decode()
    for words in ("应急准备", "到会 陶然", "备齐应急包"):
        assert words in page
    with scope(world.actor("kong")):
        decision = Decision.objects.get()

    mine = reverse("decision", args=[decision.pk])
    assert mine in text_of(world, client, "wang", reverse("my_work"))
    assert mine in client.get(f"{reverse('decisions')}?view=mine").content.decode()
    assert reverse("body", args=[body.pk]) not in client.get(mine).content.decode()  # beyond the own range
    assert client.post(mine, {"version": "1", "state": "dropped", "reason": "太忙"}).status_code == 422
    assert client.post(mine, {"version": "1", "state": "done", "reason": ""}).status_code == 302
    assert "已办结" in client.get(mine).content.decode()
    assert mine not in client.get(reverse("my_work")).content.decode()


def test_a_decision_past_its_day_is_overdue_in_the_list(world: World, client: Client) -> None:
    decision = decided(world, command_group(world), "tao")
    with scope(world.actor("kong")):
        Decision.objects.filter(pk=decision.pk).update(due_on=day_of(utc_now()) - timedelta(days=2))

    page = text_of(world, client, "kong", f"{reverse('decisions')}?view=overdue")

    assert "! 逾期" in page
    assert "这里没有议定事项" in text_of(world, client, "li", reverse("decisions"))
    world.sign_in(client, "li")
    assert client.get(reverse("decision", args=[decision.pk])).status_code == 404


def test_the_roll_up_says_complete_of_how_many_and_what_is_missing(
    world: World, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    command_group(world)
    found(world, "bai", "community_command_group", FIELD)
    path = f"{reverse('body_coverage')}?area={DISTRICT}&template=community_command_group"

    page = text_of(world, client, "zhao", path)

    for words in ("望山街道", "临江街道", "业主委员会 1", "召集人 1"):
        assert words in page
    assert "area=330199001&amp;template=community_command_group" in page
    with django_assert_num_queries(COVERAGE_QUERIES):
        client.get(path)
    assert "这里没有可汇总的区域" in text_of(
        world, client, "du", f"{reverse('body_coverage')}?area={GRID_D}&template=command_group"
    )


def test_a_body_with_many_seats_costs_what_one_with_few_does(
    world: World, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    body = command_group(world)
    path = reverse("body", args=[body.pk])
    called(world, body)
    text_of(world, client, "kong", path)
    with django_assert_num_queries(BODY_QUERIES):
        client.get(path)
    for handle in ("tao", "wang", "liu", "shi", "zheng"):
        seat(world, body, "self_organised", handle)
    called(world, body)

    with django_assert_num_queries(BODY_QUERIES):
        client.get(path)


def test_others_are_kept_out(world: World, client: Client) -> None:
    body = command_group(world)
    paths = {
        name: reverse(name, args=[body.pk])
        for name in ("body", "body_seat", "body_end", "body_call", "body_meeting")
    }
    for path in (*paths.values(), reverse("bodies"), reverse("decisions"), reverse("body_coverage")):
        assert client.get(path).status_code == 302, path
    for handle in ("li", "bai"):
        world.sign_in(client, handle)
        for path in paths.values():
            assert client.get(path).status_code == 404, path
    world.sign_in(client, "tao")
    for name in ("body_seat", "body_end", "body_call", "body_meeting"):
        assert client.get(paths[name]).status_code == 403
    assert client.get(reverse("body", args=[uuid4()])).status_code == 404
