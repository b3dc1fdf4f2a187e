using System.CommandLine;
using System.IO;
using System.Linq;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Help;

namespace AhnSharp.Cli.Commands;

/// <summary><c>ahn man</c>: the pages of help as man pages, for packages and for those who look there.</summary>
internal static class ManCommand
{
    private static readonly Argument<string[]> Names = new("command")
    {
        Description = "The command; without one, the page of ahn itself.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string?> All = Options.Choice.Text("--all", "Writes the page of every command into a folder.", "FOLDER");

    internal static Command Create(RootCommand root)
    {
        Command command = new("man", "Prints the man page of a command, or writes all of them into a folder.") { Names, All };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            string[] names = parsed.GetValue(Names) ?? [];
            if (parsed.GetValue(All) is { } folder) Write(root, folder);
            else Terminal.PrintText(ManPage.Of(HelpPage.Of(HelpPage.Find(root, names), names), BuildInfo.Version), static text => text);
            return AhnCommand.Done;
        });
        return command;
    }

    private static void Write(RootCommand root, string folder)
    {
        Directory.CreateDirectory(folder);
        HelpPage[] pages =
        [
            HelpPage.Of(root), .. root.Subcommands.Where(sub => !sub.Hidden).Select(sub => HelpPage.Of(sub, sub.Name)),
        ];
        foreach (HelpPage page in pages)
            File.WriteAllText(Path.Combine(folder, ManPage.FileName(page)), ManPage.Of(page, BuildInfo.Version));
        Terminal.Note($"{pages.Length} pages written to {folder}.");
    }
}
