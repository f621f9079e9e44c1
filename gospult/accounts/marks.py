"""What every screen says about the installation itself."""

from django.conf import settings
from django.http import HttpRequest


def installation(request: HttpRequest) -> dict[str, bool]:
    """Context of every template: whether this is a demo, so that nobody takes invented people for real ones."""
    return {"is_demo_site": settings.DEMO}
