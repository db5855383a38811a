"""Cards out to Anki, CSV and JSON, and back in."""
