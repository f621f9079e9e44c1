"""Databases of one PostgreSQL server: made, asked, dropped."""

import re
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from gospult.lib.errors import Refused


def name_of(url: str) -> str:
    """The database that an address names."""
    return urlsplit(url).path.lstrip("/")


def with_name(url: str, name: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def connect(url: str, seconds: int = 5) -> psycopg.Connection[tuple[object, ...]]:
    """An autocommit connection. Raises Refused when the server does not answer."""
    try:
        return psycopg.connect(url, autocommit=True, connect_timeout=seconds)
    except psycopg.ProgrammingError:  # it quotes the address, which may hold a password
        raise Refused("DATABASE_URL — не адрес PostgreSQL: нужен вид postgres://имя:пароль@сервер:5432/база.") from None
    except psycopg.OperationalError as error:
        reason = re.sub(r"\s+", " ", str(error)).strip().rpartition(": ")[2]
        raise Refused(f"База данных «{name_of(url)}» не отвечает ({reason}): проверьте DATABASE_URL и сервер PostgreSQL.") from None


def create(url: str, name: str) -> str:
    """Make the database on the server of `url` when it is absent; gives its address."""
    with connect(url) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return with_name(url, name)


def drop(url: str, name: str) -> None:
    """Drop a database of the server of `url`, with whoever is connected to it."""
    with connect(url) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def is_empty(url: str) -> bool:
    """Whether the database has no table of anybody's."""
    with connect(url) as connection:
        return connection.execute("SELECT 1 FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') LIMIT 1").fetchone() is None


def comment(url: str) -> str:
    """The database's own note about itself."""
    with connect(url) as connection:
        row = connection.execute(
            "SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    return str(row[0]) if row else ""


def set_comment(url: str, text: str) -> None:
    """Write the database's note about itself."""
    with connect(url) as connection:
        connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name_of(url)), sql.Literal(text)))
