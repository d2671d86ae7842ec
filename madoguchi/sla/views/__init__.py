"""Ways in: the fragment about one clock, and the settings of policies and business hours."""
