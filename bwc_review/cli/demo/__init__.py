"""``bwc-review demo``: the main job on the invented sample cards, from docking to a bundle that others can check."""
