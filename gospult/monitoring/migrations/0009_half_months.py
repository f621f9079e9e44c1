from django.db import migrations

# Months that were seen from their middle on: what was counted of them is no figure of the month. The triggers mend the kept sums.
HALVES = """
UPDATE monitoring_pagemonth SET posts = NULL, reposts = NULL, placed = NULL, views = NULL, likes = NULL, comments = NULL, shares = NULL, parts = '[]'
WHERE posts IS NOT NULL AND (seen_since > month::timestamp AT TIME ZONE 'Europe/Moscow')
"""


class Migration(migrations.Migration):

    dependencies = [
        ('monitoring', '0008_sums_of_months'),
    ]

    operations = [
        migrations.RunSQL(HALVES, migrations.RunSQL.noop),
    ]
