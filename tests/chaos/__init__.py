"""Chaos: Trato as real processes against the fake carrier, both misbehaving in every way they can, and at the end the
carrier's account and the database must agree to the message. `python -m tests.chaos --help` runs it at length; a short
run is part of the tests. Everything is drawn from one seed, which a failure prints."""
