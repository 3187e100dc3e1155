"""Every check, in one explicit list. `ERRORS` keep a file from being published and are run by `loader.load`; `LINTS` are
warnings, run by `trato check`."""

from app.flows.checks.base import Check
from app.flows.checks.references import REFERENCES
from app.flows.checks.variables import VARIABLES
from app.flows.problems import Severity

CHECKS: tuple[Check, ...] = (*REFERENCES, *VARIABLES)

ERRORS = tuple(check for check in CHECKS if check.rule.severity is Severity.error)
LINTS = tuple(check for check in CHECKS if check.rule.severity is Severity.warning)
