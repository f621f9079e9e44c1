"""The formats of a report: each writes what `queries.report` gave, and counts nothing."""
