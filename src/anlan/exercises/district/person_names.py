"""Names as people of an age have them: surnames by frequency, given names by cohort."""

from dataclasses import dataclass, field

import numpy as np

from anlan.exercises.district.geometry import Ints
from anlan.people.rules import readings_of

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔"
    "谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常温牛樊葛邢安齐易乔伍"
    "庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙"
    "鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边"
    "卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
RARE_SURNAMES = ("欧阳", "上官", "司马", "司徒", "诸葛", "皇甫", "尉迟", "令狐", "慕容", "夏侯")
RARE_SHARE = 0.004
# Cohorts by year of birth, with how many have a given name of one character.
COHORT_FROM = (0, 1960, 1980, 2000, 2012)
SINGLE_SHARE = (0.12, 0.25, 0.35, 0.15, 0.06)
FIRST, SECOND, ONLY = 0, 1, 2
FEMALE = (
    ("秀桂玉凤淑兰金月惠美素翠", "英兰珍芳华梅珠莲琴云娥香", "英兰珍芳梅琴"),
    ("丽秀红晓海春玉建小文雪亚", "芳敏霞娟萍华燕红梅琴丽玲", "芳敏丽静艳娟霞燕"),
    ("晓雪婷雅思佳梦欣文静丹倩", "婷静雯洁妍琳颖瑶蕾敏娜慧", "静婷颖雪倩娜丹莹璐"),
    ("欣雨思佳梦子诗嘉雅可语静", "怡婷琪涵妍萱彤瑶颖雯悦宁", "怡悦瑶玥颖琪彤"),
    ("梓欣诗若语沐清可一安子依", "涵萱彤诺妍玥汐瑶桐宁禾婉", "玥诺汐禾桐"),
)
MALE = (
    ("国建德志文永福金玉光家世", "华明生贵才荣林根海山发祥", "华明刚强林海"),
    ("建国志文永海春立晓俊爱新", "军平明强伟华勇刚峰民忠林", "军伟强勇平刚涛斌"),
    ("志晓文俊海嘉宇子明浩鹏建", "伟强磊鹏杰超峰辉龙飞涛斌", "伟磊鹏杰超涛浩凯亮"),
    ("子浩宇俊嘉天明泽文志睿家", "轩豪宇杰涛阳博航辰鑫凯然", "轩豪杰博航鑫凯"),
    ("梓浩宇沐子俊奕泽一睿承景", "轩宸辰睿霖泽阳恒航远言安", "宸睿辰霖航"),
)
RARE_CHARACTERS = "龑翀犇喆堃昉赟旻彧祎𬀪㛃𬸚䶮"


@dataclass(slots=True)
class NamePool:
    """All names that can be drawn, with their sounds, so that a million are only looked up."""

    surnames: list[str] = field(default_factory=list)
    surname_share: list[float] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    given_start: dict[tuple[int, int, bool], tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def full(cls) -> "NamePool":
        """Return the pool of everything above."""
        pool = cls()
        pool.surnames = [*SURNAMES, *RARE_SURNAMES]
        rank = np.arange(1, len(SURNAMES) + 1)
        common = 1 / (rank + 6.0) ** 1.05  # the first hundred cover about 85%, as in the census
        common *= (1 - RARE_SHARE) / common.sum()
        pool.surname_share = [*common.tolist(), *([RARE_SHARE / len(RARE_SURNAMES)] * len(RARE_SURNAMES))]
        for sex, cohorts in enumerate((FEMALE, MALE)):
            for cohort, lists in enumerate(cohorts):
                pool._keep(sex, cohort, False, [a + b for a in lists[FIRST] for b in lists[SECOND] if a != b])
                pool._keep(sex, cohort, True, [*lists[ONLY] * 8, *RARE_CHARACTERS])
        return pool

    def _keep(self, sex: int, cohort: int, single: bool, names: list[str]) -> None:
        self.given_start[sex, cohort, single] = (len(self.given), len(names))
        self.given += names

    def draw_surnames(self, rng: np.random.Generator, count: int) -> Ints:
        """Return indices of surnames."""
        drawn = rng.choice(len(self.surnames), count, p=self.surname_share)
        return drawn.astype(np.int64)

    def draw_given(self, rng: np.random.Generator, is_male: Ints, birth_year: Ints) -> Ints:
        """Return indices of given names that fit sex and year of birth."""
        cohort = np.searchsorted(COHORT_FROM, birth_year, side="right") - 1
        single = rng.random(len(is_male)) < np.asarray(SINGLE_SHARE)[cohort]
        starts = np.zeros((2, len(COHORT_FROM), 2), dtype=np.int64)
        sizes = np.ones_like(starts)
        for (sex, own, is_single), (start, size) in self.given_start.items():
            starts[sex, own, int(is_single)], sizes[sex, own, int(is_single)] = start, size
        place = (is_male, cohort, single.astype(np.int64))
        return starts[place] + (rng.random(len(is_male)) * sizes[place]).astype(np.int64)

    def sounds(self) -> "Sounds":
        """Return pinyin and initials of every surname (each reading) and given name."""
        return Sounds(
            [readings_of(name) for name in self.surnames],
            [readings_of("王" + name)[0][0].removeprefix("wang") for name in self.given],
            [readings_of("王" + name)[0][1][1:] for name in self.given],
        )


@dataclass(frozen=True, slots=True)
class Sounds:
    """Pinyin and initials, by the indices of a NamePool."""

    surnames: list[tuple[tuple[str, str], ...]]
    given_pinyin: list[str]
    given_initials: list[str]
