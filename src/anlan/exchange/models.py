"""Import batches with what became of each row, and lists out of group texts with who answered."""

from django.db import models
from django.db.models import F, Q

from anlan.exchange.groups.rules import PURPOSES as GROUP_PURPOSES
from anlan.exchange.groups.rules import AnswerState, GroupPurpose, Why
from anlan.exchange.rules import BatchState, Outcome
from anlan.foundation.models import Scoped
from anlan.organisation.models import Building
from anlan.people.models import Household, Resident

PURPOSES = ("grid_work", "health", "privacy", "reporting")
COUNTS = ("waiting", *Outcome.values)


def _sum_of_counts() -> F:
    total = F("waiting")
    for outcome in Outcome.values:
        total = total + F(outcome)  # type: ignore[assignment]  # expressions add up to expressions
    return total


class ImportBatch(Scoped):
    """One file on its way into a register. `waiting` and one column for each outcome add up to rows_in."""

    on_redraw = "stays"
    read_purposes = PURPOSES

    register = models.TextField()  # a key of exchange.registers
    name = models.TextField()
    file_id = models.UUIDField()
    state = models.CharField(max_length=10, choices=BatchState.choices, default=BatchState.RECEIVED)
    problem = models.TextField(blank=True)  # why it was refused or stopped: a code
    problem_words = models.TextField(blank=True)
    facts = models.JSONField(default=dict)  # of the file: sheets, hidden rows, merges, formulas, encoding
    layout = models.JSONField(default=dict)  # sheet, heading row, column keys by position
    questions = models.JSONField(default=dict)  # question: what to choose from
    answers = models.JSONField(default=dict)
    chunk_count = models.IntegerField(default=0)
    next_chunk = models.IntegerField(default=0)
    rows_in = models.IntegerField(default=0)
    waiting = models.IntegerField(default=0)
    new = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    same = models.IntegerField(default=0)
    repeated = models.IntegerField(default=0)
    rejected = models.IntegerField(default=0)
    left_out = models.IntegerField(default=0)
    conflict = models.IntegerField(default=0)
    to_decide = models.IntegerField(default=0)
    written_count = models.IntegerField(default=0)
    stayed_count = models.IntegerField(default=0)  # rows that an undo had to leave
    marked_file_id = models.UUIDField(null=True)
    post_id = models.UUIDField()
    post_title = models.TextField()
    member_id = models.UUIDField()
    member_name = models.TextField()
    appointment_id = models.UUIDField()
    received_at = models.DateTimeField()
    written_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(rows_in=_sum_of_counts()), name="import_nothing_lost"),
        )
        indexes = (models.Index(F("post_id"), F("received_at").desc(), name="import_post"),)

    def __str__(self) -> str:
        return self.name


class ImportChunk(Scoped):
    """Some rows of a file as they were written, encrypted together."""

    on_redraw = "stays"
    read_purposes = PURPOSES

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="chunks", db_index=False)
    position = models.IntegerField()
    content = models.BinaryField()
    said = models.BinaryField(null=True)  # what its rows were read as in the trial, encrypted

    class Meta:
        constraints = (models.UniqueConstraint("batch", "position", name="importchunk_once"),)


class ImportRow(Scoped):
    """What became of one row. Its cells stand in its chunk."""

    on_redraw = "stays"
    read_purposes = PURPOSES

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows", db_index=False)
    number = models.IntegerField()  # as the spreadsheet counts
    chunk = models.IntegerField()
    place = models.IntegerField()  # in the chunk
    outcome = models.CharField(max_length=9, choices=Outcome.choices)
    problems = models.JSONField(default=list)  # [column key or "", reason, detail]
    target_id = models.UUIDField(null=True)  # the record it speaks of, or became
    target_version = models.IntegerField(default=0)
    fields = models.JSONField(default=list)  # that change
    candidates = models.JSONField(default=list)  # [id, version, score, [reason…]]
    written_at = models.DateTimeField(null=True)
    before = models.BinaryField(null=True)  # encrypted: what an undo writes back
    new_household_id = models.UUIDField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint("batch", "number", name="importrow_number"),)
        indexes = (
            models.Index("batch", "outcome", "number", name="importrow_outcome"),
            models.Index("target_id", name="importrow_target"),
        )


class GroupList(Scoped):
    """What a group was asked and who answered, for an area or one building, until its purpose is served."""

    on_redraw = "stays"
    read_purposes = GROUP_PURPOSES

    title = models.TextField()
    purpose = models.CharField(max_length=10, choices=GroupPurpose.choices)
    building = models.ForeignKey(Building, null=True, on_delete=models.SET_NULL, related_name="+")
    place_name = models.TextField()
    post_id = models.UUIDField()
    post_title = models.TextField()
    member_id = models.UUIDField()
    member_name = models.TextField()
    made_at = models.DateTimeField()
    pasted_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_name = models.TextField(blank=True)
    version = models.IntegerField(default=1)  # grows with each text that changed something

    class Meta:
        indexes = (models.Index("area_code", F("made_at").desc(), "id", name="grouplist_area"),)

    def __str__(self) -> str:
        return self.title


class GroupAnswer(Scoped):
    """What one line of the text says of one of those it names; a line that names two has two parts.

    It goes with the person it means: who is erased leaves no line behind.
    """

    on_redraw = "stays"
    read_purposes = GROUP_PURPOSES

    group_list = models.ForeignKey(
        GroupList, on_delete=models.CASCADE, related_name="answers", db_index=False
    )
    line = models.IntegerField()  # in the order of the text; what a later text adds comes after
    part = models.SmallIntegerField(default=0)
    number = models.TextField(blank=True)  # as the group counts
    text = models.BinaryField()  # encrypted: the line as it was written
    said = models.BinaryField()  # encrypted: what was read in it
    before = models.BinaryField(null=True)  # encrypted: the line before a later text changed it
    state = models.CharField(max_length=9, choices=AnswerState.choices)
    why = models.CharField(max_length=14, choices=Why.choices)
    household = models.ForeignKey(Household, null=True, on_delete=models.SET_NULL, related_name="+")
    resident = models.ForeignKey(Resident, null=True, on_delete=models.CASCADE, related_name="+")
    candidates = models.JSONField(default=list)  # ["household" or "resident", id]
    people = models.IntegerField(null=True)
    is_withdrawn = models.BooleanField(default=False)
    is_last = models.BooleanField(
        default=True
    )  # no later line of the same person or household counts instead
    is_missing = models.BooleanField(default=False)  # from the text that was pasted last
    changed_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_title = models.TextField(blank=True)
    confirmed_name = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint("group_list", "line", "part", name="groupanswer_once"),
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(state=AnswerState.MATCHED), name="groupanswer_confirmed"
            ),
        )


from anlan.exchange.export_models import Export as Export  # noqa: E402, PLC0414 - a table of its own kind
