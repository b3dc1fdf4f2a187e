using System;
using System.IO;

namespace AhnSharp.Cli;

/// <summary>
/// The book that the demo reads where none is named: Bram Stoker's Dracula (1897, public domain), which the
/// demo model never saw in training.
/// </summary>
internal static class DemoBook
{
    internal const string FileName = "dracula.txt";

    internal static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "gguf", FileName);

    internal static void RequireFile()
    {
        if (!File.Exists(Path)) throw new FileNotFoundException($"The demo's book {Path} is missing; name another text with --book.", Path);
    }
}
