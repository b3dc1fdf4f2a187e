using System.CommandLine;
using AhnSharp.Cli.Help;

namespace AhnSharp.Cli.Commands;

/// <summary><c>ahn help</c> and <c>ahn version</c>: the words that people type before they know of options.</summary>
internal static class HelpCommand
{
    private static readonly Argument<string[]> Names = new("command")
    {
        Description = "The command to explain; without one, all of them are listed.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    internal static Command Create(RootCommand root)
    {
        Command command = new("help", "Explains a command, or lists them all.") { Names };
        command.SetAction(parsed =>
        {
            string[] names = parsed.GetValue(Names) ?? [];
            HelpText.Print(HelpPage.Of(HelpPage.Find(root, names), names));
            return AhnCommand.Done;
        });
        return command;
    }

    internal static Command CreateVersion()
    {
        Command command = new("version", "Says which version and build this is, and which kernels this processor gets.");
        command.SetAction(static _ => VersionAction.Print());
        return command;
    }
}
