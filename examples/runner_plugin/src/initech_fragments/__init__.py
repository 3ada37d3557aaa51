"""Runs jobs of initech on the local engine."""
