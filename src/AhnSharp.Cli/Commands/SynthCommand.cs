using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Options;
using AhnSharp.Conversion;
using AhnSharp.Files;
using AhnSharp.Gguf;
using AhnSharp.Network;

namespace AhnSharp.Cli.Commands;

/// <summary><c>ahn synth</c>: models of random weights at published shapes.</summary>
internal static class SynthCommand
{
    private static readonly Argument<string> Shape = new("shape") { Description = $"One of {string.Join(", ", QwenShape.Names)}." };
    private static readonly Argument<string> Type =
        new("type") { Description = $"Types as files are published with: {string.Join(", ", QuantizationMixture.Names)}." };

    private static readonly Option<int?> Ahn = Choice.Of(
        "--ahn", "Adds a memory of this kind.", [.. MemoryRule.All.Select(rule => (rule.Name, rule.Number)), .. ShortKinds]);

    private static readonly Option<ulong?> Seed = Choice.Seed("--seed", "The same seed gives the same bytes (default: 0).");
    private static readonly Option<string?> Output = Choice.Text(
        "--output", "The GGUF file to write, or the folder for --format hf.", "PATH", "-o");
    private static readonly Option<Layout?> Format = Choice.Of("--format",
        "gguf: one file (default); hf: the Hugging Face folders base/ and ahn/.", ("gguf", Layout.Gguf), ("hf", Layout.HuggingFace));
    private static readonly Option<bool> Overwrite = OverwriteOption.Create("the file");
    private static readonly Option<bool> Json = JsonOption.Create();

    private static IEnumerable<(string Name, int Number)> ShortKinds =>
        MemoryRule.All.Where(rule => rule.ShortWord is not null).Select(rule => (rule.ShortWord!, rule.Number));

    private enum Layout
    {
        Gguf,
        HuggingFace,
    }

    public static Command Create()
    {
        Command command = new("synth",
            "Writes a model of random weights at the exact shapes and names of the published ones, to measure and to test with.") { Shape,
                Type };
        foreach (Option option in new Option[] { Ahn, Seed, Output, Format, Overwrite, Json }) command.Add(option);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        string shape = Known(parsed.GetValue(Shape)!, QwenShape.Names, "shape");
        QuantizationMixture mixture = MixtureName.Parse("type", parsed.GetValue(Type)!, QuantizationMixture.Names);
        string output = parsed.GetValue(Output)
            ?? throw new UsageException("ahn synth needs a file or folder to write: name it with -o PATH.");
        MemoryRule? memory = parsed.GetValue(Ahn) is { } number ? MemoryRule.All[number - 1] : null;
        bool isFolder = parsed.GetValue(Format) == Layout.HuggingFace;
        if (isFolder && mixture.Type is not (GgmlType.F32 or GgmlType.F16 or GgmlType.BF16))
        {
            throw new UsageException($"Hugging Face folders hold f32, f16 or bf16; found {mixture.Name}.");
        }

        bool overwrite = parsed.GetValue(Overwrite);
        if (isFolder && overwrite)
            throw new UsageException("--overwrite replaces one GGUF file; --format hf writes into new folders alone.");
        if (isFolder) CheckFolders(output);
        using PartialFile? written = isFolder ? null : OutputFile.Create(output, OutputKind.Model, overwrite);
        SyntheticModel model = SyntheticModel.Create(shape, memory, parsed.GetValue(Seed) ?? 0);
        await ByteProgress.ShowAsync(model.Title, progress =>
        {
            if (isFolder) model.WriteHuggingFace(output, mixture.Type, includeBase: true, progress, cancel);
            else model.WriteGguf(written!.Stream, mixture, progress, cancel);
            return 0;
        });
        written?.Commit();
        long bytes = isFolder ? new DirectoryInfo(output).EnumerateFiles("*", SearchOption.AllDirectories)
            .Sum(file => file.Length) : new FileInfo(output).Length;
        if (parsed.GetValue(Json))
        {
            Terminal.PrintJson(json =>
            {
                json.WriteString("path", output);
                json.WriteString("shape", shape);
                json.WriteString("type", mixture.Name);
                json.WriteNumber("bytes", bytes);
                json.WriteNumber("base_parameters", model.BaseParameters);
                json.WriteNumber("ahn_parameters", model.AhnParameters);
                if (memory is not null) json.WriteString("kind", memory.Word);
            });
        }
        else
        {
            string words = memory is null ? "" : $" and a {memory.Word} memory of {ByteProgress.Count(model.AhnParameters)}";
            string parameters = $"{ByteProgress.Count(model.BaseParameters)} parameters{words}";
            Terminal.Print($"{output}: {model.Title} of random weights, {mixture.Name}, {ByteProgress.Size(bytes)}, {parameters}");
        }
        return AhnCommand.Done;
    }

    // Both hold several files under names that every model has: none of another model is replaced one by one.
    private static void CheckFolders(string output)
    {
        if (File.Exists(output)) throw new IOException($"{output}: expected a folder to write into, found a file.");
        foreach (string part in new[] { "base", "ahn" })
        {
            string folder = Path.Combine(output, part);
            if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
                throw new IOException($"{folder}: expected no such folder or an empty one, found files in it; name another place with -o.");
        }
    }

    private static string Known(string word, IReadOnlyList<string> names, string what) =>
        names.FirstOrDefault(name => name.Equals(word, StringComparison.OrdinalIgnoreCase))
        ?? throw new UsageException($"{what}: expected one of {string.Join(", ", names)}, found '{word}'.");
}
