"""Bench: how fast the rooms are, measured and not promised.

Each benchmark works in a throw-away database that `gospult bench` has made, says how large its
data were and on which machine it ran, and gives medians of several rounds: `docs/scale.md`.
"""
