import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

# A stop word takes a place and is not kept: three of them part two messages, so that no phrase runs over the border.
# A case of thousands of messages may outgrow a tsvector (1 MB): then its oldest words stay findable and nothing else fails.
FUNCTIONS = """
CREATE FUNCTION desk_gather_case_words(cases bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO desk_casewords (case_id, words)
    SELECT c.id, to_tsvector('russian', coalesce((SELECT string_agg(m.text, ' и и и ' ORDER BY m.id) FROM desk_message m WHERE m.case_id = c.id), ''))
    FROM desk_case c WHERE c.id = ANY(cases) ORDER BY c.id
    ON CONFLICT (case_id) DO UPDATE SET words = excluded.words;
EXCEPTION WHEN program_limit_exceeded THEN
    RAISE WARNING 'words of a case are too many for one row';
END $$;

CREATE FUNCTION desk_words_said() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO desk_casewords AS kept (case_id, words)
    SELECT case_id, to_tsvector('russian', 'и и и ' || string_agg(text, ' и и и ' ORDER BY id))
    FROM fresh WHERE case_id IS NOT NULL GROUP BY case_id ORDER BY case_id
    ON CONFLICT (case_id) DO UPDATE SET words = kept.words || excluded.words;
    RETURN NULL;
EXCEPTION WHEN program_limit_exceeded THEN
    RAISE WARNING 'words of a case are too many for one row';
    RETURN NULL;
END $$;

CREATE FUNCTION desk_words_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE cases bigint[];
BEGIN
    SELECT array_agg(DISTINCT touched.id) INTO cases
    FROM fresh JOIN stale ON stale.id = fresh.id, LATERAL unnest(ARRAY[fresh.case_id, stale.case_id]) AS touched(id)
    WHERE touched.id IS NOT NULL AND (fresh.text, fresh.case_id) IS DISTINCT FROM (stale.text, stale.case_id);
    IF cases IS NOT NULL THEN
        PERFORM desk_gather_case_words(cases);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION desk_words_gone() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE cases bigint[];
BEGIN
    SELECT array_agg(DISTINCT case_id) INTO cases FROM stale WHERE case_id IS NOT NULL;
    IF cases IS NOT NULL THEN
        PERFORM desk_gather_case_words(cases);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER words_said AFTER INSERT ON desk_message
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION desk_words_said();
CREATE TRIGGER words_changed AFTER UPDATE ON desk_message
    REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION desk_words_changed();
CREATE TRIGGER words_gone AFTER DELETE ON desk_message
    REFERENCING OLD TABLE AS stale FOR EACH STATEMENT EXECUTE FUNCTION desk_words_gone();
"""
DROPPED = """
DROP TRIGGER words_said ON desk_message;
DROP TRIGGER words_changed ON desk_message;
DROP TRIGGER words_gone ON desk_message;
DROP FUNCTION desk_words_said, desk_words_changed, desk_words_gone, desk_gather_case_words;
"""
FILLED = """
INSERT INTO desk_casewords (case_id, words)
SELECT case_id, to_tsvector('russian', string_agg(text, ' и и и ' ORDER BY id)) FROM desk_message WHERE case_id IS NOT NULL GROUP BY case_id
"""


class Migration(migrations.Migration):

    dependencies = [
        ('desk', '0026_bulk'),
    ]

    operations = [
        migrations.CreateModel(
            name='CaseWords',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('words', django.contrib.postgres.search.SearchVectorField()),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='words', to='desk.case')),
            ],
        ),
        migrations.RunSQL(FILLED, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='casewords',
            index=django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=['words'], name='case_words'),
        ),
        migrations.RunSQL(FUNCTIONS, DROPPED),
        migrations.RemoveIndex(
            model_name='message',
            name='message_words',
        ),
    ]
