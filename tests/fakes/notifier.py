"""A notifier that only remembers."""

from pomo_daemon.application.ports import Notification


class FakeNotifier:
    """Keeps in `shown` whatever it was given, oldest first; while `working` is False it takes nothing."""

    def __init__(self) -> None:
        self.shown: list[Notification] = []
        self.displayed: Notification | None = None
        self.working = True

    async def show(self, notification: Notification) -> bool:
        """Take a notification in place of the one before."""
        if self.working:
            self.shown.append(notification)
            self.displayed = notification
        return self.working

    async def close(self) -> None:
        """Do nothing: there is no bus."""

    def press(self, action: str) -> None:
        """Press a button of the displayed notification, which takes it away. Raises LookupError without that button."""
        notification = self.displayed
        if notification is None or all(button.action != action for button in notification.buttons):
            raise LookupError(f"no button {action!r} is displayed")
        self.displayed = None
        if notification.on_press is not None:
            notification.on_press(action)
