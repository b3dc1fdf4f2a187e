using System;
using System.IO;

namespace AhnSharp.Cli;

/// <summary>The model that runs where none is named: a small trained one with its memory, copied beside the executable.</summary>
internal static class DemoModel
{
    internal const string FileName = "ahn-demo-q8_0.gguf";

    internal static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "gguf", FileName);

    internal static void RequireFile()
    {
        if (!File.Exists(Path)) throw new FileNotFoundException($"The demo model {Path} is missing; name another file with --model.", Path);
    }
}
