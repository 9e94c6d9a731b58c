"""How fast, how small: measured on the real server over its real sockets (`make bench`). Never asserted in tests."""
