"""What the analyst gets."""
