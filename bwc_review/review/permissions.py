"""Which permission of the taxonomy each use case asks for, before it reads or writes anything.

A public function of ``bwc_review.review`` that is given the desk stands in exactly one of the tables here; a test
holds that (tests/architecture/test_permissions.py), and another that each refuses a role without the permission.
"""

from __future__ import annotations

from collections.abc import Mapping

USE_CASES: Mapping[str, str] = {
    "checkpoints.sign_now": "custody.append_note",
    "deciding.confirm_candidate": "tag.confirm_candidate",
    "deciding.reject_candidate": "tag.confirm_candidate",
    "deciding.reopen_candidate": "tag.confirm_candidate",
    "docking.import_card": "ingest.dock",
    "docking_several.import_cards": "ingest.dock",
    "dockings.docking_state": "ingest.dock",
    "dockings.docking_states": "ingest.dock",
    "erasing.clean": "retention.dispose",
    "erasing.erase": "retention.dispose",
    "exporting.export_bundle": "export.prepare",
    "handing_over.export_log": "custody.read_log",
    "incidents.open_incident": "tag.observe",
    "incidents.place": "tag.observe",
    "keys.enrol": "user.manage",
    "keys.make_key": "key.own",
    "keys.revoke": "user.manage",  # key.own for one's own key
    "keys.rotate": "key.own",
    "listening.propose": "transcript.run",
    "listening.transcribe": "transcript.run",
    "log_key.rotate_log_key": "system.configure",
    "measuring.coverage_of": "stats.internal",
    "measuring.measures_of": "stats.internal",
    "reading.case": "media.view",
    "reading.log_entries": "custody.read_log",
    "reading.recordings": "media.view",
    "reading.shelf": "media.view_metadata",
    "receipts.print_receipt": "ingest.dock",
    "receipts.receipt_for": "ingest.dock",
    "remembering.forget_log_key": "system.configure",
    "remembering.forget_own": "key.own",
    "remembering.remember_log_key": "system.configure",
    "remembering.remember_own": "key.own",
    "tagging.add_tag": "tag.observe",  # judge.answer for a judgement
    "tagging.close_tag": "tag.observe",
    "tagging.revise_tag": "tag.observe",
    "tagging.withdraw_tag": "tag.observe",
    "timestamps.queue_newest": "custody.append_note",
    "timestamps.recheck": "bundle.verify",
    "timestamps.send": "custody.append_note",
    "timestamps.take_answers": "custody.append_note",
    "timestamps.write_requests": "custody.append_note",
    "viewing.log_viewing": "media.view",
    "witness_files.take_answers": "custody.append_note",
    "witness_files.write_requests": "custody.append_note",
    "witness_seal.cosign_bundle": "custody.append_note",
    "witnessing.send": "custody.append_note",
}
"""Use case -> permission."""

PARTS: Mapping[str, str] = {
    "deciding.as_heard": "deciding.confirm_candidate",
    "docking_record.unfinished_docking": "docking.import_card",
    "exporting.gather": "exporting.export_bundle",
    "listening.sound_of": "listening.transcribe",
    "measuring.case_in": "measuring.measures_of",
    "preparing.prepare": "docking.import_card",
    "preparing.recordings_of": "docking.import_card",
    "remembering.forget_ended": "keys.revoke",
    "tagging.check": "tagging.add_tag",
    "tagging.permission_for": "tagging.add_tag",
    "tagging.write_tag": "tagging.add_tag",
    "witnessing.contradicted": "witnessing.send",
    "witnessing.cosign_seal": "exporting.export_bundle",
    "witnessing.keep": "witnessing.send",
    "witnessing.refused": "witnessing.send",
}
"""Steps of a use case, public for its sake: they run under its permission and are no door of their own."""

OPEN: Mapping[str, str] = {
    "checking.check_log": "says findings and no content; a log that takes no entry must still be checkable",
    "checking.keep_verified": "as checking.verify_live",
    "checking.last_verified": "as checking.verify_live",
    "checking.log_verification": "as checking.verify_live",
    "checking.verify_live": "as checking.check_log; who signs in for it is asked for bundle.verify",
    "checkpoints.sign_if_due": "signs what is overdue, over whatever stands in the log",
    "docks.watch_docks": "what is mounted at this machine, as its file browser shows it; nothing of it is opened",
    "keys.enrolled_key": "as keys.list_keys",
    "keys.list_keys": "verifier keys are public: whoever checks the log needs them",
    "keys.waiting_key": "as keys.list_keys",
    "recorded.apply_review": "carries out other use cases, each of which asks",
    "sessions.end_session": "whoever began a session may end it",
    "sessions.key_to_unlock": "asked before anybody has signed in",
    "sessions.keyed_operators": "asked before anybody has signed in",
    "sessions.start_session": "every enrolled operator may sign in, and must, before anything can be asked",
    "sessions.unlock_operator": "whoever knows its passphrase opens the key; a wrong one is in the log",
    "settling.settle": "asks for system.configure itself: no session can begin while the log is stopped",
    "succession.predecessor": "reads an old log's size and root for a new one",
    "witness_overview.overview": "sizes and times of checkpoints, always shown",
    "witness_overview.standing": "whether the log may be added to; shown before anybody can sign in",
    "witnessing.named": "who is named in the settings",
}
"""What asks for nothing, and why."""
