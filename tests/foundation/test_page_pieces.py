"""The pieces pages are written with: moments, numbers, fields, navigation, components."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django import forms
from django.http import HttpRequest
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone, translation
from django_cotton.compiler_regex import CottonCompiler

from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.design import SampleForm
from anlan.foundation.templatetags.page import day, dressed, due, exact, hour, number, weekday, write_moment
from anlan.wiring.navigation import GROUPS, NAVIGATION, navigation

COMPONENTS = Path(__file__).parents[2] / "src/anlan/foundation/templates/cotton"
LATE_EVENING = datetime(2025, 3, 9, 16, 30, tzinfo=UTC)  # already the 10th, a Monday, in the district


def render(text: str, **context: object) -> str:
    compiled = CottonCompiler().process("{% load i18n page %}" + text)
    return engines["django"].from_string(compiled).render(context)


def actor(*purposes: str) -> Actor:
    return Actor(
        account_id=uuid4(),
        member_id=uuid4(),
        member_name="王建国",
        appointment_id=uuid4(),
        post_id=uuid4(),
        post_title="网格员",
        role="grid_worker",
        area_code="330199001001001",
        area_name="春泉第一网格",
        ranges=AreaRanges.of(["330199001001001"]),
        purposes=frozenset(purposes),
    )


def request_of(who: Actor | None, path: str = "/") -> HttpRequest:
    request = RequestFactory().get(path)
    request.actor = who  # type: ignore[attr-defined]
    return request


def test_a_moment_is_written_in_the_districts_time() -> None:
    assert ">00:30<" in hour(LATE_EVENING)
    assert exact(LATE_EVENING) == "2025-03-10 00:30:00"
    assert day(LATE_EVENING) == "2025-03-10"
    assert weekday(LATE_EVENING) == "周一"


def test_todays_moment_says_today_and_another_years_says_the_year() -> None:
    now = timezone.now()

    assert "今天" in write_moment(now)
    assert "昨天" in write_moment(now - timedelta(days=1))
    assert "2025-03-10 00:30" in write_moment(LATE_EVENING)
    assert write_moment(None) == ""


def test_a_deadline_carries_its_moment_for_the_page_to_count_down() -> None:
    assert 'data-due datetime="2025-03-09T16:30:00+00:00"' in due(LATE_EVENING)


def test_a_deadline_before_shanghai_kept_whole_hours_is_one_html_knows() -> None:
    assert 'datetime="1862-01-27T00:00:00+00:00"' in due(datetime(1862, 1, 27, tzinfo=UTC))


@pytest.mark.parametrize(
    ("value", "words"), [(1284, "1,284"), (96.84, "96.8"), (0, "0"), (None, ""), ("", "")]
)
def test_a_number_is_grouped_and_an_unknown_one_is_empty(value: float | None, words: str) -> None:
    assert number(value) == words


def test_a_wrong_field_is_tied_to_its_hint_and_its_error() -> None:
    field = SampleForm({"name": ""})["name"]

    written = dressed(field)

    assert 'aria-invalid="true"' in written
    assert 'aria-describedby="id_name_hint id_name_error"' in written
    assert 'class="input"' in written


def test_a_label_is_not_said_twice() -> None:
    class Doubled(forms.Form):
        login = forms.CharField(label="用户名", widget=forms.TextInput(attrs={"placeholder": "用户名"}))

    assert "placeholder" not in dressed(Doubled()["login"])


def test_choices_become_tiles_and_none_is_chosen() -> None:
    written = render('<c-field :field="form.symptoms" />', form=SampleForm())

    assert written.count("choice-tile") == 6
    assert "checked" not in written


def test_choices_behind_more_are_shown_when_one_of_them_is_chosen() -> None:
    shut = render('<c-field :field="form.symptoms" first="2" />', form=SampleForm())
    chosen = render('<c-field :field="form.symptoms" first="2" />', form=SampleForm({"symptoms": ["rash"]}))

    assert shut.count("choice-tile") == 6
    assert '<details class="more-choices">' in shut
    assert '<details class="more-choices" open>' in chosen


def test_an_unknown_figure_is_a_dash() -> None:
    assert "None" not in render('<c-figure label="响应" value="{{ x }}" />', x=None)


def test_each_form_has_a_token_of_its_own() -> None:
    written = render('<c-form action="/x/" submit="交" /><c-form action="/y/" submit="交" />')

    tokens = re.findall(r'name="form_token" value="([0-9a-f]{32})"', written)
    assert len(set(tokens)) == 2


def test_words_of_strangers_are_inert_in_every_component() -> None:
    attack = '<img src=x onerror="alert(1)">'
    tags = [
        '<c-page-head :title="x" />',
        '<c-figure :label="x" :value="x" :note="x" />',
        '<c-todo :what="x" :where="x" :when="x" />',
        '<c-timeline-item :what="x" :who="x" />',
        '<c-state-text :label="x" />',
        '<c-round-card :name="x" :what="x" :where="x" />',
        '<c-empty-state :title="x" :text="x" />',
        '<c-notice :title="x">{{ x }}</c-notice>',
        '<c-card :title="x">{{ x }}</c-card>',
        '<c-crumb :items="items" />',
        '<c-steps :items="items" />',
        '<c-filter-bar :value="x" :placeholder="x" />',
        '<c-choice-tile :label="x" :value="x" />',
    ]

    for tag in tags:
        written = render(tag, x=attack, items=[{"label": attack, "href": "/", "state": "now"}])
        assert "<img" not in written, tag
        assert "&lt;img" in written, tag


def test_only_what_is_overdue_has_a_mark_and_what_is_done_a_tick() -> None:
    assert "! 已超时" in render('<c-state-text kind="overdue" label="已超时" />')
    assert "✓ 已结案" in render('<c-state-text kind="done" label="已结案" />')
    assert "state-working" in render('<c-state-text label="处置中" />')


@pytest.mark.parametrize(("grade", "bars"), [("very_low", 0), ("low", 1), ("medium", 2), ("high", 3)])
def test_risk_is_bars_and_a_word(grade: str, bars: int) -> None:
    written = render(f'<c-risk-bars grade="{grade}" />')

    assert written.count("is-on") == bars
    assert "风险" in written


def test_a_matter_not_assessed_shows_no_grade() -> None:
    assert "未评估" in render('<c-risk-bars grade="" />')


def test_templates_carry_no_style_and_no_script_of_their_own() -> None:
    forbidden = re.compile(
        r"\sstyle=|<style|\son[a-z]+=|hx-on|javascript:|<script(?![^>]*(src=|application/json))"
    )
    folder = COMPONENTS.parents[3]

    found = {
        str(path.relative_to(folder)): match.group()
        for path in folder.rglob("templates/**/*.html")
        if (match := forbidden.search(path.read_text()))
    }

    assert found == {}


def test_every_icon_a_template_names_is_built() -> None:
    root = COMPONENTS.parents[4]
    built = set(re.findall(r'"([a-z0-9-]+)"', (root / "frontend/icons.mjs").read_text()))
    pages = "\n".join(path.read_text() for path in (root / "src/anlan").rglob("templates/**/*.html"))
    used = set(re.findall(r'<c-icon name="([a-z0-9-]+)"', pages)) | set(
        re.findall(r'\sicon="([a-z0-9-]+)"', pages)
    )

    assert used | {row.icon for row in NAVIGATION} <= built


def test_every_component_is_described_for_page_authors() -> None:
    guide = (COMPONENTS.parents[4] / "docs/pages.md").read_text()

    missing = [
        path.stem for path in COMPONENTS.glob("*.html") if f"<c-{path.stem.replace('_', '-')}" not in guide
    ]

    assert missing == []


def test_a_page_that_does_not_exist_has_no_row_and_the_current_one_is_marked() -> None:
    shown = navigation(request_of(actor(), "/"))["navigation"]
    assert shown is not None
    rows = [row for group in shown.groups for row in group["rows"]]

    assert all(row["href"].startswith("/") for row in rows)
    assert sum(bool(row["here"]) for row in rows) <= 1


def test_a_stranger_has_no_navigation() -> None:
    assert navigation(request_of(None)) == {"navigation": None}


def test_every_row_lies_in_a_known_group() -> None:
    assert {row.group for row in NAVIGATION} <= set(GROUPS)


def test_absent_and_refused_pages_are_the_same_bytes() -> None:
    absent = render_to_string("404.html", {}, request_of(None))
    refused = render_to_string(
        "errors/refused.html",
        {"refusal": SimpleNamespace(status=404, message="没有找到，或不在您的职责范围内。")},
        request_of(None),
    )

    assert _without_tokens(absent) == _without_tokens(refused)


def _without_tokens(page: str) -> str:
    return re.sub(r'(X-CSRFToken": "|csrfmiddlewaretoken" value=")[^"]*', r"\1", page)


def test_a_page_says_which_language_it_speaks() -> None:
    with translation.override("en"):
        assert '<html lang="en">' in render_to_string("500.html")
    with translation.override("zh-hans"):
        assert '<html lang="zh-hans">' in render_to_string("500.html")
