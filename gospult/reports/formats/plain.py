"""A report as JSON: figures and tables with their raw values, and as they are shown."""

import json

from ..shapes import Report, plain


def as_json(report: Report) -> str:
    """One JSON value."""
    return json.dumps(plain(report), ensure_ascii=False, default=str, indent=1)
