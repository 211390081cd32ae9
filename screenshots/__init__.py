"""The pictures of the README, and what makes them and its generated parts. Not part of the program."""
