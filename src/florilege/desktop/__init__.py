"""Access to the reader's desktop: clipboard, browser and other programs. No Textual."""
