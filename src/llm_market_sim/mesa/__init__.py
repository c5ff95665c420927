"""One world as a Mesa model, and Mesa's own page for it; nothing else here imports mesa."""
