#!/bin/sh
# Removes what a killed git left in a store's mirror. $1 store. Only ever run while the store's lock is held, so that
# no lock file is alive.
[ ! -d "$1/mirror.git" ] || find "$1/mirror.git" \( -name '*.lock' -o -name 'tmp_*' -o -name 'canopus-index.*' \) -delete
