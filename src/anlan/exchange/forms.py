"""Forms of imports: the upload, the answers to what a file leaves open."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.exchange.layout import Layout
from anlan.exchange.models import ImportBatch
from anlan.exchange.presenting import samples_of
from anlan.exchange.registers import REGISTERS
from anlan.exchange.rules import Question
from anlan.foundation.errors import Refused
from anlan.foundation.ids import new_id
from anlan.foundation.sheets.bounds import MAX_FILE_BYTES

COLUMN = "column_"
NOT_TAKEN = "-"
YES_OR_NO: dict[Question, tuple[str | Promise, str | Promise]] = {
    Question.HIDDEN: (_("导入隐藏的行"), _("不导入隐藏的行")),
    Question.FORMULAS: (_("采用表中算出的结果"), _("含公式的行退回")),
    Question.MERGED: (_("每一行都填合并的值"), _("合并的行退回")),
}


class UploadForm(forms.Form):
    """A table for a register; `batch_id` makes a second sending the same act."""

    batch_id = forms.UUIDField(widget=forms.HiddenInput)
    register = forms.ChoiceField(label=_("导入到"), widget=forms.RadioSelect)
    file = forms.FileField(
        label=_("表格文件"),
        allow_empty_file=True,  # said by what reads it
        help_text=_("Excel（.xlsx）或 CSV，20 MB、20 万行以内。先试导入给您看，确认后才写入。"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
    )

    def __init__(self, *args: Any, registers: Sequence[str], **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"batch_id": new_id(), "register": registers[0] if registers else ""})
        super().__init__(*args, **kwargs)
        field = self.fields["register"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(key, REGISTERS[key].title) for key in registers]

    def clean_file(self) -> Any:
        """Refuse a file that is too large before it is read into memory."""
        file: Any = self.cleaned_data["file"]
        if file.size > MAX_FILE_BYTES:
            raise forms.ValidationError(_("文件不能超过 20 MB。请分成几个文件。"))
        return file

    def show_refusal(self, refusal: Refused) -> None:
        """Put a refusal's sentences at the fields they concern."""
        for name, sentence in refusal.fields.items():
            self.add_error(name if name in self.fields else None, str(sentence))
        if not refusal.fields:
            self.add_error("file", str(refusal.message))


class AnswersForm(forms.Form):
    """What a file leaves open, and what its columns mean."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, sent: Any = None, *, batch: ImportBatch) -> None:
        super().__init__(sent, initial={"version": batch.version, **_answers(batch)})
        self.layout = Layout.from_json(batch.layout)
        for key, found in batch.questions.items():
            if key != Question.COLUMNS:
                self.fields[key] = _question(Question(key), found)
        samples = samples_of(batch)
        choices: list[tuple[str, Any]] = [(NOT_TAKEN, _("不导入这一列"))]
        choices += [(one.key, one.title) for one in REGISTERS[batch.register].columns if not one.is_hidden]
        hidden = {one.key for one in REGISTERS[batch.register].columns if one.is_hidden}
        for place, heading in enumerate(self.layout.headings):
            key = self.layout.columns.get(place, "")
            if key not in hidden:
                self.fields[f"{COLUMN}{place}"] = forms.ChoiceField(
                    label=heading or _("（没有列名）"), choices=choices, initial=key or NOT_TAKEN,
                    widget=forms.Select(attrs={"class": "select"}), help_text=_sample(samples.get(place)),
                )  # fmt: skip
            elif key:
                self.fields[f"{COLUMN}{place}"] = forms.CharField(initial=key, widget=forms.HiddenInput)

    def question_fields(self) -> list[forms.BoundField]:
        """Return the fields of questions other than columns."""
        return [self[name] for name in self.fields if name in Question.values]

    def column_fields(self) -> list[forms.BoundField]:
        """Return one field a column of the file."""
        return [self[name] for name in self.fields if name.startswith(COLUMN) and not self[name].is_hidden]

    def answers(self) -> dict[str, str]:
        """Return the answers by question."""
        return {name: self.cleaned_data[name] for name in self.fields if name in Question.values}

    def columns(self) -> dict[int, str]:
        """Return the keys of the columns by their place."""
        return {
            int(name.removeprefix(COLUMN)): value
            for name, value in self.cleaned_data.items()
            if name.startswith(COLUMN) and value != NOT_TAKEN
        }


def _sample(text: str | None) -> Any:
    return _("例：%(text)s") % {"text": text} if text else ""


def _answers(batch: ImportBatch) -> dict[str, str]:
    return {key: value for key, value in batch.answers.items() if key != Question.COLUMNS}


def _question(question: Question, found: dict[str, Any]) -> forms.ChoiceField:
    if question in YES_OR_NO:
        yes, no = YES_OR_NO[question]
        choices: list[tuple[str, Any]] = [("yes", yes), ("no", no)]
        hint: Any = _("找到 %(n)s 处") % {"n": found.get("found", "")}
    else:
        choices, hint = (
            [
                (key, f"{key}：{text}" if question == Question.ENCODING else text)
                for key, text in found.items()
            ],
            "",
        )
    return forms.ChoiceField(label=question.label, choices=choices, widget=forms.RadioSelect, help_text=hint)
