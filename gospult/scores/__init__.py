"""Scores of pages and municipalities by dated methods of the region's files, with every point explained.

A score is counted from the months of monitoring and from official figures; beside ours stands the official one, where it
was published, and what is not confirmed is never shown as known.
"""
