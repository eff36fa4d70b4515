"""Tables of affairs: the gate with its log and objections, and grants."""

from anlan.affairs.models.gate import AddressedArea, Admission, AdmissionStep, GateEntry, Objection
from anlan.affairs.models.grants import Grant, GrantStep

__all__ = ["AddressedArea", "Admission", "AdmissionStep", "GateEntry", "Grant", "GrantStep", "Objection"]
