import os
import stat

import pytest

from gospult.cli import face
from gospult.demo import here
from gospult.lib.errors import Refused


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    for name in (*here.KEPT, "GOSPULT_VK_URL"):
        monkeypatch.setenv(name, os.environ.get(name, ""))  # put back after the test
    monkeypatch.setenv("GOSPULT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_running_demo_is_found_and_its_address_is_for_the_owner_only(home, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://demo")
    here.leave({"GOSPULT_VK_URL": "http://127.0.0.1:9001/vk/"})
    assert stat.S_IMODE((home / here.NAME).stat().st_mode) == 0o600
    assert here.found()["DATABASE_URL"] == "postgres://demo"
    here.forget()
    with pytest.raises(Refused, match="не запущена"):
        here.found()


def test_a_command_with_the_key_works_on_the_demo(monkeypatch, capsys):
    __import__("gospult.cli.show")
    monkeypatch.setenv("DATABASE_URL", "postgres://demo")
    here.leave({"GOSPULT_VK_URL": "http://127.0.0.1:9001/vk/"})
    monkeypatch.setenv("DATABASE_URL", "postgres://own")
    assert face._run(["--demo", "bench", "--help"]) == 0
    assert (os.environ["DATABASE_URL"], os.environ["GOSPULT_VK_URL"]) == ("postgres://demo", "http://127.0.0.1:9001/vk/")
    here.forget()
    assert face._run(["--demo", "bench", "--help"]) == 1
    assert "Демонстрация не запущена" in capsys.readouterr().err
