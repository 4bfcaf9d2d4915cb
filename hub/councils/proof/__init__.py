"""Proofs that a policy keeps its promises: every state of every route, by the engine's own rules."""
