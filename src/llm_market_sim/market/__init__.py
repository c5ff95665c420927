"""The model, chapter by chapter of the ODD protocol: what there is, and what happens in a week."""
