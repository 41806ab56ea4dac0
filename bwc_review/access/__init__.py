"""Adapters to what opens keys: sealed files, passphrases, the operating system's keyring."""
