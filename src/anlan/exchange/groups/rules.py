"""States of a list out of a group text and of its lines, and why a line stands as it does."""

from collections.abc import Mapping
from datetime import timedelta

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PURPOSES = ("grid_work", "privacy")  # privacy: a person who is erased takes their lines along
MOST_LINES = 3000
MOST_CHARACTERS = 200_000
MOST_CANDIDATES = 5
KEPT = {days: timedelta(days=days) for days in (7, 30, 90)}
KEPT_DAYS = 30


class GroupPurpose(models.TextChoices):
    """What a group is asked for. Health is none of them: that has a way of its own."""

    SIGN_UP = "sign_up", _("报名、预约")
    ERRANDS = "errands", _("代买、代办、送物")
    HEADCOUNT = "headcount", _("核对户数、人数")
    NOTICE = "notice", _("通知已知晓")
    HOUSING = "housing", _("房屋、水电、车辆事项")


class AnswerState(models.TextChoices):
    """How a line of the text meets the register; every line has exactly one."""

    MATCHED = "matched", _("对上")
    LIKELY = "likely", _("很可能")
    SEVERAL = "several", _("有几种可能")
    UNMATCHED = "unmatched", _("没对上")
    LEFT = "left", _("搁置")
    NO_ANSWER = "no_answer", _("不是答复")


UNCLEAR = frozenset({AnswerState.LIKELY, AnswerState.SEVERAL, AnswerState.UNMATCHED})
WORST_FIRST = (
    AnswerState.UNMATCHED,
    AnswerState.SEVERAL,
    AnswerState.LIKELY,
    AnswerState.LEFT,
    AnswerState.MATCHED,
    AnswerState.NO_ANSWER,
)
STATE_KINDS = {
    AnswerState.MATCHED: "done",
    AnswerState.LIKELY: "soon",
    AnswerState.SEVERAL: "soon",
    AnswerState.UNMATCHED: "waiting",
    AnswerState.LEFT: "waiting",
    AnswerState.NO_ANSWER: "waiting",
}


class Why(models.TextChoices):
    """Why a line stands as it does."""

    DOOR_NAME = "door_name", _("门牌、姓名都对上")
    DOOR = "door", _("门牌对上")
    DOOR_TITLE = "door_title", _("门牌对上，户内有人同姓")
    DOOR_KIN = "door_kin", _("门牌对上，由家人代答")
    DOOR_SOUND = "door_sound", _("门牌对上，姓名同音或写法相近")
    DOOR_OTHER = "door_other", _("门牌对上，但这户没有登记这个姓名")
    DOOR_SEVERAL = "door_several", _("这个门牌可能是几户")
    PHONE = "phone", _("电话对上")
    PHONE_NAME = "phone_name", _("电话、姓名都对上")
    PHONE_OTHER = "phone_other", _("电话对上，但姓名不同")
    NAME = "name", _("没写门牌，姓名对上一人")
    NAME_SEVERAL = "name_several", _("没写门牌，同名的不止一人")
    NAME_SOUND = "name_sound", _("姓名同音或写法相近")
    NAME_ELSEWHERE = "name_elsewhere", _("门牌没有登记，同名的人住在别处")
    TITLE = "title", _("只写了称呼")
    NO_BUILDING = "no_building", _("所选范围内没有这栋楼")
    NO_DOOR = "no_door", _("没有登记这个门牌")
    NO_NAME = "no_name", _("没有登记这个姓名")
    TOO_MANY = "too_many", _("符合的太多，请补门牌")
    NOTHING = "nothing", _("没写姓名、门牌或电话")
    IS_TITLE = "is_title", _("标题或说明")
    IS_EMPTY = "is_empty", _("空号")
    IS_EXAMPLE = "is_example", _("示例")
    CHOSEN = "chosen", _("由人选定")
    LEFT = "left", _("由人搁置，不计入")
    REOPENED = "reopened", _("由人退回，待选")


class Decision(models.TextChoices):
    """What a person does with a line that is not a candidate's choice."""

    LEAVE = "leave", _("搁置，不计入")
    REOPEN = "reopen", _("重新选")


KEPT_WORDS: Mapping[int, str | Promise] = {7: _("7 天"), 30: _("30 天"), 90: _("90 天")}
