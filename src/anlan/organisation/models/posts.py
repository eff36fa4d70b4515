"""Members, posts, appointments and shifts (unscoped: staff may know who answers for what)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from anlan.foundation.ids import new_id
from anlan.foundation.models import Account, AreaCodeField
from anlan.organisation.models.attributes import said_attributes
from anlan.organisation.models.premises import Facility


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
    facility = models.ForeignKey(
        Facility, null=True, blank=True, on_delete=models.PROTECT, related_name="staff"
    )  # the institution whose staff the person is
    attributes = said_attributes()  # profession, rank of title
    is_system = models.BooleanField(default=False)  # an outside system that sends to the inbox
    version = models.IntegerField(default=1)

    class Meta:
        indexes = (
            models.Index("area_code", name="member_area"),
            models.Index(Coalesce("account_id", "id"), name="member_sender"),  # who sends: see sender_right
        )

    def __str__(self) -> str:
        return self.name


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
