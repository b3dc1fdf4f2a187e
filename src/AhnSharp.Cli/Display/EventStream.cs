using System;
using System.IO;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using AhnSharp.Documents.Reading;

namespace AhnSharp.Cli.Display;

/// <summary>
/// What <c>--jsonl</c> prints: an object per line as things happen, each with its "event": reading, text, done, error
/// (docs/scripts.md).
/// </summary>
internal static class EventStream
{
    private static readonly JsonWriterOptions s_line = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static void Write(string name, Action<Utf8JsonWriter> members)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, s_line))
        {
            json.WriteStartObject();
            json.WriteNumber("format", Terminal.Format);
            json.WriteString("event", name);
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
}
