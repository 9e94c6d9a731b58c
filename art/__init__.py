"""What the house is drawn with: source of its pictures, not part of the server."""
