"""People who work in the system, how they log in, and the journal of what they did.

What a person may see is decided by grants, which live one floor up in `registry`.
"""
