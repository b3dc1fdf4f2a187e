using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;

namespace AhnSharp.Cli.Help;

/// <summary>What is said of a command, before it is laid out for a terminal or as a man page.</summary>
/// <param name="Name">As it is typed: ahn config set.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Usage">Its line.</param>
/// <param name="Examples">Lines to type, each with what it does.</param>
/// <param name="Sections">Headings with their rows: a term and what it means.</param>
internal sealed record HelpPage(
    string Name, string Summary, string Usage, IReadOnlyList<(string Line, string Meaning)> Examples,
    IReadOnlyList<(string Heading, IReadOnlyList<(string Term, string Meaning)> Rows)> Sections)
{
    private const string Program = "ahn";

    // What there is to do, in the order in which a newcomer meets it.
    private static readonly (string Heading, string[] Commands)[] s_groups =
    [
        ("Ask", ["chat", "run", "read", "ask", "text", "demo"]),
        ("Models", ["use", "pull", "list", "remove", "fit", "inspect", "tokens"]),
        ("Serve", ["serve"]),
        ("This machine and its settings", ["config", "doctor", "devices", "completion", "help", "version"]),
        ("Make models", ["convert", "quantize", "train", "synth"]),
        ("Measure", ["perplexity", "recall", "calibrate", "eval", "bench"]),
    ];

    /// <summary>The page of a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="path">The names that lead to it, without the program's.</param>
    internal static HelpPage Of(Command command, params string[] path)
    {
        bool isRoot = path.Length == 0;
        string name = string.Join(' ', [Program, .. path]);
        List<(string, IReadOnlyList<(string, string)>)> sections = isRoot ? [.. Commands(command)] : [];
        if (!isRoot && command.Subcommands.Any(sub => !sub.Hidden))
            sections.Add(("Commands", [.. command.Subcommands.Where(sub => !sub.Hidden).Select(sub => (sub.Name, sub.Description ?? ""))]));
        if (command.Arguments.Count > 0)
            sections.Add(("Arguments", [.. command.Arguments.Select(argument => (Shown(argument), argument.Description ?? ""))]));
        sections.AddRange(Options(command));
        return new HelpPage(name, command.Description ?? "", Line(command, name),
            isRoot ? CommandExamples.First : CommandExamples.Of(path[^1]), sections);
    }

    /// <summary>The command that names lead to; the last name is told where there is none.</summary>
    internal static Command Find(RootCommand root, IReadOnlyList<string> path)
    {
        Command at = root;
        foreach (string name in path)
        {
            at = at.Subcommands.FirstOrDefault(sub => sub.Name == name || sub.Aliases.Contains(name)) ?? throw new UsageException(
                $"There is no command '{name}'{Nearest.Hint(name, at.Subcommands.Select(sub => sub.Name))}. "
                    + "('ahn --help' lists the commands.)");
        }
        return at;
    }

    private static IEnumerable<(string, IReadOnlyList<(string, string)>)> Commands(Command root)
    {
        foreach ((string heading, string[] names) in s_groups)
        {
            (string, string)[] rows = [.. names.Select(name => root.Subcommands.FirstOrDefault(sub => sub.Name == name)).OfType<Command>()
                .Select(sub => (sub.Name, sub.Description ?? ""))];
            yield return (heading, rows);
        }
    }

    private static IEnumerable<(string, IReadOnlyList<(string, string)>)> Options(Command command)
    {
        Option[] inherited = [.. command.Parents.OfType<Command>().SelectMany(AllAbove).SelectMany(
            above => above.Options.Where(option => option.Recursive))];
        Option[] options = [.. command.Options.Concat(inherited).DistinctBy(option => option.Name).Where(option => !option.Hidden)];
        bool answers = options.Any(option => option.Name == "--temperature");
        foreach (string heading in OptionHeading.Order)
        {
            (string, string)[] rows = [.. options.Where(option => OptionHeading.Of(option.Name, answers) == heading)
                .Select(option => (Shown(option), Meaning(option)))];
            if (rows.Length > 0) yield return (heading, rows);
        }
    }

    private static IEnumerable<Command> AllAbove(Command command) =>
        command.Parents.OfType<Command>().SelectMany(AllAbove).Prepend(command);

    private static string Meaning(Option option) => option.Name switch
    {
        "--help" => "Shows this page.",
        "--version" => "Says which version and build this is.",
        _ => option.Description ?? "",
    };

    private static string Line(Command command, string name)
    {
        string words = string.Concat(command.Arguments.Select(argument => " " + Shown(argument)));
        string subcommands = command.Subcommands.Any(sub => !sub.Hidden) ? (command is RootCommand ? " COMMAND" : " [COMMAND]") : "";
        return $"{name}{subcommands}{words} [OPTIONS]";
    }

    private static string Shown(Argument argument)
    {
        string name = argument.HelpName ?? argument.Name.ToUpperInvariant();
        if (name.StartsWith('[')) return name;
        string many = argument.Arity.MaximumNumberOfValues > 1 ? "…" : "";
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}{many}]" : name + many;
    }

    private static string Shown(Option option)
    {
        string[] shorts = [.. option.Aliases.Where(alias => alias is ['-', not '?']).Order(StringComparer.Ordinal)];
        string value = option.HelpName is { Length: > 0 } help && option.Arity.MaximumNumberOfValues > 0 ? $" {help}" : "";
        return $"{string.Concat(shorts.Select(alias => alias + ", "))}{option.Name}{value}";
    }
}
