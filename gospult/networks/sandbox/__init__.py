"""A sandbox of the networks: one HTTP process that answers, limits, fails and sends events as they do.

It keeps a ledger of what pages really posted, so a test compares the database with the truth.
State is in memory; `/sandbox/…` controls it, `/` shows the walls and lets a person write as a resident.
"""

from gospult.networks.sandbox.server import Server, serve

__all__ = ["Server", "serve"]
