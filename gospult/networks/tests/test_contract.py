"""Runs the contract for every network."""

import pytest

pytest.register_assert_rewrite("gospult.networks.contract")

from gospult.networks.contract import *  # noqa: E402, F403 -- after the asserts were made to explain themselves
