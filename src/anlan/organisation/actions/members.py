"""Enter a person who can hold posts, with a sign-in whose first password is shown once."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.crypto import encrypt
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.foundation.identity_numbers import PhoneInvalid, normalise_phone
from anlan.foundation.ids import new_id
from anlan.foundation.models import Account
from anlan.foundation.register import context_of
from anlan.organisation.models import Member
from anlan.organisation.queries import access_area_of, access_member, may_manage, may_void_password

SUBJECT = "organisation.Member"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that are read for one another: no i, l, o, 0, 1
GROUPS, GROUP_LETTERS = 4, 4  # 16 letters of 31: 79 bits


class NameTaken(Invalid):
    """Another account signs in under this name."""

    code = "name_taken"
    sentence = _("这个登录名已有人使用，请换一个。")


class SignedInAlready(Conflict):
    """A start password is for accounts nobody has a password of their own for."""

    code = "signed_in_already"
    sentence = _("该账号已有自己的密码，不能再发开始口令。本人忘记密码的，请系统管理员先作废原密码。")


class OwnAccount(NotAllowed):
    """Nobody voids their own password: whoever is signed in can change it."""

    code = "own_account"
    sentence = _("这是您自己的账号，请在“我的账号”里修改密码。")


class SameHand(NotAllowed):
    """Whoever voided a password does not hand out the next one."""

    code = "same_hand"
    sentence = _("原密码是您作废的，开始口令须由另一名负责任免的人员发给本人。")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMember:
    """Who is to be entered; without a user name the person has no sign-in."""

    name: str
    area_code: str
    unit: str = ""
    phone: str = ""
    username: str = ""
    member_id: UUID | None = None  # made by the form: a second sending is the same person


def add_member(*, actor: Actor, person: NewMember, now: datetime) -> tuple[Member, str]:
    """Enter a member and return it with the start password, which is kept nowhere ("" where there is none).

    Raises NotFound, NotAllowed, NameTaken, PhoneInvalid.
    """
    with transaction.atomic():
        area = access_area_of(actor, person.area_code, now=now)
        if not may_manage(actor, area.code):
            raise NotAllowed
        earlier = Member.objects.filter(pk=person.member_id).first() if person.member_id else None
        if earlier is not None:
            return _same_act(earlier, person), ""
        password = new_start_password() if person.username else ""
        member = Member.objects.create(
            id=person.member_id or new_id(),
            account=_new_account(person.username, password) if person.username else None,
            name=person.name.strip(),
            unit=person.unit.strip(),
            area_code=area.code,
            phone=_sealed_phone(person.phone),
        )
        audit.record("add_member", SUBJECT, [member.pk], area_code=area.code)
    return member, password


def renew_start_password(*, actor: Actor, member_id: UUID) -> str:
    """Return a new start password for an account nobody has a password of their own for.

    The one before is void. Raises NotFound, NotAllowed, SignedInAlready, SameHand.
    """
    with transaction.atomic():
        member = access_member(actor, member_id)
        if not may_manage(actor, member.area_code) or member.account_id is None:
            raise NotAllowed
        account = Account.objects.select_for_update().get(pk=member.account_id)
        if not account.awaits_start_password:
            raise SignedInAlready
        if account.password_voided_by == actor.member_id:
            raise SameHand
        password = new_start_password()
        account.set_password(password)
        account.must_change_password = True
        account.save(update_fields=["password", "must_change_password"])
        audit.record("renew_start_password", SUBJECT, [member.pk], area_code=member.area_code)
    return password


def void_password(*, actor: Actor, member_id: UUID, now: datetime) -> Member:
    """Void a password whose owner forgot it: every open page of theirs ends with it.

    The system administrator does it and learns no other: a start password is handed out by those who appoint
    there (docs/decisions/0050). The second factor stays. Doing it again changes nothing.
    Raises NotFound, NotAllowed, OwnAccount.
    """
    with transaction.atomic():
        member = access_member(actor, member_id)
        if member.account_id is None or not may_void_password(actor, member):
            raise NotAllowed
        if member.account_id == actor.account_id:
            raise OwnAccount
        account = Account.objects.select_for_update().get(pk=member.account_id)
        if not account.has_usable_password():
            return member
        account.set_unusable_password()
        account.must_change_password = True
        account.password_voided_at, account.password_voided_by = now, actor.member_id
        account.save(
            update_fields=["password", "must_change_password", "password_voided_at", "password_voided_by"]
        )
        audit.record("void_password", SUBJECT, [member.pk], area_code=member.area_code)
    return member


def new_start_password() -> str:
    """Return a random password that can be read aloud: four groups of four letters."""
    groups = ("".join(secrets.choice(LETTERS) for _n in range(GROUP_LETTERS)) for _g in range(GROUPS))
    return "-".join(groups)


def _same_act(earlier: Member, person: NewMember) -> Member:
    if (earlier.name, earlier.area_code) != (person.name.strip(), person.area_code):
        raise Conflict
    return earlier


def _new_account(username: str, password: str) -> Account:
    if Account.objects.filter(username__iexact=username).exists():
        raise NameTaken(fields={"username": NameTaken.sentence})
    return Account.objects.create_user(username, password, must_change_password=True)


def _sealed_phone(phone: str) -> bytes | None:
    if not phone.strip():
        return None
    try:
        number = normalise_phone(phone)
    except PhoneInvalid as refusal:
        raise PhoneInvalid(refusal.message, fields={"phone": refusal.message}) from refusal
    return encrypt(number, context=context_of(SUBJECT, "phone"))
