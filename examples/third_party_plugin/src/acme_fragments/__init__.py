"""Fragments for the deliveries of Acme."""
