"""Twenty deliberate mistakes in scope code, each with why it would hurt and the tests that must turn red.

The explicit conditions of the queries and row security guard each other, so that one of the two mistaken
alone shows nothing on a page, by design. Such a mistake is therefore made in both layers at once ("both
layers" in its name), or held against tests of its own layer: test_scope.py and test_row_security.py ask the
database and `within` directly.
"""

from dataclasses import dataclass

FOUNDATION = "src/anlan/foundation/"
POLICIES = FOUNDATION + "policies.py"
SIGNALS = "src/anlan/surveillance/"
SCOPE = "tests/foundation/test_scope.py"
ROW_SECURITY = "tests/architecture/test_row_security.py"


@dataclass(frozen=True, slots=True)
class Edit:
    """One replacement; the old text stands exactly once in the file."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Mutation:
    """One mistake: what it is, whom it would hurt, how it is made, and which tests must fail."""

    name: str
    harm: str
    tests: tuple[str, ...]
    edits: tuple[Edit, ...]

    @property
    def makes_own_tables(self) -> bool:
        """Say whether the mistake is in what the migrations write; else the tables are those of any run."""
        return any("/migrations/" in edit.path or edit.path == POLICIES for edit in self.edits)


def role(handle: str) -> str:
    """Return the rights test as one person of the town ('None' for the stranger)."""
    return f"tests/rights/test_rights.py::test_each_role_is_answered_as_the_policy_says[{handle}]"


MUTATIONS = (
    Mutation(
        "every range is its whole district, both layers",
        "A grid worker reads the residents of every other grid.",
        (role("wang"),),
        (
            Edit(
                FOUNDATION + "actor.py",
                '["{code}","{code}{RANGE_END}")',
                '["{code[:6]}","{code[:6]}{RANGE_END}")',
            ),
            Edit(FOUNDATION + "actor.py", "[(code, code + RANGE_END)", "[(code[:6], code[:6] + RANGE_END)"),
        ),
    ),
    Mutation(
        "the policies leave the ranges out",
        "A query that forgets its condition shows every district's rows.",
        (SCOPE,),
        (
            Edit(
                POLICIES,
                "IN_SCOPE = in_scope()",
                'IN_SCOPE = "true"',
            ),
        ),
    ),
    Mutation(
        "covers says yes to every area",
        "An officer appoints people to posts of another subdistrict.",
        (role("qian"),),
        (
            Edit(
                FOUNDATION + "actor.py",
                "return any(code.startswith(own) for own in self.codes)",
                "return True",
            ),
        ),
    ),
    Mutation(
        "within sets no condition",
        "The second guard is gone: the day a policy is wrong, every list shows all rows.",
        (SCOPE,),
        (
            Edit(
                FOUNDATION + "scope.py",
                'part = Q(**{f"{column}__gte": low, f"{column}__lt": high})',
                "part = Q()",
            ),
        ),
    ),
    Mutation(
        "rows may be inserted anywhere",
        "A grid worker writes rows into a neighbour's grid.",
        (SCOPE,),
        (
            Edit(
                POLICIES,
                "FOR INSERT WITH CHECK ({write})",
                "FOR INSERT WITH CHECK (true)",
            ),
        ),
    ),
    Mutation(
        "a scope does not end with its block",
        "What follows a duty runs with the duty's ranges instead of the person's own.",
        (SCOPE,),
        (Edit(FOUNDATION + "scope.py", "        _current.reset(token)\n", ""),),
    ),
    Mutation(
        "a page does not ask for its purpose",
        "A pharmacy clerk opens the lists of residents and signals.",
        (role("wei"),),
        (
            Edit(
                FOUNDATION + "doors.py",
                "if purposes and not acting.actor.has_purpose(*purposes):",
                "if not purposes and not acting.actor.purposes:",
            ),
        ),
    ),
    Mutation(
        "a page does not ask to sign in",
        "A stranger is taken for staff without a post, and only the check after this one keeps him out.",
        (role("None"),),
        (Edit(FOUNDATION + "doors.py", "if not request.user.is_authenticated:", "if request.user is None:"),),
    ),
    Mutation(
        "an ended appointment still gives its rights",
        "Somebody who left keeps reading the residents of the former grid.",
        ("tests/organisation/test_appointments.py",),
        (
            Edit(
                "src/anlan/organisation/queries/acting.py",
                "member.account_id = %(wanted)s {LIVE}",
                "member.account_id = %(wanted)s",
            ),
        ),
    ),
    Mutation(
        "practice and real districts are one world",
        "A trainee in a practice district finds real areas, posts and people.",
        ("tests/organisation/test_area_pages.py",),
        (
            Edit(
                "src/anlan/organisation/queries/__init__.py",
                'return Q(**{f"{column}__lt": PRACTICE_PREFIX})',
                "return Q()",
            ),
            Edit(
                "src/anlan/organisation/queries/__init__.py",
                "if actor.is_practice:",
                "if not actor.area_code:",
            ),
        ),
    ),
    Mutation(
        "a resident is read without the range, both layers",
        "Whoever knows an id reads a resident of another subdistrict, or one who moved away.",
        (role("zheng"),),  # not a grid worker, whose correction the table of changes would still refuse
        (
            Edit(
                "src/anlan/people/queries/__init__.py",
                "rows = Resident.objects.filter(within(actor.ranges)).select_related",
                "rows = Resident.objects.select_related",
            ),
            Edit(
                "src/anlan/people/migrations/0002_row_security.py",
                "for table in TABLES]",
                "for table in TABLES[:0]]",
            ),
        ),
    ),
    Mutation(
        "a case report is read without the range, both layers",
        "A health centre reads who fell ill in another subdistrict.",
        (role("zheng"),),
        (
            Edit(
                "src/anlan/health/queries/reports.py",
                "return CaseReport.objects.filter(within(actor.ranges))",
                "return CaseReport.objects.all()",
            ),
            Edit(
                "src/anlan/health/migrations/0002_row_security.py",
                '*(protect(table, purposes=["health"]) for table in TABLES)',
                '*(protect(table, purposes=["health"]) for table in TABLES[:2])',
            ),
        ),
    ),
    Mutation(
        "the policy of signals asks for no purpose",
        "Everybody in range can query raw, unverified signals of illness.",
        (ROW_SECURITY,),
        (
            Edit(
                SIGNALS + "migrations/0002_row_security.py",
                'protect("surveillance_signal", purposes=["health"], read_also=LEADERS_SIGNAL)',
                'protect("surveillance_signal")',
            ),
        ),
    ),
    Mutation(
        "raw signals are shown to every health post",
        "An unverified suspicion reaches people who must hear of it only once it is verified.",
        (role("wu"),),
        (
            Edit(
                SIGNALS + "queries.py",
                "rows = Signal.objects.filter(within(actor.ranges) & whose)",
                "rows = Signal.objects.filter(within(actor.ranges))",
            ),
        ),
    ),
    Mutation(
        "any post that sees a signal may act on it",
        "A health centre acknowledges and excludes what the duty officer must judge.",
        (role("zheng"),),
        (
            Edit(
                SIGNALS + "queries.py",
                "    clock = clock_of(act)\n    return clock is not None and actor.role == clock.owner",
                "    clock = clock_of(act)\n    return clock is not None",
            ),
        ),
    ),
    Mutation(
        "notices of all areas are shown to everybody, both layers",
        "Every grid learns which other grids were warned, and so where the illness is.",
        (role("wang"),),
        (
            Edit(
                SIGNALS + "queries.py",
                "rows = WarningReceipt.objects.filter(within(actor.ranges))",
                "rows = WarningReceipt.objects.all()",
            ),
            Edit(
                SIGNALS + "migrations/0002_row_security.py",
                '        protect("surveillance_warningreceipt"),\n',
                "",
            ),
        ),
    ),
    Mutation(
        "any post answers for an area",
        "The district answers a warning in a grid's name, and nobody there has read it.",
        (role("zhao"),),
        (
            Edit(
                SIGNALS + "queries.py",
                'return actor.has_purpose("grid_work") and (not sent_to or actor.role in sent_to)',
                "return bool(actor.role) or bool(sent_to)",
            ),
        ),
    ),
    Mutation(
        "the policy of orders and files leaves the row's purpose out",
        "A community secretary reads the health centre's order to verify a suspicion.",
        (role("kong"),),
        (
            Edit(
                POLICIES,
                "served = f\"(purpose = '' OR purpose IN ({own}))\"",
                'served = f"(true OR purpose IN ({own}))"',
            ),
        ),
    ),
    Mutation(
        "a file is opened without its purpose, both layers",
        "A leader in range opens what was stored for the grid's own work.",
        (role("zhao"),),
        (
            Edit(
                FOUNDATION + "files.py",
                "if row is None or not actor.has_purpose(row.purpose):",
                "if row is None:",
            ),
            Edit(
                FOUNDATION + "migrations/0002_row_security.py",
                'protect_by_row_purpose("foundation_storedfile")',
                'protect("foundation_storedfile")',
            ),
        ),
    ),
    Mutation(
        "the audit is read without the purpose audit",
        "Anybody in range reads who looked at whom, and learns what is being followed up.",
        (ROW_SECURITY,),
        (
            Edit(
                FOUNDATION + "migrations/0002_row_security.py",
                'USING ({IN_SCOPE} AND {serves("audit")})',
                "USING ({IN_SCOPE})",
            ),
        ),
    ),
)
