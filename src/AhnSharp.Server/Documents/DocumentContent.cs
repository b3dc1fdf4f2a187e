using System;
using System.Buffers;
using System.IO;
using System.Text.Json;

namespace AhnSharp.Server.Documents;

/// <summary>The bytes of one file in a document.</summary>
/// <param name="Sha256">Of the bytes, in hex: what two uploads of one file have in common.</param>
/// <param name="Ending">What the name says where the bytes leave it open: html, ipynb, or empty.</param>
/// <param name="Bytes">How many.</param>
/// <param name="Name">As the model is told.</param>
/// <param name="DocumentId">The document that a collection took it from; null: the document itself.</param>
internal sealed record DocumentContent(string Sha256, string Ending, long Bytes, string Name, string? DocumentId)
{
    private static readonly SearchValues<char> s_hex = SearchValues.Create("0123456789abcdef");

    /// <summary>What the text depends on; a part of names of files.</summary>
    public string Key => Ending.Length == 0 ? Sha256 : $"{Sha256}-{Ending}";

    /// <summary>A name from which the reader learns what the bytes leave open, and nothing of the client's.</summary>
    public static string EndingOf(string name)
    {
        string ending = Path.GetExtension(name);
        if (ending.Equals(".gz", StringComparison.OrdinalIgnoreCase)) ending = Path.GetExtension(Path.GetFileNameWithoutExtension(name));
        return ending.ToUpperInvariant() switch
        {
            ".HTML" or ".HTM" or ".XHTML" => "html",
            ".IPYNB" => "ipynb",
            _ => "",
        };
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("sha256", Sha256);
        json.WriteString("ending", Ending);
        json.WriteNumber("bytes", Bytes);
        json.WriteString("name", Name);
        if (DocumentId is not null) json.WriteString("document", DocumentId);
        json.WriteEndObject();
    }

    public static DocumentContent Parse(JsonElement json)
    {
        string sha256 = json.GetProperty("sha256").GetString()!, ending = json.GetProperty("ending").GetString()!;
        // They become names of files.
        if (sha256.Length != 64 || sha256.AsSpan().ContainsAnyExcept(s_hex) || ending is not ("" or "html" or "ipynb"))
            throw new FormatException("a hash of 64 hex digits and a known ending are expected");
        return new DocumentContent(sha256, ending, json.GetProperty("bytes").GetInt64(), json.GetProperty("name").GetString()!,
            json.TryGetProperty("document", out JsonElement id) ? id.GetString() : null);
    }
}
