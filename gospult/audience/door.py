"""The door at which people stop being anybody: ids go in, keyed numbers come out, and the key is never written anywhere."""

import hashlib
import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np

from .engine import Pairs, Words

PAIR = np.dtype([("page", "<u4"), ("person", "<u8")])
READ_AT_ONCE = 1_000_000  # pairs


class Door:
    """Keyed numbers of people, for one build: the same person of a network is the same number, and after the build nobody can say which.

    BLAKE2b with a key of 256 random bits, 8 bytes of it: of 46 million people two share a number once in 17,000 builds.
    """

    def __init__(self) -> None:
        self._key = new_key()

    def __repr__(self) -> str:
        return "Door(…)"

    def keyed(self, network: str, people: Iterable[str]) -> Words:
        """The people of a network as numbers; of different networks never the same."""
        prefix = hashlib.blake2b(network.encode() + b"\0", digest_size=8, key=self._key)
        found = bytearray()
        for who in people:
            one = prefix.copy()
            one.update(who.encode())
            found += one.digest()
        return np.frombuffer(bytes(found), "<u8")


def new_key() -> bytes:
    """256 random bits."""
    return secrets.token_bytes(32)


class Shelf:
    """Where the keyed pairs of a build wait to be counted: a file without a name, so that it is gone with the process, however that ends."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in folder.iterdir():  # where a system knows no nameless files, a crash between two calls may leave one
            left.unlink(missing_ok=True)
        self._file: IO[bytes] = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  closed by __exit__
        os.fchmod(self._file.fileno(), 0o600)
        self.pairs = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def put(self, page: int, people: Words) -> None:
        """Keep the people of a page (its index)."""
        rows = np.empty(len(people), PAIR)
        rows["page"], rows["person"] = page, people
        self._file.write(rows.tobytes())
        self.pairs += len(rows)

    def chunks(self) -> Iterator[Pairs]:
        """Everything that was kept."""
        self._file.seek(0)
        while raw := self._file.read(PAIR.itemsize * READ_AT_ONCE):
            rows = np.frombuffer(raw, PAIR)
            yield rows["page"].copy(), rows["person"].copy()
