using System.CommandLine;

namespace AhnSharp.Cli.Options;

/// <summary><c>--json</c>: one JSON object on standard output instead of text for people.</summary>
internal static class JsonOption
{
    /// <summary>For a command that prints an array.</summary>
    internal static Option<bool> CreateArray() =>
        Choice.Switch("--json", "Prints a JSON array of records instead of text, with llama-bench's fields among theirs.");

    /// <summary>For a command that prints several.</summary>
    internal static Option<bool> CreateLines(string each) =>
        Choice.Switch("--json", $"Prints one JSON object for {each}, on a line of its own, instead of text.");

    internal static Option<bool> Create() => Choice.Switch("--json", "Prints one JSON object instead of text.");
}
