"""The model of a definition, which everything else asks."""
