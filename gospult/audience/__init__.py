"""How many people the pages reach: each of them once, and nobody by name.

A build takes keyed ids, counts every cell of territory × sphere × network exactly, keeps the counts and a sketch per page,
and loses the key. Nothing that remains can tell who follows which page (docs/audience.md).
"""
