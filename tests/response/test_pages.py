"""The pages of plans: scopes side by side, one signature, the running response, lifting, the library."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from anlan.foundation.clock import utc_now
from anlan.foundation.models import Account
from anlan.foundation.scope import duty
from anlan.response.models import LiftingNotice, PlanProposal
from anlan.surveillance.models import Signal
from tests.response.steps import NOTICE, approve, lift, planned, prepare, proposed, rows, the_proposal
from tests.surveillance.test_loop import WHOLE
from tests.world import World


def page(world: World, handle: str, name: str, **args: object) -> str:
    answer = world.sign_in(Client(), handle).get(reverse(name, kwargs=args))
    assert answer.status_code == 200, name
    return answer.content.decode()


def send(world: World, handle: str, name: str, proposal_id: UUID, **sent: object) -> int:
    client = world.sign_in(Client(), handle)
    body = {"version": the_proposal().version, **sent}
    return client.post(reverse(name, args=[proposal_id]), body).status_code


def kept() -> dict[str, str]:
    return {f"keep_{order.pk}": "on" for order in planned()}


def test_the_page_shows_scopes_side_by_side_with_law_and_who_decides(world: World) -> None:
    proposal_id = proposed(world)

    shown = page(world, "wu", "response", proposal_id=proposal_id)

    for words in (
        "班级或楼层",
        "小区或学校",
        "社区",
        "建议",
        "区指挥长",
        "批准启动",
        "春泉小学 学校保健老师",
    ):
        assert words in shown


def test_small_numbers_and_closed_names_are_for_health_posts(world: World) -> None:
    proposal_id = proposed(world)
    with duty("react", ranges=WHOLE, cause="test"):
        proposal = PlanProposal.objects.get()
        proposal.options[2]["families"] = 2
        proposal.save()
        Signal.objects.update(condition="typhoid")
        PlanProposal.objects.update(condition="typhoid", plan="enteric_serious")

    health, command = (page(world, who, "response", proposal_id=proposal_id) for who in ("wu", "zhao"))

    assert "伤寒" in health
    assert "&lt;5" not in health
    assert "伤寒" not in command
    assert "&lt;5" in command


def test_a_disease_for_health_posts_alone_is_absent_for_the_commander(world: World) -> None:
    proposal_id = proposed(world)
    with duty("react", ranges=WHOLE, cause="test"):
        PlanProposal.objects.update(condition="tuberculosis")

    answer = world.sign_in(Client(), "zhao").get(reverse("response", args=[proposal_id]))

    assert answer.status_code == 404


def test_saving_a_wider_scope_needs_its_reason_on_the_page(world: World) -> None:
    proposal_id = proposed(world)

    assert send(world, "wu", "response_prepare", proposal_id, layer="estate_or_school", **kept()) == 422
    sent = {"layer": "estate_or_school", "wider_reason": "共用卫生间", **kept()}
    assert send(world, "wu", "response_prepare", proposal_id, **sent) == 302
    assert the_proposal().layer == "estate_or_school"


def test_one_signature_on_the_page_starts_it(world: World) -> None:
    proposal_id = proposed(world)

    assert send(world, "wu", "response_approve", proposal_id, notice_text="«时限»前完成") == 422
    assert send(world, "wu", "response_approve", proposal_id, notice_text=NOTICE) == 302

    assert the_proposal().state == "running"
    shown = page(world, "wu", "response", proposal_id=proposal_id)
    for words in ("三个首次用时", "通报的应答", "解除响应", "春泉第一网格"):
        assert words in shown


def test_the_same_approval_sent_again_is_a_conflict(world: World) -> None:
    proposal_id = proposed(world)
    version = the_proposal().version
    send(world, "wu", "response_approve", proposal_id, notice_text=NOTICE)

    assert send(world, "wu", "response_approve", proposal_id, notice_text=NOTICE, version=version) == 409


def test_lifting_on_the_page_asks_for_every_condition(world: World) -> None:
    proposal_id = proposed(world)
    approve(world)
    with duty("react", ranges=WHOLE, cause="test"):
        Signal.objects.update(last_on=(utc_now() - timedelta(days=40)).date())

    assert send(world, "wu", "response_lift", proposal_id, reason="已结束") == 422
    assert send(world, "zhou", "response_lift", proposal_id, reason="已结束", confirmed="vaccinated") == 403
    assert send(world, "wu", "response_lift", proposal_id, reason="已结束", confirmed="vaccinated") == 302
    assert "解除通知" in page(world, "wu", "response", proposal_id=proposal_id)


def test_the_map_holds_the_scope_and_the_told_grids(world: World) -> None:
    proposal_id = proposed(world)
    approve(world)

    answer = world.sign_in(Client(), "wu").get(reverse("response_map", args=[proposal_id]))

    told = {
        shape["properties"]["name"]: shape["properties"]["value_text"] for shape in answer.json()["features"]
    }
    assert told == {"春泉第一网格": "待应答", "春泉小学网格": "响应范围"}


def test_who_was_told_reads_and_acknowledges_the_end(world: World) -> None:
    proposed(world)
    approve(world)
    lift(world)
    client = world.sign_in(Client(), "wang")
    assert "已解除" in client.get(reverse("lifting_notices")).content.decode()
    notice = next(row for row in rows(LiftingNotice) if not row.role)

    assert client.post(reverse("lifting_acknowledge", args=[notice.pk])).status_code == 302
    assert client.post(reverse("lifting_acknowledge", args=[notice.pk])).status_code == 302

    assert [row.acknowledged_by for row in rows(LiftingNotice) if not row.role] == ["王芳"]


def test_lists_by_state(world: World) -> None:
    proposed(world)
    client = world.sign_in(Client(), "wu")
    url = reverse("responses")

    assert "麻疹和风疹" in client.get(url, {"view": "mine"}).content.decode()
    approve(world)
    assert "麻疹和风疹" not in client.get(url, {"view": "mine"}).content.decode()
    assert "麻疹和风疹" in client.get(url).content.decode()
    lift(world)
    assert "麻疹和风疹" in client.get(url, {"view": "ended"}).content.decode()
    assert client.get(url, {"view": "nonsense"}).status_code == 200


def test_a_running_response_is_seen_by_the_community_it_lies_in_and_no_other(world: World) -> None:
    proposal_id = proposed(world)
    approve(world)

    assert "任务" in page(world, "kong", "response", proposal_id=proposal_id)
    li = world.sign_in(Client(), "li").get(reverse("response", args=[proposal_id]))
    assert li.status_code == 404


def test_every_plan_and_the_measures_can_be_read_in_both_languages(world: World) -> None:
    client = world.sign_in(Client(), "wang")
    for language, words in (("zh-hans", "手足口病"), ("en", "Hand, foot and mouth disease")):
        Account.objects.filter(pk=world.accounts["wang"].pk).update(language=language)
        shown = client.get(reverse("plans")).content.decode()
        assert words in shown.replace("&#x27;", "'")
        for key in ("norovirus", "dengue_chikungunya", "tuberculosis", "food_poisoning"):
            assert client.get(reverse("plan", args=[key])).status_code == 200
        assert client.get(reverse("measures")).status_code == 200
    assert client.get(reverse("plan", args=["nothing"])).status_code == 404


def test_a_plan_left_aside_says_why(world: World) -> None:
    proposal_id = proposed(world)

    assert send(world, "wu", "response_decline", proposal_id, reason="") == 422
    assert send(world, "wu", "response_decline", proposal_id, reason="学校已处理完毕") == 302
    assert "学校已处理完毕" in page(world, "wu", "response", proposal_id=proposal_id)


@pytest.mark.parametrize("layer", ["household", "nowhere"])
def test_a_scope_the_plan_does_not_offer_is_refused(world: World, layer: str) -> None:
    proposal_id = proposed(world)

    assert send(world, "wu", "response_prepare", proposal_id, layer=layer, **kept()) == 422


def test_words_people_write_are_inert(world: World) -> None:
    proposal_id = proposed(world)
    prepare(world, layer="estate_or_school", wider_reason="<script>alert(1)</script>")

    assert "<script>alert" not in page(world, "wu", "response", proposal_id=proposal_id)
