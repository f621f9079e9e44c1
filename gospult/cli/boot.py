"""Before a command's work: a database that answers, migrated; Django set up."""

import os

from gospult.lib import databases, embedded

MIGRATION_LOCK = 0x676F7370  # any number that nobody else uses in this database


def database() -> str:
    """DATABASE_URL, else the embedded server's, started when needed and named in the environment for everything below."""
    if not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = embedded.start(embedded.find_home())
    return os.environ["DATABASE_URL"]


def boot(*, migrated: bool = True) -> None:
    """Everything that a command needs before it touches rows. Raises Refused when the database does not answer."""
    databases.connect(database()).close()
    import django

    django.setup()
    if migrated:
        _migrate()


def _migrate() -> None:
    """Apply migrations that are missing; processes that start together do it one after another."""
    from django.core.management import call_command
    from django.db import connection

    if not _missing():
        return
    with databases.connect(os.environ["DATABASE_URL"]) as lock:
        lock.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        if _missing():
            call_command("migrate", interactive=False, verbosity=0)
            call_command("createcachetable", verbosity=0)
    connection.close()


def _missing() -> bool:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return True
    return "cache" not in connection.introspection.table_names()  # somebody has only run «manage migrate»
