"""The command line: parses, calls use cases, prints. Holds no rule. Exit codes are listed in the README."""
