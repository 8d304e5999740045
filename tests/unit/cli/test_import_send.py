"""Chunks on their way: one is with the daemon while the next one is made."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from pomo_cli.client import Client
from pomo_cli.imports.rows import Row
from pomo_cli.imports.send import Sender

#: Two of these do not go into one chunk.
ROW: Row = ("interval", 1, "x" * 20_000)


class Calls:
    """Stands in for a client: says what was done in which order, and refuses the line of each chunk's number."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def begin(self, method: str, params: Mapping[str, Any], *, patience: float) -> Callable[[], Any]:
        assert (method, patience) == ("import.append", 60.0)
        seq = params["seq"]
        self.done.append(f"sent {seq}{' done' * params['done']}")

        def result() -> Any:
            self.done.append(f"heard {seq}")
            return {"problems": [{"line": seq, "message": "no"}]}

        return result


def test_the_answer_to_a_chunk_is_heard_when_the_next_one_is_made() -> None:
    calls, refused = Calls(), list[int]()
    sender = Sender(cast("Client", calls), 7, lambda line, _: refused.append(line))
    for _ in range(3):
        sender.send(ROW)
    assert calls.done == ["sent 0", "heard 0", "sent 1"]
    sender.flush()
    sender.flush()
    assert calls.done[3:] == ["heard 1", "sent 2", "heard 2"]
    sender.flush(done=True)
    assert calls.done[6:] == ["sent 3 done", "heard 3"]
    assert refused == [0, 1, 2, 3]
