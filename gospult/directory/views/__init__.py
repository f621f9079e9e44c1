"""Views of the directory, cut by noun."""
