"""Logs: one JSON line each on stderr, of numbers and names; never a resident's words, a token or a phone number."""

import re
import sys
from typing import Any

import structlog

# The texts of exceptions quote what was being worked on; the class and the place are enough to find a fault.
SECRET = re.compile(r"(?i)(access_token|token|secret|password|authorization|key)(\"?\s*[=:]\s*\"?)[^\s&\"',}]+")
PHONE = re.compile(r"(?<!\d)(?:\+7|8)[\s(-]*\d{3}[\s)-]*\d{3}[\s-]*\d{2}[\s-]*\d{2}(?!\d)")
URL_PASSWORD = re.compile(r"(://[^:/\s]*:)[^@\s]+@")


def redact(text: str) -> str:
    """Take tokens, passwords and phone numbers out of a text."""
    return PHONE.sub("<телефон>", SECRET.sub(r"\1\2<скрыто>", URL_PASSWORD.sub(r"\1<скрыто>@", text)))


def _redact_event(_logger: Any, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return {key: redact(value) if isinstance(value, str) else value for key, value in event.items()}


def _place_of_exception(_logger: Any, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Instead of a traceback with values: the class of the exception and the files it came through."""
    info = event.pop("exc_info", None)
    info = sys.exc_info() if info is True else info
    error = info[1] if isinstance(info, tuple) else info if isinstance(info, BaseException) else None
    if error is not None:
        event["error"] = f"{type(error).__module__}.{type(error).__name__}"
        event["through"] = places(error)
    return event


def places(error: BaseException) -> list[str]:
    """Modules and lines that an exception came through, the innermost last; without any value of theirs."""
    found: list[str] = []
    frame = error.__traceback__
    while frame is not None:
        found.append(f"{frame.tb_frame.f_globals.get('__name__', '?')}:{frame.tb_lineno}")
        frame = frame.tb_next
    return found[-8:]


PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _place_of_exception,
    _redact_event,
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": PROCESSORS,
            "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer(ensure_ascii=False)],
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        # A 404 of a crawler is no event of ours.
        "django.request": {"handlers": [], "level": "ERROR", "propagate": True},
        "gospult": {"level": "INFO"},
    },
}

structlog.configure(
    processors=[structlog.stdlib.filter_by_level, *PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
