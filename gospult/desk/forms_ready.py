"""What people fill in on «Шаблоны ответов»."""

from typing import Any

from django import forms

from . import queries


def topic_groups() -> list[tuple[str, str]]:
    """Groups of topics by name: (code, name)."""
    return sorted({(topic.group_code, topic.group) for topic in queries.known_topics().values()}, key=lambda pair: pair[1])


class TemplateForm(forms.Form):
    title = forms.CharField(max_length=120, label="Название")
    group_code = forms.ChoiceField(required=False, label="Группа тем")
    text = forms.CharField(
        label="Текст", max_length=8000, widget=forms.Textarea(attrs={"rows": 10}),
        help_text="Подстановки пишите в скобках. Сами заполнятся {имя}, {адрес}, {дата}, {контакт}, {телефон}, {орган}, {тема}, {срок}, {номер}.",
    )  # fmt: skip

    def __init__(self, data: Any = None, *, initial: dict[str, str] | None = None) -> None:
        super().__init__(data, initial=initial, use_required_attribute=False)
        self.fields["group_code"].choices = [("", "Для всех тем"), *topic_groups()]  # type: ignore[attr-defined]
        for name in ("title", "text"):
            self.fields[name].error_messages["required"] = "У шаблона нужны название и текст."
