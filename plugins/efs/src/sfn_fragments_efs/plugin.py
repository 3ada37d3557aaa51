"""The fragments of this distribution, as the registry lists them."""
