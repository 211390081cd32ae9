"""The bundled sample groups, French and English, and how a library is filled with them.

All of it is invented: people, pages, sentences; every address lies at a reserved name. The content is JSON beside this
file, read by `offering`; nothing here fetches, shows or knows where a library lives.
"""

from florilege.demo.offering import SampleGroup, offer, sample_groups

__all__ = ["SampleGroup", "offer", "sample_groups"]
