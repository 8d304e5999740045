"""The faults that pomo is built to survive, each with the tests that show it, or why there is none.

A test is named by its file below tests/ and its name; a campaign by `campaign:` and its name.
"""

from typing import Final, NamedTuple


class Fault(NamedTuple):
    """One way in which the world breaks. `why`: what keeps it from a test, or what the tests leave open."""

    number: int
    words: str
    tests: tuple[str, ...]
    why: str = ""


CRASH: Final = "e2e/test_crash_points.py::test_"
SURVIVAL: Final = "e2e/test_survival.py::test_"
READ_ONLY: Final = "e2e/test_read_only.py::test_"
REFUSED: Final = "e2e/test_refused_starts.py::test_"
LIFE: Final = "simulation/test_timer_life.py::test_"
MACHINES: Final = "e2e/test_several_machines.py::test_"
LIMITS: Final = "integration/server/test_limits.py::test_"
LINES: Final = "integration/server/test_malformed_lines.py::test_"
NOTIFIER: Final = "contract/test_notifier.py::test_"
HOOKS: Final = "unit/adapters/test_hooks.py::test_"
NAMES: Final = "e2e/test_hostile_names.py::test_"
STREAMS: Final = "e2e/test_streams.py::test_"
ENV: Final = "e2e/test_environments.py::test_"

FAULTS: Final[tuple[Fault, ...]] = (
    Fault(
        1,
        "the daemon is killed before a command is committed",
        (f"{CRASH}at_no_point_of_a_day_a_death_loses_or_doubles_anything", "campaign:crash_points"),
    ),
    Fault(
        2,
        "the daemon is killed after a commit, before it answers",
        (
            f"{CRASH}a_command_whose_daemon_dies_over_it_starts_another_and_is_done_once",
            "campaign:crash_points",
            "campaign:kills",
        ),
    ),
    Fault(
        3,
        "the daemon is killed after a commit, before it notifies or runs hooks",
        (
            f"{CRASH}at_no_point_of_a_late_completion_a_death_loses_or_doubles_it",
            "e2e/test_hooks.py::test_a_hook_cut_off_by_a_crash_runs_again_under_the_same_id",
        ),
    ),
    Fault(
        4,
        "the daemon is killed after an effect, before that is noted",
        (
            "unit/application/test_hooks.py::test_what_a_killed_daemon_did_not_come_to_is_run_by_the_next_under_the_same_id",
        ),
    ),
    Fault(5, "the power fails in the middle of writing", ("campaign:storage",)),
    Fault(
        6,
        "the disk is full",
        (
            "campaign:storage",
            "e2e/test_database_commands.py::test_a_disk_that_is_full_or_not_there_is_told_in_a_line_and_leaves_nothing_behind",
        ),
    ),
    Fault(
        7,
        "the database or its file system is read-only",
        (
            f"{READ_ONLY}what_is_recorded_is_read_and_what_would_write_is_refused_and_changes_nothing",
            f"{READ_ONLY}the_same_daemon_goes_on_with_the_first_command_when_it_can_be_written_again",
            f"{READ_ONLY}what_was_stored_last_is_read_from_the_log_that_a_killed_daemon_left",
            "integration/database/test_read_only.py::test_one_that_becomes_read_only_goes_on_being_read",
        ),
    ),
    Fault(
        8,
        "another process holds the database locked",
        (
            "e2e/test_locked_database.py::test_commands_name_the_file_and_who_locks_it_and_change_nothing",
            "e2e/test_locked_database.py::test_a_daemon_that_finds_its_database_locked_says_so_and_starts_later",
        ),
    ),
    Fault(
        9,
        "the disk is slow",
        (
            "unit/application/test_timer_faults.py::test_a_slow_commit_does_not_make_the_alarm_late",
            "integration/database/test_network_disk.py::test_it_is_refused_in_a_line_and_nothing_is_made",
            "campaign:frozen",
        ),
        "SQLite on NFS or CIFS is refused, unless `daemon.network_disk` allows it.",
    ),
    Fault(
        10,
        "the database is damaged, or deleted under the daemon",
        (
            f"{REFUSED}a_damaged_database_is_refused_and_left_as_it_is",
            "e2e/test_lost_database.py::test_what_would_go_to_a_deleted_file_is_refused_and_no_other_is_made",
            "e2e/test_database_commands.py::test_a_restore_mends_what_no_daemon_can_open",
        ),
        "A bit that flips within a text is not noticed: rows have no checksum of their own.",
    ),
    Fault(
        11,
        "the database is an empty file",
        ("migration/test_migration.py::test_a_file_that_is_no_database_is_refused_and_kept",),
    ),
    Fault(
        12,
        "the database was written by a newer pomo",
        (f"{REFUSED}a_database_of_a_newer_pomo_is_refused_and_keeps_every_byte",),
    ),
    Fault(
        13,
        "a migration is cut off",
        (
            f"{CRASH}a_death_while_the_first_database_is_made_leaves_none_that_is_half_made",
            "campaign:crash_points",
        ),
    ),
    Fault(
        14,
        "two daemons migrate one PostgreSQL at once",
        ("migration/test_migration.py::test_several_daemons_that_migrate_one_postgresql_all_come_up",),
    ),
    Fault(
        15,
        "two daemons start at once",
        (
            "e2e/test_start_race.py::test_eight_daemons_at_once_leave_one_and_none_complains",
            "e2e/test_start_race.py::test_eight_clients_at_once_without_a_daemon_start_one_and_are_all_answered",
            "campaign:start_race",
        ),
    ),
    Fault(16, "a dead daemon left its socket", (f"{SURVIVAL}a_socket_and_a_lock_left_behind_are_no_hindrance",)),
    Fault(
        17,
        "the daemon holds the lock and does not answer",
        (
            f"{SURVIVAL}a_daemon_that_does_not_answer_is_given_up_and_named",
            "e2e/test_units.py::test_systemd_hears_that_it_is_ready_and_then_that_it_lives",
        ),
    ),
    Fault(
        18,
        "the socket or its folder is deleted under a live daemon",
        (
            f"{SURVIVAL}a_socket_that_was_deleted_comes_back_with_the_same_daemon",
            f"{SURVIVAL}a_runtime_folder_that_was_deleted_comes_back_with_the_same_daemon",
        ),
    ),
    Fault(
        19,
        "the runtime folder is named in one environment and not in another",
        (
            f"{ENV}cron_meets_the_daemon_of_the_shell",
            f"{ENV}the_shell_meets_the_daemon_of_cron",
            f"{ENV}a_runtime_folder_of_somebody_else_is_not_used",
        ),
    ),
    Fault(
        20,
        "somebody else made the socket's folder, or a link in its place",
        (
            f"{ENV}a_socket_folder_of_somebody_else_is_refused",
            f"{ENV}a_link_in_place_of_the_socket_folder_is_refused",
        ),
    ),
    Fault(
        21,
        "the socket's path is longer than a socket can have",
        (f"{REFUSED}a_runtime_folder_with_too_long_a_path_is_named_with_a_way_out",),
    ),
    Fault(
        22,
        "the clock is set back in the middle of an interval",
        (
            f"{LIFE}a_clock_that_is_set_in_mid_focus_neither_hurries_nor_delays_its_end",
            "e2e/test_clock_steps.py::test_an_interval_takes_its_time_whatever_the_clock_is_set_to",
            "campaign:simulation",
        ),
    ),
    Fault(
        23,
        "the clock is set forward",
        (
            f"{LIFE}a_clock_that_is_set_in_mid_focus_neither_hurries_nor_delays_its_end",
            "campaign:simulation",
        ),
    ),
    Fault(
        24,
        "the clock is slewed by 500 ppm",
        (f"{LIFE}no_life_loses_a_minute_or_counts_one_twice", "campaign:simulation"),
    ),
    Fault(
        25,
        "the clocks change: days of 23, 24.5, 25 or no hours",
        (
            "unit/domain/test_days.py::test_a_day_is_as_long_as_its_zone_makes_it",
            "e2e/test_clock_changes.py::test_the_log_sums_up_the_days_around_a_change",
            "e2e/test_clock_changes.py::test_a_day_that_was_left_out_is_empty",
        ),
    ),
    Fault(
        26,
        "the user travels",
        ("unit/test_settings_file.py::test_whoever_travels_has_the_days_of_where_they_are", "campaign:simulation"),
    ),
    Fault(
        27,
        "the machine sleeps for hours",
        (
            f"{LIFE}a_night_of_sleep_makes_one_pomodoro_of_one",
            "e2e/test_suspend.py::test_the_return_asks_once_and_the_button_goes_on",
            "e2e/test_suspend.py::test_a_suspend_without_a_daemon_is_found_out_by_the_next_one",
            "campaign:simulation",
        ),
    ),
    Fault(
        28,
        "the machine sleeps past the end",
        (
            "unit/domain/test_settle.py::test_a_night_of_sleep_completes_one_interval_and_starts_none",
            "campaign:simulation",
        ),
    ),
    Fault(
        29,
        "the machine boots in the middle of an interval",
        (
            "unit/domain/test_settle.py::test_after_a_boot_the_wall_clock_says_how_long_the_machine_was_off",
            "unit/domain/test_settle.py::test_a_boot_into_the_past_pauses_since_nobody_knows_how_long_it_took",
            "campaign:simulation",
        ),
    ),
    Fault(
        30,
        "there is no notification service",
        (f"{NOTIFIER}no_bus", "e2e/test_pomodoro.py::test_without_a_bus_the_timer_does_not_notice_and_the_log_says_it"),
    ),
    Fault(
        31,
        "the notification service hangs",
        (
            f"{NOTIFIER}server_that_hangs_from_the_start",
            f"{NOTIFIER}server_that_begins_to_hang",
            "e2e/test_pomodoro.py::test_a_notification_server_that_hangs_holds_up_nothing",
        ),
    ),
    Fault(
        32,
        "the notification service is restarted",
        (
            f"{NOTIFIER}restarted_server_keeps_the_notifications_of_others",
            f"{NOTIFIER}bus_restarted_between_two_notifications_loses_neither",
        ),
    ),
    Fault(
        33,
        "Redis is away at the start",
        ("contract/test_bus.py::test_a_redis_that_is_away_costs_nobody_anything_and_is_used_again_when_it_is_back",),
    ),
    Fault(
        34,
        "Redis dies or freezes",
        (
            "contract/test_bus.py::test_a_redis_that_is_away_costs_nobody_anything_and_is_used_again_when_it_is_back",
            "contract/test_cache.py::test_a_frozen_redis_is_waited_for_once_and_used_again_when_it_thaws",
            "e2e/test_hints_between_machines.py::test_redis_killed_frozen_and_restarted_fails_no_command_and_events_heal",
            "campaign:frozen",
        ),
    ),
    Fault(
        35,
        "a hint between machines is lost, or late",
        (
            "e2e/test_hints_between_machines.py::test_with_neither_the_others_show_it_within_six_seconds",
            "campaign:simulation",
        ),
    ),
    Fault(
        36,
        "PostgreSQL crashes and starts again",
        (
            "e2e/test_database_away.py::test_while_postgresql_is_away_the_timer_is_shown_and_obeys_and_all_else_fails_at_once",
            "e2e/test_database_away.py::test_the_record_is_as_if_postgresql_had_never_been_away",
            "campaign:several_daemons",
        ),
    ),
    Fault(
        37,
        "it is not known whether PostgreSQL has committed",
        (
            "unit/application/test_timer_faults.py::test_memory_learns_of_a_commit_whose_answer_was_lost",
            "unit/application/test_offline.py::test_whether_a_command_was_stored_or_not_when_its_answer_was_lost_it_is_done_once",
            "campaign:partitions",
            "campaign:simulation",
        ),
    ),
    Fault(
        38,
        "PostgreSQL fails over and forgets its last commits",
        (
            "unit/application/test_offline.py::test_commands_that_a_database_lost_when_another_took_over_are_given_again",
        ),
        "The latest commands to the timer are given again; other changes of that moment are lost, as the log says.",
    ),
    Fault(
        39,
        "the network swallows what is sent",
        (
            "e2e/test_database_away.py::test_a_line_on_which_nothing_comes_back_is_missed_within_ten_seconds",
            "campaign:partitions",
        ),
    ),
    Fault(
        40,
        "two machines pause at once",
        (f"{MACHINES}pausing_on_two_machines_at_once_pauses_once_and_both_are_content",),
    ),
    Fault(
        41,
        "several daemons complete the same interval",
        (f"{MACHINES}an_interval_ends_once_whatever_number_of_daemons_wake_for_it", "campaign:several_daemons"),
    ),
    Fault(
        42,
        "a follower does not read",
        (f"{LIMITS}a_follower_that_does_not_read_is_dropped_with_a_reason_and_holds_up_nobody", "campaign:neglect"),
    ),
    Fault(
        43,
        "ten thousand connections, or no descriptor is left",
        (f"{LIMITS}more_connections_than_allowed_are_told_so_and_served_when_others_leave", "campaign:neglect"),
    ),
    Fault(
        44,
        "a client sends half a line, or a byte now and then",
        (
            f"{LIMITS}a_client_that_does_not_finish_its_first_line_is_dropped",
            f"{LIMITS}bytes_that_drip_in_do_not_buy_time",
        ),
    ),
    Fault(
        45,
        "a line of more than 64 KiB, or without an end",
        (
            f"{LINES}a_line_of_64_kib_is_taken_and_a_longer_one_ends_the_connection",
            f"{LINES}a_line_without_an_end_ends_the_connection",
        ),
    ),
    Fault(
        46,
        "JSON that is none, too deep, in another encoding, with a field twice",
        (
            f"{LINES}a_malformed_line_gets_a_typed_error_and_the_connection_lives",
            f"{LINES}any_bytes_get_an_answer",
            "campaign:frames",
        ),
    ),
    Fault(
        47,
        "a method, a version or a field that is not known",
        (
            "integration/server/test_requests.py::test_a_method_that_does_not_exist_has_an_error_of_its_own",
            "integration/server/test_requests.py::test_another_protocol_is_refused_with_both_numbers",
            "integration/server/test_requests.py::test_fields_that_are_not_known_are_passed_over",
        ),
    ),
    Fault(
        48,
        "a name with escape sequences, controls, or what reorders text",
        (
            f"{NAMES}a_name_that_is_not_mere_text_is_refused",
            f"{NAMES}whatever_stands_in_the_database_nothing_is_obeyed_on_the_way_out",
            "campaign:sinks",
        ),
    ),
    Fault(
        49,
        "a name with the markup of the program that draws tables",
        (
            "unit/cli/test_log.py::test_markup_in_a_name_is_shown_as_it_is",
            f"{NAMES}an_argument_is_not_obeyed_in_an_error",
        ),
    ),
    Fault(
        50,
        "a name with markup for a bar or a notification",
        (
            "contract/test_outputs.py::test_every_name_is_shown_as_it_is_and_obeyed_by_nothing",
            "e2e/test_pomodoro.py::test_markup_in_a_name_is_shown_as_it_is",
            "campaign:sinks",
        ),
    ),
    Fault(
        51,
        "a name that a spreadsheet would compute",
        ("unit/cli/test_export.py::test_csv_is_a_row_for_each_interval_and_computes_nothing", "campaign:sinks"),
    ),
    Fault(
        52,
        "a name that breaks the lines of a calendar",
        (
            "unit/cli/test_export.py::test_folded_lines_are_short_and_unfold_to_what_they_were",
            "unit/cli/test_export.py::test_an_independent_parser_reads_the_calendar",
            "campaign:sinks",
        ),
    ),
    Fault(
        53,
        "a hook hangs, forks or leaves its group",
        (
            f"{HOOKS}a_hook_that_hangs_is_killed_with_its_children",
            f"{HOOKS}what_a_hook_leaves_behind_holds_up_nothing",
            "e2e/test_hooks.py::test_a_hook_that_hangs_keeps_no_command_waiting",
        ),
    ),
    Fault(54, "a hook prints without an end", (f"{HOOKS}of_endless_output_the_beginning_is_kept",)),
    Fault(55, "a hook calls pomo", ("e2e/test_hooks.py::test_what_a_hook_does_with_pomo_runs_no_hook",)),
    Fault(
        56,
        "a hook fails, cannot run, or is not there",
        (
            f"{HOOKS}hooks_run_in_the_order_of_their_names_and_a_failure_stops_nobody",
            f"{HOOKS}what_is_no_hook_is_passed_over_and_what_cannot_run_is_told",
        ),
    ),
    Fault(
        57,
        "a name that a shell would run",
        (
            f"{HOOKS}a_hook_gets_the_event_twice_and_no_arguments",
            f"{NAMES}a_name_that_only_looks_dangerous_comes_back_as_it_is",
        ),
    ),
    Fault(
        58,
        "a hook that others may write",
        (
            f"{HOOKS}a_file_that_others_may_write_is_refused",
            f"{HOOKS}a_file_in_a_folder_that_others_may_write_is_refused",
        ),
    ),
    Fault(
        59,
        "a password in the arguments or the environment",
        ("e2e/test_auth.py::test_passwords_and_tokens_are_found_nowhere_but_in_the_token_file",),
    ),
    Fault(
        60,
        "a token file that others may read, or a link",
        (
            "unit/cli/test_tokens.py::test_a_file_that_others_may_read_is_refused",
            "unit/cli/test_tokens.py::test_a_link_is_not_followed",
        ),
    ),
    Fault(
        61,
        "another OS user connects",
        (
            "integration/server/test_peers.py::test_another_os_user_does_not_get_to_the_socket",
            "integration/server/test_peers.py::test_another_os_user_who_gets_to_the_socket_is_refused_by_the_kernels_word",
        ),
    ),
    Fault(
        62,
        "somebody finds out by the clock which names there are",
        (
            "unit/application/test_auth.py::test_an_unknown_name_and_a_wrong_password_are_told_alike_and_cost_alike",
            "contract/test_passwords.py::test_each_path_takes_one_derivation_from_the_first_call_on",
        ),
    ),
    Fault(
        63,
        "somebody tries passwords, or has many computed",
        (
            "unit/application/test_gate.py::test_three_failures_are_free_and_then_the_delay_doubles",
            "contract/test_passwords.py::test_no_more_than_two_are_derived_at_once_and_the_loop_goes_on",
        ),
    ),
    Fault(
        64,
        "a token has expired, was used before, or its answer was lost",
        (
            "integration/test_logins.py::test_20_refreshes_at_once_have_one_successor_and_log_nobody_out",
            "unit/cli/test_login.py::test_a_lost_answer_to_a_refresh_is_asked_for_again",
            "unit/application/test_rotation.py::test_no_login_is_ever_in_two_hands",
        ),
    ),
    Fault(
        65,
        "a client names what belongs to another user",
        ("integration/server/test_ids_of_others.py::test_an_id_of_another_user_answers_as_one_that_is_not_there",),
    ),
    Fault(
        66,
        "secrets or line ends reach the log",
        (
            "integration/test_logins.py::test_no_password_and_no_token_is_in_the_database_or_in_the_log",
            f"{NAMES}whatever_a_client_says_nothing_is_obeyed_in_the_log",
        ),
    ),
    Fault(67, "the locale is C, or knows no Unicode", (f"{STREAMS}any_locale_is_good_enough_to_read",)),
    Fault(
        68,
        "the output is no terminal, or NO_COLOR is set",
        (f"{STREAMS}a_pipe_and_no_color_and_a_dumb_terminal_get_no_escapes",),
    ),
    Fault(69, "the reader of a pipe goes away", (f"{STREAMS}a_reader_that_goes_away_is_no_error",)),
    Fault(70, "the output is a full disk", (f"{STREAMS}a_full_disk_is_said_and_is_exit_1",)),
    Fault(
        71,
        "Ctrl-C in the middle of a command",
        (
            "e2e/test_exit_codes.py::test_130_is_ctrl_c_in_the_middle_and_says_nothing",
            "integration/server/test_requests.py::test_what_the_client_hung_up_on_is_done_all_the_same",
        ),
    ),
    Fault(72, "the output is closed", (f"{STREAMS}closed_streams_are_no_crash_and_get_nobody_elses_text",)),
    Fault(
        73,
        "there is no home, or it cannot be written",
        (f"{ENV}without_a_home_the_user_database_knows_it", f"{REFUSED}a_folder_where_a_file_lies_is_named"),
    ),
    Fault(
        74,
        "names that are long, wide, of joined characters or run from right to left",
        (
            f"{NAMES}a_name_that_only_looks_dangerous_comes_back_as_it_is",
            "unit/cli/test_log.py::test_a_terminal_folds_long_names_and_keeps_all_of_them",
        ),
    ),
    Fault(75, "cron's short PATH", (f"{ENV}cron_meets_the_daemon_of_the_shell",)),
    Fault(
        76,
        "git runs pomo within a commit or a rebase",
        (
            f"{ENV}a_commit_hook_of_git_may_call_it",
            "e2e/test_git.py::test_a_commit_does_not_wait_for_a_pomo_that_hangs",
            "e2e/test_git.py::test_merge_squash_rebase_and_cherry_pick_are_left_alone",
        ),
    ),
    Fault(
        77,
        "the daemon is started by a command whose output somebody waits for",
        (f"{ENV}the_starter_gets_its_prompt_back", f"{ENV}the_daemon_keeps_nothing_of_its_starter"),
    ),
    Fault(
        78,
        "the daemon fails at each start",
        (f"{REFUSED}after_three_failures_the_reason_is_told_at_once_without_another_try",),
    ),
    Fault(79, "the same is logged again and again", ("campaign:neglect",)),
    Fault(
        80,
        "the daemon is older or newer than the command",
        (
            "e2e/test_versions.py::test_a_daemon_older_than_the_command_is_replaced_and_the_command_done",
            "e2e/test_versions.py::test_a_daemon_of_another_protocol_is_exit_9_and_restart_helps",
        ),
    ),
    Fault(
        81,
        "pomo is upgraded under a live daemon",
        ("e2e/test_versions.py::test_a_daemon_older_than_the_command_is_replaced_and_the_command_done",),
        "What the old daemon has not imported yet may be the new code's until the next command replaces it.",
    ),
    Fault(82, "years beyond 2038, up to 9999", ("contract/test_store.py::test_instants_of_every_age_are_exact",)),
    Fault(
        83,
        "a million intervals",
        ("contract/test_store_intervals.py::test_pages_follow_each_other_without_a_hole",),
        "`make bench` measures reports and lists over such a record.",
    ),
    Fault(
        84,
        "the clocks of two machines differ",
        ("campaign:simulation",),
        "The clock of the database decides; the campaign has machines whose clocks are set apart.",
    ),
    Fault(
        85,
        "the configuration changes under a running timer",
        (
            f"{REFUSED}a_running_interval_keeps_its_length_when_the_configuration_changes",
            f"{REFUSED}a_configuration_broken_while_running_changes_nothing",
        ),
    ),
    Fault(86, "a pause lasts for a day", (f"{LIFE}a_paused_day_counts_for_nothing",)),
    Fault(
        87,
        "many bars ask ten times a second",
        ("contract/test_store.py::test_a_transaction_that_reads_changes_nothing", "campaign:neglect"),
        "The answer comes from memory: `make bench` measures it.",
    ),
)
