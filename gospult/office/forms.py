"""What is filled in on the office's screens. The texts of errors are sentences for the person."""

from django import forms

LONGEST = 16_000
WHEN = "Выберите «Сейчас» или «Запланировать»."
EMPTY = "Напишите ответ: пустой не отправить."
TOO_LONG = "Ответ длиннее 16 000 знаков: сократите его."


class AnswerForm(forms.Form):
    """One box; «когда сделаем» makes the answer an interim one."""

    text = forms.CharField(
        max_length=LONGEST, strip=True, error_messages={"required": "Напишите ответ: пустой не отправить.", "max_length": TOO_LONG}
    )
    promised_date = forms.DateField(required=False, error_messages={"invalid": "Дату напишите так: 24.11.2026."})


class PostForm(forms.Form):
    """A post: its words and hour; pages and photos are lists and are read by the view."""

    key = forms.UUIDField(required=False, error_messages={"invalid": "Форма устарела: откройте «Написать пост» ещё раз."})
    text = forms.CharField(
        required=False, max_length=16_000, strip=True, error_messages={"max_length": "Текст длиннее 16 000 знаков: сократите его."}
    )
    when = forms.ChoiceField(choices=[("now", "now"), ("later", "later")], error_messages={"required": WHEN, "invalid_choice": WHEN})
    at = forms.DateTimeField(
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M"],
        error_messages={"invalid": "День и час напишите так: 24.11.2026 15:30."},
    )

    def clean_key(self) -> str:
        return str(self.cleaned_data["key"] or "")

    def clean_text(self) -> str:
        return str(self.cleaned_data["text"]).replace("\r\n", "\n")
