"""Bring identity numbers and telephone numbers into the one form that is stored, hashed and searched.

Nothing is guessed: what cannot be read with certainty is refused with a sentence that says what to do.
"""

import re
import unicodedata
from datetime import date

import phonenumbers
from django.utils.translation import gettext_lazy as _
from stdnum.cn import ric

from anlan.foundation.errors import Invalid, Text

MOBILE = re.compile(r"1[3-9]\d{9}")
SEPARATORS = re.compile(r"[\s\-‐‑–—_.·()（）/]+")
SPREADSHEET_NUMBER = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
CENTURY_OF_15_DIGITS = "19"  # numbers of the first generation (1984–1999) leave it out
SEX_POSITION = 16  # odd for men, even for women (GB 11643-1999)
EARLIEST_BIRTH_YEAR = 1900
TAIL_CHARACTERS = 4


class IdNumberInvalid(Invalid):
    """Say why an identity number cannot be accepted."""

    code = "id_number_invalid"
    sentence = _("身份证号有误，请核对后重填。")


class PhoneInvalid(Invalid):
    """Say why a telephone number cannot be accepted."""

    code = "phone_invalid"
    sentence = _("电话号码有误，请核对后重填。")


def normalise_id_number(text: str) -> str:
    """Return the 18 characters of a resident identity number; raise IdNumberInvalid.

    Takes full-width characters, spaces, a lower-case x, and the 15 digits of the first generation, which
    become the same 18 that the person's card shows today.
    """
    number = _plain(text).upper()
    _refuse_spreadsheet_number(number, IdNumberInvalid)
    if re.fullmatch(r"\d{15}", number):
        number = _from_15_digits(number)
    if len(number) != 18:
        raise _refused(
            IdNumberInvalid, _("身份证号应为 18 位（旧号 15 位），这里是 %(count)d 位。"), count=len(number)
        )
    if not re.fullmatch(r"\d{17}[\dX]", number):
        raise _refused(IdNumberInvalid, _("身份证号只能是数字，末位可以是 X。"))
    if birth_date_in(number) is None:
        raise _refused(IdNumberInvalid, _("身份证号第 7 至 14 位不是一个日期。"))
    if ric.calc_check_digit(number) != number[-1]:
        raise _refused(IdNumberInvalid, _("身份证号的校验位不对，请逐位核对。"))
    return number


def birth_date_in(number: str) -> date | None:
    """Return the birth date that an 18-character number states, or None where it states no date of a life."""
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return born if born.year >= EARLIEST_BIRTH_YEAR else None


def is_male_number(number: str) -> bool:
    """Say whether an 18-character number is a man's."""
    return int(number[SEX_POSITION]) % 2 == 1


def normalise_phone(text: str) -> str:
    """Return a Chinese mobile as 11 digits, a landline as its digits with the leading 0, others as +E.164.

    Raises PhoneInvalid, also for a landline without its area code: which town it is in would be a guess.
    """
    if MOBILE.fullmatch(text) and text.isascii():
        return text
    number = SEPARATORS.sub("", _plain(text))
    _refuse_spreadsheet_number(_plain(text), PhoneInvalid)
    bare = re.sub(r"^(\+|00)?86(?=1\d{10}$)", "", number)
    if MOBILE.fullmatch(bare):
        return bare
    if not re.fullmatch(r"\+?\d{7,15}", number):
        raise _refused(PhoneInvalid, _("电话号码只能是数字；手机 11 位，座机请带区号。"))
    if re.fullmatch(r"[2-9]\d{6,7}", number):
        raise _refused(PhoneInvalid, _("座机请带区号，例如 0571-88888888。"))
    return _beyond_mobiles(number)


def last_four(number: str) -> str:
    """Return the tail by which a normalised number is also searched."""
    return number[-TAIL_CHARACTERS:]


def _plain(text: str) -> str:
    """Return the text in half width, without any space or invisible character."""
    if text.isascii() and text.isalnum():
        return text
    narrow = unicodedata.normalize("NFKC", text)
    return "".join(c for c in narrow if not c.isspace() and unicodedata.category(c) != "Cf")


def _from_15_digits(number: str) -> str:
    longer = number[:6] + CENTURY_OF_15_DIGITS + number[6:]
    return longer + str(ric.calc_check_digit(longer + "0"))


def _beyond_mobiles(number: str) -> str:
    try:
        parsed = phonenumbers.parse(re.sub(r"^00", "+", number), "CN")
    except phonenumbers.NumberParseException as error:
        raise PhoneInvalid from error
    if not phonenumbers.is_valid_number(parsed):
        raise _refused(PhoneInvalid, _("没有这样的号码：手机 11 位，座机请带区号。"))
    if parsed.country_code != 86:
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    national = str(parsed.national_number)
    is_landline = phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.FIXED_LINE
    return f"0{national}" if is_landline else national


def _refuse_spreadsheet_number(text: str, refusal: type[Invalid]) -> None:
    if SPREADSHEET_NUMBER.fullmatch(text):
        raise _refused(refusal, _("表格把号码变成了科学计数，末几位已丢失：请把该列设为文本后重填。"))


def _refused(refusal: type[Invalid], sentence: Text, **values: int) -> Invalid:
    return refusal(str(sentence) % values if values else sentence)
