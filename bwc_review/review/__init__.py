"""Use cases: gather, decide, apply. Each act and its custody entry are one transaction. Knows ports, not engines."""
