"""Accounts sign in; rights come from the posts a member holds, never from the account."""

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from anlan.foundation.ids import new_id


class AccountQuerySet(BaseUserManager["Account"]):
    """Make accounts; there is no superuser and no default account."""

    def create_user(self, username: str, password: str | None = None, **fields: object) -> "Account":
        """Create an account that can sign in with this password, or not at all where it is None."""
        account = self.model(username=username, **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """A sign-in: name, password, second factor, language."""

    class Language(models.TextChoices):
        """Languages of the pages."""

        CHINESE = "zh-hans", "中文"
        ENGLISH = "en", "English"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(max_length=80, unique=True)
    email = models.EmailField(blank=True, default="")
    language = models.CharField(max_length=8, choices=Language.choices, default=Language.CHINESE)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    must_change_password = models.BooleanField(default=False)  # the password is a start password
    demonstration_district = models.CharField(max_length=6, blank=True, default="")
    """The synthetic district this sign-in was made and printed with, until it has a password of its own."""
    password_voided_at = models.DateTimeField(null=True, blank=True)  # until the owner has chosen another
    password_voided_by = models.UUIDField(null=True, blank=True)  # the member who did it

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = AccountQuerySet()

    def __str__(self) -> str:
        return self.username

    @property
    def awaits_own_password(self) -> bool:
        """Say whether the password was made for this account and must be changed first.

        Sign-ins printed with a synthetic district are exempt while the house is a demonstration.
        """
        is_printed = bool(self.demonstration_district)
        return self.must_change_password or (is_printed and not settings.ANLAN_DEMO)

    @property
    def awaits_start_password(self) -> bool:
        """Say whether nobody has a password of their own here: never used, or voided and not replaced."""
        return self.last_login is None or self.password_voided_at is not None

    # The parts of Django's permission protocol that third-party apps ask for; nobody has any.
    is_staff = False
    is_superuser = False

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Answer no: rights are those of the post."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        """Answer no: rights are those of the post."""
        return False


class InboxCredential(models.Model):
    """A key by which an outside system or a phone sends to one source of the inbox.

    It acts through one appointment; when that ends, so does the key.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    source = models.CharField(max_length=40)
    appointment_id = models.UUIDField(db_index=True)
    token_hash = models.BinaryField(unique=True)  # SHA-256 of a random 32-byte token, never the token
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
