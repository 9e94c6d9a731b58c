"""What calls cost: decks of prices by prefix, for the house's members and of its carriers."""
