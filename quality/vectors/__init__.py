"""What embedding is made of: models found and loaded, encoders without padding, and vectors remembered on disk."""
