"""Makes the table of django-maintenance-page, as Django makes it, and fills it.

Usage: old_releases.py ENGINE NAME HOST PORT USER '[["v1.0", "2018-02-14T11:23:45.123456+00:00"], …]'
"""

import json
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
    USE_TZ=True,
)
django.setup()

from django.db import connection, models  # noqa: E402


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
    Release.objects.filter(pk=release.pk).update(timestamp=datetime.fromisoformat(timestamp))
