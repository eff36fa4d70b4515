"""Decides what consent to be looked in on must hold, when the next visit is due, what a need may say."""

import re
from datetime import date, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.foundation.known_settings import KnownSetting
from anlan.people.rules import years_before

GUARDIAN_BELOW_YEARS = 14  # Personal Information Protection Law, article 31
KEPT_AFTER_CONSENT = timedelta(days=30)  # the notice key_people_consent says so
ARRIVAL_KEPT = timedelta(days=30)  # an arrival is news for as long as it changes a round
VISITS_KEPT = timedelta(days=365)
LATEST = timedelta(days=30)  # a visit or an arrival may be noted so long after it
LONGEST_NEED = 60
LONGEST_NOTE = 200
RECHECK_DAYS = 180
RECHECK = KnownSetting(
    "care.recheck_days",
    _("住户和重点人员多少天未核对即列入复核"),
    _("调低则复核更勤，基层走访的工作量随之增加。"),
    RECHECK_DAYS,
    30,
    730,
)


class ConsentBy(models.TextChoices):
    """Who agreed that a person is looked in on."""

    SELF = "self", _("本人")
    GUARDIAN = "guardian", _("监护人")


class CareBasis(models.TextChoices):
    """On what ground a person stands on the list."""

    CONSENT = "consent", _("本人或监护人同意")
    STATUTORY_DUTY = "statutory_duty", _("法定职责")


class VisitKind(models.TextChoices):
    """What came of looking in on somebody."""

    VISITED = "visited", _("上门见到")
    PHONED = "phoned", _("电话联系上")
    NOT_FOUND = "not_found", _("没有联系上")


class Transport(models.TextChoices):
    """How somebody arrived."""

    TRAIN = "train", _("火车")
    PLANE = "plane", _("飞机")
    COACH = "coach", _("客车")
    CAR = "car", _("自驾或拼车")
    OTHER = "other", _("其他或不知道")


REACHED = frozenset({VisitKind.VISITED, VisitKind.PHONED})

# A need says what help is wanted. What a person is ill with stands in no file of the register: at the door it
# is nobody's business, and some illnesses no area post may ever learn of (DOMAIN.md section 1, rule 6).
DIAGNOSIS = re.compile(
    r"癌|肿瘤|艾滋|梅毒|淋病|尖锐湿疣|[甲乙丙丁戊]肝|肝炎|结核|麻风|精神分裂|双相|抑郁症|躁狂|癫痫|痴呆|糖尿|"
    r"高血压|冠心|脑梗|中风|阳性|确诊|感染|病毒|综合征|HIV|HBV|HCV|[^\s，。、]{1,6}(?:炎|症)(?![状急暑热])",
    re.IGNORECASE,
)


def names_illness(text: str) -> bool:
    """Say whether a text says what somebody is ill with."""
    return DIAGNOSIS.search(text) is not None


def is_below_guardian_age(birth_on: date | None, today: date) -> bool:
    """Say whether a guardian must agree in the person's place."""
    return birth_on is not None and birth_on > years_before(today, GUARDIAN_BELOW_YEARS)


def fits_age(birth_on: date | None, low: int | None, high: int | None, today: date) -> bool:
    """Say whether somebody is of the age a kind is for; whose birth day is unknown may be."""
    if birth_on is None:
        return True
    is_old_enough = low is None or birth_on <= years_before(today, low)
    return is_old_enough and (high is None or birth_on > years_before(today, high + 1))


def next_visit(since: date, every_days: int) -> date:
    """Return the day of the next visit: so many days after the last, at first after the consent."""
    return since + timedelta(days=every_days)
