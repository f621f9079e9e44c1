"""The one list of periodic jobs."""
