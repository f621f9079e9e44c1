"""What the centre and the pages themselves tell residents.

The first piece is a page's own post: written once, published on several pages in several networks, now or at an hour. How
each publication stands is told by the exchange's row, never by a copy of it here.
"""
