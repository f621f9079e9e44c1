"""`python -m gospult.bench.country 175000`: a sandbox with so many communities of VK, as a process of its own. All names are made up."""

import signal
import sys
import threading

from gospult.networks.sandbox import Server
from gospult.networks.sandbox.world import Page

FIRST = 1_000_001
COMMUNITY, SERVICE, USERS = "bench-community", "bench-service", ("bench-user-1", "bench-user-2")


def main(number: int) -> None:
    """Tell the address when all pages are there, run until SIGTERM."""
    server = Server(0)
    realm = server.sandbox.world
    for page in range(FIRST, FIRST + number):
        realm.add_page(Page("vk", page, f"Школа № {page}", f"school{page}", {}, members=page % 20_000, description="Официальная страница"))
    tokens = [{"community": COMMUNITY, "service": SERVICE, "user": USERS[0]}, {"user": USERS[1]}]
    for page, given in enumerate(tokens, FIRST):
        realm.add_page(Page("vk", page, f"Школа № {page}", f"school{page}", given))
    done = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: done.set())
    server.start()
    print(server.base_url, flush=True)
    done.wait()
    server.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]))
