"""What people are told of a table that is not read or written: one class, a code, a sentence that helps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from anlan.foundation.errors import Invalid, Text
from anlan.foundation.sheets.bounds import MAX_CELL, MAX_COLUMNS, MAX_FILE_BYTES, MAX_ROWS
from anlan.foundation.sheets.faults import Fault

SENTENCES: dict[str, Text] = {
    "wrong_kind": _("只收 .xlsx、.csv 和 .txt 表格。请在 Excel 或 WPS 中“另存为”.xlsx 后再上传。"),
    "empty": _("这个文件是空的。请确认选对了文件。"),
    "too_large": _("文件超过 %(megabytes)d MB。请分成几个文件上传。"),
    "unpacked_too_large": _("这个文件展开后大得异常，没有打开。请只把需要的表复制到新工作簿，另存后再上传。"),
    "macros": _("表格里带有宏，不能上传。请另存为不带宏的 .xlsx。"),
    "external_links": _(
        "表格连着别的文件或外部数据。请“编辑链接－断开链接”，把数据粘贴为数值，另存后再上传。"
    ),
    "embedded_objects": _("表格里嵌有别的文件或控件。请删去后另存，再上传。"),
    "encrypted": _("表格加了密码，打不开。请取消密码后另存，再上传；传输过程本身是加密的。"),
    "entities": _("表格文件里有不应出现的声明，没有打开。请在 Excel 或 WPS 中另存为 .xlsx 后再上传。"),
    "damaged": _("表格文件已损坏，或不是真正的 .xlsx。请用 Excel 或 WPS 打开，另存为 .xlsx 后再上传。"),
    "too_many_rows": _("一个文件最多 %(rows)d 行数据。请删去末尾多余的内容，或分成几个文件上传。"),
    "too_many_columns": _("表格超过 %(columns)d 列。请删去右边多余的内容，另存后再上传。"),
    "cell_too_long": _("第 %(row)s 行有一格超过 %(cell)d 个字。请缩短后再试。"),
    "stray_quote": _("第 %(row)s 行起引号不成对，分不清单元格。请改正这一行的引号后再上传。"),
    "too_slow": _("读这个文件用的时间太长，已停止。请只把需要的表复制到新工作簿，另存后再上传。"),
    "encoding_unclear": _(
        "看不出文件用的是哪种文字编码。请选择下面读得通的一种，或在 Excel 中另存为 .xlsx。"
    ),
    "not_text": _("这不是文本文件。请在 Excel 或 WPS 中另存为 .xlsx 后再上传。"),
}
LIMITS: Mapping[str, Any] = {
    "megabytes": MAX_FILE_BYTES // 2**20,
    "rows": MAX_ROWS,
    "columns": MAX_COLUMNS,
    "cell": MAX_CELL,
    "row": "",
}


@dataclass(frozen=True, slots=True)
class EncodingChoice:
    """An encoding that would read the file, and the first words beyond ASCII as it would show them."""

    encoding: str
    sample: str


class TableRefused(Invalid):
    """Say why a table is not read or written, and what to do; `choices` where a person can decide."""

    code = "table_refused"

    def __init__(
        self, code: str, *, choices: tuple[EncodingChoice, ...] = (), values: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(str(SENTENCES[code]) % {**LIMITS, **(values or {})}, code=code)
        self.choices = choices

    @classmethod
    def of(cls, fault: Fault) -> "TableRefused":
        """Return the refusal for a fault."""
        values = dict(fault.values)
        choices = tuple(EncodingChoice(*choice) for choice in values.pop("choices", ()))
        return cls(fault.code, choices=choices, values=values)
