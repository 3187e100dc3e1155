"""Every check, in one explicit list. `ERRORS` keep a file from being published and are run by `loader.load`; `LINTS` are
warnings, run by `trato check`. The checks before a launch stand apart, in `launch.py`."""

from app.flows.checks.base import Check
from app.flows.checks.buttons import BUTTON_CHECKS
from app.flows.checks.coding import CODING
from app.flows.checks.collisions import COLLISIONS
from app.flows.checks.data import DATA
from app.flows.checks.followups import FOLLOWUPS
from app.flows.checks.items import ITEMS
from app.flows.checks.messages import MESSAGES
from app.flows.checks.names import NAMES
from app.flows.checks.notation import NOTATION
from app.flows.checks.options import OPTIONS
from app.flows.checks.pace import PACE
from app.flows.checks.paths import PATHS
from app.flows.checks.references import REFERENCES
from app.flows.checks.reports_scores import MEASURES
from app.flows.checks.reviews import REVIEWS
from app.flows.checks.safety import SAFETY
from app.flows.checks.studies import STUDIES
from app.flows.checks.variables import VARIABLES
from app.flows.checks.variants import VARIANTS
from app.flows.checks.waves import MEASUREMENT
from app.flows.checks.whatsapp_templates import TEMPLATES
from app.flows.checks.writing import WRITING
from app.flows.language.problems import Severity

CHECKS: tuple[Check, ...] = (
    *NOTATION,
    *REFERENCES,
    *NAMES,
    *VARIABLES,
    *VARIANTS,
    *WRITING,
    *PATHS,
    *OPTIONS,
    *COLLISIONS,
    *BUTTON_CHECKS,
    *MESSAGES,
    *TEMPLATES,
    *MEASUREMENT,
    *ITEMS,
    *DATA,
    *PACE,
    *FOLLOWUPS,
    *STUDIES,
    *MEASURES,
    *CODING,
    *SAFETY,
    *REVIEWS,
)

ERRORS = tuple(check for check in CHECKS if check.severity is Severity.error)
LINTS = tuple(check for check in CHECKS if check.severity is Severity.warning)
