"""Ingest: from a camera's card to preserved originals, facts about them and derivatives.

Nothing here knows a database, a screen, a transcript or a review; see docs/architecture for the stack.
"""
