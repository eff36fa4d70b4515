"""Lists, search and one person at 1,000,000 residents: with row security against without, and whole pages."""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bench import house
from bench.figure import Figure

RESIDENTS = int(os.environ.get("RESIDENTS") or 1_000_000)
REPEATS, PAGES = 25, 60
MOST_RATIO, MOST_PAGE_MS = 2.0, 300.0  # issue A
NINE = 9


@dataclass(frozen=True)
class Case:
    """One thing to look at: who does, what is read, and the page that shows it."""

    name: str
    actor: Any
    act: Callable[[Any], Any]
    ask: Callable[[Any], Any]  # takes a client that is signed in


def main() -> Iterator[Figure]:
    """Measure every case on a district kept between runs."""
    with house.district(RESIDENTS):
        count = _count_residents()
        if count < RESIDENTS:
            raise RuntimeError(f"{house.FOLDER} holds {count:,} residents: remove it, it is made anew")
        for case in _cases():
            yield _database(case)
            yield _page(case)


def _count_residents() -> int:
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM people_resident")
        return int(cursor.fetchone()[0])


def _cases() -> Iterator[Case]:
    from django.urls import reverse

    grid, nine, district = actor_of("grid_worker"), _nine_communities(), actor_of("cdc_duty_officer")
    for name, actor in (("a grid", grid), ("nine communities", nine), ("the district", district)):
        yield Case(f"list of {name}", actor, _list, lambda client: client.get(reverse("people")))
    for words, text in (
        ("name", "王伟"),
        ("pinyin", "wangwei"),
        ("last four", "0042"),
        ("two words", "li 3栋"),
    ):
        yield Case(f"search by {words}, the district", district, _search(text), _asking(text))
    yield Case("search by pinyin, nine communities", nine, _search("wangwei"), _asking("wangwei"))
    person = _somebody(grid)
    yield Case("one person", grid, _open(person), lambda client: client.get(reverse("person", args=[person])))


def _list(actor: Any) -> None:
    from anlan.foundation.clock import day_of, utc_now
    from anlan.foundation.keyset import count_up_to, page_of
    from anlan.people import queries

    rows = queries.visible_residents(actor, queries.ResidentFilter(), today=day_of(utc_now()))
    count_up_to(rows.select_related(None), ranges=actor.ranges)
    page_of(rows, order=("area_code", "id"), ranges=actor.ranges)


def _search(text: str) -> Callable[[Any], Any]:
    from anlan.people import queries

    return lambda actor: queries.search(actor, text)


def _asking(text: str) -> Callable[[Any], Any]:
    from django.urls import reverse

    return lambda client: client.post(reverse("people_search"), {"q": text})


def _open(person: Any) -> Callable[[Any], Any]:
    from anlan.people import queries

    def act(actor: Any) -> None:
        resident = queries.access_resident(actor, person)
        list(queries.enrolments_of(resident))
        list(queries.history_of(resident)[:50])

    return act


def _somebody(actor: Any) -> Any:
    from anlan.foundation.scope import scope
    from anlan.people import queries

    with transaction(), scope(actor):
        household = queries.visible_households(actor).order_by("area_code", "id")[3]
        return queries.residents_of(household)[0].pk


def actor_of(role: str) -> Any:
    from anlan.foundation.clock import utc_now
    from anlan.organisation.queries import actors_of, live_appointments

    signed_in = live_appointments(utc_now()).filter(post__role=role, member__account__isnull=False)
    return actors_of(signed_in, now=utc_now())[0]


def _nine_communities() -> Any:
    """Return somebody whose post sees nine communities of nine subdistricts, made at the first run."""
    from anlan.foundation.clock import utc_now
    from anlan.foundation.models import Account
    from anlan.organisation.models import Appointment, Area, Member, Post, PostRange
    from anlan.organisation.queries import posts_of_account

    now = utc_now()
    account, is_new = Account.objects.get_or_create(username="bench.nine", defaults={"password": "!"})
    if is_new:
        codes = Area.objects.filter(level="community", code__endswith="005").order_by("code")
        chosen = list(codes.values_list("code", flat=True)[:NINE])
        member = Member.objects.create(account=account, name="包片干部", area_code=chosen[0])
        post = Post.objects.create(
            role="community_worker",
            title="包片干部",
            area_code=chosen[0],
            purposes=["grid_work"],
            starts_at=now,
        )
        PostRange.objects.bulk_create(PostRange(post=post, code=code) for code in chosen)
        Appointment.objects.create(post=post, member=member, starts_at=now)
    return posts_of_account(account.pk, now=utc_now())[0]


def transaction() -> Any:
    from django.db import transaction

    return transaction.atomic()


def _database(case: Case) -> Figure:
    """Time the case's own reads as the application, and the same SQL as the owner, without row security."""
    from django.db import connection, connections
    from django.test.utils import CaptureQueriesContext

    from anlan.foundation.scope import scope

    with transaction(), scope(case.actor), CaptureQueriesContext(connection) as captured:
        case.act(case.actor)
    reads = [query["sql"] for query in captured.captured_queries if "set_config" not in query["sql"]]
    with transaction(), scope(case.actor):
        ours = median_ms(connection, reads)
    ceiling = median_ms(connections["owner"], reads)
    return Figure(
        f"{case.name}: database", ours, ceiling, "ms", "the same SQL, no row security", at_most=MOST_RATIO
    )


def signed_in(actor: Any) -> Any:
    """Return a client of the actor's, who has looked nothing up yet: a bench looks up more than one may."""
    from django.conf import settings
    from django.db import connections
    from django.test import Client

    from anlan.foundation.models import Account

    settings.LOGGING_CONFIG = None
    client = Client()
    client.force_login(
        Account.objects.get(pk=actor.account_id), "allauth.account.auth_backends.AuthenticationBackend"
    )
    with connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM people_lookup")
    return client


def median_ms(connection: Any, reads: list[str]) -> float:
    """Return the middle of the times all reads take one after another, in milliseconds."""
    times = []
    with connection.cursor() as cursor:
        for _round in range(REPEATS):
            began = time.perf_counter()
            for sql in reads:
                cursor.execute(sql)
                cursor.fetchall()
            times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times[3:])


def _page(case: Case) -> Figure:
    """Time the whole page through every middleware; the ceiling is a page that reads nothing."""
    client = signed_in(case.actor)
    ours = p95_ms(lambda: case.ask(client))
    ceiling = p95_ms(lambda: client.get("/healthz"))
    return Figure(
        f"{case.name}: page p95", ours, ceiling, "ms", "a page that reads nothing", ours_at_most=MOST_PAGE_MS
    )


def p95_ms(ask: Callable[[], Any]) -> float:
    """Return the 95th percentile of the times an answer takes, in milliseconds."""
    times = []
    for _round in range(PAGES):
        began = time.perf_counter()
        answer = ask()
        times.append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"answered {answer.status_code}")
    return statistics.quantiles(times[3:], n=20)[-1]
