"""A fifth network, as small as a network can be: it exists only here.

It shows that a new network is a folder and one line: `docs/networks.md` has the steps, `test_tiny.py` walks them.
"""
