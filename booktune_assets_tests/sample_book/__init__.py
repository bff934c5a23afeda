"""Tests of the sample book: its code runs, its renderings are complete and up to date."""
