"""The SQLite store, through SQLAlchemy."""
