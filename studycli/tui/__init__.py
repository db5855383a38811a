"""The review workspace, in Textual."""
