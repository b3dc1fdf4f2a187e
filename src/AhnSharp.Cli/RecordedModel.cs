using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
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
    /// <summary>What a snapshot's section says; without one, nothing.</summary>
    internal static RecordedModel Of(string snapshot, DocumentsSection? documents) =>
        new(snapshot, documents?.Model, documents?.Ahn, documents is not null);

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

    /// <summary>How a session that went on from documents is saved: with what is said of them.</summary>
    internal static SnapshotOptions SavingBeside(DocumentsSection? documents) =>
        new()
        {
            Sections =
            documents is null ? null : new Dictionary<string, byte[]> { [DocumentsSection.SectionName] = documents.ToBytes() }
        };

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
