"""What other languages and other processes reach the sandbox by: an API of its own under `/_sandbox/`."""
