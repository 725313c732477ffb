"""Client for the Vonage Business Communications (VBC) Call Recording API."""
