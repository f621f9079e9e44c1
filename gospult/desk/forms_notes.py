"""Notes of the staff as they are typed."""

from django import forms

from gospult.accounts.models import Person


class NoteForm(forms.Form):
    """The action says what is wrong with the words and whether the colleague may see the case."""

    text = forms.CharField(required=False, strip=False)
    colleague = forms.ModelChoiceField(
        Person.objects.filter(is_active=True), required=False, error_messages={"invalid_choice": "Такого сотрудника нет: выберите из списка."}
    )
