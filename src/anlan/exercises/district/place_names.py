"""Names of places, made up; none is meant to be a real one."""

DISTRICT = "江城区"
# Subdistricts named for where they lie; the others take the rest in turn.
BY_DIRECTION = {"east": "东园", "west": "柳溪", "north": "北湖", "south": "临江", "middle": "望山"}
OTHER_SUBDISTRICTS = ("南苑", "文昌", "新桥", "青石", "朝阳", "锦屏", "云台")
_COMMUNITIES = """
春泉 新桥 青田 柳岸 梧桐 银杏 海棠 玉兰 桂花 紫荆 丹枫 翠竹 松涛 兰亭 荷塘 菱湖
采莲 杏林 桃源 梅园 橘洲 茶山 桑园 麦田 稻香 禾丰 谷雨 白露 立夏 芒种 晨曦 朝霞
晓月 明月 星河 云锦 云栖 听雨 观澜 望江 临波 沧浪 潮音 江畔 河滨 溪口 溪南 塘北
堰头 石桥 木桥 长桥 广济 宁安 永安 永和 永兴 太平 和平 和睦 康乐 康宁 福田 福源
吉祥 如意 同心 同德 友谊 团结 建设 光明 光华 向阳 朝晖 旭日 东升 前进 先锋 文苑
书院 学府 翰林 墨香 笔架 砚池 鼓楼 钟楼 南门 北门 西关 东关 十里 五里 百步 高坡
平原 大井 双井 古井 甘泉 龙泉 凤凰 麒麟 白鹤 黄鹂 锦鲤 金牛 铜鼓 银河 玉泉 珠湖
"""
COMMUNITIES = tuple(_COMMUNITIES.split())
ORDINALS = "一二三四五六七八九十"


def ordinal(number: int) -> str:
    """Return a number from 1 to 99 in Chinese."""
    tens, ones = divmod(number, 10)
    text = ("" if tens < 2 else ORDINALS[tens - 1]) + ("十" if tens else "")
    return text + (ORDINALS[ones - 1] if ones else "")
