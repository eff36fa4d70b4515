"""Households, residents and their tokens; entries made twice, looks, erasures."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.foundation.models import AreaCodeField, Scoped
from anlan.organisation.models import Building, FacilityGroup
from anlan.people.rules import (
    ErasureBasis,
    LikenessGrade,
    LookUpKind,
    TokenKind,
    TwinsApart,
    TwinState,
)

# A post in range without one of these (police, commander, administrators) sees no resident.
PURPOSES = ("grid_work", "health", "privacy")


class Household(Scoped):
    """The people behind one door."""

    on_redraw = "moves"
    redraw_with = ("building",)
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
            models.Index("verified_on", "area_code", name="household_verified"),
        )


class Resident(Scoped):
    """One person as the register holds them: no health data lives here."""

    on_redraw = "moves"
    redraw_with = ("household",)
    on_redraw_clash = "refuses"  # one identity number twice in a grid: merge the two entries first
    read_purposes = PURPOSES

    class Sex(models.TextChoices):
        """As on the identity card."""

        FEMALE = "female", _("女")
        MALE = "male", _("男")
        UNKNOWN = "unknown", _("未知")

    household = models.ForeignKey(
        Household, null=True, on_delete=models.PROTECT, related_name="residents", db_index=False
    )
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
    # The version for which others like this one were sought last; kept by people.pairs.
    sought_version = models.IntegerField(default=0, db_default=0)

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
            models.Index(
                "area_code",
                "id",
                condition=~models.Q(sought_version=models.F("version")),
                name="resident_not_sought",
            ),
        )


class SearchToken(models.Model):
    """One word by which a resident is found: equality or prefix on a plain index (DESIGN.md section 3)."""

    Kind = TokenKind
    on_redraw = "moves"
    redraw_with = ("resident",)
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
    redraw_with = ("resident",)
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


class PossibleTwin(Scoped):
    """Two entries of the register that may be one person, parked until somebody decides.

    It lies in the smallest area that holds both, and names them by id alone.
    """

    on_redraw = "moves"
    read_purposes = ("grid_work", "privacy")

    one_id = models.UUIDField()  # the lesser of the two ids
    other_id = models.UUIDField()
    grade = models.CharField(max_length=9, choices=LikenessGrade.choices)
    score = models.FloatField()  # bits (people.likeness)
    state = models.CharField(max_length=9, choices=TwinState.choices, default=TwinState.OPEN)
    found_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_title = models.TextField(blank=True)
    decided_name = models.TextField(blank=True)
    why = models.CharField(max_length=12, choices=TwinsApart.choices, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint("one_id", "other_id", name="possibletwin_once"),
            models.CheckConstraint(
                condition=models.Q(one_id__lt=models.F("other_id")), name="possibletwin_order"
            ),
        )
        indexes = (
            models.Index(fields=("area_code", "-score", "id"), name="possibletwin_area"),
            models.Index("other_id", name="possibletwin_other"),
        )


class Merge(Scoped):
    """Two entries were made one: what the one that left held, so that it can come back as it was.

    It lies where the kept person does, leads from the old id to them, and is erased with them.
    """

    on_redraw = "moves"
    redraw_with = ("kept",)
    read_purposes = PURPOSES

    kept = models.ForeignKey(Resident, on_delete=models.CASCADE, related_name="merges")
    gone_id = models.UUIDField()
    id_number = models.BinaryField(null=True)  # encrypted, as the entry held it
    id_number_hash = models.BinaryField(null=True)
    phone = models.BinaryField(null=True)
    phone_hash = models.BinaryField(null=True)
    gone = models.JSONField()  # its other columns
    moved = models.JSONField()  # ids of rows that were hung on the one kept, by model and field
    fields = models.JSONField()  # of the one kept, that took another value
    version = models.IntegerField()  # of the one kept, after
    merged_at = models.DateTimeField()
    post_id = models.UUIDField()
    post_title = models.TextField()
    member_name = models.TextField()
    undone_at = models.DateTimeField(null=True)
    undone_title = models.TextField(blank=True)
    undone_name = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                "gone_id", condition=models.Q(undone_at=None), name="merge_once_at_a_time"
            ),
        )
        indexes = (models.Index("area_code", "id", name="merge_area"),)


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
