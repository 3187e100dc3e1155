"""What strangers can do to the edge, against a real `trato serve`: forged, broken, slow and huge requests. `python -m tests.edge` runs
the long one; a short one is among the tests."""
