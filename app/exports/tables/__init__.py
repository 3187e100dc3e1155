"""The tables of an export, one module each."""
