using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Options;
using AhnSharp.Conversion;
using AhnSharp.Network;

namespace AhnSharp.Cli.Commands;

/// <summary><c>ahn convert</c>: Hugging Face folders to one GGUF file.</summary>
internal static class ConvertCommand
{
    private static readonly Argument<string?> BaseFolder = new("base-dir")
    {
        Description = "Hugging Face folder of the base model, or OWNER/REPO as 'ahn pull' fetched it; "
            + "without it the file is an adapter with the memory alone.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> Ahn = Choice.Text(
        "--ahn", "Hugging Face folder of the memory, as published, or OWNER/REPO.", "DIR");

    private static readonly Option<string?> Type = Choice.Text("--type",
        $"Types of the matrices (default: q8_0): {string.Join(", ", QuantizationMixture.WritableNames)}. "
            + $"Norms and biases stay f32, and the memory f16 under quantized types.", "TYPE");

    private static readonly Option<string?> Output = Choice.Text("--output", "The GGUF file to write.", "FILE", "-o");
    private static readonly Option<int?> Window = Choice.WholeNumber(
        "--window", "Last tokens kept exactly, written as the file's default.", 1, Choice.MaxTokens);
    private static readonly Option<int?> Sinks = Choice.WholeNumber(
        "--sinks", "First tokens kept exactly, written as the file's default.", 0, Choice.MaxTokens);
    private static readonly Option<string?> FingerprintFrom = Choice.Text(
        "--fingerprint-from", "GGUF file or folder of the base model that an adapter is for, or its fingerprint where that is known.",
        "PATH");
    private static readonly Option<string?> Name = Choice.Text("--name", "The model's name in the file (default: the folder's).", "NAME");
    private static readonly Option<bool> Overwrite = OverwriteOption.Create();
    private static readonly Option<bool> Json = JsonOption.Create();

    public static Command Create()
    {
        Command command = new("convert",
            "Turns Hugging Face folders into one GGUF file: a base model, an adapter with its memory, or both merged.") { BaseFolder };
        foreach (Option option in new Option[] { Ahn, Type, Output, Window, Sinks, FingerprintFrom, Name, Overwrite, Json })
            command.Add(option);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        string? baseFolder = Folder("base-dir", parsed.GetValue(BaseFolder)), ahnFolder = Folder("--ahn", parsed.GetValue(Ahn));
        if (baseFolder is null && ahnFolder is null)
            throw new UsageException("nothing to convert: name a base folder, an AHN folder with --ahn, or both.");
        ConversionOptions options = new()
        {
            BaseFolder = baseFolder,
            AhnFolder = ahnFolder,
            Output = parsed.GetValue(Output) ?? throw new UsageException("ahn convert needs a file to write: name it with -o FILE.gguf."),
            Overwrite = parsed.GetValue(Overwrite),
            Mixture = MixtureName.Parse("--type", parsed.GetValue(Type) ?? "q8_0", QuantizationMixture.WritableNames),
            Window = parsed.GetValue(Window),
            Sinks = parsed.GetValue(Sinks),
            FingerprintFrom = parsed.GetValue(FingerprintFrom) is not { } from ? null
                : BaseFingerprint.IsOne(from) ? from : ModelFile.ResolveEither("--fingerprint-from", from),
            Name = parsed.GetValue(Name) ?? ModelFile.RepoOf(baseFolder ?? ahnFolder!),
        };
        if (ahnFolder is null && (options.Window ?? options.Sinks) is not null)
            throw new UsageException("--window and --sinks belong to a memory: name its folder with --ahn.");
        if (options.FingerprintFrom is not null && (baseFolder is not null || ahnFolder is null))
        {
            throw new UsageException(
                "--fingerprint-from is for an adapter (--ahn without a base folder); beside a base folder it is that folder's.");
        }

        ConversionReport report = await ByteProgress.ShowAsync(
            "converting", progress => ModelConverter.Convert(options, Terminal.Note, progress, cancel));
        if (parsed.GetValue(Json)) Terminal.PrintJson(json => WriteJson(json, report));
        else Terminal.Print(Sentence(report));
        return AhnCommand.Done;
    }

    private static string? Folder(string option, string? name) => name is null ? null : ModelFile.ResolveFolder(option, name);

    private static string Sentence(ConversionReport report)
    {
        string parameters = report.BaseParameters > 0 ? $"{ByteProgress.Count(report.BaseParameters)} parameters" : "no base parameters";
        string memory = report.Kind is null ? "" : string.Create(CultureInfo.InvariantCulture,
            $" and a {report.Kind} memory of {ByteProgress.Count(report.AhnParameters)} (window {report.Window}, sinks {report.Sinks})");
        return $"{report.Path}: {report.Form}, {report.TensorCount} tensors, {ByteProgress.Size(report.Bytes)}, {parameters}{memory}";
    }

    private static void WriteJson(Utf8JsonWriter json, ConversionReport report)
    {
        json.WriteString("path", report.Path);
        json.WriteString("form", report.Form);
        json.WriteNumber("bytes", report.Bytes);
        json.WriteNumber("tensors", report.TensorCount);
        json.WriteNumber("base_parameters", report.BaseParameters);
        json.WriteNumber("ahn_parameters", report.AhnParameters);
        if (report.Kind is not null)
        {
            json.WriteString("kind", report.Kind);
            json.WriteNumber("window", report.Window!.Value);
            json.WriteNumber("sinks", report.Sinks!.Value);
        }
        if (report.Fingerprint is not null) json.WriteString("fingerprint", report.Fingerprint);
        json.WriteStartArray("notes");
        foreach (string note in report.Notes) json.WriteStringValue(note);
        json.WriteEndArray();
    }
}
