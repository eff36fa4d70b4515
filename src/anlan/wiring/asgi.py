"""The server's entrance: pages on threads, the inbox and live streams beside them in one process."""

import os

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.wiring.settings")

pages = get_wsgi_application()
application = WSGIMiddleware(pages, workers=16)
