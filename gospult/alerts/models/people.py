"""How a person of the centre wants to be told."""

from datetime import date, time

from django.db import models

from gospult.accounts.models import Person


class Channel(models.TextChoices):
    MAX = "max", "MAX"
    TELEGRAM = "telegram", "Telegram"
    VK = "vk", "ВКонтакте"
    OK = "ok", "Одноклассники"
    EMAIL = "email", "почта"


class Contact(models.Model):
    """One channel to a person, tried in the order of `position`.

    address  the thread of his dialogue with the centre's page, or an e-mail address
    page     through which page the messenger is reached
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="contacts")
    channel = models.CharField(max_length=8, choices=Channel)
    page = models.ForeignKey("registry.Page", null=True, on_delete=models.PROTECT)
    address = models.CharField(max_length=254)
    position = models.PositiveSmallIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["person", "channel"], name="contact_once"),
            # A dialogue answers for one person: his replies are published in his name.
            models.UniqueConstraint(fields=["page", "address"], condition=models.Q(page__isnull=False), name="contact_one_person"),
        ]


class Habit(models.Model):
    """When a person is not to be disturbed and who stands in; without a row nights are quiet from nine to eight."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="habit")
    quiet_from = models.TimeField("тихо с", default=time(21))
    quiet_to = models.TimeField("до", default=time(8))
    quiet_weekends = models.BooleanField("в выходные не беспокоить", default=True)
    deputy = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    away_until = models.DateField("меня нет по", null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(deputy=models.F("person")), name="habit_deputy_is_another"),
        ]

    def away_on(self, day: date) -> bool:
        """Whether the deputy is told instead."""
        return self.away_until is not None and day <= self.away_until


class Pairing(models.Model):
    """A short code by which a person shows that a dialogue or a letter-box is his. Kept as a hash, good once and for a quarter of an hour."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=8, choices=Channel)
    address = models.CharField(max_length=254, blank=True)  # the e-mail address that is to be confirmed
    code_hash = models.CharField(max_length=64, unique=True)
    until = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
