using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading;
using AhnSharp.Documents.Reading;
using AhnSharp.Hub;

namespace AhnSharp.Cli.Display;

/// <summary>
/// What <c>--jsonl</c> prints: an object per line as things happen, each with its "event": reading, text, fetching, done,
/// error (docs/scripts.md).
/// </summary>
internal static class EventStream
{
    private static readonly JsonWriterOptions s_line = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static void Write(string name, Action<Utf8JsonWriter> members) => WriteLine(json =>
    {
        json.WriteString("event", name);
        members(json);
    });

    /// <summary>An object on a line of its own that is no event: one of several that a command prints.</summary>
    internal static void WriteLine(Action<Utf8JsonWriter> members)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, s_line))
        {
            json.WriteStartObject();
            json.WriteNumber("format", Terminal.Format);
            members(json);
            json.WriteEndObject();
        }
        Terminal.PrintJson(Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length));
    }

    internal static void Text(string piece) => Write("text", json => json.WriteString("text", piece));

    /// <summary>Tells how far the reading of a prompt has come.</summary>
    internal sealed class Reading : IProgress<ReadingProgress>, IProgress<DocumentProgress>
    {
        public void Report(ReadingProgress value) => Tell(value.TokensRead, value.TokensTotal, value.StateBytes);

        public void Report(DocumentProgress value) => Tell(value.TokensRead, value.TokensTotal, value.StateBytes);

        private static void Tell(long read, long total, long stateBytes) => Write("reading", json =>
        {
            json.WriteNumber("tokens_read", read);
            json.WriteNumber("tokens_total", total);
            json.WriteNumber("state_bytes", stateBytes);
        });
    }

    /// <summary>Tells how far each file has come: where its stage changes, and in between about once a second.</summary>
    internal sealed class Fetching : IProgress<FileProgress>
    {
        private const long Pause = 1000;
        private readonly Lock _gate = new();
        private readonly Dictionary<RemoteFile, (FileStage Stage, long Told)> _files = [];

        public void Report(FileProgress value)
        {
            // Files are fetched at once, and lines must stay whole.
            lock (_gate)
            {
                long now = Environment.TickCount64;
                bool isNew = !_files.TryGetValue(value.File, out (FileStage Stage, long Told) last) || last.Stage != value.Stage;
                if (!isNew && now - last.Told < Pause) return;
                _files[value.File] = (value.Stage, now);
                Write("fetching", json =>
                {
                    json.WriteString("file", value.File.Path);
                    json.WriteString("stage", NameOf(value.Stage));
                    json.WriteNumber("bytes", value.Bytes);
                    json.WriteNumber("bytes_total", value.File.Bytes);
                    if (value.Note is { } note) json.WriteString("note", note);
                });
            }
        }

        private static string NameOf(FileStage stage) => stage switch
        {
            FileStage.Waiting => "waiting",
            FileStage.Rereading => "rereading",
            FileStage.Fetching => "fetching",
            FileStage.Retrying => "retrying",
            _ => "done",
        };
    }
}
