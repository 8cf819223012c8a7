#!/bin/sh
# Builds a goal. $1 build folder, $2 tree, $3 jobs, $4 "nice" or nothing, $5 digits of a commit, $6 goal. Notes the process
# group for the clean-up after a crash, then becomes make in an environment of our own: what the user has set for other
# compilers or for git must not get into an image.
printf '[core]\n\tabbrev = %s\n[safe]\n\tdirectory = *\n' "$5" > "$1/home/.gitconfig" || exit 1
group=$(ps -o pgid= -p $$ | tr -d ' ')
printf '%s\n%s\n' "$group" "$(ps -o lstart= -p "$group")" > "$1/group"
exec ${4:+nice -n 15} env -i PATH="$PATH" HOME="$1/home" TMPDIR="$1/tmp" LC_ALL=C \
  PYTHONDONTWRITEBYTECODE=1 GIT_OPTIONAL_LOCKS=0 GIT_CONFIG_NOSYSTEM=1 \
  make --no-print-directory -C "$2" -j "$3" OUT="$1/out/" KCONFIG_CONFIG="$1/.config" "$6" </dev/null
