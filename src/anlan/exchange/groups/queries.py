"""Every question about lists out of group texts."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Concat, Length

from anlan.exchange.groups.places import place_of
from anlan.exchange.groups.rules import UNCLEAR, WORST_FIRST, AnswerState
from anlan.exchange.models import GroupAnswer, GroupList
from anlan.foundation.actor import RANGE_END, Actor
from anlan.foundation.errors import NotFound
from anlan.foundation.scope import within
from anlan.people.models import Household

COUNTS = Q(state=AnswerState.MATCHED, is_last=True) & ~Q(confirmed_at=None)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of the households of a place: who answered, who withdrew, who did not; and how many people."""

    households: int
    answered: int  # withdrawn ones too
    withdrawn: int
    people: int
    unsaid: int  # answers that state no number of people
    waiting: int  # lines that are certain, not yet confirmed
    unclear: int  # lines to decide

    @property
    def silent(self) -> int:
        """Return how many households have not answered."""
        return self.households - self.answered


def visible_group_lists(actor: Actor) -> QuerySet[GroupList]:
    """Return the lists of places in the actor's ranges: what one collected, all who serve there use."""
    return GroupList.objects.filter(within(actor.ranges))


def with_counts(rows: QuerySet[GroupList]) -> QuerySet[GroupList]:
    """Return lists with `homes` of their place, `answered` households and `unclear` parts of lines."""
    here = Household.objects.filter(
        area_code__gte=OuterRef("area_code"), area_code__lt=Concat(OuterRef("area_code"), Value(RANGE_END))
    )
    inside = Household.objects.filter(building=OuterRef("building"))
    answers = GroupAnswer.objects.filter(group_list=OuterRef("pk"))
    return rows.annotate(
        homes=Case(When(building=None, then=_counted(here)), default=_counted(inside)),
        answered=_counted(answers.filter(COUNTS), distinct="household"),
        unclear=_counted(answers.filter(state__in=UNCLEAR)),
    )


def _counted(rows: QuerySet[Any], distinct: str = "pk") -> Coalesce:
    one = rows.order_by().annotate(all=Value(1)).values("all")
    counted = one.annotate(count=Count(distinct, distinct=distinct != "pk")).values("count")
    return Coalesce(Subquery(counted), 0)


def access_group_list(actor: Actor, list_id: UUID) -> GroupList:
    """Return one list, or raise NotFound."""
    found = visible_group_lists(actor).filter(pk=list_id).first()
    if found is None:
        raise NotFound
    return found


def access_answer(actor: Actor, listed: GroupList, answer_id: UUID) -> GroupAnswer:
    """Return one part of a line, or raise NotFound."""
    found = listed.answers.filter(within(actor.ranges), pk=answer_id).first()
    if found is None:
        raise NotFound
    return found


def state_of_lines(listed: GroupList) -> dict[int, AnswerState]:
    """Return the state of each line: of one with several parts the one that asks for most."""
    states: dict[int, AnswerState] = {}
    rank = {state: place for place, state in enumerate(WORST_FIRST)}
    for line, said in listed.answers.order_by("line").values_list("line", "state"):
        state = AnswerState(said)
        if line not in states or rank[state] < rank[states[line]]:
            states[line] = state
    return states


def totals_of(states: dict[int, AnswerState]) -> dict[AnswerState, int]:
    """Return how many lines are in each state; they add up to the lines of the text."""
    counted = Counter(states.values())
    return {state: counted[state] for state in AnswerState}


def coverage_of(actor: Actor, listed: GroupList) -> Coverage:
    """Return what the confirmed lines say of the households of the place."""
    homes = Household.objects.filter(within(actor.ranges), place_of(listed).homes)
    counting = listed.answers.filter(COUNTS)
    heard = homes.filter(pk__in=counting.values("household"))
    taking = homes.filter(pk__in=counting.filter(is_withdrawn=False).values("household"))
    answered = heard.count()
    people = counting.filter(is_withdrawn=False).aggregate(
        total=Sum("people"), unsaid=Count("pk", filter=Q(people=None))
    )
    return Coverage(
        households=homes.count(),
        answered=answered,
        withdrawn=answered - taking.count(),
        people=people["total"] or 0,
        unsaid=people["unsaid"],
        waiting=listed.answers.filter(state=AnswerState.MATCHED, confirmed_at=None).count(),
        unclear=listed.answers.filter(state__in=UNCLEAR).count(),
    )


def silent_households(actor: Actor, listed: GroupList) -> QuerySet[Household]:
    """Return the households of the place that have not answered, in the order of their doors."""
    homes = Household.objects.filter(within(actor.ranges), place_of(listed).homes)
    heard = listed.answers.filter(COUNTS).exclude(household=None)
    return (
        homes.exclude(pk__in=heard.values("household"))
        .select_related("building")
        .order_by(
            "area_code", Length("building__number"), "building__number", "unit", Length("room"), "room", "pk"
        )
    )


def answers_of(listed: GroupList, lines: list[int]) -> QuerySet[GroupAnswer]:
    """Return the parts of these lines, in the order of the text."""
    return listed.answers.filter(line__in=lines).order_by("line", "part")
