"""The public catalogue of bodies and their official pages, open to everybody without login.

Search as people really type, «официальная ли это страница?», the card of a body, open data.
What is searched follows the registry by itself; no query and no visitor is ever kept.
"""
