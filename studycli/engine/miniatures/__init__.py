"""Miniatures: the small models that come with the program, how each is trained, and what it was measured to do."""
