"""One message a line, and the text line beside it. Light: every prompt pays for it, so nothing is imported."""

#: Bytes in one incoming line, its newline included.
MAX_LINE = 64 * 1024
#: Seconds for the first byte after connecting, and for a line once begun.
LINE_SECONDS = 5.0
#: Seconds in which a client may count on an answer; past them the daemon is wedged.
ANSWER_SECONDS = 2.0
#: Seconds for a report: the totals of a long history are counted once, when they are first asked for.
REPORT_SECONDS = 120.0
#: The same for what may move a whole history: the end of an import, undo and redo.
LONG_SECONDS = 600.0

# The text line (docs/protocol.md, "Text line"): words parted by one space, the last one may hold spaces.
#   status <profile> <token or -> <output> [template]
#   do <profile> <token or -> <request id> <verb> [task]
#   report <profile> <token or -> <columns> <plain or drawn> <period or ->
# is answered by `ok <length>` or `error <exit code> <length>`, a newline, and that many bytes of UTF-8 text.
STATUS_WORD = b"status "
DO_WORD = b"do "
REPORT_WORD = b"report "
TEXT_WORDS = (STATUS_WORD, DO_WORD, REPORT_WORD)
#: JSON-RPC messages begin with this byte, text lines never do.
JSON_BYTE = ord("{")
