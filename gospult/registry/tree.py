"""Paths of the two trees: «/1/5/7/» holds the ids from the root to the row itself."""

from django.db import connection, models

from .models import Body, Territory

DEEPEST = 30  # a circle of parents would otherwise never end


def repath(model: type[Body] | type[Territory]) -> int:
    """Recount the paths that do not fit the parents; returns how many rows changed."""
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH RECURSIVE tree(id, path, depth) AS (
                  SELECT id, '/' || id || '/', 1 FROM {table} WHERE parent_id IS NULL
                  UNION ALL
                  SELECT child.id, tree.path || child.id || '/', depth + 1
                  FROM {table} child JOIN tree ON child.parent_id = tree.id WHERE depth < %s)
                UPDATE {table} SET path = tree.path FROM tree WHERE tree.id = {table}.id AND {table}.path <> tree.path""",
            [DEEPEST],
        )
        return cursor.rowcount


def ancestors(row: models.Model) -> list[int]:
    """Ids from the root down to the row's parent, read from its path."""
    return [int(part) for part in row.path.strip("/").split("/")[:-1] if part]  # type: ignore[attr-defined]
