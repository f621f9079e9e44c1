"""Screens that are made of several rooms.

The settings' index, the steward's «Моя страница» and the curator's «Моя ветвь» live here: each asks the rooms below by
their queries and changes things by their actions only.
"""
