using System.Collections.Generic;
using System.CommandLine;
using AhnSharp.Cli.Display;

namespace AhnSharp.Cli.Commands;

/// <summary><c>ahn completion</c>: a script by which a shell completes commands, options and the names of models.</summary>
/// <remarks>The scripts ask the program itself, by the directive [suggest:POSITION] of its parser, so they never grow old.</remarks>
internal static class CompletionCommand
{
    private const string Bash = """
        _ahn_complete() {
            local IFS=$'\n' line="${COMP_LINE}" point="${COMP_POINT}"
            COMPREPLY=()
            local found word="${COMP_WORDS[COMP_CWORD]}"
            found="$(ahn "[suggest:${point}]" "${line}" 2>/dev/null)"
            COMPREPLY=($(compgen -W "${found}" -- "${word}"))
        }
        complete -o default -o bashdefault -F _ahn_complete ahn
        """;

    private const string Zsh = """
        #compdef ahn
        _ahn() {
            local -a found
            found=("${(@f)$(ahn "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            (( ${#found} )) && compadd -- "${found[@]}"
            _files
        }
        # As a file of fpath this is the function's first call; read by source, it is not.
        if [[ "${funcstack[1]}" == _ahn ]]; then _ahn "$@"; else compdef _ahn ahn; fi
        """;

    private const string Fish = """
        complete -c ahn -a '(set -l line (commandline -cp); ahn "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null)'
        """;

    private const string Pwsh = """
        Register-ArgumentCompleter -Native -CommandName ahn -ScriptBlock {
            param($word, $line, $position)
            ahn "[suggest:$position]" "$line" 2>$null | Where-Object { $_ -like "$word*" } | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
            }
        }
        """;

    private static readonly Dictionary<string, string> s_scripts = new()
    {
        ["bash"] = Bash,
        ["zsh"] = Zsh,
        ["fish"] = Fish,
        ["pwsh"] = Pwsh,
    };

    private static readonly Argument<string> Shell = new("shell")
    {
        Description = "bash, zsh, fish or pwsh.",
        HelpName = "bash|zsh|fish|pwsh",
    };

    internal static Command Create()
    {
        Shell.CompletionSources.Add([.. s_scripts.Keys]);
        Command command = new("completion", "Prints a script by which a shell completes commands, options and models: see the examples.")
        {
            Shell,
        };
        command.SetAction(static parsed =>
        {
            string shell = parsed.GetValue(Shell)!;
            string script = s_scripts.GetValueOrDefault(shell)
                ?? throw new UsageException($"expected one of {string.Join(", ", s_scripts.Keys)}, found '{shell}'.");
            foreach (string line in script.Split('\n')) Terminal.PrintWhole(line.TrimEnd('\r'));
            return AhnCommand.Done;
        });
        return command;
    }
}
