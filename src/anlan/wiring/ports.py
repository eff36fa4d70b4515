"""What the floors below are given from above: the doors' tables and the organisation's answers."""

from datetime import datetime
from uuid import UUID

from anlan.exchange.export_rules import EXPORT_SETTINGS
from anlan.foundation.actor import Actor
from anlan.foundation.ports import Ports
from anlan.insight.grid_sizes import GRID_SETTINGS
from anlan.organisation.queries import actor_of_appointment, names_of, posts_of_account
from anlan.organisation.queries.redraws import codes_now
from anlan.people.queries.totals import grid_totals
from anlan.people.rules import LOOK_UP_SETTINGS
from anlan.people.rules.care import RECHECK
from anlan.wiring.feeds import PHONE_SOURCES, SOURCES
from anlan.wiring.reactions import REACTIONS, UNHURRIED
from anlan.wiring.schedule import SCHEDULE


def _actor_as_of(appointment_id: UUID, at: datetime) -> Actor | None:
    return actor_of_appointment(appointment_id, now=at)


PORTS = Ports(
    sources=SOURCES,
    phone_sources=PHONE_SOURCES,
    reactions=REACTIONS,
    unhurried=UNHURRIED,
    schedule=SCHEDULE,
    posts_of_account=posts_of_account,
    actor_as_of=_actor_as_of,
    sender_right="organisation_sender_right",
    area_in_force="organisation_area_in_force",
    former_right="organisation_former_right",
    forwarded_code="organisation_forwardedcode",
    codes_now=codes_now,
    names_of=names_of,
    grid_totals=grid_totals,
    known_settings=[*LOOK_UP_SETTINGS.values(), RECHECK, *EXPORT_SETTINGS, *GRID_SETTINGS],
)
