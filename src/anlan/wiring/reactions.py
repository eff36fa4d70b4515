"""The door of facts: what follows from what, one row a consequence."""

from collections.abc import Sequence

from anlan.affairs.events import AdmissionEnded, ObjectionDecided, TaskAdmitted
from anlan.foundation.outbox import Event
from anlan.foundation.ports import Consequence
from anlan.health.events import CaseExcluded, CaseReported, CountsReported
from anlan.organisation.events import AreasRedrawn
from anlan.people.events import HouseholdMoved, LookUpLimitReached, ResidentErased, ResidentMoved
from anlan.surveillance.events import (
    SignalAssessed,
    SignalClosed,
    SignalExcluded,
    SignalGrew,
    SignalJoined,
    SignalRaised,
    SignalVerified,
    WarningAcknowledged,
    WarningFedBack,
)
from anlan.wiring import consequences, gate_consequences, security_consequences
from anlan.workorders.events import OrderFedBack

# event: its consequences, each called as consequence(event, now=…), once, under the duty `react`
REACTIONS: dict[type[Event], Sequence[Consequence]] = {
    CaseReported: [consequences.count_and_watch],
    CountsReported: [consequences.count_and_watch_sheet],
    CaseExcluded: [consequences.take_out_of_counts],
    SignalRaised: [consequences.look_at_its_sources],
    SignalGrew: [consequences.extend_its_response],
    SignalVerified: [
        consequences.tell_reporters_it_holds,
        consequences.verify_its_cases,
        consequences.open_its_event_file,
    ],
    TaskAdmitted: [gate_consequences.open_admitted_orders],
    AdmissionEnded: [gate_consequences.end_orders_of_admission],
    ObjectionDecided: [gate_consequences.settle_objected_order],
    SignalExcluded: [consequences.tell_reporters_it_does_not, consequences.withdraw_response],
    SignalAssessed: [consequences.propose_response],
    SignalClosed: [consequences.withdraw_response],
    SignalJoined: [consequences.withdraw_response],
    WarningAcknowledged: [consequences.settle_notice],
    WarningFedBack: [consequences.settle_notice],
    OrderFedBack: [consequences.stop_field_clock],
    LookUpLimitReached: [security_consequences.keep_alarm, security_consequences.tell_security_officer],
    AreasRedrawn: [consequences.recast_counts_of_areas, consequences.place_pairs_of_areas],
    HouseholdMoved: [consequences.extend_responses_to_new_homes],
    ResidentMoved: [consequences.extend_responses_to_new_homes],
    ResidentErased: [consequences.part_reports_from_person, consequences.forget_person_in_imports],
}
# facts whose consequences take long and are nobody's next step: carried out beside the others, one at a time
UNHURRIED: frozenset[type[Event]] = frozenset({SignalRaised})
