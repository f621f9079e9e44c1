"""How the command speaks: Russian help, one line for an error, exactly one JSON value on stdout."""

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import click

from gospult.lib.errors import Refused
from gospult.lib.processes import die_with_parent

USAGE, PROBLEMS = 2, 1
COMMANDS = (
    "serve",
    "people",
    "registry",
    "messages",
    "beside",
    "networks",
    "connecting",
    "monitor",
    "scores",
    "reporting",
    "show",
    "care",
    "audience",
    "directory",
)


class Words(click.ParamType):
    """One of a few words; `words` is word → what it means, for the help and the refusal."""

    name = "слово"

    def __init__(self, words: Mapping[str, str]) -> None:
        self.words = words

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return "|".join(self.words)

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The word itself; its meaning in Russian will do too."""
        found = next((word for word, meaning in self.words.items() if value.strip().lower() in (word, meaning.lower())), "")
        if not found:
            self.fail(f"«{value}» не годится, есть {', '.join(f'{word} ({meaning})' for word, meaning in self.words.items())}.", param, ctx)
        return found


class RussianHelp(click.Command):
    """A command whose help and usage line are Russian."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        words = " ".join(self.collect_usage_pieces(ctx)).replace("[OPTIONS]", "[КЛЮЧИ]")
        words = words.replace("[COMMAND] [ARGS]...", "КОМАНДА …").replace("COMMAND [ARGS]...", "КОМАНДА …")
        formatter.write_usage(ctx.command_path, words, prefix="Вызов: ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [row for parameter in self.get_params(ctx) if isinstance(parameter, click.Option) and (row := parameter.get_help_record(ctx))]
        with formatter.section("Ключи"):
            formatter.write_dl(rows)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option:
            option.help = "Показать эту справку."
        return option


class RussianGroup(RussianHelp, click.Group):
    """A group of commands; groups and commands made by its decorators are Russian too."""

    command_class = RussianHelp
    group_class = type

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        RussianHelp.format_options(self, ctx, formatter)
        with formatter.section("Команды"):
            formatter.write_dl(
                [(name, command.get_short_help_str(90)) for name in self.list_commands(ctx) if (command := self.get_command(ctx, name))]
            )


@click.group(cls=RussianGroup, no_args_is_help=False, invoke_without_command=True)
@click.version_option(package_name="gospult", message="gospult %(version)s", help="Показать версию.")
@click.option("--demo", "in_demo", is_flag=True, help="Работать с данными запущенной демонстрации.")
@click.pass_context
def gospult(ctx: click.Context, in_demo: bool) -> None:
    """Госпульт: рабочий стол центра управления регионом для госпабликов."""
    if in_demo:
        from gospult.demo import here

        os.environ.update(here.found())
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The `--json` key."""
    return click.option("--json", "as_json", is_flag=True, help="Одно значение JSON на stdout, слова — на stderr.")(command)


def say(text: str) -> None:
    """Words for a person, on stderr."""
    click.echo(text, err=True)


def emit(value: Any, *, as_json: bool) -> None:
    """The result: one JSON value, or `имя: значение` lines for a person."""
    if as_json:
        click.echo(json.dumps(value, ensure_ascii=False, default=str))
        return
    pairs = value.items() if isinstance(value, dict) else enumerate(value, 1)
    for name, item in pairs:
        click.echo(f"{name}: {item if isinstance(item, str | int | float) else json.dumps(item, ensure_ascii=False, default=str)}")


def problems(found: bool) -> None:
    """Exit with 1 when the work found problems."""
    if found:
        raise click.exceptions.Exit(PROBLEMS)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit."""
    die_with_parent()
    # SIGTERM becomes an ordinary exit, so that the embedded server is released.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gospult.settings")
    for module in COMMANDS:
        __import__(f"gospult.cli.{module}")
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    try:
        code = gospult.main(args=list(arguments) if arguments is not None else None, prog_name="gospult", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        say(error.message)
        return USAGE
    except click.UsageError as error:
        say(_usage(error))
        return USAGE
    except Refused as error:
        say(str(error))
        return PROBLEMS
    except (click.Abort, KeyboardInterrupt):
        say("Прервано.")
        return 130
    except BrokenPipeError:
        return PROBLEMS
    except Exception as error:
        if os.environ.get("GOSPULT_DEBUG"):
            raise
        say(_fault(error))
        return PROBLEMS


def _usage(error: click.UsageError) -> str:
    where = error.ctx.command_path if error.ctx else "gospult"
    name = error.param.get_error_hint(error.ctx).replace("'", "") if isinstance(error, click.BadParameter) and error.param and error.ctx else ""
    match error:
        case click.NoSuchOption():
            text = f"Неизвестный ключ {error.option_name}."
        case click.MissingParameter():
            text = f"Не хватает {name or 'параметра'}."
        case click.BadParameter() if "does not exist" in error.message:
            text = f"Нет файла «{_quoted(error.message)}»."
        case click.BadParameter() if "does not match the format" in error.message:
            text = f"Неверное значение {name}: дату напишите так: 2026-11-24."
        case click.BadParameter() if "is not a valid" in error.message:
            text = f"Неверное значение {name}: «{_quoted(error.message)}» не годится, нужно число."
        case click.BadParameter() if " is not in the range " in error.message:
            value, _, bounds = error.message.rstrip(".").partition(" is not in the range ")
            text = f"Неверное значение {name}: {value} не годится, нужно {bounds.replace('<=x<=', ' … ')}."
        case click.BadParameter():
            text = f"Неверное значение {name}: {error.message}"
        case click.BadOptionUsage():
            text = f"Ключу {error.option_name} нужно значение."
        case _ if error.message.startswith("No such command"):
            text = f"Неизвестная команда «{_quoted(error.message)}»."
        case _ if error.message.startswith("Got unexpected extra"):
            text = f"Лишние слова: {error.message[error.message.find('(') + 1 : -1]}."
        case _ if error.message.startswith("Missing command"):
            text = "Не названа команда."
        case _:
            text = error.message
    return f"{text} Справка: {where} --help"


def _quoted(text: str) -> str:
    return text.partition("'")[2].rpartition("'")[0]


def _fault(error: Exception) -> str:
    """One line without the exception's own text, which may quote a resident."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db import OperationalError

    from gospult.lib.logs import places

    if isinstance(error, OperationalError):
        return "База данных не отвечает: проверьте DATABASE_URL и сервер PostgreSQL, затем повторите."
    if isinstance(error, ImproperlyConfigured):
        return f"Ошибка настройки: {error}"
    return f"Ошибка программы {type(error).__name__} в {places(error)[-1]}: повторите с GOSPULT_DEBUG=1 и пришлите разработчикам."
