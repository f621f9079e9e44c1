"""What is filled in on the office's screens. The texts of errors are sentences for the person."""

from django import forms

TOO_LONG = "Ответ длиннее 16 000 знаков: сократите его."


class AnswerForm(forms.Form):
    """One box; «когда сделаем» makes the answer an interim one."""

    text = forms.CharField(max_length=16_000, strip=True, error_messages={"required": "Напишите ответ: пустой не отправить.", "max_length": TOO_LONG})
    promised_date = forms.DateField(required=False, error_messages={"invalid": "Дату напишите так: 24.11.2026."})
