#!/bin/sh
# id: the user of a Pi, whatever user runs the tests.
case "$1" in -u) echo 1000 ;; -un) echo pi ;; *) echo pi sudo ;; esac
