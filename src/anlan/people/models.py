"""Households, residents and the tokens by which they are found."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.foundation.models import AreaCodeField, Scoped
from anlan.organisation.models import Building, FacilityGroup
from anlan.people.rules import ErasureBasis, LookUpKind, TokenKind

# A post in range without one of these (police, commander, administrators) sees no resident.
PURPOSES = ("grid_work", "health", "privacy")


class Household(Scoped):
    """The people behind one door."""

    on_redraw = "moves"
    read_purposes = PURPOSES

    building = models.ForeignKey(Building, null=True, on_delete=models.PROTECT, related_name="households")
    unit = models.SmallIntegerField(default=1)
    room = models.TextField()
    version = models.IntegerField(default=1)
    verified_on = models.DateField(null=True)

    class Meta:
        indexes = (
            models.Index("area_code", "id", name="household_area"),
            models.Index("building", "unit", "room", name="household_door"),
        )


class Resident(Scoped):
    """One person as the register holds them: no health data lives here."""

    on_redraw = "moves"
    read_purposes = PURPOSES

    class Sex(models.TextChoices):
        """As on the identity card."""

        FEMALE = "female", _("女")
        MALE = "male", _("男")
        UNKNOWN = "unknown", _("未知")

    household = models.ForeignKey(Household, null=True, on_delete=models.PROTECT, related_name="residents")
    name = models.TextField()
    sex = models.CharField(max_length=8, choices=Sex.choices, default=Sex.UNKNOWN)
    birth_on = models.DateField(null=True)
    relation = models.TextField(blank=True)  # to the head of the household
    id_number = models.BinaryField(null=True)  # encrypted
    id_number_hash = models.BinaryField(null=True)  # keyed
    phone = models.BinaryField(null=True)  # encrypted
    phone_hash = models.BinaryField(null=True)  # keyed
    version = models.IntegerField(default=1)
    verified_on = models.DateField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                "area_code",
                "id_number_hash",
                condition=models.Q(id_number_hash__isnull=False),
                name="resident_once_per_grid",
            ),
        )
        indexes = (
            models.Index("area_code", "id", name="resident_area"),
            models.Index("household", name="resident_household"),
        )


class SearchToken(models.Model):
    """One word by which a resident is found: equality or prefix on a plain index (DESIGN.md section 3)."""

    Kind = TokenKind
    on_redraw = "moves"
    read_purposes = PURPOSES

    # The key is the search index; without a foreign key in the database a million people load in half the
    # time, and tokens are made from the resident in the same act, never by themselves.
    pk = models.CompositePrimaryKey("kind", "token", "area_code", "resident_id")
    area_code = AreaCodeField()
    kind = models.CharField(max_length=8, choices=TokenKind.choices)
    token = models.TextField(db_collation="C")
    resident = models.ForeignKey(
        Resident, on_delete=models.CASCADE, related_name="tokens", db_constraint=False
    )


class Enrolment(Scoped):
    """A resident belongs to a class, ward or floor from–to; area_code is the resident's own."""

    on_redraw = "moves"
    read_purposes = PURPOSES

    resident = models.ForeignKey(Resident, on_delete=models.CASCADE, related_name="enrolments")
    group = models.ForeignKey(FacilityGroup, on_delete=models.PROTECT, related_name="enrolments")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index("area_code", "id", name="enrolment_area"),
            models.Index("group", name="enrolment_group"),
        )


class LookUp(models.Model):
    """Somebody saw or sought a person: kept only as long as the limit on looking-up needs it."""

    id = models.BigAutoField(primary_key=True)
    member_id = models.UUIDField()
    window_at = models.DateTimeField()  # start of the ten minutes it fell into
    kind = models.CharField(max_length=8, choices=LookUpKind.choices)
    subject_id = models.UUIDField()  # the resident or household; of a search, an id of its own

    class Meta:
        constraints = (
            models.UniqueConstraint("member_id", "window_at", "kind", "subject_id", name="lookup_once"),
        )


class Erasure(Scoped):
    """That a person was erased, on what basis, by whom: the id stands for nobody, no identity is kept."""

    on_redraw = "stays"
    read_purposes = ("privacy", "audit")

    resident_id = models.UUIDField(unique=True)
    basis = models.CharField(max_length=20, choices=ErasureBasis.choices)
    reason = models.TextField()  # written; refused where it names the person
    erased_at = models.DateTimeField()
    post_id = models.UUIDField()
    post_title = models.TextField()
    member_id = models.UUIDField()
    removed = models.JSONField(default=dict)  # how many rows of what went with the person

    class Meta:
        indexes = (models.Index("area_code", "id", name="erasure_area"),)


class LookUpAlarm(Scoped):
    """That a member of staff met the limit on looking people up, and who looked into it.

    It lies where the member's post does and names nobody who was looked up.
    """

    on_redraw = "stays"
    read_purposes = ("security", "privacy")

    member_id = models.UUIDField()
    member_name = models.TextField()
    post_id = models.UUIDField()
    post_title = models.TextField()
    kind = models.CharField(max_length=8, choices=LookUpKind.choices)  # which limit was met
    count = models.IntegerField()  # people or searches when it was met
    at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)
    looked_title = models.TextField(blank=True)
    looked_name = models.TextField(blank=True)
    note = models.TextField(blank=True)  # what looking into it found

    class Meta:
        constraints = (models.UniqueConstraint("member_id", "at", name="lookupalarm_once"),)
        indexes = (models.Index(fields=("area_code", "-at"), name="lookupalarm_area"),)
