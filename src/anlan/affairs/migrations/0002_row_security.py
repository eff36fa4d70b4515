"""The gate's tables under scope; an admission and its steps are also read where it is addressed (0040)."""

from django.db import migrations

from anlan.foundation.policies import IN_SCOPE, in_scope, protect

ADDRESSED = (
    f"{IN_SCOPE} OR EXISTS (SELECT FROM affairs_addressedarea a"
    f" WHERE a.admission_id = affairs_admission.id AND {in_scope('a.area_code')})"
)
WITH_ITS_ADMISSION = (
    f"{IN_SCOPE} OR EXISTS (SELECT FROM affairs_admission m WHERE m.id = affairs_admissionstep.admission_id)"
)


class Migration(migrations.Migration):
    dependencies = [("affairs", "0001_initial"), ("foundation", "0002_row_security")]

    operations = [
        protect("affairs_addressedarea"),
        protect("affairs_admission"),
        protect("affairs_admissionstep"),
        protect("affairs_gateentry"),
        protect("affairs_objection"),
        migrations.RunSQL(
            f"ALTER POLICY scope_read ON affairs_admission USING ({ADDRESSED});"
            f"ALTER POLICY scope_read ON affairs_admissionstep USING ({WITH_ITS_ADMISSION})",
            f"ALTER POLICY scope_read ON affairs_admission USING ({IN_SCOPE});"
            f"ALTER POLICY scope_read ON affairs_admissionstep USING ({IN_SCOPE})",
        ),
    ]
