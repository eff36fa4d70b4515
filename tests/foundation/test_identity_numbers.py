"""Identity and telephone numbers as people really type them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from anlan.foundation.identity_numbers import (
    IdNumberInvalid,
    PhoneInvalid,
    birth_date_in,
    is_male_number,
    last_four,
    normalise_id_number,
    normalise_phone,
)

WITH_X = "11010519491231002X"  # the example of GB 11643-1999


@pytest.mark.parametrize(
    "typed",
    [
        "11010519491231002X",
        "11010519491231002x",
        " 110105 19491231 002X ",
        "１１０１０５１９４９１２３１００２Ｘ",
        "11010519491231002ｘ",
        "110105\u3000194912\u200b31002X",
    ],
)
def test_one_number_however_it_is_typed(typed: str) -> None:
    assert normalise_id_number(typed) == WITH_X


def test_fifteen_digits_become_the_eighteen_of_todays_card() -> None:
    assert normalise_id_number("110105491231002") == WITH_X


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("11010519491231002", "17"),
        ("110105194912310021", "校验位"),
        ("11010519491331002X", "日期"),
        ("11010500491231002X", "日期"),
        ("1101051949123100AX", "数字"),
        ("X10105194912310021", "数字"),
        ("1.10105E+17", "科学计数"),
        ("", "0"),
        ("110105491331002", "日期"),
    ],
)
def test_a_wrong_number_is_refused_with_its_reason(typed: str, why: str) -> None:
    with pytest.raises(IdNumberInvalid) as refused:
        normalise_id_number(typed)

    assert why in str(refused.value.message)
    assert typed == "" or typed not in str(refused.value.message)


@given(
    area=st.integers(110000, 659999),
    born=st.dates(date(1900, 1, 1), date(2026, 1, 1)),
    serial=st.integers(0, 999),
    position=st.integers(0, 16),
    digit=st.sampled_from("0123456789"),
)
def test_any_single_wrong_digit_is_noticed(
    area: int, born: date, serial: int, position: int, digit: str
) -> None:
    body = f"{area}{born:%Y%m%d}{serial:03d}"
    number = body + ric.calc_check_digit(body + "0")
    assert normalise_id_number(number) == number
    altered = number[:position] + digit + number[position + 1 :]

    if altered != number:
        with pytest.raises(IdNumberInvalid):
            normalise_id_number(altered)


def test_a_number_tells_birth_date_and_sex() -> None:
    assert birth_date_in(WITH_X) == date(1949, 12, 31)
    assert not is_male_number(WITH_X)
    assert last_four(WITH_X) == "002X"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("13800138000", "13800138000"),
        ("１３８ ００１３ ８０００", "13800138000"),
        ("138-0013-8000", "13800138000"),
        ("+86 138 0013 8000", "13800138000"),
        ("8613800138000", "13800138000"),
        ("008613800138000", "13800138000"),
        ("19912345678", "19912345678"),
        ("0571-87012345", "057187012345"),
        ("（0571）87012345", "057187012345"),
        ("+86 571 8701 2345", "057187012345"),
        ("010 6512 3456", "01065123456"),
        ("+852 2912 3456", "+85229123456"),
        ("00852 2912 3456", "+85229123456"),
    ],
)
def test_one_telephone_number_however_it_is_typed(typed: str, stored: str) -> None:
    assert normalise_phone(typed) == stored


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("8.61E+12", "科学计数"),
        ("87012345", "区号"),
        ("1380013800", "没有这样的号码"),
        ("12345678901", "没有这样的号码"),
        ("138001380001", "没有这样的号码"),
        ("无", "数字"),
        ("13800138000转8", "数字"),
        ("", "数字"),
    ],
)
def test_a_wrong_telephone_number_is_refused_with_its_reason(typed: str, why: str) -> None:
    with pytest.raises(PhoneInvalid) as refused:
        normalise_phone(typed)

    assert why in str(refused.value.message)
