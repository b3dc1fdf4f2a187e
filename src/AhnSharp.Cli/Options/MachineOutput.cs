using System.CommandLine;
using System.Linq;

namespace AhnSharp.Cli.Options;

/// <summary>
/// How a program is answered: <c>--json</c>, one object at the end, or <c>--jsonl</c>, an object for each thing that happens.
/// </summary>
internal static class MachineOutput
{
    internal const string Json = "--json", JsonLines = "--jsonl";

    internal static Option<bool> CreateLines(string events = "reading, text, done, error") => Choice.Switch(
        JsonLines, $"Prints events as they come, a JSON object per line: {events}.");

    /// <summary>Which of the two a line asks for, read from its words: it may be one that was not understood.</summary>
    internal static string? Asked(string[] words) =>
        words.TakeWhile(word => word != "--").FirstOrDefault(word => word is Json or JsonLines);
}
