"""What the fault tests share."""

from tracing import strace

__all__ = ["strace"]
