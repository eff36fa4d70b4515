"""The page that shows the design language: every token, component and state in one place."""

from datetime import timedelta

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from anlan.foundation.clock import utc_now
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.middleware import ActorRequest

SYMPTOMS = [
    ("fever", _("发热")),
    ("cough", _("咳嗽")),
    ("vomiting", _("呕吐")),
    ("diarrhoea", _("腹泻")),
    ("rash", _("出疹")),
    ("none", _("没有不舒服")),
]


class SampleForm(forms.Form):
    """Show each kind of field once."""

    name = forms.CharField(label=_("姓名"), max_length=40, help_text=_("与证件一致"))
    phone = forms.CharField(label=_("手机号"), max_length=20)
    area = forms.ChoiceField(label=_("所在社区"), choices=[("", _("请选择")), ("1", _("康苑社区"))])
    onset_on = forms.DateField(
        label=_("发病日期"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "input-short"}),
    )
    symptoms = forms.MultipleChoiceField(
        label=_("症状"), choices=SYMPTOMS, widget=forms.CheckboxSelectMultiple
    )
    seen = forms.ChoiceField(
        label=_("是否就诊"), choices=[("yes", _("已就诊")), ("no", _("未就诊"))], widget=forms.RadioSelect
    )
    note = forms.CharField(label=_("补充说明"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    agreed = forms.BooleanField(label=_("已告知当事人用途和保存期限"))


@require_GET
@behind_sign_in()
def design_language(request: ActorRequest) -> HttpResponse:
    """Show the design language."""
    now = utc_now()
    context = {
        "now": now,
        "soon": now + timedelta(minutes=38),
        "late": now - timedelta(minutes=75),
        "earlier": now - timedelta(hours=5),
        "form": SampleForm(),
        "wrong_form": SampleForm({"phone": "138", "area": ""}),
        "band": _sample_band(),
        "curve": _sample_curve(),
    }
    return render(request, "foundation/design.html", context)


def _sample_band() -> dict[str, list[object]]:
    days = [f"2026-11-{day:02d}" for day in range(1, 25)]
    expected = [round(40 - 0.3 * index, 1) for index in range(24)]
    observed = [
        38,
        44,
        37,
        46,
        43,
        44,
        54,
        47,
        47,
        45,
        43,
        40,
        36,
        33,
        31,
        33,
        28,
        30,
        26,
        42,
        51,
        60,
        75,
        77,
    ]
    return {
        "days": list(days),
        "observed": list(observed),
        "expected": list(expected),
        "lower": [round(value * 0.6, 1) for value in expected],
        "upper": [round(value * 1.45, 1) for value in expected],
    }


def _sample_curve() -> dict[str, list[object]]:
    days: list[object] = [f"2026-11-{day:02d}" for day in range(10, 25)]
    return {
        "days": days,
        "series": [
            {"name": str(_("核实")), "counts": [0, 0, 1, 0, 2, 3, 5, 8, 6, 7, 4, 3, 1, 0, 0]},
            {"name": str(_("待核实")), "counts": [0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 3, 3, 2, 1]},
        ],
        "marks": [{"day": "2026-11-15", "label": str(_("首个信号"))}],
    }
