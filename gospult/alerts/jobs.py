"""Work of the alerts by the clock; every job may be killed anywhere and run twice."""

from datetime import timedelta

from django.utils import timezone

from . import actions
from .models import Alert, Letter, Pairing

KEPT = timedelta(days=90)


def write_letters() -> None:
    """Waiting alerts become letters."""
    actions.write_due()


def send_letters() -> None:
    """Letters go out."""
    actions.send_due()


def take_incoming() -> None:
    """What people wrote to the staff's page is taken."""
    actions.take_incoming()


def forget() -> None:
    """Old alerts, letters and codes are deleted."""
    long_ago = timezone.now() - KEPT
    Alert.objects.filter(created_at__lt=long_ago).delete()
    Letter.objects.filter(created_at__lt=long_ago).delete()
    Pairing.objects.filter(until__lt=timezone.now() - timedelta(days=1)).delete()
