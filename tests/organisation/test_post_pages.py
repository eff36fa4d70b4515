"""Posts and appointments as pages: the list, one post, appointing, ending; members, their start password."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.auth.hashers import check_password
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from anlan.foundation.clock import utc_now
from anlan.foundation.crypto import decrypt
from anlan.foundation.ids import new_id
from anlan.foundation.models import Account
from anlan.organisation.models import Appointment, Member, Post
from tests.organisation.acting import START_PASSWORD, hold
from tests.world import DISTRICT, GRID_A, GRID_D, SPRING, World

LIST_QUERIES = 14  # of a page of posts, whatever the number of posts and holders; one for own filters
POST_QUERIES = 15


def text_of(world: World, client: Client, handle: str, path: str) -> str:
    answer = world.sign_in(client, handle).get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def appointing(world: World, handle: str, **words: str) -> dict[str, str]:
    """What the form of an appointment sends."""
    return {"row_id": str(new_id()), "member": str(world.members[handle].pk), "reason": "顶岗", **words}


def test_the_list_shows_posts_of_ones_range_with_holders(world: World, client: Client) -> None:
    page = text_of(world, client, "qian", "/posts/")

    assert "春泉第一网格" in page
    assert "王芳" in page
    assert 'data-live-topics="posts"' in page


def test_the_list_hides_the_neighbours_posts(world: World, client: Client) -> None:
    assert "杜鹃" not in text_of(world, client, "qian", "/posts/")
    assert "杜鹃" not in text_of(world, client, "wang", f"/posts/?area={GRID_D}")


def test_the_list_is_searched_by_holder_and_filtered_by_role_area_and_vacancy(
    world: World, client: Client
) -> None:
    Appointment.objects.filter(pk=world.appointments["liu"].pk).update(ends_at=utc_now())

    by_name = text_of(world, client, "qian", "/posts/?q=王芳")
    by_role = text_of(world, client, "qian", "/posts/?role=community_secretary")
    by_area = text_of(world, client, "qian", f"/posts/?area={SPRING}")
    vacant = text_of(world, client, "qian", "/posts/?view=vacant")

    assert "春泉第一网格" in by_name
    assert "孔庆华" not in by_name
    assert "孔庆华" in by_role
    assert "王芳" not in by_role
    assert "王芳" in by_area
    assert "李静" not in by_area
    assert "春泉第二网格" in vacant
    assert "王芳" not in vacant


def test_a_mark_that_was_not_made_here_is_refused(world: World, client: Client) -> None:
    assert world.sign_in(client, "qian").get("/posts/?after=nonsense").status_code == 422


def test_a_list_of_many_posts_costs_what_one_of_few_does(
    world: World, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    world.sign_in(client, "qian")
    client.get("/posts/")
    with django_assert_num_queries(LIST_QUERIES):
        client.get("/posts/")
    for index in range(30):
        post = Post.objects.create(
            role="grid_worker", title=f"{index}号岗位", area_code=GRID_A, starts_at=world.now
        )
        Appointment.objects.create(post=post, member=world.members["tao"], starts_at=world.now)

    with django_assert_num_queries(LIST_QUERIES):
        client.get("/posts/")


def test_a_post_says_its_duties_ranges_purposes_and_holders(
    world: World, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    path = f"/posts/{world.posts['kong'].pk}/"
    page = text_of(world, client, "qian", path)

    for words in ("主持社区工作", "网格服务", "统筹指挥", "孔庆华", "春泉社区", SPRING):
        assert words in page
    assert f'data-live-topics="posts:{world.posts["kong"].pk}"' in page
    with django_assert_num_queries(POST_QUERIES):
        client.get(path)


def test_the_past_of_a_post_is_told_only_within_its_range(world: World, client: Client) -> None:
    Appointment.objects.filter(pk=world.appointments["wang"].pk).update(ends_at=utc_now(), end_reason="调离")
    path = f"/posts/{world.posts['wang'].pk}/"

    assert "调离" in text_of(world, client, "qian", path)
    neighbour = text_of(world, client, "liu", path)
    assert "调离" not in neighbour
    assert "空缺" in neighbour


def test_only_part_of_a_work_phone_is_shown(world: World, client: Client) -> None:
    world.sign_in(client, "qian")
    said = {"row_id": str(new_id()), "name": "林一", "phone": "13800138000", "unit": "", "username": ""}
    client.post(f"/members/new/?area={GRID_A}", said)
    member = Member.objects.get(name="林一")

    page = client.get(f"/members/{member.pk}/").content.decode()

    assert decrypt(bytes(member.phone or b""), context="organisation.Member.phone") == "13800138000"
    assert "13800138000" not in page
    assert "138******00" in page


def test_an_officer_appoints_from_the_page_and_twice_is_once(world: World, client: Client) -> None:
    world.sign_in(client, "qian")
    path, said = f"/posts/{world.posts['wang'].pk}/appoint/", appointing(world, "tao")

    first, second = client.post(path, said), client.post(path, said)

    assert (first.status_code, second.status_code) == (302, 302)
    assert Appointment.objects.get(pk=UUID(said["row_id"])).member == world.members["tao"]
    assert Appointment.objects.filter(post=world.posts["wang"]).count() == 2


def test_a_wrong_appointment_comes_back_with_what_is_wrong(world: World, client: Client) -> None:
    world.sign_in(client, "qian")
    path = f"/posts/{world.posts['wang'].pk}/appoint/"

    past = client.post(path, appointing(world, "tao", starts_at="2020-01-01T08:00"))
    silent = client.post(path, appointing(world, "tao", reason=""))
    nobody = client.post(path, appointing(world, "tao") | {"member": "nobody"})
    again = client.post(path, appointing(world, "wang"))

    assert [answer.status_code for answer in (past, silent, nobody, again)] == [422, 422, 404, 422]
    assert "任职不能从过去开始" in past.content.decode()
    assert "已担任该岗位" in again.content.decode()


def test_duties_that_must_stay_apart_are_refused_in_words(world: World, client: Client) -> None:
    hold(world, "dong", role="social_work_officer", area_code=DISTRICT, purposes=["department", "org"])

    answer = world.sign_in(client, "dong").post(
        f"/posts/{world.posts['xu'].pk}/appoint/", appointing(world, "he")
    )

    assert answer.status_code == 422
    assert "三员分立" in answer.content.decode()


def test_ending_stops_the_rights_at_the_next_request(world: World, client: Client) -> None:
    officer, worker = world.sign_in(Client(), "qian"), world.sign_in(client, "wang")
    assert worker.get(f"/areas/{GRID_A}/").status_code == 200

    ended = officer.post(
        f"/appointments/{world.appointments['wang'].pk}/end/", {"version": "1", "reason": "调离"}
    )

    assert ended.status_code == 302
    assert worker.get(f"/areas/{GRID_A}/").headers["Location"] == "/no-post/"


def test_an_appointment_changed_meanwhile_is_told_to_the_second_officer(world: World, client: Client) -> None:
    path = f"/appointments/{world.appointments['wang'].pk}/end/"
    world.sign_in(client, "qian")
    later = (utc_now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    client.post(path, {"version": "1", "reason": "轮换", "ends_at": later})

    stale = client.post(path, {"version": "1", "reason": "调离"})

    assert stale.status_code == 422
    assert "刚被别人改过" in stale.content.decode()


def test_a_post_is_set_up_from_the_page(world: World, client: Client) -> None:
    world.sign_in(client, "qian")
    said = {"row_id": str(new_id()), "role": "grid_worker", "title": "", "further_codes": "", "facility": ""}

    made = client.post(f"/posts/new/?area={GRID_A}", said)
    wrong = client.post(f"/posts/new/?area={SPRING}", {**said, "row_id": str(new_id())})

    assert made.status_code == 302
    assert Post.objects.get(pk=UUID(said["row_id"])).title == "网格员"
    assert wrong.status_code == 422


def test_only_officers_with_range_change_anything(world: World, client: Client) -> None:
    own = [
        f"/posts/new/?area={GRID_A}",
        f"/members/new/?area={GRID_A}",
        f"/posts/{world.posts['wang'].pk}/appoint/",
        f"/appointments/{world.appointments['wang'].pk}/end/",
    ]
    beyond = [
        f"/posts/new/?area={GRID_D}",
        f"/members/new/?area={GRID_D}",
        f"/posts/{world.posts['du'].pk}/appoint/",
        f"/appointments/{world.appointments['du'].pk}/end/",
    ]

    assert [world.sign_in(client, "kong").get(path).status_code for path in own] == [403] * 4
    assert [world.sign_in(client, "qian").get(path).status_code for path in own] == [200] * 4
    assert [client.get(path).status_code for path in beyond] == [403] * 4


def test_a_practice_post_finds_no_real_post_member_or_appointment(world: World, client: Client) -> None:
    hold(world, "lead", role="governance_centre", area_code="990101", purposes=["org"])
    world.sign_in(client, "lead")

    for path in (
        f"/posts/{world.posts['wang'].pk}/",
        f"/members/{world.members['wang'].pk}/",
        f"/posts/{world.posts['wang'].pk}/appoint/",
        f"/appointments/{world.appointments['wang'].pk}/end/",
        f"/posts/new/?area={GRID_A}",
    ):
        assert client.get(path).status_code == 404
    assert "这里没有岗位" in client.get("/posts/?q=王芳").content.decode()


def test_a_start_password_is_shown_once_and_kept_only_hashed(world: World, client: Client) -> None:
    world.sign_in(client, "qian")
    said = {"row_id": str(new_id()), "name": "林一", "unit": "春泉物业", "phone": "", "username": "linyi"}

    first = client.post(f"/members/new/?area={GRID_A}", said).content.decode()
    second = client.post(f"/members/new/?area={GRID_A}", said).content.decode()

    shown = re.search(START_PASSWORD, first)
    assert shown is not None
    assert shown[0] not in second
    assert check_password(shown[0], Account.objects.get(username="linyi").password)
    assert Member.objects.filter(name="林一").count() == 1


def test_a_start_password_is_renewed_until_the_first_sign_in(world: World, client: Client) -> None:
    world.sign_in(client, "qian")
    member = Member.objects.create(
        name="林一", area_code=GRID_A, account=Account.objects.create_user("linyi", "old")
    )
    path = f"/members/{member.pk}/start-password/"

    assert client.post(path).status_code == 200
    assert not Account.objects.get(username="linyi").check_password("old")
    Account.objects.filter(username="linyi").update(last_login=utc_now())

    assert client.post(path).status_code == 409
    assert world.sign_in(client, "kong").post(path).status_code == 403


def test_a_name_that_is_taken_and_a_wrong_phone_are_refused(world: World, client: Client) -> None:
    world.sign_in(client, "qian")

    def send(**words: str) -> str:
        said = {"row_id": str(new_id()), "name": "林一", "unit": "", "phone": "", "username": ""}
        answer = client.post(f"/members/new/?area={GRID_A}", {**said, **words})
        assert answer.status_code == 422
        return answer.content.decode()

    assert "已有人使用" in send(username="wang")
    assert "has-error" in send(phone="12345")
    assert not Member.objects.filter(name="林一").exists()


@pytest.mark.parametrize(
    "path",
    [
        "/posts/",
        "/posts/new/",
        f"/posts/{UUID(int=1)}/",
        f"/posts/{UUID(int=1)}/appoint/",
        f"/appointments/{UUID(int=1)}/end/",
        "/members/new/",
        f"/members/{UUID(int=1)}/",
    ],
)
def test_a_stranger_is_asked_to_sign_in(world: World, client: Client, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")
