"""Territories, bodies, official pages, and who may see which of them.

The registry export of the «Госпаблики» component comes in and goes out here (`importing`).
Every list of every room above starts from `visible_to(user)`, whose rule is in `models.access`.
"""
