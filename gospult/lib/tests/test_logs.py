import logging
import logging.config

import pytest
import structlog

from gospult.lib.logs import LOGGING, redact


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("access_token=vk1.a.AbC&v=5.199", "access_token=<скрыто>&v=5.199"),
        ("Authorization: Bearer-abc", "Authorization: <скрыто>"),
        ("postgres://gospult:pass@127.0.0.1/x", "postgres://gospult:<скрыто>@127.0.0.1/x"),
        ("звонить +7 (912) 345-67-89 утром", "звонить <телефон> утром"),
        ("звонить 89123456789", "звонить <телефон>"),
        ("строк 4512, за 0.31 с", "строк 4512, за 0.31 с"),
    ],
)
def test_tokens_passwords_and_phones_do_not_reach_the_log(text: str, kept: str) -> None:
    assert redact(text) == kept


def test_an_exception_is_logged_by_its_class_and_place_and_not_by_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    logging.config.dictConfig(LOGGING)
    try:
        raise ValueError("у дома 5 яма, телефон 89123456789")
    except ValueError:
        structlog.get_logger("gospult.test").exception("failed", number=7)

    line = capsys.readouterr().err
    assert '"error": "builtins.ValueError"' in line
    assert '"number": 7' in line
    assert "test_logs" in line
    assert "яма" not in line
    assert "8912" not in line
