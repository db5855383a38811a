"""What the panes of the workspace share: the review, the learner's maps and lessons, and the engine's process."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from studycli.collection import Collection
from studycli.model.concept import ConceptMap
from studycli.tui.demo_plan import DemoPlans
from studycli.tui.engine_process import EngineProcess
from studycli.tui.notes_book import Notebook
from studycli.tui.source_library import SourceLibrary
from studycli.tui.study import Study


class Desk:
    """One for the whole run of the workspace. What takes long to read is read once, in a thread of whoever asks."""

    def __init__(self, study: Study, engine: EngineProcess) -> None:
        self.study = study
        self.engine = engine
        self.demos = DemoPlans(engine, lambda: self.maps)
        self.notebook = Notebook(self)
        self.library = SourceLibrary(self)

    @property
    def collection(self) -> Collection:
        """The learner's collection."""
        return self.study.collection

    @cached_property
    def maps(self) -> Sequence[ConceptMap]:
        """Every concept map of the sources. The first look reads files: do it in a thread."""
        return tuple(self.collection.maps())
