"""What stands around views that show people: a look-up limit is answered so that count and alarm stay."""

from anlan.foundation.doors import answering
from anlan.people.actions import LookUpLimitExceeded

within_limits = answering(LookUpLimitExceeded)
