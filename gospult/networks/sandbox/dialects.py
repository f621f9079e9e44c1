"""The networks that the sandbox speaks: every folder here whose door plate names a DIALECT."""

import pkgutil
from importlib import import_module
from pathlib import Path

from gospult.networks.sandbox.dialect import DialectMaker


def _found() -> dict[str, DialectMaker]:
    folders = [found.name for found in pkgutil.iter_modules([str(Path(__file__).parent)]) if found.ispkg]
    plates = [import_module(f"gospult.networks.sandbox.{name}") for name in sorted(folders)]
    return {plate.DIALECT.code: plate.DIALECT for plate in plates}


DIALECTS = _found()
