"""Parts of picture and film files that no library reads for us: pure functions from bytes to values and back."""
