"""Connectors: how each network is spoken to, and a sandbox that speaks like them.

No models and no settings live here: a connector takes credentials and gives back the frozen
dataclasses of `base`. A new network is a folder and one line in `registry.NETWORKS` of this room.
"""
