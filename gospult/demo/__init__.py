"""The demo region: invented institutions, people and residents over the real municipalities, alive in a sandbox.

It exercises every room below: `fill` makes the rows, `run` keeps the region alive for a newcomer,
`once` leads a fixed set of messages down the whole road and counts, `chaos` kills processes on the way.
"""
