"""Row 2 on a page: an id made by a browser that is somebody else's is answered as a malformed one."""

from django.test import Client

from anlan.foundation.actor import AreaRanges
from anlan.foundation.scope import duty
from anlan.people.models import Resident
from tests.pages import without_marks
from tests.world import DISTRICT, GRID_A, GRID_C, World


def test_a_form_with_somebody_elses_id_tells_nothing(world: World) -> None:
    client, home = world.sign_in(Client(), "wang"), world.households[GRID_A][3].pk
    foreign = world.resident("陈大明", GRID_C)

    told = [
        client.post(f"/households/{home}/register/", {"resident_id": one, "name": "何小满"})
        for one in (str(foreign.pk), "12")
    ]

    assert [one.status_code for one in told] == [422, 422]
    assert without_marks(told[0].content.replace(str(foreign.pk).encode(), b"12")) == without_marks(
        told[1].content
    )
    with duty("react", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        assert not Resident.objects.filter(name="何小满").exists()
        assert Resident.objects.get(pk=foreign.pk).name == "陈大明"
