#!/bin/sh
# Prints yes where a folder holds a firmware's tree. $1 folder, $2 mark of that firmware's Makefile.
cd -- "$1" || exit 1
[ -f src/Kconfig ] && grep -qE "$2" Makefile 2>/dev/null && echo yes
exit 0
