#!/bin/sh
# A snapshot program for Stillpoint's type "command": copies the listed files with reflinks where
# the file system has them (XFS, Btrfs), in full elsewhere. Configure on every database host:
#
#   stillpoint:
#     node:
#       command:
#         program: [/usr/local/bin/reflink.sh]
#         environment: { SNAPSHOTS: /data/snapshots }
#
# An id is a directory below $SNAPSHOTS. Every verb may be repeated, or be killed at any moment.
set -eu
: "${SNAPSHOTS:?is not set}"

fail() { # EXIT_CODE MESSAGE
  echo "$2" >&2
  exit "$1"
}

# Ids come back from the catalog: nothing outside of $SNAPSHOTS is ever touched.
inside() {
  case "/$1/" in
    *//* | */./* | */../*) fail 1 "'$1' is not an id of this program" ;;
  esac
}

case "${1:?verb}" in
  resolve)
    [ -d "$SNAPSHOTS" ] || fail 77 "$SNAPSHOTS does not exist: mkdir -p $SNAPSHOTS"
    [ -w "$SNAPSHOTS" ] || fail 77 "$SNAPSHOTS is not writable for $(id -un)"
    free=$(($(df -Pk "$SNAPSHOTS" | awk 'NR == 2 { print $4 }') * 1024))
    printf '{"volumes": ["%s, copied below %s"], "freeBytes": %s}\n' \
      "$STILLPOINT_DATA_PATH" "$SNAPSHOTS" "$free"
    ;;
  cut)
    inside "$STILLPOINT_KEY"
    target=$SNAPSHOTS/$STILLPOINT_KEY
    if [ ! -d "$target" ]; then
      part=$target.part
      rm -rf "$part"
      mkdir -p "$part"
      # The backup cursor keeps the listed files in place while they are copied.
      (cd "$STILLPOINT_DATA_PATH" &&
        tr '\n' '\0' <"$STILLPOINT_FILE_LIST" |
        xargs -0 cp --parents --reflink=auto --preserve=mode,timestamps --target-directory="$part" --)
      sync -f "$part"
      mv "$part" "$target"
      sync -f "$target"
    fi
    bytes=$(($(du -sk "$target" | cut -f 1) * 1024))
    printf '{"snapshots": [{"id": "%s", "volume": "%s", "bytes": %s, "ready": true}]}\n' \
      "$STILLPOINT_KEY" "$STILLPOINT_DATA_PATH" "$bytes"
    ;;
  poll)
    separator=
    printf '{"snapshots": ['
    for id in $STILLPOINT_SNAPSHOTS; do
      inside "$id"
      [ -d "$SNAPSHOTS/$id" ] || continue
      printf '%s{"id": "%s", "ready": true}' "$separator" "$id"
      separator=', '
    done
    printf ']}\n'
    ;;
  delete)
    inside "$STILLPOINT_BACKUP"
    if [ -n "${STILLPOINT_SNAPSHOTS:-}" ]; then
      for id in $STILLPOINT_SNAPSHOTS; do
        inside "$id"
        case $id in "$STILLPOINT_BACKUP"/*) rm -rf "${SNAPSHOTS:?}/$id" ;; esac
      done
    elif [ -n "${STILLPOINT_ATTEMPT:-}" ]; then
      # Whatever the attempt cut for this set, finished or not.
      inside "$STILLPOINT_KEY_PREFIX"
      rm -rf "${SNAPSHOTS:?}/$STILLPOINT_KEY_PREFIX"*
    fi
    rmdir "$SNAPSHOTS/$STILLPOINT_BACKUP" 2>/dev/null || true
    ;;
  restore)
    id=$STILLPOINT_SNAPSHOTS
    inside "$id"
    [ -d "$SNAPSHOTS/$id" ] || fail 1 "$SNAPSHOTS/$id is not on this host"
    printf '{"directory": "%s"}\n' "$SNAPSHOTS/$id"
    ;;
  release)
    ;; # nothing was mounted
  list)
    separator=
    printf '{"snapshots": ['
    for path in "$SNAPSHOTS/${STILLPOINT_BACKUP:?}"/*; do
      [ -d "$path" ] || continue
      printf '%s{"id": "%s", "ready": true}' "$separator" "${path#"$SNAPSHOTS"/}"
      separator=', '
    done
    printf ']}\n'
    ;;
  *) fail 64 "unknown verb $1" ;;
esac
