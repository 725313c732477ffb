"""Files: what can be downloaded, where it goes, and what proves it whole."""
