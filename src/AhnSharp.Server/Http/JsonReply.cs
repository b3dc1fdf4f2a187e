using System;
using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Http;

namespace AhnSharp.Server.Http;

/// <summary>Answers as JSON, written without reflection.</summary>
internal static class JsonReply
{
    // What is written is JSON for programs, never a part of a page: only what JSON itself asks for is escaped.
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The whole body.</summary>
    public static async Task WriteAsync(HttpResponse response, Action<Utf8JsonWriter> write, CancellationToken cancellation = default)
    {
        byte[] body = BytesOf(write);
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, cancellation).ConfigureAwait(false);
    }

    /// <summary>One value as UTF-8.</summary>
    public static byte[] BytesOf(Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, s_options)) write(json);
        return buffer.WrittenSpan.ToArray();
    }
}
