"""Filters of lists that people keep for themselves."""

from django.db import models

from anlan.foundation.ids import new_id
from anlan.foundation.models.accounts import Account


class SavedFilter(models.Model):
    """How one person narrows one list again and again, under a name of theirs; no words of a search."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="saved_filters")
    route = models.CharField(max_length=60)  # the name of the list's address
    name = models.CharField(max_length=30)
    query = models.CharField(max_length=500)  # as in the address, sorted
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint("account", "route", "name", name="savedfilter_once"),)
