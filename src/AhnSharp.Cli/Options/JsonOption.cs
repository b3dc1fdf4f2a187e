using System.CommandLine;

namespace AhnSharp.Cli.Options;

/// <summary><c>--json</c>: one JSON object on standard output instead of text for people.</summary>
internal static class JsonOption
{
    internal static Option<bool> Create() => Choice.Switch("--json", "Prints one JSON object instead of text.");
}
