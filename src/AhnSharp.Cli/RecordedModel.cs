using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Text;
using AhnSharp.Cli.Options;
using AhnSharp.Documents.Reading;
using AhnSharp.Snapshots;

namespace AhnSharp.Cli;

/// <summary>The model files that a snapshot names, as they were given to the command that wrote it; null is the demo model.</summary>
/// <param name="Snapshot">The file.</param>
/// <param name="Model">Its model.</param>
/// <param name="Ahn">The memory in a file of its own, or null.</param>
/// <param name="SaysModel">Whether it says anything of its model; else it is the one that runs where none is named.</param>
internal sealed record RecordedModel(string Snapshot, string? Model, string? Ahn, bool SaysModel)
{
    // Of a conversation that was saved without documents: the model and its memory, a line each, as they were named.
    private const string SectionName = "model";

    /// <summary>What a snapshot says of its model: in the section of its documents, or in one of its own; without them, nothing.</summary>
    internal static RecordedModel Of(string snapshot, DocumentsSection? documents)
    {
        if (documents is not null) return new(snapshot, documents.Model, documents.Ahn, SaysModel: true);
        if (snapshot.Length == 0) return new(snapshot, null, null, SaysModel: false);
        using SnapshotFile file = SnapshotFile.Open(snapshot);
        if (file.ReadSection(SectionName) is not { } bytes) return new(snapshot, null, null, SaysModel: false);
        string[] lines = Encoding.UTF8.GetString(bytes).Split('\n');
        return new(snapshot, Named(lines, 0), Named(lines, 1), SaysModel: true);
    }

    /// <summary>What a snapshot says of its documents and model; null where another command than 'ahn read' wrote it.</summary>
    internal static DocumentsSection? ReadDocuments(string snapshot)
    {
        using SnapshotFile file = SnapshotFile.Open(snapshot);
        return file.ReadSection(DocumentsSection.SectionName) is { } bytes ? DocumentsSection.Parse(snapshot, bytes) : null;
    }

    /// <summary>The same, where all of the documents were read.</summary>
    internal static DocumentsSection? ReadWholeDocuments(string snapshot)
    {
        DocumentsSection? documents = ReadDocuments(snapshot);
        if (documents is not { IsWhole: false }) return documents;
        throw new UsageException(string.Create(
            CultureInfo.InvariantCulture,
            $"{snapshot} holds {documents.TokensRead:N0} of the "
                + $"{documents.TokensTotal:N0} tokens of its documents: finish it with 'ahn read … --resume' before you ask."));
    }

    /// <summary>How a session is saved: with what is said of the documents that it went on from, else with its model.</summary>
    internal static SnapshotOptions SavingBeside(DocumentsSection? documents, RecordedModel model) => new()
    {
        Sections = documents is not null ? new Dictionary<string, byte[]> { [DocumentsSection.SectionName] = documents.ToBytes() }
            : model.SaysModel
                ? new Dictionary<string, byte[]> { [SectionName] = Encoding.UTF8.GetBytes($"{model.Model}\n{model.Ahn}\n") } : null,
    };

    private static string? Named(string[] lines, int i) => i < lines.Length && lines[i].Length > 0 ? lines[i] : null;

    /// <summary>The files that the options name, else those that the snapshot names: where they were, or beside the snapshot.</summary>
    internal (string Path, string? AhnPath) Find(ModelOptionGroup options, ParseResult parsed)
    {
        if (!SaysModel || options.Given(parsed) is not null) return (options.ModelPath(parsed), AhnOf(options, parsed));
        return (Model is null ? ModelOptionGroup.ModelPath(null) : Find("--model", Model), AhnOf(options, parsed));
    }

    // The memory of the model that a person has set belongs to that model alone.
    private string? AhnOf(ModelOptionGroup options, ParseResult parsed) =>
        parsed.GetValue(options.Ahn) is null && Ahn is not null ? Find("--ahn", Ahn)
        : !SaysModel || options.Given(parsed) is not null || parsed.GetValue(options.Ahn) is not null ? options.AhnPath(parsed) : null;

    /// <summary>The same files, as far as they exist, for what must not be written over.</summary>
    internal string?[] Inputs(ModelOptionGroup options, ParseResult parsed)
    {
        try
        {
            (string path, string? ahnPath) = Find(options, parsed);
            return [path, ahnPath];
        }
        catch (IOException)
        {
            return [];
        }
    }

    private string Find(string option, string name)
    {
        if (File.Exists(name)) return name;
        string beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(Snapshot))!, name);
        if (File.Exists(beside)) return beside;
        try
        {
            return ModelFile.Resolve(option, name);
        }
        catch (FileNotFoundException e)
        {
            throw new FileNotFoundException(
                $"{Snapshot} was made with {name}, which is neither here nor beside it; say with {option} where it is now.", name, e);
        }
    }
}
