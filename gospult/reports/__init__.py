"""Figures of a period for people: one query for the screen, PDF, XLSX and JSON.

Each figure comes with its definition, its coverage, its age and the rows behind it. Nothing is counted here that another
room counts already: the desk's figures are those of its rating, the registry's those of its lists, the pages' those of `PageMonth`.
"""
