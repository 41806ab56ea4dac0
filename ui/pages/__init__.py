"""The pages of the desktop but for the review desk, which has a package of its own."""
