"""Screens that are made of several rooms.

The settings' index lives here; the steward's «Моя страница» and the curator's branch will: each asks the rooms below by
their queries and changes things by their actions only.
"""
