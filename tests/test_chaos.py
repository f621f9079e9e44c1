"""Processes are killed at random along the road: a few times here, many times by `make chaos`, which also lets every network fail."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gospult.networks.registry import NETWORKS

ROOT = Path(__file__).parents[1]
# The keys of `gospult demo --once --json`, which counts in the same way.
KEYS = {
    "messages", "cases", "merged", "answered", "answered_natively", "published", "unknown", "shown_to_person", "lost", "doubled", "overdue",
    "faults_injected", "killed", "seconds",
}  # fmt: skip


def chaos(*words: str, seconds: float, suite: str = "chaos") -> Any:
    """A run of a suite in a process of its own, with a database server of its own; it prints its seed."""
    command = [sys.executable, "-m", f"gospult.demo.{suite}", *words]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, timeout=seconds, text=True)
    assert done.stdout, f"the run broke off with exit code {done.returncode}"
    result = json.loads(done.stdout)
    print(done.stdout)
    assert done.returncode == 0, result
    return result


def test_a_few_kills_lose_nothing_and_double_nothing() -> None:
    result = chaos("--kills", "4", "--seconds", "150", seconds=240)
    assert (result["killed"], result["lost"], result["doubled"], result["unknown"]) == (4, 0, 0, 0)
    assert set(result) >= KEYS
    assert result["messages"] >= 40


@pytest.mark.chaos
def test_fifty_kills_lose_nothing_and_double_nothing() -> None:
    result = chaos("--kills", "50", "--report", "docs/chaos.md", seconds=900)
    assert (result["killed"], result["lost"], result["doubled"], result["unknown"]) == (50, 0, 0, 0)
    assert min(result["killed_by"].values()) >= 1


@pytest.mark.chaos
def test_faults_of_every_sort_lose_nothing_and_double_nothing_in_every_network() -> None:
    results = chaos("--events", "400", "--replies", "80", "--pages", "8", "--seconds", "300", suite="faults", seconds=1300)
    assert {result["network"] for result in results} == set(NETWORKS)
    assert [(result["lost"], result["doubled"], result["open"]) for result in results] == [(0, 0, 0)] * len(NETWORKS)
    assert all(sum(result["faults"].values()) > 10 for result in results)
