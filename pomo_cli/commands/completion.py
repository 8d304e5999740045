"""`pomo completion`: the script that makes a shell complete the words of pomo."""

from typing import Annotated, Final

import typer

from pomo_cli import output
from pomo_cli.commands.shared import APP, Command
from pomo_cli.commands.words import chosen

app = typer.Typer(**APP)

# Every script hands its words over as they are and takes lines back; nothing that comes back is ever evaluated.
# Which words those are, and what is escaped for whom: pomo_cli/complete.py.

_BASH: Final = """\
# pomo completion for bash: source <(pomo completion bash)
_pomo() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("$line")
    done < <(command pomo --complete bash "${COMP_TYPE:-9}" "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _pomo pomo
"""

_ZSH: Final = """\
#compdef pomo
# pomo completion for zsh, after compinit: source <(pomo completion zsh)
_pomo() {
    local line tab=$'\\t'
    local -a values shown before
    before=("${(@Q)words[2,CURRENT-1]}")
    while IFS= read -r line; do
        if [[ $line == $tab* ]]; then
            compadd -x "${line#$tab}"
            continue
        fi
        values+=("${line%%$tab*}")
        shown+=("${line/$tab/  }")
    done < <(command pomo --complete zsh 9 "${before[@]}" "${(Q)PREFIX}" 2>/dev/null)
    (( $#values )) && compadd -U -l -d shown -a -- values
}
compdef _pomo pomo
"""

_FISH: Final = """\
# pomo completion for fish: pomo completion fish | source
function __pomo_complete
    set -l before (commandline -opc)
    command pomo --complete fish 9 $before[2..-1] (commandline -ct) 2>/dev/null
end
complete -c pomo -f -a '(__pomo_complete)'
"""

_SCRIPTS: Final = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


@app.command(cls=Command)
def completion(
    ctx: typer.Context,
    shell: Annotated[str, typer.Argument(metavar="|".join(_SCRIPTS), help="Which shell.", show_default=False)],
) -> None:
    """Print the completion script of a shell."""
    output.write(_SCRIPTS[chosen(ctx, "SHELL", shell, tuple(_SCRIPTS))])
