"""The one error for an expected "no"."""


class Refused(Exception):
    """An action that must not happen now; the text is one Russian sentence for the person."""
