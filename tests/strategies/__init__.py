"""Generators of test data for hypothesis."""
