"""``python -m bwc_review`` is ``bwc-review``."""

from bwc_review.cli.main import run

run()
