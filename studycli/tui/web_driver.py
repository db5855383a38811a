"""Page driver: lets the workspace end when the server that shows it is gone."""

from __future__ import annotations

from textual.drivers.web_driver import WebDriver
from textual.messages import ExitApp


class PageDriver(WebDriver):
    """Textual's driver for the web hears of that only when it next has something to draw."""

    def run_input_thread(self) -> None:
        """Read until the server ends the workspace, or ends itself."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            self._app.post_message(ExitApp())
