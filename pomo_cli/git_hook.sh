#!/bin/sh
# Made by 'pomo git install', taken away by 'pomo git uninstall'. What was here before is kept beside it and runs first.
# Of its own accord this never fails a commit, and holds one up by no more than a quarter of a second.

hook=${0##*/}
if [ -x "$0.before-pomo" ]; then
    "$0.before-pomo" "$@" || exit $?
fi

pomo=@POMO@
[ -x "$pomo" ] || pomo=$(command -v pomo) || exit 0

# In a rebase, a merge, a cherry-pick the message is not being written now.
git_dir=$(git rev-parse --git-dir) || exit 0
for it in rebase-merge rebase-apply MERGE_HEAD CHERRY_PICK_HEAD REVERT_HEAD; do
    [ ! -e "$git_dir/$it" ] || exit 0
done

case $hook in
prepare-commit-msg)
    case ${2:-} in merge | squash | commit) exit 0 ;; esac
    # A daemon is not started for this.
    said=$(POMO_NO_AUTOSTART=1 timeout 0.2 "$pomo" status -f '{state}/{task_id}/{cycle} of {cycle_length}/{task}' \
        2>/dev/null </dev/null) || exit 0
    case $said in focus/*) said=${said#focus/} ;; *) exit 0 ;; esac
    number=${said%%/*} said=${said#*/}
    place=${said%%/*} task=${said#*/}
    if [ -n "$number" ]; then
        place="$task (#$number, $place)"
    fi
    git interpret-trailers --in-place --no-divider --if-exists addIfDifferent --trailer "Pomodoro: $place" "$1" 2>/dev/null
    ;;
commit-msg)
    # A message in which nothing but our own line stands is empty, and git is to say so.
    if grep -q '^Pomodoro: ' "$1" &&
        ! sed '/^.* -* >8 -*$/,$d' "$1" | git stripspace --strip-comments | grep -v '^Pomodoro: ' | grep -q .; then
        : >"$1"
    fi
    ;;
post-commit)
    # Named now: the next commit may be there before pomo is.
    "$pomo" git note "$(git rev-parse HEAD)" >/dev/null 2>&1 </dev/null &
    ;;
esac
exit 0
