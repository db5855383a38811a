"""The learner's collection: documents, store and review brought together."""

from studycli.collection.collection import Collection

__all__ = ["Collection"]
