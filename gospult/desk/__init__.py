"""The daily work: messages become cases, cases find a body, bodies answer, answers are controlled.

Read `models.py` (NEXT) first, then `actions/`. The thinking stands apart from the database:
`triage`, `routing`, `clock`, `checker`.
"""
