using System.CommandLine;

namespace AhnSharp.Cli.Options;

/// <summary>Which model, in which memory: the options that every command shares that runs one.</summary>
internal sealed class ModelOptionGroup
{
    internal Option<string?> Model { get; } = Choice.Text("--model", "GGUF file of the model, plain or merged with its memory (default: the demo model).", "FILE", "-m");

    internal Option<string?> Ahn { get; } = Choice.Text("--ahn", "GGUF adapter with the memory of the model.", "FILE");

    internal Option<int?> Window { get; } = Choice.WholeNumber("--window", "Last tokens held exactly (default: the file's).", 1);

    internal Option<int?> Sinks { get; } = Choice.WholeNumber("--sinks", "First tokens held exactly (default: the file's).", 0);

    internal Option<int?> Context { get; } = Choice.WholeNumber("--context", "Tokens that --memory full may hold (default: the file's context length).", 1);

    internal Option<int?> Threads { get; } = Choice.WholeNumber("--threads", "Threads that compute (default: one a physical core).", 1, 1024);

    internal Option<bool> NoMmap { get; } = Choice.Switch("--no-mmap", "Reads the file into memory instead of mapping it.");

    internal Option<bool> Force { get; } = Choice.Switch("--force", "Uses an adapter although it was made for other base weights.");

    internal void AddTo(Command command)
    {
        foreach (Option option in new Option[] { Model, Ahn, Window, Sinks, Context, Threads, NoMmap, Force }) command.Add(option);
    }
}
