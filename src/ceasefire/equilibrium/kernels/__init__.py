"""Compiled loops of the equilibrium: backward induction, signalling decisions, play forwards."""
