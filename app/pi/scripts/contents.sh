#!/bin/sh
# Prints the files that are named, each as a line with its name and base64. $1 nonce, then paths.
LC_ALL=C; export LC_ALL
n=$1; shift
for p; do
  if [ -f "$p" ]; then printf '\n@%s file %s\n' "$n" "$p"; base64 -- "$p"; fi
done
printf '\n@%s end\n' "$n"
