"""What the tests of the pages share with those of the installation."""

from tests.install.conftest import wheels as wheels
