using System;
using System.IO;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AhnSharp.Conversion;

/// <summary>Writes one JSON object to a file.</summary>
internal static class JsonFile
{
    public static void Write(string path, Action<Utf8JsonWriter> members)
    {
        using FileStream stream = new(path, FileMode.Create, FileAccess.Write);
        // Tokens are written as readable text; nothing of this goes into HTML.
        using Utf8JsonWriter writer = new(
            stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        writer.WriteStartObject();
        members(writer);
        writer.WriteEndObject();
    }
}
