"""What the reader's desktop offers: its clipboard, and its browser. No Textual."""
