"""What every connector and the sandbox keep; collected by `tests/test_contract.py`, run for each line of NETWORKS.

A test of something that a network does not have skips itself there: `Stage.needs` asks the connector, which `docs/networks.md` is held against.
"""

from gospult.networks.contract.answering import *  # noqa: F403 -- a contract is all of its tests
from gospult.networks.contract.hearing import *  # noqa: F403
from gospult.networks.contract.posting import *  # noqa: F403
from gospult.networks.contract.reading import *  # noqa: F403
from gospult.networks.contract.stage import Stage as Stage
from gospult.networks.contract.stage import opened as opened
from gospult.networks.contract.stage import stage as stage
