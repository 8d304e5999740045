"""Bugs of pomo that the campaigns found, each with the test that keeps it from coming back."""

from typing import Final, NamedTuple


class Bug(NamedTuple):
    """What was wrong, and the test of it: its file below tests/ and its name."""

    words: str
    test: str


FOUND: Final[tuple[Bug, ...]] = (
    Bug(
        "On a shared database, whoever set the clock of one machine completed the interval that another had begun,"
        " until the next look at the database's clock.",
        "contract/test_clock.py::test_a_shared_clock_is_set_by_the_database_and_not_by_whoever_sets_that_of_the_machine",
    ),
    Bug(
        "A machine whose clock was some milliseconds behind paused what another had just begun.",
        "unit/domain/test_settle.py::test_a_clock_of_another_machine_that_is_a_little_behind_pauses_nothing",
    ),
    Bug(
        "A start that was sent again told the number of another task than the one that it had made, or none.",
        "integration/server/test_record.py::test_a_start_that_is_sent_again_later_still_names_the_task_that_it_made",
    ),
    Bug(
        "What was stored although the database's answer was lost was told to nobody who listens, until something else"
        " happened.",
        "unit/application/test_timer_faults.py::"
        "test_whoever_listens_learns_of_a_commit_whose_answer_was_lost_though_nothing_follows",
    ),
    Bug(
        "Where the database was deleted under the daemon, changes were confirmed that went to no file, and the next"
        " daemon began with an empty one.",
        "e2e/test_lost_database.py::test_what_would_go_to_a_deleted_file_is_refused_and_no_other_is_made",
    ),
    Bug(
        "On PostgreSQL the look for intervals whose daemon is gone failed at each time, and took the database for away:"
        " nothing healed a notice that was lost.",
        "e2e/test_hints_between_machines.py::test_with_neither_the_others_show_it_within_six_seconds",
    ),
    Bug(
        "An export wrote what a terminal obeys as it was, where somebody else's program had put it into the record.",
        "unit/cli/test_export.py::test_no_format_holds_what_a_terminal_obeys",
    ),
    Bug(
        "A client that asked again and again what the daemon can do kept others waiting for 25 ms each time.",
        "integration/server/test_discovery.py::test_the_document_is_made_once_however_often_it_is_asked_for",
    ),
)
