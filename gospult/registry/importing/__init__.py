"""The official export of госпаблики: a file in, typed rows and named problems out. No database here.

`sheet` opens the file, `columns` finds the columns by their titles, `address` tells which page is meant,
`rows` types the cells. Everything that cannot be read is a problem with the number of its row, never an exception.
"""

from .rows import Export, Row, read

__all__ = ["Export", "Row", "read"]
