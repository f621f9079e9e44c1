"""What crosses the border with the networks: what came in, what must go out, and the tokens.

In: every revision of every utterance is one immutable row, whatever happens to it later.
Out: one row per reply, which is never blindly repeated.
No network call is ever made inside a request or a transaction.
"""
