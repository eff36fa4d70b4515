"""The upload of a file of counts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

MOST_BYTES = 5 * 1024 * 1024


class CountFileForm(forms.Form):
    """A CSV file, and where its numbers come from."""

    file = forms.FileField(
        label=_("CSV 文件"),
        help_text=_("列：day、unit 或 area、form、item、class、count、of；中文列名也可以"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
    )
    source = forms.CharField(label=_("数字来源"), max_length=40, help_text=_("如药店收银系统、学校健康平台"))

    def clean_file(self) -> Any:
        """Refuse a file that is too large to be one of counts."""
        file: Any = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("文件不能超过 5 MB"))
        return file
