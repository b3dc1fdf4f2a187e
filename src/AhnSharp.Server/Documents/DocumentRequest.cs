using System;
using System.Collections.Generic;
using System.Security.Cryptography;
using System.Text;

namespace AhnSharp.Server.Documents;

/// <summary>What a client says of a document that it sends.</summary>
internal sealed record DocumentRequest
{
    /// <summary>The longest name that is taken.</summary>
    public const int MaxNameLength = 1024;

    /// <summary>Its name, which never becomes a path; its ending may decide what the bytes are.</summary>
    public required string Name { get; init; }

    /// <summary>The model that is to read it; null: the server's choice.</summary>
    public string? Model { get; init; }

    /// <summary>The system turn before the text; null leaves it to the template.</summary>
    public string? System { get; init; }

    /// <summary>What a client of the Files API says it is for.</summary>
    public string? Purpose { get; init; }

    /// <summary>What the client calls its request: sent again with the same bytes, it is one document; null: each is another.</summary>
    public string? Key { get; init; }

    /// <summary>The name without folders, as it may be shown.</summary>
    public string PlainName
    {
        get
        {
            string last = Name[(Name.LastIndexOfAny(['/', '\\']) + 1)..].Trim();
            return last.Length == 0 || last is "." or ".." ? "document" : AhnSharp.Documents.PlainName.Of(last);
        }
    }

    /// <summary>The id of the document that the request makes of files: by chance, unless it has a key.</summary>
    public string IdOf(IReadOnlyList<DocumentContent> contents)
    {
        if (Key is null) return $"doc_{Guid.NewGuid():N}";
        StringBuilder all = new($"{Key.Length} {Key}");
        foreach (DocumentContent content in contents) all.Append('\n').Append(content.Key);
        return $"doc_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all.ToString())))[..32]}";
    }
}
