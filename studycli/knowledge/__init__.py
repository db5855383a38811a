"""The concept graph: names, neighbours, prerequisites."""
