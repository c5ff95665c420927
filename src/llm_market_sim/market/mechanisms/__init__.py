"""The market's mechanisms, one a file: its parameters, its rule, and nothing of the others."""
