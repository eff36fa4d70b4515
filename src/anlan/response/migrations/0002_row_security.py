"""Plans under scope for health posts and leaders; notices of an end under scope for whoever receives them."""

from django.db import migrations

from anlan.foundation.policies import protect

DECIDERS = ("health", "lead")


class Migration(migrations.Migration):
    dependencies = [("response", "0001_initial"), ("foundation", "0002_row_security")]

    operations = [
        protect("response_planproposal", purposes=DECIDERS),
        protect("response_plannedorder", purposes=DECIDERS),
        protect("response_responsestep", purposes=DECIDERS),
        protect("response_liftingnotice"),
    ]
