"""What people write of a patch: its name, its grids out of those of the community, who heads it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.organisation.actions import PatchFacts
from anlan.organisation.forms import OnceForm
from anlan.organisation.models import Area, Patch, Post
from anlan.organisation.queries import with_holders
from anlan.organisation.queries.patches import (
    grids_in,
    grids_of_community,
    patch_by_grid,
    who_may_head,
)
from anlan.organisation.register_forms import VersionField


class PatchForm(OnceForm):
    """A patch as it is to be from now on, written to one version of it."""

    version = VersionField(required=False)
    name = forms.CharField(label=_("片的名称"), max_length=40, help_text=_("如东片、一片。"))
    grids = forms.MultipleChoiceField(
        label=_("包含的网格"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选择一个网格。")},
    )
    head = forms.ChoiceField(label=_("片负责岗位"), required=False)

    def __init__(self, *args: Any, area: Area, patch: Patch | None, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grids, head = self.fields["grids"], self.fields["head"]
        assert isinstance(grids, forms.MultipleChoiceField)
        assert isinstance(head, forms.ChoiceField)
        every = list(grids_of_community(area.code))
        taken = patch_by_grid(grid.code for grid in every)
        free = [grid for grid in every if grid.code not in taken or taken[grid.code] == patch]
        grids.choices = [(grid.code, grid.name) for grid in free]
        self.elsewhere = [(grid.name, taken[grid.code].name) for grid in every if grid not in free]
        head.choices = [("", gettext("暂不指定")), *_heads(area, patch, now)]
        if patch is not None:
            own = {"name": patch.name, "version": patch.version, "head": patch.head_id or ""}
            self.initial.update(own, grids=grids_in([patch])[patch.pk])

    def facts(self) -> PatchFacts:
        """Return what the valid form says."""
        said = self.cleaned_data
        head_id = UUID(said["head"]) if said["head"] else None
        return PatchFacts(said["name"], tuple(said["grids"]), head_id)


def _heads(area: Area, patch: Patch | None, now: datetime) -> list[tuple[str, str]]:
    """Return the posts one may choose, with who holds them; the one that heads it now among them."""
    posts: Iterable[Post] = with_holders(who_may_head(area.code, now=now), now=now)
    offered = {str(post.pk): _words(post) for post in posts}
    if patch is not None and patch.head is not None:
        offered.setdefault(str(patch.head_id), patch.head.title)
    return list(offered.items())


def _words(post: Post) -> str:
    names = "、".join(row.member.name for row in getattr(post, "held"))  # noqa: B009 - by with_holders
    return f"{post.title}（{names or gettext('空缺')}）"
