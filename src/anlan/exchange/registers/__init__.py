"""The registers that take tables; to add one, write its file and name it here."""

from anlan.exchange.registers.buildings import Buildings
from anlan.exchange.registers.facilities import Facilities
from anlan.exchange.registers.kinds import KEY, VERSION, Applied, Judgement, Line, Problem, Register, Undoable
from anlan.exchange.registers.residents import Residents

REGISTERS: dict[str, type[Register]] = {one.key: one for one in (Residents, Buildings, Facilities)}

__all__ = [
    "KEY",
    "REGISTERS",
    "VERSION",
    "Applied",
    "Judgement",
    "Line",
    "Problem",
    "Register",
    "Undoable",
]
