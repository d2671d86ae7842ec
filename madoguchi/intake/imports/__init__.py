"""Coming from another help desk: its tickets, messages and people, again and again until the day of the move."""
