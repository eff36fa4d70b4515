"""Translate what a signal's form sent into the one action it asks for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from anlan.foundation.actor import Actor
from anlan.surveillance import actions
from anlan.surveillance.rules import SignalAct


def carry_out(actor: Actor, signal_id: UUID, act: SignalAct, sent: Mapping[str, Any], now: datetime) -> None:
    """Make the call that belongs to the act. Raises what the action raises."""
    common: dict[str, Any] = {
        "actor": actor,
        "signal_id": signal_id,
        "now": now,
        "expected_version": sent["version"],
    }
    if act is SignalAct.ACKNOWLEDGE:
        actions.acknowledge_signal(**common)
    elif act is SignalAct.VERIFY:
        actions.verify_signal(**common, holds=sent["holds"] == "yes", note=sent["note"])
    elif act is SignalAct.FIELD:
        actions.record_field_visit(**common, note=sent["note"])
    elif act is SignalAct.EVENT:
        actions.record_event_report(**common, note=sent["note"])
    elif act is SignalAct.FORM:
        actions.form_product(**common, kind=sent["kind"])
    elif act is SignalAct.CLOSE:
        actions.close_signal(**common, note=sent["note"])
