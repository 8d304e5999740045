"""`pomo shell-init`: a prompt segment that a shell makes by itself, out of a small file that the daemon keeps."""

import shlex
from typing import Annotated, Final

import typer

from pomo_cli import output
from pomo_cli.commands.shared import APP, Command
from pomo_cli.commands.words import chosen
from pomo_daemon.protocol import paths

app = typer.Typer(**APP)

# The file has one line (server/outputs/prompt.py): KIND AT UNTIL ICON WORDS. Builtins read it and the clock: nothing is
# started, nothing is connected to. What is not a number is not counted with, since bash evaluates what it counts with;
# WORDS is put into the prompt by an expansion whose result no shell expands again.

_BASH: Final = """\
# pomo in the prompt of bash: eval "$(pomo shell-init bash)"; PS1='${POMO_PROMPT}'$PS1
__pomo_files=%s
__pomo_prompt() {
    local kind at until icon words sign= file=$__pomo_files${POMO_PROFILE-}.status
    POMO_PROMPT=
    [[ -r $file ]] && IFS=' ' read -r kind at until icon words <"$file" || return 0
    [[ $until && $at$until != *[!0-9]* ]] && ((EPOCHSECONDS <= until)) || return 0
    case $kind in
    down) ((at -= EPOCHSECONDS)) ;;
    up) ((at = EPOCHSECONDS > at ? EPOCHSECONDS - at : 0)) ;;
    esac
    ((at < 0)) && ((at = -at)) && sign=+ icon=◔
    ((${#words} > ${POMO_PROMPT_WIDTH:=30})) && words=${words:0:POMO_PROMPT_WIDTH}…
    if ((at < 3600)); then
        printf -v POMO_PROMPT '%%s %%s%%02d:%%02d %%s ' "$icon" "$sign" $((at / 60)) $((at %% 60)) "$words"
    else
        printf -v POMO_PROMPT '%%s %%s%%d:%%02d:%%02d %%s ' \\
            "$icon" "$sign" $((at / 3600)) $((at / 60 %% 60)) $((at %% 60)) "$words"
    fi
}
if ((BASH_VERSINFO[0] < 5)); then
    echo 'pomo shell-init: bash 5.0 or newer is needed' >&2
elif [[ ${PROMPT_COMMAND[*]} != *__pomo_prompt* ]]; then
    if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 501)); then
        PROMPT_COMMAND=${PROMPT_COMMAND:+$PROMPT_COMMAND; }__pomo_prompt
    else
        PROMPT_COMMAND+=(__pomo_prompt)
    fi
fi
"""

_ZSH: Final = """\
# pomo in the prompt of zsh: eval "$(pomo shell-init zsh)"; setopt prompt_subst; PROMPT='${POMO_PROMPT}'$PROMPT
zmodload zsh/datetime
__pomo_files=%s
__pomo_prompt() {
    local bang=0
    [[ -o prompt_bang ]] && bang=1
    emulate -L zsh
    local kind at until icon words sign now=$EPOCHSECONDS file=$__pomo_files${POMO_PROFILE-}.status
    typeset -g POMO_PROMPT=
    [[ -r $file ]] && IFS=' ' read -r kind at until icon words <$file || return
    [[ $at$until == *[^0-9]* || -z $until ]] && return
    ((now > until)) && return
    case $kind in
    down) ((at -= now)) ;;
    up) ((at = now > at ? now - at : 0)) ;;
    esac
    ((at < 0)) && ((at = -at)) && sign=+ icon=◔
    ((${#words} > ${POMO_PROMPT_WIDTH:=30})) && words=${words[1,POMO_PROMPT_WIDTH]}…
    words=${words//\\%%/%%%%}
    ((bang)) && words=${words//\\!/!!}
    if ((at < 3600)); then
        printf -v at '%%02d:%%02d' $((at / 60)) $((at %% 60))
    else
        printf -v at '%%d:%%02d:%%02d' $((at / 3600)) $((at / 60 %% 60)) $((at %% 60))
    fi
    typeset -g POMO_PROMPT="$icon $sign$at $words "
}
typeset -ga precmd_functions
((precmd_functions[(Ie)__pomo_prompt])) || precmd_functions+=(__pomo_prompt)
"""

_FISH: Final = """\
# pomo in the prompt of fish: pomo shell-init fish | source; then call pomo_prompt in fish_prompt
set -g __pomo_files %s
function pomo_prompt --description 'Print the timer of pomo, and a space behind it'
    set -l last $status
    set -l file "$__pomo_files$POMO_PROFILE.status"
    test -r "$file"; or return $last
    read -l -d ' ' kind at until icon words <$file; or return $last
    string match -qr '^[0-9]+ [0-9]+$' -- "$at $until"; or return $last
    # The clock: since when the file is as it is, and how long ago that was.
    set -l now (math (path mtime -- $file) + (path mtime -R -- $file)); or return $last
    test $now -gt $until; and return $last
    switch $kind
        case down
            set at (math $at - $now)
        case up
            set at (math "max($now - $at, 0)")
    end
    set -l sign
    test $at -lt 0; and set at (math 0 - $at); and set sign +; and set icon ◔
    set -q POMO_PROMPT_WIDTH; or set -l POMO_PROMPT_WIDTH 30
    set words (string shorten -m $POMO_PROMPT_WIDTH -- $words)
    if test $at -lt 3600
        printf '%%s %%s%%02d:%%02d %%s ' $icon "$sign" (math "floor($at / 60)") (math "$at %% 60") "$words"
    else
        printf '%%s %%s%%d:%%02d:%%02d %%s ' $icon "$sign" (math "floor($at / 3600)") \\
            (math "floor($at / 60) %% 60") (math "$at %% 60") "$words"
    end
    return $last
end
"""

_SCRIPTS: Final = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


@app.command("shell-init", cls=Command)
def shell_init(
    ctx: typer.Context,
    shell: Annotated[str, typer.Argument(metavar="|".join(_SCRIPTS), help="Which shell.", show_default=False)],
) -> None:
    """Print what gives a shell's prompt the timer."""
    script = _SCRIPTS[chosen(ctx, "SHELL", shell, tuple(_SCRIPTS))]
    # A daemon that runs may have been started in another environment, with its files elsewhere.
    holder = paths.read_holder(paths.lock_file())
    files = paths.status_files(holder.socket if holder else paths.socket_file())
    output.write(script % (_fish_quote(files) if shell == "fish" else shlex.quote(files)))


def _fish_quote(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
