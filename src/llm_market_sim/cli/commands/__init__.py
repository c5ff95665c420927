"""The commands of ``llm-market-sim``, one a file; heavy libraries are imported inside them.

A new file is a new command: it holds a click command of the file's name and its `PLACE` in the
list of all.
"""
