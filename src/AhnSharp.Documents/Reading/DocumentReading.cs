using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Files;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;

namespace AhnSharp.Documents.Reading;

/// <summary>Reads documents once into a snapshot that is asked many times.</summary>
/// <remarks>
/// The output appears under its name when everything was read. Until then NAME.reading holds the last checkpoint, a whole snapshot of a
/// part of the text, which says how much it is: nobody can take it for the whole, and an older output stays what it was. Checkpoints stand
/// at whole chunks from the beginning, so a reading that was interrupted and resumed ends in the same bytes as one that was not. A memory
/// cannot be rewound, so a reading goes on only where all that the session has read is the beginning of what it is to read, token by token.
/// </remarks>
public sealed class DocumentReading : IDisposable
{
    private readonly TextModel _model;
    private readonly DocumentPrompt _prompt;
    private readonly DocumentReadingOptions _options;
    private long _kept;

    private DocumentReading(
        TextModel model, DocumentPrompt prompt, DocumentReadingOptions options, TextSession session, string? resumedFrom)
    {
        (_model, _prompt, _options, Session, ResumedFrom) = (model, prompt, options, session, resumedFrom);
        _kept = TokensResumed = session.State.Position;
    }

    /// <summary>The session that reads.</summary>
    public TextSession Session { get; }

    /// <summary>The file that this reading goes on from; null where it begins.</summary>
    public string? ResumedFrom { get; }

    /// <summary>Tokens that were read already.</summary>
    public long TokensResumed { get; }

    /// <summary>Tokens of everything.</summary>
    public long TokensTotal => Session.State.Position + Session.UnreadTokens;

    /// <summary>Where the checkpoints of an output lie.</summary>
    public static string CheckpointPath(string output) => output + ".reading";

    /// <summary>Says what is in the way of writing an output, before anything is read or loaded.</summary>
    /// <param name="options">The output, and whether it may be replaced.</param>
    /// <param name="inputs">Files and folders that are read, which are never replaced.</param>
    /// <exception cref="IOException">It cannot be written, or holds what nobody said to replace.</exception>
    public static void CheckOutput(DocumentReadingOptions options, params IEnumerable<string?> inputs)
    {
        ArgumentNullException.ThrowIfNull(options);
        string output = options.Output, checkpoint = CheckpointPath(output);
        // Also removes what a killed run left beside them.
        new PartialFile(output).Dispose();
        new PartialFile(checkpoint).Dispose();
        // What may be replaced at all comes first; what is asked of the reader, of a session that stands there, below.
        OutputFile.Check(output, OutputKind.Session, overwrite: true, inputs);
        OutputFile.Check(checkpoint, OutputKind.Session, overwrite: true, inputs);
        SessionSnapshots.RemoveLeftovers(output);
        SessionSnapshots.RemoveLeftovers(checkpoint);
        if (options.Resume || options.Overwrite) return;
        if (File.Exists(checkpoint))
            throw new DocumentException($"{checkpoint} holds an unfinished reading: --resume goes on with it, --overwrite begins anew.");
        if (File.Exists(output))
            throw new DocumentException($"{output} exists: --overwrite replaces it, --resume goes on where its documents have grown.");
    }

    /// <summary>What a file that a reading may go on from says of its documents; null where there is none.</summary>
    public static DocumentsSection? FindResumable(string output)
    {
        foreach (string path in Candidates(output))
        {
            using SnapshotFile file = SnapshotFile.Open(path);
            if (file.ReadSection(DocumentsSection.SectionName) is { } section) return DocumentsSection.Parse(path, section);
        }
        return null;
    }

    /// <summary>Prepares a reading: makes tokens of the text, and finds where to go on.</summary>
    /// <exception cref="IOException">What is to be resumed is of another text, model or session.</exception>
    /// <exception cref="ContextOverflowException">The documents do not fit.</exception>
    public static DocumentReading Begin(TextModel model, DocumentPrompt prompt, DocumentReadingOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(options);
        string? problem = null;
        foreach (string path in options.Resume ? Candidates(options.Output) : [])
        {
            if (Continue(model, prompt, options, path, ref problem) is { } session)
                return new DocumentReading(model, prompt, options, session, path);
        }
        if (problem is not null) throw new DocumentException(problem);
        LanguageSession fresh = model.Model.CreateSession(options.Session);
        try
        {
            return new DocumentReading(model, prompt, options, model.ContinueReading(fresh, prompt.Text, out _, options.System)!, null);
        }
        catch
        {
            fresh.Dispose();
            throw;
        }
    }

    /// <summary>Prepares a reading in the background of an engine: its answers go on meanwhile, and first.</summary>
    /// <remarks>
    /// The snapshot is the same, byte for byte, as without an engine (on the processor). The reading takes no turn of
    /// <see cref="TextEngineOptions.MaxAnswers"/>; it gets what answers leave of each pass, and a piece in every eighth whatever they need.
    /// </remarks>
    /// <inheritdoc cref="Begin(TextModel, DocumentPrompt, DocumentReadingOptions)"/>
    public static DocumentReading Begin(TextEngine engine, DocumentPrompt prompt, DocumentReadingOptions options)
    {
        ArgumentNullException.ThrowIfNull(engine);
        DocumentReading reading = Begin(engine.Model, prompt, options);
        reading.Session.BackgroundOf = engine;
        return reading;
    }

    /// <summary>Reads to the end and writes the output.</summary>
    /// <param name="progress">Told after every chunk, on the thread that computes.</param>
    /// <param name="cancellationToken">Ends the reading; the last checkpoint stays.</param>
    public async Task RunAsync(IProgress<DocumentProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        string checkpoint = CheckpointPath(_options.Output);
        if (Session.UnreadTokens > 0 || ResumedFrom != _options.Output)
        {
            Steps steps = new(this, progress);
            steps.Report(isCheckpoint: false);
            int piece = _options.CheckpointTokens > 0 ? _options.CheckpointTokens : int.MaxValue;
            await foreach (int left in Session.ReadInPiecesAsync("", piece, steps, cancellationToken).ConfigureAwait(false))
            {
                if (left == 0) break;
                await SaveAsync(checkpoint, cancellationToken).ConfigureAwait(false);
                _kept = Session.State.Position;
                steps.Report(isCheckpoint: true);
            }
            await SaveAsync(_options.Output, cancellationToken).ConfigureAwait(false);
        }
        SessionSnapshots.Delete(checkpoint);
    }

    /// <summary>
    /// Writes a checkpoint of what was read since the last one, for a reading that was cancelled: up to a checkpoint's tokens of work are
    /// minutes on a large model. Nothing where nothing is new, or where checkpoints are not wanted.
    /// </summary>
    public async Task KeepAsync()
    {
        if (_options.CheckpointTokens == 0 || Session.State.Position <= _kept) return;
        await SaveAsync(CheckpointPath(_options.Output), CancellationToken.None).ConfigureAwait(false);
        _kept = Session.State.Position;
    }

    /// <summary>Frees the session.</summary>
    public void Dispose() => Session.Dispose();

    // The checkpoint first: where both exist, it is further than the output, or was left by a crash just before it would have been removed.
    private static IEnumerable<string> Candidates(string output) => new[] { CheckpointPath(output), output }.Where(File.Exists);

    private static TextSession? Continue(
        TextModel model, DocumentPrompt prompt, DocumentReadingOptions options, string path, ref string? problem)
    {
        using SnapshotFile file = SnapshotFile.Open(path);
        byte[] bytes = file.ReadSection(DocumentsSection.SectionName)
            ?? throw new DocumentException(path, "expected a snapshot that 'ahn read' wrote, found one without documents.");
        DocumentsSection section = DocumentsSection.Parse(path, bytes);
        if (file.Position > section.TokensTotal)
        {
            problem ??= $"{path}: expected documents alone, found a conversation behind them, which reading on would tear; "
                + $"--overwrite reads anew.";
            return null;
        }
        LanguageSession begun = model.Model.LoadSession(file, options.Session);
        try
        {
            if (model.ContinueReading(begun, prompt.Text, out int common, options.System) is { } session) return session;
            (Document document, int? page) = prompt.PlaceOf(
                begun.ReadTokens().Take(common).Sum(id => (long)model.Tokenizer.BytesOf(id).Length));
            string place = page is null ? document.Name : string.Create(CultureInfo.InvariantCulture, $"{document.Name}, page {page}");
            problem ??= string.Create(
                CultureInfo.InvariantCulture,
                $"{path}: expected a text that begins with the {begun.Position:N0} tokens read so far, found another from token "
                    + $"{common:N0} on ({place}): the documents or their order have changed, so --overwrite to read anew.");
        }
        catch
        {
            begun.Dispose();
            throw;
        }
        begun.Dispose();
        return null;
    }

    private async Task SaveAsync(string path, CancellationToken cancellationToken)
    {
        DocumentsSection section = new()
        {
            Model = _options.Model,
            Ahn = _options.Ahn,
            System = _options.System,
            TokensRead = Session.State.Position,
            TokensTotal = TokensTotal,
            Documents = [.. _prompt.Documents.Select(DocumentEntry.Of)],
        };
        SnapshotOptions options =
            new() { Sections = new Dictionary<string, byte[]> { [DocumentsSection.SectionName] = section.ToBytes() } };
        await Task.Run(() => Session.Save(path, options, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    // From chunks read to tokens and pages of the whole text.
    private sealed class Steps(DocumentReading reading, IProgress<DocumentProgress>? progress) : IProgress<ReadingProgress>
    {
        private readonly long _started = Stopwatch.GetTimestamp();
        private readonly long _total = reading.TokensTotal;
        private long _counted, _bytes;

        public void Report(ReadingProgress value) => Report(isCheckpoint: false);

        public void Report(bool isCheckpoint)
        {
            if (progress is null) return;
            LanguageSession state = reading.Session.State;
            foreach (int id in state.ReadTokens(_counted)) _bytes += reading._model.Tokenizer.BytesOf(id).Length;
            _counted = state.Position;
            (Document document, int? page) = reading._prompt.PlaceOf(_bytes);
            progress.Report(new DocumentProgress(
                _counted, _total, _counted - reading.TokensResumed, Stopwatch.GetElapsedTime(_started), state.StateBytes, document,
                page, isCheckpoint));
        }
    }
}
