"""Pages in English hold no Chinese but the names of people and places, and what people wrote."""

import re
from html import unescape

import pytest
from django.test import Client

from anlan.foundation.models import Account
from tests.surveillance.test_loop import raise_signal
from tests.world import AREAS, NORTH, PEOPLE, World

CHINESE = re.compile(r"[\u4e00-\u9fff][\u4e00-\u9fff（）·、，。]*")
LANGUAGE_SWITCH = {"中文"}
# As the register of residents was written.
REGISTER = {"一（", "班", "号楼", "户主", "配偶", "子女", "父母", "孙子女"}
PAGES = {
    "zhou": [
        "/work/",
        "/signals/",
        "/orders/",
        "/report/",
        "/reports/",
        "/warnings/",
        "/command/",
        "/people/",
    ],
    "qian": ["/work/", f"/areas/{NORTH}/", "/posts/", "/people/", "/households/", "/settings/", "/pack/"],
    "xu": ["/audit/"],
}


def chinese_on(page: str, world: World) -> set[str]:
    """Return the Chinese a reader sees, less what is a name."""
    text = re.sub(r"<(script|style|template)\b.*?</\1>|<[^>]*>", "\n", page, flags=re.S)
    names = {*AREAS.values(), *(name for name, _role, _area in PEOPLE.values()), world.school.name}
    names |= {post.title for post in world.posts.values()} | {room.name for room in world.classes}
    names |= {world.health_centre.name, world.pharmacy.name, *REGISTER}
    names |= {name[0] for name in names} | {resident.name[:n] for resident in world.residents for n in (1, 2)}
    found = set()
    for words in CHINESE.findall(unescape(text)):
        left = words
        for name in sorted(names, key=len, reverse=True):
            left = left.replace(name, "")
        if left.strip("（）·、，。") and left not in LANGUAGE_SWITCH:
            found.add(words)
    return found


@pytest.mark.parametrize(("handle", "path"), [(who, path) for who, paths in PAGES.items() for path in paths])
def test_a_page_in_english_is_english(world: World, handle: str, path: str) -> None:
    Account.objects.filter(pk=world.accounts[handle].pk).update(language="en")
    raise_signal(world)

    answer = world.sign_in(Client(), handle).get(path)

    assert answer.status_code == 200
    assert chinese_on(answer.content.decode(), world) == set()
