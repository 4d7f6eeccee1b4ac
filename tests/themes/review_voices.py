"""A committee in its meeting, for tests: members of several bodies, themes on the agenda, what they vote."""
