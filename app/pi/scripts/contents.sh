#!/bin/sh
# Prints the files that are named, each as a line with its name and base64; one that exists and may not be read, or whose
# folder hides it, as "hidden". $1 nonce, then paths.
LC_ALL=C; export LC_ALL
echo canopus-started
n=$1; shift
for p; do
  if [ -f "$p" ] && [ -r "$p" ]; then printf '\n@%s file %s\n' "$n" "$p"; base64 -- "$p"
  elif [ -f "$p" ] || { [ -d "${p%/*}" ] && [ ! -x "${p%/*}" ]; }; then printf '\n@%s hidden %s\n' "$n" "$p"; fi
done
printf '\n@%s end\n' "$n"
