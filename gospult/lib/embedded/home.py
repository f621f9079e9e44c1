"""Where an installation keeps its files, and where its cluster can live."""

import hashlib
import os
import pwd
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from gospult.lib.errors import Refused

# The clusters of root: /root and folders of mkdtemp are closed to the ordinary account that must own them.
ROOTS_CLUSTERS = Path("/var/lib/gospult")


def find_home(environ: Mapping[str, str] = os.environ, start: Path | None = None) -> Path:
    """GOSPULT_HOME, else the nearest `.gospult/` from the current folder upwards, else a new one here; never created."""
    if named := environ.get("GOSPULT_HOME"):
        return Path(named).expanduser().resolve()
    here = (start or Path.cwd()).resolve()
    return next(
        (folder / ".gospult" for folder in (here, *here.parents) if (folder / ".gospult").is_dir()),
        here / ".gospult",
    )


def account() -> str | None:
    """The ordinary account that runs the server when we are root, None when we are ordinary ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise Refused("PostgreSQL не запускается от root: заведите пользователя postgres (useradd --system postgres) или задайте DATABASE_URL.")


def cluster_folder(home: Path) -> Path:
    """The folder of the home's cluster, made when it is absent. Raises Refused when it cannot be used."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        link = home / "postgres"
        folder = _roots_folder(home, link) if os.geteuid() == 0 else link
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "start.lock").touch()
    except OSError as error:
        raise Refused(f"Нельзя писать в папку {home} ({error.strerror}): задайте другую в GOSPULT_HOME.") from None
    return folder


def _roots_folder(home: Path, link: Path) -> Path:
    """The cluster follows a home that was moved (its link goes with it) but is never shared with a copy of that home."""
    if link.is_dir() and not link.is_symlink():
        return link  # made by an ordinary user: his cluster stays his, `Cluster` runs it under the owner's account
    if link.is_symlink():
        folder = link.resolve()
        if folder.is_dir() and _owner(folder) in (home, None):
            (folder / "home").write_text(str(home))
            return folder
        link.unlink()
    ROOTS_CLUSTERS.mkdir(mode=0o755, parents=True, exist_ok=True)
    # Never a name that follows from the path alone: a home made anew where an old one stood has a key of its own,
    # and would find rows sealed with the lost one.
    folder = Path(tempfile.mkdtemp(prefix=hashlib.sha256(str(home).encode()).hexdigest()[:12] + "-", dir=ROOTS_CLUSTERS))
    folder.chmod(0o755)
    (folder / "home").write_text(str(home))
    try:
        link.symlink_to(folder)
    except FileExistsError:  # another process of this home was quicker
        shutil.rmtree(folder)
    return link.resolve()


def _owner(folder: Path) -> Path | None:
    """The home that a cluster belongs to now, None when that home is gone."""
    marker = folder / "home"
    home = Path(marker.read_text()) if marker.exists() else None
    return home if home and (home / "postgres").resolve() == folder else None


def abandoned() -> list[Path]:
    """Clusters of root whose home is gone; they are reported by `gospult doctor`, a person deletes them."""
    if not os.access(ROOTS_CLUSTERS, os.R_OK):
        return []
    return [marker.parent for marker in sorted(ROOTS_CLUSTERS.glob("*/home")) if _owner(marker.parent) is None]
