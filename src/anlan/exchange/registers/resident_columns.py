"""The columns of a table of residents and the headings offices give them."""

from django.utils.translation import gettext_lazy as _

from anlan.exchange.layout import SheetColumn
from anlan.exchange.registers.kinds import KEY, VERSION

VERIFIED = "verified_on"
FIELDS = ("name", "id_number", "phone", "sex", "birth_on", "relation")

COLUMNS = (
    SheetColumn(
        "area", "网格", ("所属网格", "网格名称", "网格代码", "网格编码", "网格编号", "所在网格"),
        width=18, hint=_("网格名称或 15 位代码；只管一个网格时可不填"),
    ),
    SheetColumn("building", "楼栋", ("楼号", "栋", "幢", "楼栋号", "栋号", "楼", "楼幢"), width=10),
    SheetColumn("unit", "单元", ("单元号",), width=8),
    SheetColumn("room", "房号", ("室", "室号", "房间号", "门牌号", "房间", "房屋号"), width=10),
    SheetColumn(
        "door", "住址", ("地址", "家庭住址", "详细地址", "居住地址", "现住址", "详细住址", "门牌"),
        width=26, hint=_("如 3号楼2单元501室；已填楼栋、单元、房号时可不填"),
    ),
    SheetColumn("name", "姓名", ("名字", "居民姓名", "人员姓名"), is_needed=True, width=12, mask="name"),
    SheetColumn(
        "id_number", "身份证号",
        ("身份证", "身份证号码", "证件号码", "证件号", "公民身份号码", "公民身份证号", "身份证件号码"),
        width=22, mask="id_number",
    ),
    SheetColumn(
        "phone", "电话",
        ("联系电话", "手机", "手机号", "手机号码", "电话号码", "联系方式", "移动电话"),
        width=16, mask="phone",
    ),
    SheetColumn("sex", "性别", (), width=8, choices=("男", "女")),
    SheetColumn(
        "birth_on", "出生日期", ("出生年月日", "生日", "出生年月", "出生"), width=14, kind="date", mask="year"
    ),
    SheetColumn("relation", "与户主关系", ("关系", "户主关系", "家庭关系", "与户主的关系"), width=14),
    SheetColumn(
        VERIFIED, "核对日期", ("最近核对", "核实日期", "最近核对日期"),
        width=14, kind="date", is_further=True, hint=_("不填即写入当天"),
    ),
    SheetColumn(KEY, "记录编号", (), width=10, is_hidden=True),
    SheetColumn(VERSION, "记录版本", (), width=6, is_hidden=True, kind="number"),
)  # fmt: skip
