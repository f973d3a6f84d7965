#!/bin/sh
# A snapshot program for Stillpoint's type "command": LVM thin snapshots of the logical volume that
# holds the data directory. A sketch to start from: it was written against the manual pages of LVM
# and has not been run in Stillpoint's tests, which have no volume group. Needs root.
#
#   stillpoint:
#     node:
#       command:
#         program: [/usr/local/bin/lvm.sh]
#         environment: { VG: data, LV: mongo, MOUNTS: /run/stillpoint }
#
# The volume must be a thin one and hold the whole data directory, journal included. A snapshot can be
# restored only on the host that has it: restore the other members of the set by initial sync.
set -eu
: "${VG:?is not set}" "${LV:?is not set}" "${MOUNTS:=/run/stillpoint}"

name() { printf 'sp_%s' "$1" | tr -c 'A-Za-z0-9+_.-' '_' | cut -c 1-120; }

case "${1:?verb}" in
  resolve)
    lvs --noheadings -o lv_attr "$VG/$LV" | grep -q '^ *V' || { echo "$VG/$LV is not a thin volume" >&2; exit 78; }
    printf '{"volumes": ["%s/%s, thin"], "freeBytes": 0}\n' "$VG" "$LV"
    ;;
  cut)
    id=$(name "$STILLPOINT_KEY")
    if ! lvs "$VG/$id" >/dev/null 2>&1; then
      # The file system is frozen by the kernel while the snapshot is taken.
      lvcreate --snapshot --setactivationskip y --addtag "$(name "$STILLPOINT_BACKUP")" --name "$id" "$VG/$LV" >&2
    fi
    printf '{"snapshots": [{"id": "%s", "volume": "%s/%s", "ready": true}]}\n' "$id" "$VG" "$LV"
    ;;
  poll)
    separator=
    printf '{"snapshots": ['
    for id in $STILLPOINT_SNAPSHOTS; do
      lvs "$VG/$id" >/dev/null 2>&1 || continue
      printf '%s{"id": "%s", "ready": true}' "$separator" "$id"
      separator=', '
    done
    printf ']}\n'
    ;;
  delete)
    if [ -n "${STILLPOINT_SNAPSHOTS:-}" ]; then
      for id in $STILLPOINT_SNAPSHOTS; do
        case $id in sp_*) if lvs "$VG/$id" >/dev/null 2>&1; then lvremove --yes "$VG/$id" >&2; fi ;; esac
      done
    elif [ -n "${STILLPOINT_ATTEMPT:-}" ]; then
      prefix=$(name "$STILLPOINT_KEY_PREFIX")
      for id in $(lvs --noheadings -o lv_name "$VG"); do
        case $id in "$prefix"*) lvremove --yes "$VG/$id" >&2 ;; esac
      done
    fi
    ;;
  restore)
    directory=$MOUNTS/$(name "$STILLPOINT_RESTORE")
    mkdir -p "$directory"
    if ! mountpoint -q "$directory"; then
      lvchange --activate y --ignoreactivationskip "$VG/$STILLPOINT_SNAPSHOTS" >&2
      # nouuid: an XFS of the same identity is mounted already. Replaying its log needs a write.
      mount -o nouuid "/dev/$VG/$STILLPOINT_SNAPSHOTS" "$directory" >&2
    fi
    printf '{"directory": "%s"}\n' "$directory"
    ;;
  release)
    directory=$MOUNTS/$(name "$STILLPOINT_RESTORE")
    if mountpoint -q "$directory"; then umount "$directory" >&2; fi
    ;;
  list)
    separator=
    printf '{"snapshots": ['
    for id in $(lvs --noheadings -o lv_name "@$(name "$STILLPOINT_BACKUP")" 2>/dev/null); do
      printf '%s{"id": "%s", "ready": true}' "$separator" "$id"
      separator=', '
    done
    printf ']}\n'
    ;;
  *) echo "unknown verb $1" >&2; exit 64 ;;
esac
