"""Put imports under the scope policy: for posts that serve residents or report, nobody else in range."""

from django.db import migrations

from anlan.foundation.policies import protect

PURPOSES = ["grid_work", "health", "privacy", "reporting"]
TABLES = ("exchange_importbatch", "exchange_importchunk", "exchange_importrow")


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_initial"), ("foundation", "0002_row_security")]

    operations = [protect(table, purposes=PURPOSES) for table in TABLES]
