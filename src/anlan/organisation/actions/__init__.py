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
    OwnAccount,
    SameHand,
    SignedInAlready,
    add_member,
    renew_start_password,
    void_password,
)
from anlan.organisation.actions.posts import NewPost, PostInvalid, create_post
from anlan.organisation.actions.settings import SettingInvalid, end_setting, set_setting
from anlan.organisation.actions.shifts import (
    Hours,
    ShiftChanged,
    ShiftInvalid,
    move_shift,
    plan_shift,
    swap_shifts,
    withdraw_shift,
)

__all__ = [
    "AlreadyHolds",
    "AlreadyLinked",
    "AppointmentChanged",
    "Hours",
    "LinkInvalid",
    "NameTaken",
    "NewMember",
    "NewPost",
    "NotTogether",
    "OnlyForDemonstration",
    "OwnAccount",
    "OwnRightsWider",
    "PeriodInvalid",
    "PostInvalid",
    "SameHand",
    "SettingInvalid",
    "ShiftChanged",
    "ShiftInvalid",
    "SignedInAlready",
    "add_member",
    "announce_ended_appointments",
    "appoint",
    "create_post",
    "declare_link",
    "end_appointment",
    "end_link",
    "end_setting",
    "move_shift",
    "plan_shift",
    "renew_start_password",
    "set_setting",
    "swap_shifts",
    "void_password",
    "withdraw_shift",
]
