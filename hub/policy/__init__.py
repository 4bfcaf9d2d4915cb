"""The pure core: what may go to whom, and why. Standard library only, no clock, no randomness, no I/O."""
