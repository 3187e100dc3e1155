"""Everything for the analyst: tables, codebook, report and package."""
