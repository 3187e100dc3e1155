"""Which tests are to notice a wrong version of which module, and the changes that are none."""

POLICY = ("tests/unit/test_send_policy.py", "tests/unit/test_send_policy_properties.py")
REPLIES = ("tests/unit/test_replies.py", "tests/unit/test_corpus.py")
ENGINE = ("tests/unit/test_engine.py", "tests/unit/test_composing.py", "tests/unit/test_transcripts.py")
SENDING = ("tests/sending/test_worker.py", "tests/sending/test_callbacks.py", "tests/sending/test_message_life.py")
OUTBOX = ("tests/store/test_outbox.py", "tests/store/test_locks.py", *SENDING)
NUDGES = (
    "tests/scheduler/test_nudging.py",
    "tests/scheduler/test_choosing.py",
    "tests/scheduler/test_programmes.py",
    "tests/store/test_locks.py",
)
TALKING = (
    "tests/conversations/test_inbound.py",
    "tests/conversations/test_keywords.py",
    "tests/conversations/test_late.py",
    "tests/conversations/test_kinds.py",
    "tests/sending/test_loops.py",
)

PEOPLE = ("tests/people/test_sign_in.py", "tests/people/test_roles.py", "tests/people/test_commands.py")

MODULES: dict[str, tuple[str, ...]] = {
    "app/flows/engine/engine.py": ENGINE,
    "app/flows/engine/graph.py": (*ENGINE, "tests/unit/test_checks.py"),
    "app/flows/engine/render.py": ENGINE,
    "app/flows/micro_randomisation.py": ("tests/unit/test_micro_randomisation.py",),
    "app/flows/quiet_hours.py": ("tests/unit/test_quiet_hours.py", *POLICY),
    "app/flows/recurrence.py": ("tests/unit/test_recurrence.py",),
    "app/flows/replies/choices.py": REPLIES,
    "app/flows/replies/dates.py": REPLIES,
    "app/flows/replies/fuzzy.py": REPLIES,
    "app/flows/replies/keywords.py": ("tests/unit/test_reply_keywords.py",),
    "app/flows/replies/multi.py": REPLIES,
    "app/flows/replies/numbers.py": REPLIES,
    "app/flows/replies/quantity.py": REPLIES,
    "app/flows/replies/scan.py": REPLIES,
    "app/flows/replies/table.py": REPLIES,
    "app/flows/replies/times.py": REPLIES,
    "app/flows/scoring.py": ("tests/unit/test_scoring.py",),
    "app/flows/segments.py": ("tests/unit/test_segments.py",),
    "app/people/actors.py": PEOPLE,
    "app/people/sessions.py": PEOPLE,
    "app/people/throttle.py": PEOPLE,
    "app/people/tokens.py": ("tests/web/test_api.py", *PEOPLE),
    "app/people/totp.py": ("tests/people/test_totp.py", *PEOPLE),
    "app/flows/self_reports.py": ("tests/unit/test_self_reports.py",),
    "app/flows/shifts.py": ("tests/unit/test_shifts.py",),
    "app/flows/skip_logic.py": ("tests/unit/test_skip_logic.py",),
    "app/flows/spacing.py": ("tests/unit/test_spacing.py",),
    "app/flows/variants.py": ("tests/conversations/test_crossover.py", "tests/unit/test_items.py"),
    "app/scheduler/nudge_policy.py": ("tests/unit/test_nudge_policy.py", *NUDGES),
    "app/scheduler/occasions.py": ("tests/unit/test_planning.py", "tests/unit/test_happenings.py"),
    "app/scheduler/planning.py": ("tests/unit/test_planning.py", "tests/unit/test_happenings.py"),
    "app/scheduler/reach.py": ("tests/unit/test_reach.py",),
    "app/sending/send_policy.py": POLICY,
    "app/sending/outcomes.py": SENDING,
    "app/sending/pace.py": ("tests/unit/test_pace.py",),
    "app/sending/resending.py": SENDING,
    "app/conversations/understanding.py": TALKING,
    "app/store/alerts.py": ("tests/store/test_alerts.py",),
    "app/store/ledger.py": ("tests/store/test_ledger.py",),
    "app/store/loops.py": ("tests/sending/test_loops.py",),
    "app/store/nudges.py": NUDGES,
    "app/store/our_numbers.py": (
        "tests/store/test_our_numbers.py",
        "tests/store/test_locks.py",
        "tests/sending/test_pausing.py",
    ),
    "app/recovery/account.py": ("tests/recovery/test_disaster.py",),
    "app/recovery/replaying.py": ("tests/recovery/test_disaster.py",),
    "app/store/audit_chain.py": ("tests/people/test_chain.py",),
    "app/store/backup_file.py": ("tests/store/test_backups.py",),
    "app/store/copying.py": ("tests/store/test_copying.py",),
    "app/store/outbox.py": OUTBOX,
    "app/store/vault.py": ("tests/unit/test_vault.py",),
}

EQUIVALENT: dict[tuple[str, str, str], str] = {
    (
        "app/flows/engine/engine.py",
        "parsed.key or 'else'",
        "(parsed.key)",
    ): "feedback and target fall back to `else` themselves",
    (
        "app/flows/scoring.py",
        "answered < minimum - 1e-09",
        "(answered <= minimum - 1e-09)",
    ): "no count is a whole number less a billionth",
    ("app/scheduler/planning.py", "10", "11"): "ten years, its only 10, are longer than any campaign",
    ("app/flows/replies/times.py", "hour + 12", "(hour - 12)"): "hours are taken modulo 24",
    ("app/flows/replies/times.py", "hour % 12 + 12", "(hour % 12 - 12)"): "hours are taken modulo 24",
}
"""Path, code and change of mutants that no test can notice, with the reason."""
