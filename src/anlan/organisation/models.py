"""Areas, posts, members, appointments (unscoped: staff may know who answers for what); premises (scoped)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from anlan.foundation.ids import new_id
from anlan.foundation.models import Account, AreaCodeField, Scoped
from anlan.organisation.rules import CODE_LENGTH, AreaLevel, LinkKind, building_word, place_word


class Area(models.Model):
    """One node of the tree for one stretch of time; its code says where it hangs."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = AreaCodeField()
    parent_code = AreaCodeField(blank=True)
    level = models.CharField(max_length=12, choices=AreaLevel.choices)
    kind = models.TextField(default="residential")  # a key of the pack's area_kinds
    name = models.TextField()
    outside_codes = models.JSONField(default=dict)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint("code", condition=Q(ends_at=None), name="area_code_once_at_a_time"),
            models.CheckConstraint(condition=Q(code__regex=r"^\d{6}(\d{3}(\d{3}(\d{3}(\d{3})?)?)?)?$"),
                                   name="area_code_shape"),
            models.CheckConstraint(condition=Q(ends_at=None) | Q(ends_at__gt=models.F("starts_at")),
                                   name="area_ends_after_start"),
        )  # fmt: skip
        indexes = (
            models.Index("code", "starts_at", name="area_code_starts"),
            models.Index("parent_code", name="area_parent"),
        )

    def __str__(self) -> str:
        return self.name


class AreaShape(models.Model):
    """The outline of an area: one or more rings of [x, y] in metres on the district's plane."""

    area = models.OneToOneField(Area, on_delete=models.CASCADE, related_name="shape")
    rings = models.JSONField()
    label_x = models.FloatField()
    label_y = models.FloatField()


class AreaLink(models.Model):
    """Two areas of one level that concern each other: a common border, or a declared link."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    low_code = AreaCodeField()  # the smaller code of the two, so that a pair is stored once
    high_code = AreaCodeField()
    kind = models.CharField(max_length=10, choices=LinkKind.choices)
    reason = models.TextField(blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                "low_code", "high_code", "kind", condition=Q(ends_at=None), name="area_link_once"
            ),
            models.CheckConstraint(condition=Q(low_code__lt=models.F("high_code")), name="area_link_ordered"),
        )
        indexes = (models.Index("high_code", name="area_link_high"),)


class Member(models.Model):
    """A person who can hold posts: staff, volunteer head, contact of a unit."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.OneToOneField(
        Account, null=True, blank=True, on_delete=models.PROTECT, related_name="member"
    )
    name = models.TextField()
    unit = models.TextField(blank=True)  # the employing body, as written
    area_code = AreaCodeField()
    phone = models.BinaryField(null=True)  # encrypted
    is_system = models.BooleanField(default=False)  # an outside system that sends to the inbox
    version = models.IntegerField(default=1)

    class Meta:
        indexes = (
            models.Index("area_code", name="member_area"),
            models.Index(Coalesce("account_id", "id"), name="member_sender"),  # who sends: see sender_right
        )

    def __str__(self) -> str:
        return self.name


class Facility(Scoped):
    """A school, pharmacy, clinic, care home…: a place with people of its own, usually a special grid."""

    on_redraw = "moves"

    kind = models.TextField()  # a key of the pack's facility_kinds
    name = models.TextField()
    address = models.TextField(blank=True)
    x_m = models.FloatField(null=True)
    y_m = models.FloatField(null=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        indexes = (models.Index("area_code", "id", name="facility_area"),)

    def __str__(self) -> str:
        return self.name

    @property
    def mark(self) -> tuple[str, ...]:
        """What tells it from the others of its area."""
        return self.area_code, self.kind, place_word(self.name)


class FacilityGroup(Scoped):
    """A class, dormitory, ward or floor of a facility."""

    on_redraw = "moves"

    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="groups")
    kind = models.TextField(default="class")
    name = models.TextField()
    headcount = models.IntegerField(null=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index("area_code", "id", name="facilitygroup_area"),)

    def __str__(self) -> str:
        return self.name


class Building(Scoped):
    """A building of a grid, with its units (stairs) and floors."""

    on_redraw = "moves"

    number = models.TextField()
    name = models.TextField(blank=True)
    unit_count = models.SmallIntegerField(default=1)
    floor_count = models.SmallIntegerField(default=1)
    x_m = models.FloatField(null=True)
    y_m = models.FloatField(null=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        indexes = (models.Index("area_code", "id", name="building_area"),)

    def __str__(self) -> str:
        return self.name or self.number

    @property
    def mark(self) -> tuple[str, ...]:
        """What tells it from the others of its grid."""
        return self.area_code[: CODE_LENGTH[AreaLevel.GRID]], building_word(self.number)


class Post(models.Model):
    """A duty at an area. What may be seen and done goes with the post, whoever holds it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    role = models.TextField()  # a key of the pack's posts
    title = models.TextField()
    area_code = AreaCodeField()
    facility = models.ForeignKey(Facility, null=True, blank=True, on_delete=models.PROTECT)
    purposes = ArrayField(models.TextField(), default=list)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        indexes = (
            models.Index("area_code", "role", name="post_area_role"),
            models.Index("role", name="post_role"),
        )

    def __str__(self) -> str:
        return self.title


class PostRange(models.Model):
    """An area, with all below it, that a post may see: its own, and any number of others."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="post_ranges")
    code = AreaCodeField()

    class Meta:
        constraints = (models.UniqueConstraint("post", "code", name="post_range_once"),)


class Appointment(models.Model):
    """A member holds a post from one second to another; rights begin and end with it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="appointments")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="appointments")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)
    end_reason = models.TextField(blank=True)
    end_announced_at = models.DateTimeField(null=True, blank=True)  # open pages were told that it is over
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=models.F("starts_at")),
                name="appointment_ends_after_start",
            ),
        )
        indexes = (
            models.Index("member", "starts_at", name="appointment_member"),
            models.Index("ends_at", name="appointment_end_untold", condition=Q(end_announced_at=None)),
        )


class Shift(models.Model):
    """Who of a post's holders is on duty, from–to."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="shifts")
    member = models.ForeignKey(Member, on_delete=models.PROTECT)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_at__gt=models.F("starts_at")), name="shift_ends_after_start"
            ),
        )
        indexes = (models.Index("post", "starts_at", name="shift_post"),)


class Setting(models.Model):
    """A limit or switch a district has set, in force from–to; what is not set comes from the pack."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.TextField()
    area_code = AreaCodeField(blank=True)
    value = models.JSONField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    set_by_post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT)

    class Meta:
        constraints = (
            models.UniqueConstraint("key", "area_code", condition=Q(ends_at=None), name="setting_once"),
        )
        indexes = (models.Index("key", "area_code", "starts_at", name="setting_key"),)


class Holiday(models.Model):
    """A day on which the work calendar differs from plain weekdays (seeded, then editable)."""

    on = models.DateField(primary_key=True)
    is_workday = models.BooleanField()
    name = models.TextField(blank=True)
