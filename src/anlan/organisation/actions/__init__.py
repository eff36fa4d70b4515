"""Every change to posts, appointments, members, links and settings: one verb, one transaction."""

from anlan.organisation.actions.appointments import (
    AlreadyHolds,
    AppointmentChanged,
    NotTogether,
    OnlyForDemonstration,
    OwnRightsWider,
    PeriodInvalid,
    announce_ended_appointments,
    appoint,
    end_appointment,
)
from anlan.organisation.actions.links import AlreadyLinked, LinkInvalid, declare_link, end_link
from anlan.organisation.actions.members import (
    NameTaken,
    NewMember,
    SignedInAlready,
    add_member,
    renew_start_password,
)
from anlan.organisation.actions.posts import NewPost, PostInvalid, create_post
from anlan.organisation.actions.settings import SettingInvalid, set_setting

__all__ = [
    "AlreadyHolds",
    "AlreadyLinked",
    "AppointmentChanged",
    "LinkInvalid",
    "NameTaken",
    "NewMember",
    "NewPost",
    "NotTogether",
    "OnlyForDemonstration",
    "OwnRightsWider",
    "PeriodInvalid",
    "PostInvalid",
    "SettingInvalid",
    "SignedInAlready",
    "add_member",
    "announce_ended_appointments",
    "appoint",
    "create_post",
    "declare_link",
    "end_appointment",
    "end_link",
    "renew_start_password",
    "set_setting",
]
