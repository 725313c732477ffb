"""How the server behaves where the vendor's page leaves it open or real servers differ: named switches."""
