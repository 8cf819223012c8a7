"""Stands where Klipper's host process would: its command line and its unit are what the station looks at."""

import signal

signal.pause()
