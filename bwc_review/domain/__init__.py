"""What a review is about, as frozen values and pure rules. Knows no framework, no file, no clock."""
