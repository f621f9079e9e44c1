"""The vocabulary of what residents write is gathered anew, and forgets with them."""

from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from ..models import Message, Vocabulary

AGE = timedelta(hours=20)
GROWTH = 0.2  # so many more than last time, and the words are gathered at once: a young house learns quickly
FEWEST = 3  # messages that a word must stand in
GATHER = """
INSERT INTO desk_word (word, plain, stem, root, count)
SELECT word, replace(word, 'ё', 'е'), stem, replace(stem, 'ё', 'е'), ndoc
FROM (
    SELECT word, ndoc, (tsvector_to_array(to_tsvector('russian', word)))[1] AS stem
    FROM ts_stat('SELECT to_tsvector(''simple'', text) FROM desk_message')
    WHERE ndoc >= %s AND word ~ '^([а-яё]{3,30}|[a-z]{3,30})$'
) AS said
WHERE stem IS NOT NULL
"""


def gather_words(*, force: bool = False) -> bool:
    """The words of all messages are counted again, once a day or when messages have grown by a fifth; says whether it was time."""
    with transaction.atomic():
        Vocabulary.objects.bulk_create([Vocabulary(pk=1, gathered_at=timezone.now() - 2 * AGE)], ignore_conflicts=True)
        known = Vocabulary.objects.select_for_update(skip_locked=True).filter(pk=1).first()
        last = Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        if known is None or not (force or known.gathered_at < timezone.now() - AGE or last - known.last_message > known.messages * GROWTH):
            return False
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM desk_word")
            cursor.execute(GATHER, [FEWEST])
        known.gathered_at, known.messages, known.last_message = timezone.now(), Message.objects.count(), last
        known.save(update_fields=["gathered_at", "messages", "last_message"])
    return True
