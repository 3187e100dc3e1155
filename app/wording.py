"""Words for messages in English."""


def counted(number: int, noun: str, nouns: str = "") -> str:
    """A number of things: «1 message», «2 messages»."""
    return f"{number} {noun if number == 1 else nouns or f'{noun}s'}"
