using System;
using System.IO;

namespace AhnSharp.Cli;

/// <summary>The model that runs where none is named: a small trained one with its memory, copied beside the executable.</summary>
internal static class DemoModel
{
    internal const string FileName = "ahn-demo-q8_0.gguf";

    /// <summary>What the file calls itself: also a copy of it is the demo model.</summary>
    internal const string Title = "AhnSharp demo";

    internal static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "gguf", FileName);

    private static int s_introduced;

    /// <summary>
    /// Says once what this model is, where a command runs it because nobody named another: who tries it on a contract must not conclude
    /// that the program is broken.
    /// </summary>
    internal static void Introduce(string path, Options.ModelOptionGroup options)
    {
        if (path != Path || options.IgnoresSettings || System.Threading.Interlocked.Exchange(ref s_introduced, 1) != 0) return;
        Display.Terminal.Note("demo model (15M parameters): it shows the mechanism and knows nothing. "
            + $"'ahn pull {Settings.KnownModel.Called("qwen2.5:1.5b")!.Reference}' fetches a real one, 'ahn use' keeps it.");
    }

    internal static void RequireFile()
    {
        if (!File.Exists(Path)) throw new FileNotFoundException($"The demo model {Path} is missing; name another file with --model.", Path);
    }
}
