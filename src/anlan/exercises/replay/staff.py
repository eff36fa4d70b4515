"""The scripted staff: who would act next, when, and the act itself, after the delays of the pack."""

from django.db import transaction

from anlan.exercises.replay.ground import Ground, practising
from anlan.exercises.replay.script_orders import OrderScript
from anlan.exercises.replay.script_plans import PlanScript
from anlan.exercises.replay.script_signals import SignalScript
from anlan.exercises.replay.scripting import Due
from anlan.foundation.scope import scope


class ScriptedStaff:
    """People of a practice district who do what the loop asks of their posts, after set delays."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.scripts = SignalScript(ground), PlanScript(ground), OrderScript(ground)

    def next_due(self) -> Due | None:
        """Return the earliest act that anybody has to do, or None where nobody has."""
        with practising(self.ground):
            found = [due for script in self.scripts for due in script.acts() if due is not None]
        return min(found, key=lambda due: (due.at, due.what, due.who.area_code), default=None)

    def act(self, due: Due) -> None:
        """Let the person do it, under their own rights."""
        actor = self.ground.actor(due.who, due.at)
        with scope(actor), transaction.atomic():
            due.do(actor=actor, now=due.at)
