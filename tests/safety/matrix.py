"""SAFETY.md's twenty inputs at four doors: the tests of each, why one does not apply, or what is to come."""

from dataclasses import dataclass

DOORS = ("page", "api", "inbox", "import")


@dataclass(frozen=True, slots=True)
class Held:
    """Tests that hold the input against the door."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotHere:
    """Why the input cannot come by this door."""

    why: str


@dataclass(frozen=True, slots=True)
class ToCome:
    """What the door still waits for; once marked due, the test of this table fails until tests stand here."""

    what: str
    is_due: bool = False


Cell = Held | NotHere | ToCome


def by(*ids: str) -> Held:
    """Name tests as `file::function`, below tests/."""
    return Held(ids)


STATUSES = NotHere(
    "no door sets a status of a person yet; the database refuses it: tests/safety/test_person_status.py"
)
RIGHTS = "rights/test_rights.py::test_each_role_is_answered_as_the_policy_says"
API_RIGHTS = "rights/test_api_rights.py::test_each_system_is_answered_as_the_policy_says"
STATUS = "safety/test_person_status.py::"
AT_ONCE = "safety/test_at_once.py::"
INBOX = "foundation/test_inbox.py::"
IMPORTS = "exchange/test_pages.py::"
READ = "exchange/test_read_rightly.py::"
LIMITS = "foundation/test_sheet_limits.py::"
NO_FILE = NotHere("takes no file")
NO_CLOCK = NotHere("carries no time of a device: the server's is written")

MATRIX: dict[tuple[int, str], dict[str, Cell]] = {
    (1, "the same sending three times"): {
        "page": by(
            "people/test_actions.py::test_the_same_sending_twice_is_one_person",
            AT_ONCE + "test_a_form_pressed_fifty_times_enters_one_person",
        ),
        "api": by("api/test_residents.py::test_a_person_is_entered_once_however_often_it_is_sent"),
        "inbox": by(
            INBOX + "test_the_same_report_three_times_is_one_row_and_one_answer",
            "journeys/unsent/test_waiting.py::test_an_answer_lost_after_the_commit_never_doubles_the_report",
            "faults/test_faults.py::test_what_was_acknowledged_is_stored_once_whatever_breaks",
        ),
        "import": by(
            IMPORTS + "test_a_second_click_with_the_same_form_is_the_same_import",
            "exchange/test_import.py::test_the_same_file_again_changes_nothing",
        ),
    },
    (2, "another sender's key or record id"): {
        "page": by("safety/test_foreign_ids.py::test_a_form_with_somebody_elses_id_tells_nothing"),
        "api": by(
            "api/test_residents.py::test_an_id_that_is_somebody_elses_gets_the_answer_of_a_malformed_one"
        ),
        "inbox": by(
            INBOX + "test_a_key_is_its_senders_own",
            INBOX + "test_another_senders_record_id_gets_the_answer_of_a_malformed_one",
            "surveillance/test_loop.py::test_an_id_that_is_taken_out_of_sight_is_answered_like_a_malformed_one",
        ),
        "import": by(IMPORTS + "test_the_id_of_somebody_elses_import_is_answered_like_a_malformed_one"),
    },
    (3, "a device clock that cannot be right"): {
        "page": NO_CLOCK,
        "api": NO_CLOCK,
        "inbox": by(INBOX + "test_a_device_clock_that_cannot_be_right_is_kept_and_marked"),
        "import": NO_CLOCK,
    },
    (4, "a dirty workbook"): {
        "page": NotHere("people are entered one by one; a file comes by the import"),
        "api": NO_FILE,
        "inbox": NO_FILE,
        "import": by(
            "exchange/test_dirty_imports.py"
            "::test_rows_in_are_rows_out_and_a_kill_or_a_second_time_changes_nothing",
            READ + "test_rows_in_are_rows_out",
            IMPORTS + "test_the_marked_copy_says_beside_each_row_what_became_of_it",
        ),
    },
    (5, "cells that are formulas"): {
        "page": by("safety/test_text_stays_text.py::test_hostile_text_is_shown_and_does_nothing"),
        "api": by("safety/test_text_stays_text.py::test_the_api_hands_hostile_text_out_as_text"),
        "inbox": by("safety/test_text_stays_text.py::test_hostile_text_is_shown_and_does_nothing"),
        "import": by(
            READ + "test_what_looks_like_a_formula_is_stored_as_text",
            "foundation/test_sheet_writing.py::test_text_that_looks_like_a_formula_stays_text_in_a_workbook",
            "foundation/test_sheet_writing.py"
            "::test_text_that_looks_like_a_formula_is_neutralised_in_csv_and_comes_back",
        ),
    },
    (6, "a zip bomb"): {
        "page": NotHere("takes CSV and pictures, no packed file"),
        "api": NO_FILE,
        "inbox": NO_FILE,
        "import": by(
            LIMITS + "test_a_web_request_learns_of_a_bomb_without_unpacking_it",
            LIMITS + "test_a_bomb_whose_directory_lies_is_stopped_at_its_first_byte_too_many",
        ),
    },
    (7, "XML entities"): {
        "page": by("foundation/test_files.py::test_what_is_not_taken_is_refused"),
        "api": NotHere("reads JSON alone"),
        "inbox": NotHere("reads JSON alone"),
        "import": by(
            LIMITS + "test_no_part_may_declare_entities",
            LIMITS + "test_an_entity_shows_no_file_in_any_answer",
        ),
    },
    (8, "encodings and names of all kinds"): {
        "page": by(
            "people/test_search.py::test_rare_characters_double_surnames_and_surname_readings_are_found",
            "people/test_search.py::test_names_are_compared_without_dots_and_spaces",
        ),
        "api": by("safety/test_text_stays_text.py::test_a_name_is_found_by_either_form_over_the_api"),
        "inbox": by(INBOX + "test_json_that_is_not_strict_is_refused"),
        "import": by(
            READ + "test_names_survive_every_encoding_and_are_found_again",
            "foundation/test_sheet_reading.py::test_an_encoding_that_would_be_a_guess_is_asked_for",
        ),
    },
    (9, "JSON that is not strict"): {
        "page": NotHere("pages send forms; JSON in a body is no form"),
        "api": by(
            "api/test_doors.py::test_a_body_that_is_not_strict_json_of_the_right_shape_is_400",
            "api/test_doors.py::test_size_kind_and_method_are_said_to_be_wrong",
        ),
        "inbox": by(
            INBOX + "test_json_that_is_not_strict_is_refused",
            INBOX + "test_size_and_number_are_bounded",
            INBOX + "test_an_envelope_of_wrong_shape_is_refused_for_good",
        ),
        "import": NotHere("reads workbooks and CSV"),
    },
    (10, "another grid's id, anywhere"): {
        "page": by(
            RIGHTS, "foundation/test_signing_in.py::test_an_attempt_on_what_is_not_ones_own_is_on_record"
        ),
        "api": by(API_RIGHTS, "api/test_residents.py::test_another_grids_resident_is_as_absent_as_nobody"),
        "inbox": by(
            INBOX + "test_one_foreign_envelope_of_fifty_is_refused_and_the_others_stored",
            INBOX + "test_a_foreign_place_and_an_unknown_one_look_alike",
            INBOX + "test_a_refused_attempt_is_on_record",
        ),
        "import": by(
            IMPORTS + "test_somebody_elses_grid_is_rejected_not_written",
            IMPORTS + "test_a_row_cannot_be_decided_onto_somebody_it_was_not_offered",
            IMPORTS + "test_an_import_is_the_posts_own",
        ),
    },
    (11, "a worker who moved, offline"): {
        "page": by(
            "field/test_contact.py::test_a_lost_post_may_still_be_sent_for_a_while_and_then_its_key_is_gone"
        ),
        "api": NotHere("has no offline client: a credential ends with its appointment"),
        "inbox": by(
            "foundation/test_inbox_phone.py::test_a_moved_worker_brings_what_was_done_before",
            "journeys/unsent/test_waiting.py"
            "::test_what_was_written_after_the_post_ended_is_taken_in_for_review_and_the_phone_says_so",
        ),
        "import": NotHere("a file is handed in by who is signed in now"),
    },
    (12, "a list of residents walked"): {
        "page": by(
            "people/test_look_ups.py::test_five_thousand_look_ups_in_ten_minutes_are_stopped_and_told_once",
            "people/test_look_ups.py::test_two_hundred_visits_in_a_day_never_meet_the_limit",
            "people/test_look_ups.py::test_the_page_says_slow_down_and_the_alarm_stays",
        ),
        "api": by("api/test_residents.py::test_who_looks_up_too_many_is_stopped_on_pages_and_api_together"),
        "inbox": NotHere("hands nothing out"),
        "import": by(IMPORTS + "test_whom_an_import_shows_is_counted_as_looked_up"),
    },
    (13, "a status approved by its proposer"): {
        "page": by(
            STATUS + "test_nobody_approves_what_they_proposed",
            STATUS + "test_nobody_approves_it_through_a_second_post_or_a_second_account",
            STATUS + "test_the_approver_holds_the_post_and_answers_for_the_place",
        ),
        "api": STATUSES,
        "inbox": by(STATUS + "test_an_outside_system_neither_proposes_nor_approves"),
        "import": STATUSES,
    },
    (14, "a status without end or legal reason"): {
        "page": by(
            STATUS + "test_it_ends_within_what_its_reason_allows",
            STATUS + "test_a_reason_that_the_law_does_not_know_is_refused",
            STATUS + "test_without_one_part_it_is_refused",
        ),
        "api": STATUSES,
        "inbox": STATUSES,
        "import": STATUSES,
    },
    (15, "a peak"): {
        "page": by(
            "wiring/test_flood.py::test_a_flood_of_pages_leaves_sign_in_and_inbox_their_places",
            "foundation/test_overload_answers.py"
            "::test_those_sent_away_come_back_the_more_spread_the_more_they_are",
        ),
        "api": by("api/test_doors.py::test_one_sender_cannot_crowd_out_the_others"),
        "inbox": by(
            INBOX + "test_a_full_queue_asks_to_come_back",
            INBOX + "test_a_sender_that_floods_is_asked_to_slow_down",
            "journeys/unsent/test_whose_it_is.py::test_a_busy_house_is_asked_again_only_after_the_time_it_named",
        ),
        "import": by("wiring/test_kinds.py::test_what_carries_files_has_places_of_its_own"),
    },
    (16, "slow connections"): {
        "page": by(
            "foundation/test_overload_connections.py::test_heads_that_do_not_come_are_cut_and_others_answered",
            "foundation/test_overload_connections.py::test_a_slow_body_is_cut",
            "foundation/test_overload_connections.py::test_a_reader_who_does_not_read_is_cut",
        ),
        "api": by(
            "foundation/test_overload_connections.py::test_heads_that_do_not_come_are_cut_and_others_answered",
            "foundation/test_overload_connections.py::test_a_slow_body_is_cut",
            "foundation/test_overload_connections.py::test_a_reader_who_does_not_read_is_cut",
        ),
        "inbox": by(INBOX + "test_a_body_that_never_ends_is_cut"),
        "import": by(
            "foundation/test_overload_connections.py::test_a_slow_body_is_cut",
            "foundation/test_overload_guard.py::test_a_body_comes_whole_and_a_long_one_never_lies_in_memory",
        ),
    },
    (17, "two requests at once"): {
        "page": by(
            AT_ONCE + "test_approved_and_declined_at_once_is_one_of_them",
            AT_ONCE + "test_of_two_approvers_one_approves",
            AT_ONCE + "test_a_form_pressed_fifty_times_enters_one_person",
            AT_ONCE + "test_a_step_of_an_order_pressed_fifty_times_is_taken_once",
        ),
        "api": by(
            AT_ONCE + "test_of_two_corrections_over_the_api_one_stands",
            AT_ONCE + "test_the_same_entry_fifty_times_over_the_api_is_one_person",
        ),
        "inbox": by(INBOX + "test_the_same_key_from_many_at_once_is_stored_once"),
        "import": by(IMPORTS + "test_an_old_page_cannot_write_what_moved_on"),
    },
    (18, "stored scripts"): {
        "page": by(
            "safety/test_text_stays_text.py::test_hostile_text_is_shown_and_does_nothing",
            "foundation/test_files.py::test_it_is_handed_out_as_an_attachment_that_no_browser_runs",
        ),
        "api": by("safety/test_text_stays_text.py::test_the_api_hands_hostile_text_out_as_text"),
        "inbox": by("safety/test_text_stays_text.py::test_hostile_text_is_shown_and_does_nothing"),
        "import": by(IMPORTS + "test_markup_in_names_of_files_and_cells_is_shown_as_text"),
    },
    (19, "fields and methods that are not offered"): {
        "page": by(
            "safety/test_extra_fields.py::test_fields_that_no_form_has_change_nothing_that_is_written",
            "safety/test_extra_fields.py::test_a_method_in_a_header_or_a_field_does_not_count",
        ),
        "api": by(
            "safety/test_extra_fields.py::test_the_api_refuses_every_field_that_no_body_has",
            "safety/test_extra_fields.py::test_the_api_takes_no_method_but_the_one_that_was_sent",
        ),
        "inbox": by(INBOX + "test_an_envelope_of_wrong_shape_is_refused_for_good"),
        "import": by(
            "safety/test_extra_fields.py::test_fields_that_no_form_has_change_nothing_that_is_written"
        ),
    },
    (20, "a cache shared by two people"): {
        "page": by(
            "safety/test_shared_cache.py::test_no_answer_of_any_route_may_be_kept",
            "safety/test_shared_cache.py::test_two_people_behind_one_cache_see_their_own_pages",
        ),
        "api": by("safety/test_shared_cache.py::test_no_answer_of_the_api_may_be_kept"),
        "inbox": by("safety/test_shared_cache.py::test_no_answer_of_the_inbox_may_be_kept"),
        "import": by("safety/test_shared_cache.py::test_no_answer_of_any_route_may_be_kept"),
    },
}  # fmt: skip
