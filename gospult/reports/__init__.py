"""Figures of a period for people: one query for the screen, PDF, XLSX and JSON; each figure with its definition and rows."""
