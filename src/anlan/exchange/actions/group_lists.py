"""Make a list out of a group text, add what a later text brings, close it, and let it end."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from anlan.exchange.groups.keeping import AT_ONCE, BEFORE, old_lines, rewrite, rows_of, says_the_same_people
from anlan.exchange.groups.keeping import text_of as text_of_answer
from anlan.exchange.groups.pairing import OldLine, Pair, pair_lines
from anlan.exchange.groups.places import Place, place_of, read_place
from anlan.exchange.groups.queries import access_group_list, visible_group_lists
from anlan.exchange.groups.rules import KEPT, MOST_CHARACTERS, MOST_LINES, PURPOSES, GroupPurpose
from anlan.exchange.groups.standing import settle_last
from anlan.exchange.groups.text import TextLine, read_text
from anlan.exchange.models import GroupAnswer, GroupList
from anlan.foundation import audit
from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.crypto import encrypt
from anlan.foundation.errors import Conflict, Invalid, NotAllowed, NotFound, Text
from anlan.foundation.live import announce_change
from anlan.foundation.scope import duty

SUBJECT = "exchange.GroupList"
GROUP_LISTS = "group_lists"  # live topic
LONGEST_TITLE = 60
REWRITTEN = ["before", "text", "said", "people", "is_withdrawn", "number", "changed_at", "is_missing"]
GRID_WORK = PURPOSES[0]


class GroupListInvalid(Invalid):
    """Say what is missing before a text becomes a list."""

    code = "group_list_invalid"
    sentence = _("填写有误，请按提示修改后再提交。")


class GroupListClosed(Conflict):
    """The list takes nothing more."""

    code = "group_list_closed"
    sentence = _("这份接龙已经结束，不能再改。")


@dataclass(frozen=True, slots=True)
class NewGroupList:
    """What somebody states of a list beside the text."""

    title: str
    purpose: str
    place: str  # `area:…` or `building:…`
    kept_days: int


@dataclass(frozen=True, slots=True)
class Pasted:
    """What a text brought to a list, in lines."""

    new: int = 0
    changed: int = 0
    same: int = 0
    missing: int = 0


def make_group_list(
    *, actor: Actor, list_id: UUID, asked: NewGroupList, text: str, now: datetime
) -> GroupList:
    """Read a group text for a place and keep it as a list; nothing counts before it is confirmed.

    A second call with the same id is the same act. Raises NotAllowed, GroupListInvalid.
    """
    if not actor.has_purpose(GRID_WORK):
        raise NotAllowed
    with transaction.atomic():
        if earlier := visible_group_lists(actor).filter(pk=list_id).first():
            return earlier
        lines = _lines_of(text)
        _check(asked)
        try:
            place = read_place(actor, asked.place, now=now)
        except NotFound as absent:
            raise GroupListInvalid(fields={"place": _("请选择您职责范围内的一处。")}) from absent
        listed = _new_list(actor, list_id, asked, place, now)
        try:
            with transaction.atomic():
                listed.save(force_insert=True)
        except IntegrityError as taken:  # sent twice at once, or an id of elsewhere
            if earlier := visible_group_lists(actor).filter(pk=list_id).first():
                return earlier
            raise GroupListInvalid(_("请重新打开这一页再提交。")) from taken
        rows = rows_of(actor, listed, place, [(line.position, line) for line in lines], now=now)
        GroupAnswer.objects.bulk_create(rows, batch_size=AT_ONCE)
        settle_last(listed)
        _note("make_group_list", listed, lines=len(lines))
    return listed


def _new_list(actor: Actor, list_id: UUID, asked: NewGroupList, place: Place, now: datetime) -> GroupList:
    return GroupList(
        id=list_id,
        area_code=place.area_code,
        building_id=place.building_id,
        place_name=place.name,
        title=" ".join(asked.title.split()),
        purpose=asked.purpose,
        post_id=actor.post_id,
        post_title=actor.post_title,
        member_id=actor.member_id,
        member_name=actor.member_name,
        made_at=now,
        pasted_at=now,
        expires_at=now + KEPT[asked.kept_days],
    )


def _check(asked: NewGroupList) -> None:
    wrong: dict[str, Text] = {}
    if not asked.title.strip() or len(asked.title) > LONGEST_TITLE:
        wrong["title"] = _("请写明问的是什么，最多 60 个字。")
    if asked.purpose not in GroupPurpose.values:
        wrong["purpose"] = _("请选择收集的目的。")
    if asked.kept_days not in KEPT:
        wrong["kept_days"] = _("请选择保留多久。")
    if wrong:
        raise GroupListInvalid(fields=wrong)


def _lines_of(text: str) -> list[TextLine]:
    if len(text) > MOST_CHARACTERS:
        raise GroupListInvalid(fields={"text": _("文字太长：最多 20 万字。请分成几份。")})
    lines = read_text(text)
    if not lines:
        raise GroupListInvalid(fields={"text": _("没有文字。请从群里复制接龙，粘贴到这里。")})
    if len(lines) > MOST_LINES:
        raise GroupListInvalid(fields={"text": _("超过 3,000 行。请分成几份。")})
    return lines


def paste_again(*, actor: Actor, list_id: UUID, text: str, now: datetime) -> Pasted:
    """Take a later text of the same 接龙: add what is new, mark what changed, keep what was decided.

    The same text again changes nothing. Raises NotFound, GroupListClosed, GroupListInvalid.
    """
    with transaction.atomic():
        listed = take_group_list(actor, list_id)
        lines = _lines_of(text)
        answers = list(listed.answers.order_by("line", "part"))
        old = old_lines(answers)
        pairs, missing = pair_lines(old, lines)
        by_line: dict[int, list[GroupAnswer]] = defaultdict(list)
        for row in answers:
            by_line[row.line].append(row)
        if len(old) + sum(pair.old is None for pair in pairs) > MOST_LINES:
            raise GroupListInvalid(fields={"text": _("超过 3,000 行。请分成几份。")})
        gone = [one.line for one in missing if one.is_answer]
        done = Pasted(
            new=sum(pair.old is None for pair in pairs),
            changed=sum(pair.is_changed for pair in pairs),
            same=sum(pair.old is not None and not pair.is_changed for pair in pairs),
            missing=len(gone),
        )
        _mark_missing(listed, gone)
        _write(actor, listed, pairs, by_line, now)
        if done.new or done.changed:
            listed.version += 1
            listed.pasted_at = now
            listed.save(update_fields=["version", "pasted_at"])
        settle_last(listed)
        _note("paste_group_list", listed, new=done.new, changed=done.changed)
    return done


def _mark_missing(listed: GroupList, gone: list[int]) -> None:
    listed.answers.filter(is_missing=True).exclude(line__in=gone).update(is_missing=False)
    listed.answers.filter(line__in=gone, is_missing=False).update(is_missing=True)


def _write(
    actor: Actor, listed: GroupList, pairs: list[Pair], by_line: dict[int, list[GroupAnswer]], now: datetime
) -> None:
    fresh: list[tuple[int, TextLine]] = []
    kept: list[GroupAnswer] = []
    before: dict[int, bytes] = {}
    beyond = max(by_line, default=0)
    for pair in pairs:
        rows = by_line[pair.old.line] if pair.old else []
        if not rows:
            beyond += 1
            fresh.append((beyond, pair.new))
        elif pair.is_changed and says_the_same_people(_sure(pair), pair.new):
            rewrite(rows, pair.new, now=now)
            kept += rows
        elif pair.is_changed:
            before[rows[0].line] = encrypt(text_of_answer(rows[0]), context=BEFORE)
            fresh.append((rows[0].line, pair.new))
        elif pair.new.number != rows[0].number:
            for row in rows:
                row.number = pair.new.number
            kept += rows
    GroupAnswer.objects.bulk_update(kept, REWRITTEN, batch_size=AT_ONCE)
    listed.answers.filter(line__in=before).delete()
    made = rows_of(actor, listed, place_of(listed), fresh, now=now)
    for row in made:
        if row.line in before:
            row.before, row.changed_at = before[row.line], now
    GroupAnswer.objects.bulk_create(made, batch_size=AT_ONCE)


def _sure(pair: Pair) -> OldLine:
    assert pair.old is not None
    return pair.old


def close_group_list(*, actor: Actor, list_id: UUID, now: datetime) -> GroupList:
    """End a list: it stays as it is until it expires. Raises NotFound, GroupListClosed."""
    with transaction.atomic():
        listed = take_group_list(actor, list_id)
        listed.closed_at, listed.closed_name = now, actor.member_name
        listed.version += 1
        listed.save(update_fields=["closed_at", "closed_name", "version"])
        _note("close_group_list", listed)
    return listed


def take_group_list(actor: Actor, list_id: UUID, expected_version: int | None = None) -> GroupList:
    """Lock an open list to change it; raise NotFound, GroupListClosed, Conflict where it moved on."""
    access_group_list(actor, list_id)
    listed = GroupList.objects.select_for_update().get(pk=list_id)
    if listed.closed_at is not None:
        raise GroupListClosed
    if expected_version not in (None, listed.version):
        raise Conflict
    return listed


def _note(verb: str, listed: GroupList, **detail: int) -> None:
    audit.record(verb, "exchange.GroupList", [listed.pk], area_code=listed.area_code, detail=detail)
    announce_change(GROUP_LISTS, listed.area_code, readers=PURPOSES)


def expire_group_lists(*, now: datetime) -> int:
    """Delete lists whose time is over, with every line; return how many."""
    with transaction.atomic(), duty("expire_group_lists", ranges=AreaRanges.everywhere(), cause="schedule"):
        past = list(GroupList.objects.filter(expires_at__lte=now).order_by("expires_at")[:AT_ONCE])
        if past:
            ids = [listed.pk for listed in past]
            GroupList.objects.filter(pk__in=ids).delete()
            audit.record("expire_group_lists", SUBJECT, ids)
    return len(past)
