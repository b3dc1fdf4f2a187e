using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cli.Display;
using AhnSharp.Documents;
using AhnSharp.Documents.Reading;

namespace AhnSharp.Cli.Options;

/// <summary>How files become text, the same for every command that takes documents.</summary>
internal sealed class DocumentOptionGroup
{
    private const string StandardInput = "standard input";

    private readonly Option<bool> _noNormalize = Choice.Switch(
        "--no-normalize", "Leaves letters and the accents behind them apart, where a file writes them so; else they are composed (NFC).");

    private readonly ReaderOptionGroup _reader = new();

    internal void AddTo(Command command)
    {
        command.Add(_noNormalize);
        _reader.AddTo(command);
    }

    /// <summary>Every document that is named, in order; '-' is standard input.</summary>
    internal async Task<List<Document>> OpenAsync(ParseResult parsed, IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        if (paths.Count(static path => path == "-") > 1)
            throw new UsageException("'-' is standard input, which can be read once: name it once.");
        foreach (string path in paths) RefuseAddress(path);
        DocumentLimits limits = Limits(parsed);
        // A pipe that nobody writes to does not notice cancellation: wait beside it.
        return await Task.Run(() => paths.Select(path => Open(path, limits, cancellationToken)).ToList(), cancellationToken)
            .WaitAsync(cancellationToken);
    }

    /// <summary>
    /// The text of one document for a prompt: plain text as it stands, anything else under its name as 'ahn read' lays it out.
    /// </summary>
    internal async Task<string> ReadAsync(ParseResult parsed, string path, CancellationToken cancellationToken)
    {
        RefuseAddress(path);
        DocumentLimits limits = Limits(parsed);
        return await Task.Run(() => Read(path, limits, cancellationToken), cancellationToken).WaitAsync(cancellationToken);
    }

    // Nothing is fetched that a document names, nor the document itself.
    private static void RefuseAddress(string path)
    {
        if (path.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            || path.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
            throw new UsageException($"{path} is an address, and documents are files: save the page, and name the file.");
    }

    private DocumentLimits Limits(ParseResult parsed) => _reader.Limits(parsed) with { Normalize = !parsed.GetValue(_noNormalize) };

    private static Document Open(string path, DocumentLimits limits, CancellationToken cancellationToken) => path == "-"
        ? DocumentReader.Read(StandardInput, StandardStreams.OpenInput(), limits, cancellationToken)
        : DocumentReader.Open(path, limits, cancellationToken);

    private static string Read(string path, DocumentLimits limits, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path)) return LaidOut(DocumentReader.Open(path, limits, cancellationToken));
        if (path != "-" && !File.Exists(path)) throw new FileNotFoundException($"There is no file or folder {path}.", path);
        using Stream file =
            path == "-" ? StandardStreams.OpenInput() : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        using Stream bytes = file.CanSeek ? file : Copied(file, limits, cancellationToken);
        Document document = DocumentReader.Read(path == "-" ? StandardInput : Path.GetFileName(path), bytes, limits, cancellationToken);
        if (document.Kind != DocumentKind.Text || document.Notes.Count > 0) return LaidOut(document);
        // Without a remark it is Unicode: the lines and blanks at its ends belong to what is continued.
        bytes.Position = 0;
        using StreamReader text = new(bytes, Encoding.UTF8, detectEncodingFromByteOrderMarks: true);
        return text.ReadToEnd();
    }

    private static MemoryStream Copied(Stream file, DocumentLimits limits, CancellationToken cancellationToken)
    {
        MemoryStream bytes = new();
        byte[] buffer = new byte[1 << 16];
        // One byte over the limit is enough for the reader to refuse it.
        for (int count; bytes.Length <= limits.FileBytes && (count = file.Read(buffer)) > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            bytes.Write(buffer, 0, count);
        }
        bytes.Position = 0;
        return bytes;
    }

    private static string LaidOut(Document document)
    {
        DocumentReport.Announce([document]);
        return document.Kind == DocumentKind.Text ? document.Parts[0].Text : new DocumentPrompt([document]).Text;
    }
}
