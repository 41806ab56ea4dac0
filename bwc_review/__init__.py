"""Review of body-worn-camera footage: domain, use cases, store, speech, export, command line. No Qt below `ui`."""
