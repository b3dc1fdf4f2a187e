using System.CommandLine;

namespace AhnSharp.Cli.Options;

/// <summary>
/// <c>--overwrite</c>: a file that stands under the output's name may go. What a command reads is never written
/// over: AhnSharp.Files.OutputFile.
/// </summary>
internal static class OverwriteOption
{
    internal static Option<bool> Create(string what = "the output") => Choice.Switch("--overwrite", $"Replaces {what} where it exists.");
}
