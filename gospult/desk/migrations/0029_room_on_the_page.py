from django.db import migrations


class Migration(migrations.Migration):
    # A case changes a dozen times in its life, mostly in columns that no index holds: with room on its page such a change touches none of twenty indexes.
    dependencies = [
        ('desk', '0028_newest_of_each'),
    ]

    operations = [
        migrations.RunSQL("ALTER TABLE desk_case SET (fillfactor = 75)", "ALTER TABLE desk_case RESET (fillfactor)"),
    ]
