"""The settings of `gospult web` while intake is measured: production's own, and one more address that production does not have."""

from gospult.settings import *  # noqa: F403
from gospult.settings import MIDDLEWARE

# Before all the others: the bare insert must not pay for what it is compared with.
MIDDLEWARE = ["gospult.bench.bare.first_in_line", *MIDDLEWARE]
