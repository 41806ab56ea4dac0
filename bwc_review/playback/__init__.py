"""Decoding for the screen: exact frames, sound in step with them, the clock of both. Knows no Qt, no use case."""
