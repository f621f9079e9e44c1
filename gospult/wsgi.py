"""The WSGI application that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

from gospult.lib.processes import die_with_parent

die_with_parent()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gospult.settings")
application = get_wsgi_application()
