"""A crowd made many times larger inside the database: each copy has keys, numbers and moments of its own, the words repeat."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection, models

from .figures import say

STEP = "7 minutes"  # a copy lies so much earlier than the one before it
# Texts that must differ from copy to copy, made of the new key.
OWN = {"number": "lpad(({key})::text, {width}, '0')", "external_id": "'c' || ({key})", "thread_id": "thread_id || '_' || {copy}"}


def multiply(tables: Sequence[type[models.Model]], times: int) -> None:
    """The rows of these models, so many times in all. Keys of the rows must run from 1; rows of other models stay as they are."""
    last = {model: _last(model) for model in tables}
    with without_indexes(tables):
        for model in tables:
            for copy in range(1, times):
                _add(model, copy, last)
            _set_behind(model)
            say(f"Обращения: {model.__name__} {last[model] * times}")


def _last(model: type[models.Model]) -> int:
    found = model._default_manager.order_by("-pk").values_list("pk", flat=True).first()
    return int(found or 0)


def _add(model: type[models.Model], copy: int, last: dict[type[models.Model], int]) -> None:
    fields = model._meta.concrete_fields
    columns = ", ".join(str(field.column) for field in fields)
    shown = ", ".join(_copied(field, copy, last) for field in fields)
    with connection.cursor() as cursor:
        # Where the triggers run, they have made some of the rows already.
        into = f"INSERT INTO {model._meta.db_table} ({columns})"
        cursor.execute(f"{into} SELECT {shown} FROM {model._meta.db_table} WHERE id <= {last[model]} ON CONFLICT DO NOTHING")


def _copied(field: "models.Field[object, object]", copy: int, last: dict[type[models.Model], int]) -> str:
    """What stands in a column of the copy."""
    column = str(field.column)
    owner = field.model if field.primary_key else field.related_model
    if owner in last:
        return f"{column} + {copy * last[owner]}"
    if field.name in OWN:
        return OWN[field.name].format(key=f"id + {copy * last[field.model]}", width=field.max_length or 0, copy=copy)
    return f"{column} - {copy} * interval '{STEP}'" if isinstance(field, models.DateTimeField) else column


def _set_behind(model: type[models.Model]) -> None:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")


@contextmanager
def without_indexes(tables: Sequence[type[models.Model]]) -> Iterator[None]:
    """Indexes are built once at the end; a superuser's keys are not looked up row by row, since each copy repeats checked ones."""
    names = [model._meta.db_table for model in tables]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes "
            "WHERE schemaname = current_schema AND tablename = ANY(%s) AND indexdef NOT LIKE 'CREATE UNIQUE%%'",
            [names],
        )
        indexes = cursor.fetchall()
        cursor.execute("SELECT current_setting('is_superuser') = 'on'")
        free = cursor.fetchone()[0]
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        cursor.execute("SET maintenance_work_mem = '512MB'")
        if free:
            cursor.execute("SET session_replication_role = replica")
        try:
            yield
        finally:
            if free:
                cursor.execute("SET session_replication_role = DEFAULT")
            for _, definition in indexes:
                cursor.execute(definition)
            cursor.execute("RESET maintenance_work_mem")
