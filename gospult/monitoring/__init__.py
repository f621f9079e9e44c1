"""What the pages publish: every post that was seen, and the week's norm.

Posts come by the sweep over walls, by the events of networks that tell of new posts, and from what went out through
Госпульт. Kept are the dates and figures of a post, not its words: those stand in the network.
"""
