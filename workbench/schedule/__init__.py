"""The scheduler: what is due by its state, each issue once, and an alarm where one is missing."""
