using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Linq;

namespace AhnSharp.Cli.Help;

/// <summary><c>--help</c> of every command: our pages in place of the parser's own.</summary>
internal sealed class HelpPrinting : SynchronousCommandLineAction
{
    /// <summary>Who asks what a command takes has not given it yet.</summary>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        HelpText.Print(HelpPage.Of(parseResult.CommandResult.Command, [.. Path(parseResult.CommandResult)]));
        return AhnCommand.Done;
    }

    /// <summary>Puts it behind the option that every root command has.</summary>
    internal static void On(RootCommand root)
    {
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpPrinting();
        if (System.OperatingSystem.IsWindows()) return;
        help.Aliases.Remove("/?");
        help.Aliases.Remove("/h");
    }

    /// <summary>The names that lead to a command, without the program's.</summary>
    internal static IEnumerable<string> Path(CommandResult? result) => result is null or { Command: RootCommand }
        ? [] : Path(result.Parent as CommandResult).Append(result.Command.Name);
}
