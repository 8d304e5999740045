"""A board that only remembers."""


class FakeBoard:
    """Keeps in `text` what it shows, and in `texts` all that it was given."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    @property
    def text(self) -> str:
        return self.texts[-1] if self.texts else ""

    def show(self, text: str) -> None:
        """Take a text in place of the one before."""
        self.texts.append(text)
