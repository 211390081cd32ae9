"""Quotes as they leave the app: for the clipboard and for files. Pure."""
