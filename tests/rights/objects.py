"""One object of each kind in grids near and far, for the rights test."""

from datetime import timedelta

from anlan.affairs.actions import NewRequest, object_to, request_admission
from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import day_of, utc_now
from anlan.foundation.files import store_file
from anlan.foundation.ids import new_id
from anlan.foundation.scope import duty, scope
from anlan.health.actions import NewCounts, NewReport, record_case_report, record_counts
from anlan.health.models import CaseReport
from anlan.organisation.actions.redraws import order_redraw
from anlan.organisation.models import AreaLink, Facility, Shift
from anlan.organisation.redrawing.wishes import Wish
from anlan.organisation.rules import LinkKind, RedrawKind
from anlan.people.actions import (
    ErasureGround,
    Pair,
    erase_resident,
    keep_look_up_alarm,
    merge_residents,
)
from anlan.people.events import LookUpLimitReached
from anlan.people.models import Household, PossibleTwin, Resident
from anlan.response.actions import propose_plan
from anlan.response.models import LiftingNotice
from anlan.surveillance.models import ShiftHandover, Signal, WarningReceipt
from anlan.workorders.actions import call_departments
from anlan.workorders.models import WorkOrder
from tests.organisation.patching import patched
from tests.rights.bodies import bodies_of
from tests.rights.care import care_of
from tests.rights.grants import grants_of
from tests.rights.placing import REPORTERS, Placed
from tests.rights.registers import registers_of
from tests.rights.tables import tables_of
from tests.surveillance.test_loop import raise_signal
from tests.world import (
    DISTRICT,
    FIELD,
    GRID_A,
    GRID_B,
    GRID_C,
    GRID_D,
    GRID_E,
    GRIDS,
    PEOPLE,
    SCHOOL_GRID,
    SPRING,
    World,
)


def place_objects(world: World) -> dict[str, list[Placed]]:
    """Return objects of every kind the policy names; a resident who moved lies where he lives now."""
    signal_id = raise_signal(world)
    for grid, handle in REPORTERS.items():
        _report(world, handle, grid)
    with duty("react", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        signal = Signal.objects.get(pk=signal_id)
        order = WorkOrder.objects.get(subject_id=signal_id)
        reports = [Placed("report", row.pk, row.area_code) for row in CaseReport.objects.all()]
        residents = [_first(Resident, grid) for grid in GRIDS]
        households = [_first(Household, grid) for grid in GRIDS]
        receipts = [_receipt(world, grid) for grid in (GRID_A, GRID_D)]
        lifting = [_lifting(world, grid) for grid in (GRID_A, GRID_D)]
    return {
        "signal": [Placed("signal", signal.pk, signal.area_code)],
        "order": [Placed("order", order.pk, order.area_code)],
        "report": reports,
        "sheet": [
            _sheet(world, "chu", "school_absence", world.school),
            _sheet(world, "wei", "pharmacy_sales", world.pharmacy),
        ],
        **(tables_of(world) | registers_of(world) | bodies_of(world)),
        "count_form": [Placed("count_form", "school_absence", SCHOOL_GRID)],
        "resident": [*residents, _moved(world), _erased(world)],
        "household": households,
        **_twins(world),
        **care_of(world),
        "receipt": receipts,
        "leg": [_leg(world, "kong", GRID_A), _leg(world, "bai", GRID_D)],
        "product": [_product(world)],
        "handover": [_handover(world)],
        "admission": [_admission(world, area) for area in (SPRING, FIELD)],
        **grants_of(world),
        "objection": [_objection(world, handle) for handle in ("kong", "bai")],
        "proposal": [_proposal(world)],
        "lifting": lifting,
        "alarm": [_alarm(world, handle, grid) for grid, handle in REPORTERS.items()],
        "plan": [Placed("plan", "norovirus", DISTRICT)],
        "file": [_file(world, handle, grid) for grid, handle in REPORTERS.items()],
        **_of_the_organisation(world),
    }


def _of_the_organisation(world: World) -> dict[str, list[Placed]]:
    """Return areas, posts and what hangs on them."""
    return {
        "area": [Placed("area", code, code) for code in (DISTRICT, GRID_A, GRID_D)],
        "patch": [
            Placed("patch", patched(world, grid, community=area, handle="mei").pk, area)
            for area, grid in ((SPRING, GRID_B), (FIELD, GRID_E))
        ],
        "redraw": [_redraw(world, grid) for grid in (GRID_A, GRID_D)],
        "post": [Placed("post", world.posts[name].pk, PEOPLE[name][2]) for name in ("wang", "du", "zhou")],
        "member": [
            Placed("member", world.members[name].pk, PEOPLE[name][2]) for name in ("wang", "du", "zhou")
        ],
        "handover_sheet": [
            Placed("handover_sheet", world.members[name].pk, PEOPLE[name][2]) for name in ("liu", "du")
        ],
        "appointment": [
            Placed("appointment", world.appointments[name].pk, PEOPLE[name][2])
            for name in ("shi", "du", "zhou")
        ],
        "export_list": [Placed("export_list", "posts", DISTRICT)],
        "setting": [Placed("setting", "look_ups.opened", DISTRICT)],
        "duty": [_duty_shift(world, name) for name in ("wang", "du", "zhou")],
        "link": [_link(near, far) for near, far in ((GRID_A, GRID_C), (GRID_D, GRID_E))],
    }


def _redraw(world: World, grid: str) -> Placed:
    """Return a new name of a grid, planned for tomorrow."""
    mei = world.actor("mei")
    with scope(mei):
        row = order_redraw(
            actor=mei,
            wish=Wish(kind=RedrawKind.RENAME, code=grid, name="新名"),
            reason="更名",
            redraw_id=new_id(),
            now=world.now,
            takes_effect_at=world.now + timedelta(days=1),
        )
    return Placed("redraw", row.pk, grid)


def _duty_shift(world: World, handle: str) -> Placed:
    post, starts = world.posts[handle], world.now + timedelta(hours=3)
    shift = Shift.objects.create(
        post=post, member=world.members[handle], starts_at=starts, ends_at=starts + timedelta(hours=8)
    )
    return Placed("duty", shift.pk, post.area_code)


def _report(world: World, handle: str, grid: str) -> None:
    actor = world.actor(handle)
    with scope(actor):
        record_case_report(
            actor=actor,
            report=NewReport(area_code=grid, condition="fever_rash", source="page"),
            now=world.now,
        )


def _sheet(world: World, handle: str, form: str, unit: Facility) -> Placed:
    actor = world.actor(handle)
    counts = NewCounts(form=form, on=day_of(world.now), facility_id=unit.pk, source="page")
    with scope(actor):
        sheet = record_counts(actor=actor, sheet=counts, now=world.now)
    return Placed("sheet", sheet.pk, sheet.area_code)


def _twins(world: World) -> dict[str, list[Placed]]:
    """Return pairs that may be one person, and merges."""
    return {
        "twin": [_twin(world, grid) for grid in (GRID_B, GRID_D)],
        "merge": [_merge(world, grid) for grid in (GRID_B, GRID_D)],
    }


def _first(model: type[Resident] | type[Household], grid: str) -> Placed:
    row = model._default_manager.filter(area_code=grid).order_by("id").first()
    assert row is not None
    return Placed(model._meta.model_name or "", row.pk, grid)


def _entered_twice(grid: str, name: str) -> tuple[Resident, Resident]:
    with duty("merge_people", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        one, other = (Resident.objects.create(area_code=grid, name=name) for _time in (1, 2))
    return (one, other) if one.pk < other.pk else (other, one)


def _twin(world: World, grid: str) -> Placed:
    one, other = _entered_twice(grid, "双登记")
    with duty("find_twins", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        twin = PossibleTwin.objects.create(
            area_code=grid, one_id=one.pk, other_id=other.pk, grade="likely", score=30.0, found_at=world.now
        )
    return Placed("twin", twin.pk, grid)


def _merge(world: World, grid: str) -> Placed:
    one, other = _entered_twice(grid, "已合并")
    you = world.actor("you")
    with scope(you):
        done = merge_residents(actor=you, pair=Pair(one.pk, other.pk, 1, 1), now=world.now)
    return Placed("merge", done.pk, grid)


def _moved(world: World) -> Placed:
    """Move one person from grid A to grid D: from now on only D's side sees them."""
    with duty("build_district", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        person = Resident.objects.filter(area_code=GRID_A).order_by("-id").first()
        assert person is not None
        person.area_code = GRID_D
        person.household = Household.objects.filter(area_code=GRID_D).first()
        person.save(update_fields=["area_code", "household"])
    return Placed("resident", person.pk, GRID_D)


def _erased(world: World) -> Placed:
    """Erase one person of grid A as the data-protection officer does: nobody sees them any more."""
    officer = world.actor("you")
    with scope(officer):
        person = Resident.objects.filter(area_code=GRID_A).order_by("-id")[0]
        erase_resident(
            actor=officer,
            resident_id=person.pk,
            ground=ErasureGround("purpose_ended", "迁出"),
            expected_version=person.version,
            now=world.now,
        )
    return Placed("resident", person.pk, GRID_A, is_erased=True)


def _link(near: str, far: str) -> Placed:
    """Declare a link; it is asked for at the address of its first area, and each side may end it."""
    low, high = sorted((near, far))
    row = AreaLink.objects.create(
        low_code=low, high_code=high, kind=LinkKind.DECLARED, starts_at=utc_now() - timedelta(days=1)
    )
    return Placed("link", row.pk, near, within=near)


def _receipt(world: World, grid: str) -> Placed:
    row = WarningReceipt.objects.create(
        area_code=grid,
        product_id=world.posts["wu"].pk,
        kind="warning_notification",
        text="附近有情况，请留意。",
        from_area="某网格",
        sent_at=world.now,
        due_at=world.now + timedelta(days=1),
    )
    return Placed("receipt", row.pk, grid)


def _product(world: World) -> Placed:
    """An unsigned product of an assessed signal, which leaders see too."""
    with duty("react", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        signal = Signal.objects.create(
            area_code=GRID_A,
            condition="norovirus",
            place_kind="grid",
            place_key=GRID_A,
            state="assessed",
            grade="low",
            urgency="same_day",
            receives=["cdc_duty_officer", "health_centre_officer"],
            first_on=world.now.date(),
            last_on=world.now.date(),
            raised_at=world.now,
            state_entered_at=world.now,
            verified_at=world.now,
            seen_by_leaders=True,
        )
        product = signal.products.create(
            area_code=GRID_A, kind="warning_notification", text="附近有«疾病»。", formed_at=world.now
        )
    return Placed("product", product.pk, GRID_A)


def _proposal(world: World) -> Placed:
    """A plan that waits, for the signal of grid A's unsigned product."""
    with duty("react", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        proposal = propose_plan(signal_id=Signal.objects.get(state="assessed").pk, now=world.now)
    assert proposal is not None
    return Placed("proposal", proposal.pk, GRID_A)


def _lifting(world: World, grid: str) -> Placed:
    row = LiftingNotice.objects.create(
        area_code=grid,
        proposal_id=world.posts["wu"].pk,
        receiver="某网格",
        from_area="某网格",
        text="附近的响应已解除。",
        sent_at=world.now,
    )
    return Placed("lifting", row.pk, grid)


def _alarm(world: World, handle: str, grid: str) -> Placed:
    """Somebody of a grid met the limit on looking people up."""
    actor = world.actor(handle)
    with duty("react", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        alarm = keep_look_up_alarm(
            LookUpLimitReached(
                area_code=grid,
                occurred_at=world.now,
                member_id=actor.member_id,
                post_id=actor.post_id,
                kind="opened",
                count=151,
            )
        )
    return Placed("alarm", alarm.pk, grid)


def _handover(world: World) -> Placed:
    """A shift given by somebody of the desk who is not in the town."""
    counts = {"cards_waiting": 0, "cards_late": 0, "to_sign": 0, "unanswered": 0}
    with duty("react", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        shift = ShiftHandover.objects.create(
            area_code=DISTRICT,
            given_at=world.now,
            given_by=world.posts["wu"].pk,
            given_title="疾控中心值班员",
            given_name="某人",
            note="无",
            sheet={"signals": [], "silent": [], **counts},
        )
    return Placed("handover", shift.pk, DISTRICT)


def _admission(world: World, area_code: str) -> Placed:
    actor = world.actor("shen")
    with scope(actor):
        row = request_admission(
            actor=actor,
            request=NewRequest(
                title="月度摸底",
                basis="工作要点",
                minutes=30,
                frequency="monthly",
                ends_on=day_of(world.now),
                area_codes=(area_code,),
            ),
            now=world.now,
        )
    return Placed("admission", row.pk, area_code)


def _objection(world: World, handle: str) -> Placed:
    actor = world.actor(handle)
    with scope(actor):
        row = object_to(
            actor=actor,
            order_id=world.posts[handle].pk,
            title="一张工单",
            area_code=actor.area_code,
            cited="law_enforcement",
            note="",
            now=world.now,
        )
    return Placed("objection", row.pk, actor.area_code)


def _leg(world: World, handle: str, grid: str) -> Placed:
    """Have a secretary call the police; the police's leg is the object."""
    actor = world.actor(handle)
    with scope(actor):
        order = call_departments(
            actor=actor, area_code=grid, situation="violence", words="楼道有人争执", now=world.now
        )
        leg = order.legs.get(is_lead=True)
    return Placed("leg", leg.pk, leg.area_code)


def _file(world: World, handle: str, grid: str) -> Placed:
    actor = world.actor(handle)
    with scope(actor):
        row = store_file(
            actor=actor,
            area_code=grid,
            name="说明.txt",
            content="一页说明".encode(),
            purpose="grid_work",
            now=world.now,
            expires_at=world.now + timedelta(days=7),
        )
    return Placed("file", row.pk, grid)
