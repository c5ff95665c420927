"""Pages that carry the lesson by themselves: a report of a batch, and a handout for a class.

Each is imported from its own file, so that the headline's words come without the figures.
"""
