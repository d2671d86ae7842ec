"""What the assistant thinks with: pure, no Django."""
