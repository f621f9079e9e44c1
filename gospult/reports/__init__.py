"""Figures of a period for people, each with its definition and its rows.

One query answers the screen, PDF, XLSX and JSON, so that a figure cannot differ between them.
"""
