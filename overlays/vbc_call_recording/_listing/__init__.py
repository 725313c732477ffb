"""Listings: filters, pages, and the ways through them."""
