"""States of an import batch, outcomes of its rows, and why a row is not stored."""

from collections.abc import Mapping
from datetime import timedelta

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KEPT = timedelta(days=30)  # after that rows and file go, and with them the undo
CHUNK_ROWS = 2000


class BatchState(models.TextChoices):
    """The way of a file into the register."""

    RECEIVED = "received", _("等待读取")
    ASKED = "asked", _("等您答复")
    TRYING = "trying", _("试导入中")
    TRIED = "tried", _("已试导入，尚未写入")
    WRITING = "writing", _("写入中")
    WRITTEN = "written", _("已写入")
    STOPPED = "stopped", _("已停止")
    UNDOING = "undoing", _("撤销中")
    UNDONE = "undone", _("已撤销")
    REFUSED = "refused", _("无法读取")


AT_WORK = frozenset({BatchState.RECEIVED, BatchState.TRYING, BatchState.WRITING, BatchState.UNDOING})
MAY_WRITE = frozenset({BatchState.TRIED, BatchState.STOPPED, BatchState.WRITTEN})
MAY_ANSWER = frozenset({BatchState.ASKED, BatchState.TRIED})
MAY_UNDO = frozenset({BatchState.WRITTEN, BatchState.STOPPED, BatchState.UNDONE})


class Outcome(models.TextChoices):
    """What a row does, or did, to the register; every row has exactly one."""

    NEW = "new", _("新增")
    CHANGED = "changed", _("更新")
    SAME = "same", _("无变化")
    REPEATED = "repeated", _("文件内重复")
    REJECTED = "rejected", _("退回")
    LEFT_OUT = "left_out", _("不采用")
    CONFLICT = "conflict", _("冲突")
    TO_DECIDE = "to_decide", _("疑似重复，待定")


# Rows in = stored + duplicate + rejected + parked.
TOTALS: Mapping[str, tuple[Outcome, ...]] = {
    "stored": (Outcome.NEW, Outcome.CHANGED),
    "duplicate": (Outcome.SAME, Outcome.REPEATED),
    "rejected": (Outcome.REJECTED, Outcome.LEFT_OUT),
    "parked": (Outcome.CONFLICT, Outcome.TO_DECIDE),
}
WRITES = frozenset(TOTALS["stored"])
UNDECIDED = frozenset(TOTALS["parked"])
MARKED = frozenset({*TOTALS["rejected"], *TOTALS["parked"], Outcome.REPEATED})


class Question(models.TextChoices):
    """What a file leaves open: asked, never guessed."""

    ENCODING = "encoding", _("这个文本文件是哪种编码？")
    SHEET = "sheet", _("有几张工作表，导入哪一张？")
    COLUMNS = "columns", _("请核对各列的含义")
    HIDDEN = "hidden", _("有隐藏的行，是否导入？")
    FORMULAS = "formulas", _("有公式，是否采用表中算出的结果？")
    MERGED = "merged", _("有合并单元格，是否按合并的值填到每一行？")


REASONS: dict[str, str | Promise] = {
    "missing": _("必填，这一行没有填"),
    "name_invalid": _("姓名有误：最多 60 个字，不能含控制字符"),
    "id_number_invalid": _("身份证号有误"),
    "phone_invalid": _("电话号码有误"),
    "digits_lost": _("表格已丢失末几位数字：请把该列设为文本后重填"),
    "cell_error": _("单元格是错误值（如 #N/A）"),
    "sex_unclear": _("性别只能写 男 或 女"),
    "birth_contradicts": _("出生日期与身份证号不一致"),
    "sex_contradicts": _("性别与身份证号不一致"),
    "date_unclear": _("日期不能确定：请写成 1980-02-03"),
    "date_impossible": _("没有这一天，或晚于今天"),
    "area_unknown": _("没有这个网格，或不在您的职责范围内"),
    "area_several": _("有几个网格叫这个名字，请填网格代码"),
    "area_needed": _("请填网格：您的岗位管几个网格"),
    "grid_without_door": _("网格与登记的不同，却没有写住址：迁到别的网格须写楼栋、单元、房号"),
    "building_unknown": _("该网格没有这栋楼，请先登记楼栋"),
    "building_several": _("有几栋楼是这个编号，不能确定是哪一栋"),
    "unit_unclear": _("单元须为 1–99 的数字"),
    "room_missing": _("没有房号"),
    "door_unclear": _("住址读不出楼栋、单元和房号：请写成 3号楼2单元501室"),
    "too_long": _("文字过长"),
    "total_row": _("这一行是合计或说明，不是一条记录"),
    "hidden_row": _("隐藏的行，按您的选择不导入"),
    "formula": _("单元格是公式，按您的选择不采用"),
    "merged_cell": _("合并单元格，按您的选择不填充"),
    "repeats": _("与本文件另一行相同"),
    "contradicts_row": _("与本文件另一行说的是同一条，但内容不同"),
    "another_name": _("身份证号已登记，但姓名不同"),
    "another_number": _("这个人登记的身份证号与文件不同"),
    "masked_changed": _("打码的内容被改动：要改就写出完整内容，不改就保持原样"),
    "version_behind": _("导出之后这条记录又被改过"),
    "key_unknown": _("这条记录已不在，或不在您的职责范围内"),
    "moved_on": _("试导入之后这条记录又被改过，请重新试导入"),
    "registered_already": _("试导入之后本网格已登记这个身份证号，请重新试导入"),
    "several_households": _("这个门牌有几户，不能确定是哪一户"),
    "contradicts": _("与登记的内容不一致，请核对"),
    "no_door": _("新登记的人须有住址"),
    "possible_twin": _("可能已经登记过，请确定是不是同一人"),
    "control_character": _("含有控制字符，请重新输入"),
    "unit_count_unclear": _("单元数须为 1–99 的整数"),
    "floor_count_unclear": _("层数须为 1–200 的整数"),
    "kind_unknown": _("没有这种单位类型，请照模板“填写说明”里列出的填写"),
    "several_alike": _("已登记的有几处都叫这个，请选定是哪一处"),
    "possible_same": _("可能已经登记过（已有同名或同编号的），请确定是不是同一处"),
    "possible_same_row": _("可能与本文件另一行是同一处，请确定"),
    "taken": _("编号或名称与另一处登记相同"),
    "other_area": _("所在区域与登记的不同：区域调整时一并迁移，不能用表格改"),
    "number_lived_under": _("楼里有登记的住户，编号不能用表格改"),
    "fewer_units": _("比登记的住户所在的单元少"),
    "fewer_floors": _("比登记的住户所在的楼层少"),
    "kind_has_posts": _("该单位设有岗位，这种类型不设这些岗位"),
    "attribute_invalid": _("登记项目填写有误"),
    "attribute_of_other_kind": _("这类单位不登记这一项"),
    "left_out": _("按您的选择不采用"),
    "undone": _("已撤销"),
    "erased": _("此人的登记已依法删除，原文也已清除"),
}

BATCH_PROBLEMS: dict[str, str | Promise] = {
    "no_rows": _("表里没有一行内容。"),
    "broken": _("处理时出了错，已记录在案；没有写入半行。可以继续或重新上传，再出错请联系管理员。"),
    "stopped_before_reading": _("读取前已停止。请重新上传。"),
}

STAYS: dict[str, str | Promise] = {
    "gone": _("已不在登记中"),
    "changed_since": _("导入之后又有人改过"),
    "referred_to": _("已有其他记录引用"),
    "no_longer_fits": _("改回原样会与现在的登记冲突"),
}
