"""Every question about counts, signals and warnings."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.errors import NotFound
from anlan.foundation.pack_store import entry, section
from anlan.foundation.scope import within
from anlan.health.pack import Disease
from anlan.health.queries import condition_named, conditions, grids_of_reports
from anlan.organisation.pack import PostRole
from anlan.organisation.queries import neighbours_of, post_role
from anlan.people.queries import grids_of_groups
from anlan.surveillance.models import (
    Counted,
    DailyCount,
    ShiftHandover,
    Signal,
    WarningProduct,
    WarningReceipt,
)
from anlan.surveillance.pack import Clock, Rule
from anlan.surveillance.pack import WarningProduct as ProductKind
from anlan.surveillance.rules import (
    CLOCK_OF,
    FROM_STATES,
    OPEN_STATES,
    ProductState,
    SignalAct,
    SignalsAsked,
    SignalState,
)
from anlan.surveillance.words import own_words

NOTIFICATION = "warning_notification"  # 警示信息通报
HOME = "home"  # an area is concerned because people behind the signal, or of its class, live there
GROUPS = frozenset({"class", "dormitory"})
OFFERED = 200  # of one filter
SHARED_PLACES = GROUPS | {"unit"}
WIDE_PLACES = frozenset({"community", "subdistrict", "district"})
SEVERAL = re.compile(r"[和、（）/]")  # between the names of a title that holds several
# what follows the name itself: 诺如(病毒感染), 手足口(病), 发热伴出疹(症候群)
BEHIND_NAME = re.compile(r"(病毒感染|病毒病|感染|症候群|病| infection| (virus )?disease)$")


def rules_for(condition: str) -> list[Rule]:
    """Return the pack's rules that count reports of this condition."""
    return [rule for rule in section(Rule) if condition in rule.conditions]


def rules_on_counts(indicator: str) -> list[Rule]:
    """Return the pack's rules with a fixed number for the counts of this indicator."""
    return [rule for rule in section(Rule) if rule.is_fixed and indicator in rule.indicators]


def fused_rules() -> frozenset[str]:
    """Return the keys of the rules that add several sources up."""
    return frozenset(rule.key for rule in section(Rule) if rule.kind == "fused")


def statistical_rules() -> list[Rule]:
    """Return the pack's rules that a detector judges."""
    return [rule for rule in section(Rule) if not rule.is_fixed]


def rule_named(key: str) -> Rule:
    """Return one rule of the pack."""
    return entry(Rule, key)


def rule_title(key: str) -> str:
    """Return what a rule is called in the language of the page; its key where the pack no longer has it."""
    rule = next((rule for rule in section(Rule) if rule.key == key), None)
    return own_words(rule.title) if rule else key


def clock_of(step: str) -> Clock | None:
    """Return the pack's clock of a signal's step, or None where the pack sets none."""
    return next((clock for clock in section(Clock) if clock.of == "signal" and clock.step == step), None)


def product_clock(step: str) -> Clock | None:
    """Return the pack's clock of a product's step, or None where the pack sets none."""
    return next((clock for clock in section(Clock) if clock.of == "product" and clock.step == step), None)


def product_kinds() -> list[ProductKind]:
    """Return the warning products of the pack."""
    return section(ProductKind)


def product_kind(key: str) -> ProductKind:
    """Return one of the warning products of the pack."""
    return entry(ProductKind, key)


def visibility_of(condition: str) -> str:
    """Return the visibility class of a condition; one the pack does not know is for health posts alone."""
    found = condition_named(condition)
    return found.visibility if found is not None else "A"


def disease_for_area_staff(condition: str) -> str:
    """Return what area staff may be told an illness is: its name only in visibility class C."""
    found = condition_named(condition)
    return found.title.zh if found is not None and found.visibility == "C" else "传染病"


def names_closed_to_area_staff(condition: str) -> list[str]:
    """Return every name by which a text would give away an illness that area staff may not be told."""
    return [] if visibility_of(condition) == "C" else names_of(condition)


def names_of(condition: str) -> list[str]:
    """Return every name by which a text would say what a condition is, in either language.

    A title of several (伤寒和副伤寒) is given away by each of them, not by what qualifies it (流行性).
    """
    found = condition_named(condition)
    if found is None:
        return []
    parts = [part for part in SEVERAL.split(found.title.zh) if not part.endswith("性")]
    called = found.called if isinstance(found, Disease) else []
    names = [found.title.zh, found.title.en, *parts, *called]
    stems = [BEHIND_NAME.sub("", name) for name in names]
    return [name for name in dict.fromkeys([*names, *stems]) if len(name) > 1]


def names_illness(text: str, condition: str) -> bool:
    """Say whether a text says what a condition is."""
    said = text.casefold()
    return any(name.casefold() in said for name in names_of(condition))


def is_closed_to_leaders(condition: str) -> bool:
    """Say whether a condition is for health posts alone (visibility class A)."""
    return visibility_of(condition) == "A"


def sees_visibility(actor: Actor) -> list[str]:
    """Return the visibility classes whose diseases the actor's post may see by name."""
    role = post_role(actor.role)
    return list(role.sees_visibility) if role else []


def listed_signals(
    actor: Actor, sent: Mapping[str, str], *, name_of: Callable[[str], str]
) -> QuerySet[Signal]:
    """Return the signals a reader asked for; `name_of` says what a condition is called before them."""
    asked, rows = SignalsAsked.of(sent, is_health=actor.has_purpose("health")), visible_signals(actor)
    if asked.words:
        known = [key for key in conditions_seen(actor, rows) if asked.words in name_of(key)]
        rows = rows.filter(Q(place_name__icontains=asked.words) | Q(condition__in=known))
    if asked.state:
        rows = rows.filter(state=asked.state)
    elif asked.view == "open":
        rows = rows.filter(state__in=OPEN_STATES)
    if asked.condition and may_name(actor, asked.condition):
        rows = rows.filter(condition=asked.condition)
    if asked.rule:
        rows = rows.filter(reasons__rule=asked.rule)
    if asked.area.isdigit():
        rows = rows.filter(area_code__gte=asked.area, area_code__lt=asked.area + "~")
    return rows


def conditions_seen(actor: Actor, seen: QuerySet[Signal]) -> list[str]:
    """Return the conditions of these signals that may be named to the reader."""
    keys = seen.order_by("condition").values_list("condition", flat=True).distinct()[:OFFERED]
    return [key for key in keys if may_name(actor, key)]


def may_name(actor: Actor, condition: str) -> bool:
    """Say whether a condition may be named to this post."""
    return actor.has_purpose("health") or visibility_of(condition) in sees_visibility(actor)


def due_at(state: str, urgency: str, since: datetime) -> datetime | None:
    """Return when a signal must leave a state it entered at `since`, by day or by night."""
    clock = clock_of(CLOCK_OF.get(state, ""))
    if clock is None:
        return None
    minutes = clock.limit_minutes(is_night=clock.is_night(since), is_two_hour=urgency == "two_hour")
    return since + timedelta(minutes=minutes)


def visible_signals(actor: Actor) -> QuerySet[Signal]:
    """Return signals in the actor's ranges: raw ones for the roles they go to, others once leaders see them.

    Row security also asks for the purpose `health`, or `lead` for what leaders see. Health posts that lead
    see at the same moment what leaders see, and the conditions closed to leaders too.
    """
    whose = Q(receives__contains=[actor.role]) | Q(seen_by_leaders=True)
    if actor.has_purpose("health") and actor.has_purpose("lead"):
        whose |= Q(verified_at__isnull=False) | Q(overdue_at__isnull=False) | Q(urgency="two_hour")
    rows = Signal.objects.filter(within(actor.ranges) & whose)
    return rows if actor.has_purpose("health") else rows.exclude(condition__in=_closed_conditions())


def _closed_conditions() -> list[str]:
    return [one.key for one in conditions() if one.visibility == "A"]


def open_signals(actor: Actor) -> QuerySet[Signal]:
    """Return open signals, the most urgent first."""
    return visible_signals(actor).filter(state__in=OPEN_STATES).order_by("due_at", "-raised_at", "id")


def access_signal(actor: Actor, signal_id: UUID) -> Signal:
    """Return one signal, or raise NotFound."""
    signal = visible_signals(actor).filter(pk=signal_id).first()
    if signal is None:
        raise NotFound
    return signal


def may(actor: Actor, act: SignalAct, signal: Signal) -> bool:
    """Say whether the actor's post may do this to the signal in its present state."""
    if signal.state not in FROM_STATES[act]:
        return False
    if act is SignalAct.FORM:
        return any(actor.role in kind.formed_by for kind in product_kinds())
    if act in {SignalAct.EXCLUDE, SignalAct.EVENT, SignalAct.CLOSE}:
        act = SignalAct.VERIFY
    clock = clock_of(act)
    return clock is not None and actor.role == clock.owner


def acts_of(actor: Actor) -> frozenset[SignalAct]:
    """Return the acts with a clock of their own that are this post's."""
    owners = {clock.step: clock.owner for clock in section(Clock) if clock.of == "signal"}
    return frozenset(act for act in SignalAct if owners.get(act) == actor.role)


def assesses(actor: Actor) -> bool:
    """Say whether the actor's post weighs the risk of signals."""
    clock = clock_of(SignalAct.ASSESS)
    return clock is not None and actor.role == clock.owner


def visible_products(actor: Actor) -> QuerySet[WarningProduct]:
    """Return the products of signals the actor sees."""
    return WarningProduct.objects.filter(within(actor.ranges), signal__in=visible_signals(actor))


def access_product(actor: Actor, product_id: UUID) -> WarningProduct:
    """Return one product with its signal, or raise NotFound."""
    product = visible_products(actor).filter(pk=product_id).select_related("signal", "signed_by").first()
    if product is None:
        raise NotFound
    return product


def products_to_sign(actor: Actor) -> QuerySet[WarningProduct]:
    """Return the products that wait for a signature the actor's post may give, the most urgent first."""
    kinds = [kind.key for kind in product_kinds() if actor.role in kind.signed_by]
    waiting = visible_products(actor).filter(state=ProductState.FORMED, kind__in=kinds)
    return waiting.select_related("signal").order_by("sign_due_at", "id")


def products_unsigned(actor: Actor) -> QuerySet[WarningProduct]:
    """Return the products the actor sees that nobody has signed yet, the most urgent first."""
    waiting = visible_products(actor).filter(state=ProductState.FORMED)
    return waiting.select_related("signal").order_by("sign_due_at", "id")


def products_unanswered(actor: Actor) -> QuerySet[WarningProduct]:
    """Return the products that somebody has not answered, the most urgent first."""
    waiting = visible_products(actor).filter(state=ProductState.PASSED_ON)
    return waiting.select_related("signal").order_by("answer_due_at", "id")


def may_sign(actor: Actor, product: WarningProduct) -> bool:
    """Say whether the actor's post signs this product as it stands."""
    return product.state == ProductState.FORMED and actor.role in product_kind(product.kind).signed_by


def may_write(actor: Actor, product: WarningProduct) -> bool:
    """Say whether the actor's post may write into this product as it stands."""
    kind = product_kind(product.kind)
    return product.state == ProductState.FORMED and actor.role in {*kind.formed_by, *kind.signed_by}


def may_remind(actor: Actor, product: WarningProduct) -> bool:
    """Say whether the actor's post presses the receivers of this product."""
    kind = product_kind(product.kind)
    return actor.role in {*kind.formed_by, *kind.signed_by}


def signs_products(actor: Actor) -> bool:
    """Say whether the actor's post signs any product."""
    return any(actor.role in kind.signed_by for kind in product_kinds())


def keeps_desk(actor: Actor) -> bool:
    """Say whether the actor's post keeps the CDC's duty desk."""
    role: PostRole | None = post_role(actor.role)
    return role is not None and role.first_screen == "cdc_desk"


def visible_handovers(actor: Actor) -> QuerySet[ShiftHandover]:
    """Return the sheets of the desks in the actor's ranges, the latest first."""
    return ShiftHandover.objects.filter(within(actor.ranges)).order_by("-given_at", "id")


def access_handover(actor: Actor, handover_id: UUID) -> ShiftHandover:
    """Return one sheet, or raise NotFound."""
    sheet = visible_handovers(actor).filter(pk=handover_id).first()
    if sheet is None:
        raise NotFound
    return sheet


def visible_receipts(actor: Actor) -> QuerySet[WarningReceipt]:
    """Return notices to areas in the actor's ranges; those to one kind of post only to it and to health."""
    rows = WarningReceipt.objects.filter(within(actor.ranges)).order_by("-sent_at", "id")
    return rows if actor.has_purpose("health") else rows.filter(role__in=("", actor.role))


def access_receipt(actor: Actor, receipt_id: UUID) -> WarningReceipt:
    """Return one notice as its receiver has it, or raise NotFound."""
    receipt = visible_receipts(actor).filter(pk=receipt_id).first()
    if receipt is None:
        raise NotFound
    return receipt


def receipts_of(actor: Actor, products: Iterable[WarningProduct]) -> QuerySet[WarningReceipt]:
    """Return who was told by these products, as far as the actor sees the receivers."""
    ids = [product.pk for product in products]
    return visible_receipts(actor).filter(product_id__in=ids).order_by("area_code", "role")


def answers_for(actor: Actor, receipt: WarningReceipt) -> bool:
    """Say whether this post answers for the receiver: the post told, or one that answers for the area."""
    if receipt.role:
        return actor.role == receipt.role and actor.area_code == receipt.area_code
    if not receipt.area_code.startswith(actor.area_code):
        return False
    sent_to = product_kind(receipt.kind).sent_to
    return actor.has_purpose("grid_work") and (not sent_to or actor.role in sent_to)


def may_acknowledge(actor: Actor, receipt: WarningReceipt) -> bool:
    """Say whether this post still has to answer a notice."""
    return receipt.acknowledged_at is None and answers_for(actor, receipt)


def counts_by_day(
    actor: Actor, indicator: str, area_code: str, since: date, *, as_reported: bool = False
) -> list[tuple[date, int]]:
    """Return (day, count) of an area in today's borders, or as reported, days without any left out."""
    model = Counted if as_reported else DailyCount
    rows = model._default_manager.filter(within(actor.ranges), indicator=indicator, on__gte=since)
    inside = rows.filter(within(AreaRanges.of([area_code]))).order_by("on")
    return list(inside.values("on").annotate(total=Sum("count")).values_list("on", "total"))


def signal_counts_by_area(actor: Actor) -> dict[str, int]:
    """Return how many open signals lie in each grid the actor sees."""
    rows = open_signals(actor).order_by().values("area_code").annotate(n=Count("id"))
    return {row["area_code"]: row["n"] for row in rows}


def state_counts(actor: Actor, since: datetime) -> dict[str, int]:
    """Return how many signals raised since then stand in each state."""
    rows = visible_signals(actor).filter(raised_at__gte=since).values("state").annotate(n=Count("id"))
    counted = dict.fromkeys(SignalState.values, 0)
    counted.update({row["state"]: row["n"] for row in rows})
    return counted


def concerned_areas(signal: Signal, now: datetime) -> dict[str, str]:
    """Return the areas a signal concerns, each with why: a border, a declared link, or homes.

    A place inside one grid concerns that grid's neighbours; a class or unit also the grids where its people
    live; a signal over a whole community or more, the grids with cases and their neighbours.
    """
    homes = grids_of_reports(signal.report_ids)
    if signal.place_kind in GROUPS:
        homes = sorted({*homes, *grids_of_groups([UUID(signal.place_key)], now=now)})
    if signal.place_kind in WIDE_PLACES:
        around = [pair for home in homes for pair in neighbours_of(home, now=now)]
    else:
        around = neighbours_of(signal.area_code, now=now)
    concerned = dict(around)
    if signal.place_kind in SHARED_PLACES | WIDE_PLACES:
        concerned.update(dict.fromkeys(homes, HOME))
    concerned.pop(signal.area_code, None)
    return concerned
