"""A plugin made for the first release; it is not edited: see test_promise.py."""
