"""Measures this project, the library it follows, and the floor; see ``__main__``."""
