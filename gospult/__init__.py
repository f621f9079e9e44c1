"""Госпульт: the working desk of a regional management centre."""
