using System.CommandLine;

namespace AhnSharp.Cli.Options;

/// <summary><c>--json</c>: one JSON object on standard output instead of text for people.</summary>
internal static class JsonOption
{
    /// <summary>For a command that prints an array.</summary>
    internal static Option<bool> CreateArray() =>
        Choice.Switch("--json", "Prints a JSON array of records instead of text, with llama-bench's fields among theirs.");

    internal static Option<bool> Create() => Choice.Switch("--json", "Prints one JSON object instead of text.");
}
