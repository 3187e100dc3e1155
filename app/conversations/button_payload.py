"""What a button carries, so that pressing it later still finds its question: session, step and option."""


def payload(session: int, step: str, key: str) -> str:
    """The payload of an option's button."""
    return f"t1:{session}:{step}:{key}"


def named(button: str) -> tuple[int, str, str] | None:
    """(session, step, option) of a payload of ours; None for any other."""
    version, _, rest = button.partition(":")
    session, _, rest = rest.partition(":")
    step, _, key = rest.partition(":")
    return (int(session), step, key) if version == "t1" and session.isdecimal() and len(session) < 19 and key else None
