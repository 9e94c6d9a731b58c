"""A carrier on this machine, for trying calls to phones without one: it answers any number and plays a tone."""
