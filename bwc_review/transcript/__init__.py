"""The speech engine behind ``ports.transcriber`` and the forms in which a transcript is kept and read.

Importing this package loads no model and no engine. What words mean is not decided here: candidates
are found in the domain, from what this package heard (DESIGN section 5).
"""
