"""An audit from beginning to end: plan, resolve, check, judge."""

from preflight.audit.planning import Asked, make_plan
from preflight.audit.run import Tools, audit, open_tools
from preflight.audit.whole import audited, exit_code

__all__ = ["Asked", "Tools", "audit", "audited", "exit_code", "make_plan", "open_tools"]
