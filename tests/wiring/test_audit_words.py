"""Every act that is put on record, and everything it is done to, has words on the audit's pages."""

import re

from anlan.affairs.presenting import STEP_WORDS, grants
from anlan.foundation.audit_words import SUBJECTS, VERBS
from anlan.response.presenting import ACT_WORDS
from anlan.surveillance.rules import SignalAct
from anlan.workorders.rules import Act, LegAct
from tests.proof import ROOT

ACTS = {  # of verbs that are put together: what may stand before the end
    "_signal": {*SignalAct, "sign"},
    "_plan": set(ACT_WORDS),
    "_admission": set(STEP_WORDS),
    "_grant": set(grants.STEP_WORDS),
    "_order": set(Act),
    "_order_leg": set(LegAct),
}
VERB = re.compile(r'audit\.record\(\s*f?"([^"]+)"')
SUBJECT = re.compile(r'(?:audit\.record\([^,]+,\s*|^SUBJECT(?:, \w+)? = )"([^"]+)"', re.MULTILINE)
SOURCES = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "src/anlan").rglob("*.py"))]


def acts_of(verb: str) -> set[str]:
    """Return the verbs that one line of the sources may put on record."""
    _act, is_put_together, end = verb.rpartition("}")
    return {act + end for act in ACTS[end]} if is_put_together else {verb}


def test_every_act_on_record_has_words() -> None:
    acts = {act for text in SOURCES for verb in VERB.findall(text) for act in acts_of(verb)}

    assert len(acts) > 90
    assert sorted(acts - set(VERBS)) == []


def test_everything_an_act_is_done_to_has_words() -> None:
    subjects = {subject for text in SOURCES for subject in SUBJECT.findall(text)}

    assert len(subjects) > 20
    assert sorted(subjects - set(SUBJECTS)) == []
