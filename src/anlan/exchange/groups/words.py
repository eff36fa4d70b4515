"""The words of a group text: surnames, titles, kin, what is no name, numbers as people write them."""

import re
import unicodedata

from anlan.people.rules import surname_of

SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许邓冯韩曹曾彭萧肖蔡潘田董袁于余叶蒋杜苏魏"
    "程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵"
    "万钱严赖覃洪武莫孔汤向常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘"
    "祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾"
    "尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师"
    "和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳"
    "谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门"
    "云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭"
)
# How neighbours call one another, and which sex that says.
WOMEN = "阿姨 大妈 奶奶 婆婆 女士 小姐 太太 大姐 姐姐 姐 婶 嫂子 嫂 妈妈 大娘 妹妹"
MEN = "叔叔 叔 大爷 大叔 爷爷 先生 大哥 哥哥 哥 伯伯 伯 爸爸 大伯"
EITHER = "老师 师傅 医生 总 主任 书记 工 家 老板"
TITLES = {
    title: sex for titles, sex in ((WOMEN, "female"), (MEN, "male"), (EITHER, "")) for title in titles.split()
}
KIN = re.compile(r"(?:妈妈|爸爸|家长|奶奶|爷爷|外婆|外公|老婆|老公|爱人|妻子|丈夫|家属|家里|一家|全家|家)$")
LABELS = re.compile(r"^(?:姓名|户主|联系人|业主|住户|房东|租客|本人|我是|我叫|报名人|家长)[:：]?")
AFTER_NAME = re.compile(
    r"(?:报名参加|报名|参加|需要|想要|要买|要|夫妻|夫妇|两口子|已做|已报|做|去|来|收到|知道了?|在家|接龙|共|可以|能|预约|登记|\+)$"
)
_NO_NAMES = (
    "谢谢 高兴 方便 周末 周一 周二 周三 周四 周五 周六 周日 明天 明早 明晚 时间 白天 安全 马上 "
    "路上 和平 万一 常住 常客 全家 全部 全体 成人 成年 老人 大人 小孩 孩子 单元 单独 温度 包子 "
    "高血压 高龄 高烧 黄瓜 白菜 白药 白粥 金银花 石头 花菜 麻烦 平时 平安 云南白药 向您 司机 成功 "
    "支付 国庆 门口 来了 来得及 都是 都要 都去 都在 容易 原来 祖孙 相同 来取 来拿 时候 任何 任意 "
    "应该 应急 关于 安排 路过 游客 管理 解决 连花清瘟 华素片 常用药 包裹 毛巾 牛奶 米面 米饭 麦片 "
    "海鲜 桂圆 豆腐 蓝色 白色 黄色 方形 左右 文件 封控 班车 权限 计划 普通 初中 高中 阳性 阴性 "
    "阳了 康复 强烈 满意 明白 位子 连续 安静 商量 车位 车牌 车库 楼下 楼上 楼栋 楼道 空号 空房 "
    "无人 没人 不在 不去 不要 取消 退出 报名 参加 需要 收到 在家 居家 出差 上班 上学 已做 做过 "
    "业主 租户 租客 房东 户主 两人 夫妻 一家 三口 一份 知道 好的 可以 同上 药品 感冒药 退烧药 "
    "降压药 口罩 抗原 核酸 疫苗 今晚 今天 下午 上午 早上 晚上 中午 "
)
NO_NAMES = frozenset(_NO_NAMES.split())
DIGITS = {one: value for value, one in enumerate("零一二三四五六七八九")} | {
    "两": 2,
    "俩": 2,
    "仨": 3,
    "〇": 0,
}
NUMERAL = "[0-9]{1,4}|[零一二两俩仨三四五六七八九十〇]{1,3}"
HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003134f·]+")
LATIN = re.compile(r"[A-Za-z][A-Za-z']{1,29}")
KEYCAP = re.compile(r"(?:[0-9]\ufe0f?\u20e3)+|\U0001f51f")
LONGEST_PLAIN_NAME = 3  # of one with a single surname; four begin with a double one
LONGEST_NICKNAME = 6
TENS = 10


def readable(text: str) -> str:
    """Return a line in half-width characters, without emoji and marks that cannot be seen."""
    text = KEYCAP.sub(lambda found: f"{re.sub(r'[^0-9]', '', found[0]) or TENS}. ", text)
    kept = []
    for character in text:
        category = unicodedata.category(character)
        if category == "No" and unicodedata.decimal(character, None) is None and _counts(character):
            kept.append(f"{int(unicodedata.numeric(character))}. ")
        elif category in {"So", "Sk", "Cc", "Cs", "Co", "Cn"} or character == "\u3000":
            kept.append(" ")
        elif category not in {"Cf", "Mn", "Me"}:
            kept.append(character)
    return " ".join(unicodedata.normalize("NFKC", "".join(kept)).split())


def _counts(character: str) -> bool:
    """Say whether a character is a number in a circle, in brackets or with a dot."""
    value = unicodedata.numeric(character, -1.0)
    return value >= 0 and value == int(value) and unicodedata.decomposition(character).startswith("<c")


def number_of(text: str) -> int:
    """Return the number that digits or Chinese numerals state."""
    if text.isdigit():
        return int(text)
    if "十" in text:
        tens, _ten, ones = text.partition("十")
        return DIGITS.get(tens, 1) * TENS + DIGITS.get(ones, 0)
    value = 0
    for character in text:
        value = value * TENS + DIGITS.get(character, 0)
    return value


def has_surname(word: str) -> bool:
    """Say whether a word begins as a Chinese name does."""
    return len(surname_of(word)) > 1 or word[:1] in SURNAMES


def is_name(word: str) -> bool:
    """Say whether a word reads as a full name."""
    if word in NO_NAMES:
        return False
    if "·" in word.strip("·"):
        return bool(HAN.fullmatch(word))
    if not HAN.fullmatch(word) or not has_surname(word):
        return False
    surname = len(surname_of(word))
    return surname < len(word) <= LONGEST_PLAIN_NAME + surname - 1
