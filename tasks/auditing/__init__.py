"""Audit a finished run from its files, its manifest and its home; `audit` is the way in."""

from tasks.auditing.audit import Audit, audit

__all__ = ["Audit", "audit"]
