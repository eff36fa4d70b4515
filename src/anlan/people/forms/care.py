"""Forms of care: agreeing to be looked in on, a visit, an arrival, who answers for households."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.foundation.actor import Actor
from anlan.foundation.errors import Invalid, Refused
from anlan.foundation.ids import new_id
from anlan.people.pack import LiaisonLine
from anlan.people.presenting.care import kind_words, service_words
from anlan.people.queries.care import VIEWS, CareFilter, kinds_open_to
from anlan.people.rules.care import LONGEST_NEED, LONGEST_NOTE, CareBasis, ConsentBy, Transport, VisitKind

Choices = Sequence[tuple[str, str]]


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}))


class RefusableForm(forms.Form):
    """A form that can show a refusal of the act behind it; `status` is that of the page it stands on."""

    refused_with = 0

    @property
    def status(self) -> int:
        """Return 200, the status of the refusal shown, or 422 for what the form itself refuses."""
        return self.refused_with or (Invalid.status if self.errors else 200)

    def show_refusal(self, refusal: Refused) -> None:
        """Put a refusal's sentences at the fields they concern."""
        self.refused_with = refusal.status
        for name, sentence in refusal.fields.items():
            self.add_error(name if name in self.fields else None, str(sentence))
        if not refusal.fields:
            self.add_error(None, str(refusal.message))


class _NewRowForm(RefusableForm):
    """A form whose second sending is the same act, by the id it carries."""

    row_id = forms.UUIDField(widget=forms.HiddenInput, error_messages={"invalid": Invalid.sentence})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"row_id": new_id(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)


class _AgreementForm(RefusableForm):
    """Who agreed, when, to what help; nothing is chosen beforehand."""

    given_by = forms.ChoiceField(
        label=_("由谁同意"), choices=ConsentBy.choices, widget=forms.RadioSelect, required=False
    )
    given_on = _day(_("同意日期"))
    service = forms.ChoiceField(label=_("需要的服务"), required=False)
    need = forms.CharField(
        label=_("说明"), required=False, max_length=LONGEST_NEED,
        help_text=_("只写需要什么帮助，不写病名"),
    )  # fmt: skip
    visit_every_days = forms.IntegerField(
        label=_("走访间隔（天）"), required=False, min_value=1, max_value=365,
        help_text=_("留空则按类别的周期"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        service = self.fields["service"]
        assert isinstance(service, forms.ChoiceField)
        service.choices = [("", _("不需要固定服务")), *service_words().items()]


class MarkForm(_NewRowForm, _AgreementForm):
    """A person is put on the list."""

    kind = forms.ChoiceField(label=_("类别"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind, words = self.fields["kind"], kind_words()
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [
            (key, _with_basis(words[key], row.basis)) for key, row in kinds_open_to(actor).items()
        ]


def _with_basis(words: str, basis: str) -> str:
    """Say of a kind that needs no consent that it is a duty, so that it is not taken for an agreement."""
    return words if basis == CareBasis.CONSENT else f"{words} · {CareBasis(basis).label}"


class RenewForm(_AgreementForm):
    """A person agrees again."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def take_version(self, version: int) -> None:
        """Let the next sending build on this version, which the page shows."""
        self.data = {name: self.data[name] for name in self.data} | {"version": str(version)}


class VisitForm(_NewRowForm):
    """What came of a visit: one tap, the rest only where there is something to say."""

    kind = forms.ChoiceField(label=_("走访结果"), choices=VisitKind.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("备注"), required=False, max_length=LONGEST_NOTE,
        help_text=_("不写病名；发现有人生病请用“报告病例”"),
    )  # fmt: skip
    on = _day(_("日期（不填为今天）"))


class ArrivalForm(_NewRowForm):
    """Who came to live here."""

    from_place = forms.CharField(label=_("从哪里来"), max_length=LONGEST_NEED)
    on = forms.DateField(label=_("到达日期"), widget=forms.DateInput(attrs={"type": "date"}))
    transport = forms.ChoiceField(label=_("怎么来的"), choices=Transport.choices, widget=forms.RadioSelect)
    people_count = forms.IntegerField(label=_("人数"), min_value=1, max_value=50, initial=1)


class CareFilterForm(forms.Form):
    """Kind, area, service and view of a list, from the address; what is wrong is ignored."""

    area = forms.CharField(required=False, max_length=36)  # an area's code or a patch's id
    kind = forms.ChoiceField(required=False)
    service = forms.ChoiceField(required=False)
    view = forms.ChoiceField(required=False, choices=[(view, view) for view in VIEWS])
    mine = forms.BooleanField(required=False)

    def __init__(self, *args: Any, actor: Actor, areas: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.areas = areas
        words = kind_words()
        every = {
            "kind": (_("所有类别"), [(key, words[key]) for key in kinds_open_to(actor)]),
            "service": (_("所有服务"), list(service_words().items())),
        }
        for name, (all_of_them, choices) in every.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", all_of_them), *choices]

    def chosen(self) -> CareFilter:
        """Return the filter."""
        self.is_valid()
        sent = self.cleaned_data
        return CareFilter(
            area_code=sent.get("area") or "",
            kind=sent.get("kind") or "",
            service=sent.get("service") or "",
            view=sent.get("view") or "",
            is_mine=bool(sent.get("mine")),
        )


class _HolderForm(RefusableForm):
    """Who answers from now on, and why."""

    member = forms.ChoiceField(label=_("由谁负责"), widget=forms.RadioSelect)
    reason = forms.CharField(label=_("说明"), required=False, max_length=100)
    have_agreed = forms.BooleanField(label=_("这些住户已签约同意"), required=False)

    def __init__(self, *args: Any, offered: Choices, line: LiaisonLine, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = offered
        member = self.fields["member"]
        assert isinstance(member, forms.ChoiceField)
        member.choices = offered
        if line.expects != "consenting":
            del self.fields["have_agreed"]

    @property
    def member_chosen(self) -> str:
        """Return the words of the member a valid form names."""
        return dict(self.offered).get(self.cleaned_data.get("member", ""), "")


class AssignForm(_HolderForm):
    """Which households of an area, by building; none chosen means all of the area."""

    buildings = forms.MultipleChoiceField(
        label=_("楼栋（不选为整个区域）"), required=False, widget=forms.CheckboxSelectMultiple
    )
    only_uncovered = forms.BooleanField(label=_("只指定还没有人负责的住户"), required=False, initial=True)

    def __init__(self, *args: Any, buildings: Choices, line: LiaisonLine, **kwargs: Any) -> None:
        super().__init__(*args, line=line, **kwargs)
        field = self.fields["buildings"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = buildings
        if not buildings:
            del self.fields["buildings"]
        if line.team:  # a seat that is taken stays taken; another of the same household may be free
            del self.fields["only_uncovered"]


class HandOverForm(_HolderForm):
    """Who takes over."""


def today_in(today: date) -> dict[str, str]:
    """Return the first value of a date that is nearly always today."""
    return {"on": today.isoformat()}
