"""Writing bundles: layout, formats and the offline viewer. Which facts go in is the use case's to decide."""
