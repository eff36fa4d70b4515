"""What a person writes: with a step, an answer, a leg, an extension; a problem raised, a call made."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.affairs.presenting import citable_items
from anlan.foundation.ids import new_id
from anlan.organisation.models import Area, Post

SATISFACTION = ((5, _("很满意")), (4, _("满意")), (3, _("一般")), (2, _("不满意")), (1, _("很不满意")))


NO_ITEM = "none"


class ObjectionForm(forms.Form):
    """非社区职责: the item of the lists that is cited, and a word if one likes."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    list_item = forms.ChoiceField(label=_("引用清单"))
    note = forms.CharField(
        label=_("补充说明"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["list_item"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("请选择")), *citable_items()]


class ActForm(forms.Form):
    """The words that go with a step, and the version of the order they were written to."""

    note = forms.CharField(
        label=_("情况说明"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class GiveForm(ActForm):
    """A step that gives the order to a post."""

    post = forms.ChoiceField(label=_("接办岗位"))
    field_order = ("post", "note", "version")

    def __init__(self, *args: Any, posts: Iterable[Post] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["post"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("请选择")), *((str(post.pk), post.title) for post in posts)]


class EvaluateForm(ActForm):
    """How whoever asked found the matter handled; nothing is chosen beforehand."""

    satisfaction = forms.TypedChoiceField(
        label=_("对这件事的办理"), choices=SATISFACTION, coerce=int, widget=forms.RadioSelect
    )
    field_order = ("satisfaction", "note", "version")


class ExtensionForm(forms.Form):
    """How much more time, and why."""

    hours = forms.IntegerField(label=_("延长（小时）"), min_value=1, max_value=312)
    reason = forms.CharField(label=_("原因"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class PlacedForm(forms.Form):
    """Something said of a place in one's range; the id is made with the form, so it is sent once."""

    order_id = forms.UUIDField(widget=forms.HiddenInput)
    area_code = forms.ChoiceField(label=_("地点"))

    def __init__(self, *args: Any, areas: Iterable[Area] = (), **kwargs: Any) -> None:
        kwargs["initial"] = {"order_id": new_id(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        field = self.fields["area_code"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(area.code, area.name) for area in areas]


class ProblemForm(PlacedForm):
    """A problem: what about, where, in a sentence."""

    category = forms.ChoiceField(label=_("是什么事"), widget=forms.RadioSelect)
    place_name = forms.CharField(label=_("具体位置"), required=False, max_length=120)
    words = forms.CharField(label=_("一句话说明"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
    field_order = ("category", "area_code", "place_name", "words", "order_id")

    def __init__(self, *args: Any, categories: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["category"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(categories)


class TaskForm(forms.Form):
    """A task for communities: under which item, where, in a sentence; the id is made with the form."""

    batch_id = forms.UUIDField(widget=forms.HiddenInput)
    admission = forms.ChoiceField(label=_("依据的准入事项"), widget=forms.RadioSelect)
    areas = forms.MultipleChoiceField(
        label=_("派给哪些社区"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("不选则派给该事项面向的全部社区。"),
    )
    words = forms.CharField(label=_("一句话说明"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(
        self, *args: Any, areas: Iterable[Area], admissions: Iterable[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("batch_id", new_id())
        self._offer("areas", [(area.code, area.name) for area in areas])
        self._offer("admission", [*admissions, (NO_ITEM, str(_("没有准入事项")))])

    def _offer(self, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)


class CallForm(PlacedForm):
    """A call: which situation, where, in a sentence."""

    situation = forms.ChoiceField(label=_("什么情况"), widget=forms.RadioSelect)
    words = forms.CharField(label=_("一句话说明"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
    field_order = ("situation", "area_code", "words", "order_id")

    def __init__(self, *args: Any, situations: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["situation"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(situations)
