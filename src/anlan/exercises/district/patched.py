"""Puts the grids of the community of the sign-ins together in two patches (片), by where they lie."""

from anlan.exercises.district.furnished import Furnished
from anlan.exercises.district.loading import load_rows


def store_patches(ground: Furnished) -> int:
    """Store a western and an eastern patch, each headed by one of its grid workers; return how many."""
    near = [grid for grid in ground.layout.grids if ground.is_home(grid.code) and not grid.is_special]
    codes = [grid.code for grid in sorted(near, key=lambda grid: grid.x_m)]
    middle = len(codes) // 2
    if middle == 0:
        return 0
    patches = [(ground.new_id(), "西片", codes[:middle]), (ground.new_id(), "东片", codes[middle:])]
    load_rows(
        "organisation_patch",
        "id area_code name head_id starts_at version",
        ((patch, ground.home, name, _head(ground, grids), ground.since, 1)
         for patch, name, grids in patches),
    )  # fmt: skip
    load_rows(
        "organisation_patchgrid",
        "id patch_id code starts_at",
        ((ground.new_id(), patch, code, ground.since) for patch, _name, grids in patches for code in grids),
    )
    return len(patches)


def _head(ground: Furnished, grids: list[str]) -> object:
    near = (holder for grid in grids for holder in ground.posts.holders(["grid_worker"], grid))
    holder = next(near, None)
    return holder.post.pk if holder and holder.post else None
