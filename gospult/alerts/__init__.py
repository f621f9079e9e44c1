"""What a person of the centre must know, by the channel of his choice, at the hours he allows.

Any room upstairs calls `actions.tell`; that only writes a row. Jobs make letters out of rows, many of them one digest, and
send each letter once. What the person writes back becomes a `Reply`, which the room that it is about picks up.
"""
