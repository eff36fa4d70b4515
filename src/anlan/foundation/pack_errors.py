"""What can be wrong with a regional pack: file, line, field, fault and remedy, in Chinese and English."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Place:
    """Where something stands in a pack: a file relative to the folder of packs, and a line counted from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Words:
    """One sentence in the two languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class PackError:
    """One fault of a pack: where, in which field, what is wrong and what to do."""

    place: Place
    field: str
    wrong: Words
    remedy: Words

    def __str__(self) -> str:
        field = f" [{self.field}]" if self.field else ""
        return f"{self.place}{field} {self.wrong.zh}。{self.remedy.zh}。 / {self.wrong.en}. {self.remedy.en}."


class PackInvalid(Exception):
    """The pack cannot be used; `errors` holds every fault found, in the order of files and lines."""

    def __init__(self, errors: Sequence[PackError]) -> None:
        self.errors = sorted(set(errors), key=lambda error: (error.place.file, error.place.line, error.field))
        super().__init__("\n".join(str(error) for error in self.errors))


def fault(place: Place, field: str, wrong: tuple[str, str], remedy: tuple[str, str]) -> PackError:
    """Make a PackError of two (Chinese, English) pairs."""
    return PackError(place, field, Words(*wrong), Words(*remedy))


# pydantic's error types as (wrong zh, wrong en, remedy zh, remedy en); {…} come from the error's context.
_SENTENCES: dict[str, tuple[str, str, str, str]] = {
    "missing": ("缺少必填项", "a required field is missing", "请补上", "Add it"),
    "extra_forbidden": (
        "没有这个字段",
        "there is no such field",
        "请删除或改正拼写",
        "Remove it or correct the spelling",
    ),
    "string_type": (
        "应为文字",
        "text is expected",
        "请加引号写成文字",
        "Write it as text, in quotes",
    ),
    "string_too_short": ("不能为空", "it is empty", "请填写", "Fill it in"),
    "string_pattern_mismatch": (
        "写法不符合 {pattern}",
        "it does not match {pattern}",
        "请用小写字母、数字和下划线",
        "Use lower-case letters, digits and underscores",
    ),
    "literal_error": (
        "只能是 {expected}",
        "only {expected} is allowed",
        "请从中选一个",
        "Choose one of these",
    ),
    "greater_than": ("必须大于 {gt}", "it must be above {gt}", "请改正数值", "Correct the number"),
    "greater_than_equal": ("不能小于 {ge}", "it must be at least {ge}", "请改正数值", "Correct the number"),
    "less_than_equal": ("不能大于 {le}", "it must be at most {le}", "请改正数值", "Correct the number"),
    "too_short": (
        "至少要有 {min_length} 项",
        "at least {min_length} items are needed",
        "请补充",
        "Add what is missing",
    ),
    "list_type": ("应为列表", "a list is expected", "请写成列表", "Write a list"),
    "dict_type": ("应为键值对", "a mapping is expected", "请写成键值对", "Write a mapping"),
    "model_type": (
        "应为含 zh、en 等字段的一组值",
        "a group of fields is expected",
        "请写成键值对",
        "Write a mapping of fields",
    ),
    "value_error": ("不合要求：{error}", "not acceptable: {error}", "请改正", "Correct it"),
}
_KINDS = {
    "int": (
        "应为整数",
        "a whole number is expected",
        "请写整数",
        "Write a whole number",
    ),
    "float": ("应为数字", "a number is expected", "请写数字", "Write a number"),
    "bool": ("应为 true 或 false", "true or false is expected", "请写 true 或 false", "Write true or false"),
    "date": (
        "应为日期",
        "a date is expected",
        "请写成 2025-09-01 的样子",
        "Write it like 2025-09-01",
    ),
}


def from_validation(place: Place, field: str, error: Any) -> PackError:
    """Turn one item of pydantic's `ValidationError.errors()` into words."""
    kind = str(error["type"])
    sentence = _SENTENCES.get(kind) or _KINDS.get(kind.split("_", maxsplit=1)[0])
    if sentence is None:
        message = str(error["msg"])
        sentence = (f"值不正确（{message}）", f"the value is wrong ({message})", "请改正", "Correct it")
    context = {name: str(value) for name, value in (error.get("ctx") or {}).items()}
    wrong_zh, wrong_en, remedy_zh, remedy_en = (part.format_map(_Blank(context)) for part in sentence)
    return fault(place, field, (wrong_zh, wrong_en), (remedy_zh, remedy_en))


class _Blank(dict[str, str]):
    """Context of an error, with nothing in the place of what it does not say."""

    def __missing__(self, key: str) -> str:
        return ""
