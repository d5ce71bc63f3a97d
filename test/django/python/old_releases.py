"""Makes the table of django-maintenance-page, as Django makes it, and fills it.

Usage: old_releases.py ENGINE NAME HOST PORT USER '[["v1.0", "2018-02-14T11:23:45.123456+00:00"], …]'

With TIME_ZONE in the environment, Django runs with USE_TZ = False in that zone.
"""

import json
import os
import sys
from datetime import datetime

import django
from django.conf import settings

engine, name, host, port, user, rows = sys.argv[1:]
if engine == "mysql":
    import pymysql

    pymysql.install_as_MySQLdb()
settings.configure(
    DATABASES={
        "default": {
            "ENGINE": f"django.db.backends.{engine}",
            "NAME": name,
            "HOST": host,
            "PORT": port,
            "USER": user,
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    USE_TZ="TIME_ZONE" not in os.environ,
    TIME_ZONE=os.environ.get("TIME_ZONE", "America/Chicago"),
)
django.setup()

from django.db import connection, models  # noqa: E402
from django.utils import timezone  # noqa: E402


class Release(models.Model):
    identifier = models.CharField(max_length=127, unique=True)
    timestamp = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        app_label = "django_maintenance_page"
        ordering = ("-timestamp",)


with connection.schema_editor() as editor:
    editor.create_model(Release)
for identifier, timestamp in json.loads(rows):
    release = Release.objects.create(identifier=identifier)
    moment = datetime.fromisoformat(timestamp)
    if not settings.USE_TZ:
        moment = timezone.make_naive(moment)
    Release.objects.filter(pk=release.pk).update(timestamp=moment)
