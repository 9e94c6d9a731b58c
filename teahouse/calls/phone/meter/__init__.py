"""The prepaid meter: holds before a call leaves, tops up while it lasts, posts exactly what was used."""
