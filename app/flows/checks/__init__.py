"""Every check, in one explicit list. `ERRORS` keep a file from being published and are run by `loader.load`; `LINTS` are
warnings, run by `trato check`."""

from app.flows.checks.base import Check
from app.flows.checks.measurement import MEASUREMENT
from app.flows.checks.messages import MESSAGES
from app.flows.checks.notation import NOTATION
from app.flows.checks.options import OPTIONS
from app.flows.checks.paths import PATHS
from app.flows.checks.references import REFERENCES
from app.flows.checks.variables import VARIABLES
from app.flows.problems import Severity

CHECKS: tuple[Check, ...] = (*NOTATION, *REFERENCES, *VARIABLES, *PATHS, *OPTIONS, *MESSAGES, *MEASUREMENT)

ERRORS = tuple(check for check in CHECKS if check.rule.severity is Severity.error)
LINTS = tuple(check for check in CHECKS if check.rule.severity is Severity.warning)
