using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Security.Cryptography;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Archive;
using AhnSharp.Documents;
using AhnSharp.Documents.Reading;
using AhnSharp.Server.Http;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using Microsoft.AspNetCore.Http;

namespace AhnSharp.Server.Documents;

/// <summary>From files to a snapshot: what a job of the store does, without its documents.</summary>
internal sealed class ReadingWork(DocumentStoreOptions options, DocumentFiles folder)
{
    /// <summary>The texts of the files, taken out in processes of their own where they were not before.</summary>
    public IReadOnlyList<Document> Extract(IReadOnlyList<DocumentContent> contents, CancellationToken cancellation)
    {
        List<Document> documents = [];
        foreach (DocumentContent content in contents)
        {
            string text = folder.Text(content);
            if (ExtractedText.Read(text) is not { } document)
            {
                using FileStream file = File.OpenRead(folder.Content(content));
                document = DocumentReader.Read(content.Name, file, options.Limits, cancellation);
                ExtractedText.Write(text, document);
            }
            documents.Add(document with { Name = content.Name });
        }
        return documents;
    }

    /// <summary>What a session of a model keeps of a document: as <c>ahn read</c> makes them.</summary>
    public SessionOptions SessionOf(LanguageModel model)
    {
        SessionPlan plan = model.Plan();
        if (!options.Archive || plan.Mode == MemoryMode.Full || !model.CanArchive) return new SessionOptions { Mode = plan.Mode };
        return new SessionOptions
        {
            Mode = plan.Mode,
            Archive = new ArchiveOptions(),
            Reach = Math.Max(model.Config.TrainedTokens / 4 * 3, (long)plan.Window + plan.Sinks),
            ArchiveFolder = folder.Readings,
        };
    }

    /// <summary>Names the reading of files by a model: the same whenever all that it depends on is.</summary>
    public static string KeyOf(ReadingJob job, LanguageModel model, SessionOptions session)
    {
        StringBuilder all = new();
        all.Append(CultureInfo.InvariantCulture,
            $"1\n{HashOf(model)}\n{model.ChunkTokens}\n{session.Mode}\n{session.Archive is not null}\n{session.Reach}\n");
        all.Append(job.System is null ? "no system" : $"system {job.System.Length} {job.System}").Append('\n');
        return Hash(all, job.Contents, job.IsCollection);
    }

    /// <summary>The hash of a model's files.</summary>
    public static string HashOf(LanguageModel model) => $"{model.Identity.Hash} {model.Identity.MemoryHash}";

    /// <summary>Names what documents must have in common to wait for one job.</summary>
    public static string JobKeyOf(IReadOnlyList<DocumentContent> contents, bool withNames, string? model, string? system)
    {
        StringBuilder all = new();
        all.Append(model is null ? "any" : $"model {model.Length} {model}").Append('\n');
        all.Append(system is null ? "no system" : $"system {system.Length} {system}").Append('\n');
        return Hash(all, contents, withNames);
    }

    /// <summary>Reads a text to its end, going on from the last checkpoint where there is one.</summary>
    public async Task<DocumentReading> ReadAsync(TextEngine engine, ReadingJob job, IReadOnlyList<Document> documents, string key,
        SessionOptions session, string modelId, CancellationToken cancellation)
    {
        DocumentReadingOptions reading = new()
        {
            Output = folder.Reading(key),
            CheckpointTokens = options.CheckpointTokens,
            Resume = true,
            System = job.System,
            Session = session,
            Model = modelId,
        };
        DocumentReading begun = await Task.Run(() => Begin(engine, new DocumentPrompt(documents), reading, key), cancellation)
            .ConfigureAwait(false);
        try
        {
            CheckRoom(begun);
            await begun.RunAsync(new Told(begun, job), cancellation).ConfigureAwait(false);
            return begun;
        }
        catch
        {
            begun.Dispose();
            throw;
        }
    }

    private DocumentReading Begin(TextEngine engine, DocumentPrompt prompt, DocumentReadingOptions reading, string key)
    {
        try
        {
            DocumentReading.CheckOutput(reading);
            return DocumentReading.Begin(engine, prompt, reading);
        }
        catch (Exception e) when (e is DocumentException or SnapshotException)
        {
            // What was read is damaged, or of a text that another version took out otherwise: it is read from its beginning.
            folder.DeleteReading(key);
            return DocumentReading.Begin(engine, prompt, reading);
        }
    }

    // Said before hours are spent.
    private void CheckRoom(DocumentReading begun)
    {
        SessionPlan plan = begun.Session.State.Plan;
        long needed = plan.ArchiveBytes(begun.TokensTotal) - plan.ArchiveBytes(begun.TokensResumed);
        long left = options.MaxBytes - folder.UsedBytes;
        if (needed <= left) return;
        throw new ApiException(StatusCodes.Status507InsufficientStorage, "storage_full", string.Create(CultureInfo.InvariantCulture,
            $"expected room for the {needed} bytes that keeping {begun.TokensTotal} tokens takes, found {Math.Max(0, left)} left of "
                + $"the {options.MaxBytes} that documents may take: delete some."));
    }

    private static string Hash(StringBuilder all, IReadOnlyList<DocumentContent> contents, bool withNames)
    {
        foreach (DocumentContent content in contents)
        {
            all.Append(content.Key).Append('\n');
            if (withNames) all.Append(CultureInfo.InvariantCulture, $"{content.Name.Length} {content.Name}\n");
        }
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all.ToString())))[..32];
    }

    private sealed class Told(DocumentReading reading, ReadingJob job) : IProgress<DocumentProgress>
    {
        public void Report(DocumentProgress value)
        {
            Tally tokens = reading.Session.State.Tally;
            job.Status = new ReadingStatus(value.TokensRead, value.TokensTotal, value.TokensPerSecond,
                value.TokensThisRun > 0 ? value.Left.TotalSeconds : null, value.StateBytes, tokens, value.Document.Name, value.Page);
        }
    }
}
