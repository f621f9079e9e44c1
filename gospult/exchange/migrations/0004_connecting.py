import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import gospult.exchange.models.invitations


def give_doors(apps, schema_editor):
    Connection = apps.get_model("exchange", "Connection")
    for row in Connection.objects.filter(door=None).only("pk"):
        Connection.objects.filter(pk=row.pk).update(door=gospult.exchange.models.invitations.new_door())


class Migration(migrations.Migration):
    dependencies = [
        ("exchange", "0003_quotas_tokens_sweeps"),
        ("registry", "0002_exemption_from_export_alter_importchange_action"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("connection", "door", models.CharField(max_length=40, null=True)),
        migrations.RunPython(give_doors, migrations.RunPython.noop),
        migrations.AddField(
            model_name='connection',
            name='account',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name='connection',
            name='check_at',
            field=models.DateTimeField(db_index=True, default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name='connection',
            name='checked_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='connection',
            name='gaps_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='connection',
            name='granted',
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name='connection',
            name='heard_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='connection',
            name='hook',
            field=models.CharField(choices=[('unknown', 'не нужны или ещё не проверены'), ('alive', 'приходят'), ('dropped', 'сеть их не присылает'), ('elsewhere', 'уходят на другой адрес'), ('by_hand', 'включаются в настройках страницы')], default='unknown', max_length=10),
        ),
        migrations.AddField(
            model_name='connection',
            name='missing',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='connection',
            name='problem',
            field=models.TextField(blank=True),
        ),
        migrations.AlterField(
            model_name='connection',
            name='door',
            field=models.CharField(default=gospult.exchange.models.invitations.new_door, max_length=40, unique=True),
        ),
        migrations.CreateModel(
            name='Pilot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateTimeField(auto_now_add=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('page', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, to='registry.page')),
            ],
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key_hash', models.CharField(max_length=64, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField()),
                ('opened_at', models.DateTimeField(null=True)),
                ('given_at', models.DateTimeField(null=True)),
                ('sealed', models.BinaryField(default=bytes)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('checks', models.PositiveSmallIntegerField(default=0)),
                ('next_check_at', models.DateTimeField(null=True)),
                ('problem', models.TextField(blank=True)),
                ('connected_at', models.DateTimeField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('page', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='registry.page')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('next_check_at__isnull', False)), fields=['next_check_at'], name='invitation_to_check')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('connected_at', None), ('revoked_at', None)), fields=('page',), name='invitation_one_open')],
            },
        ),
    ]
