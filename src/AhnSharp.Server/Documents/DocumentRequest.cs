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

    /// <summary>The name without folders, as it may be shown.</summary>
    public string PlainName
    {
        get
        {
            string last = Name[(Name.LastIndexOfAny(['/', '\\']) + 1)..].Trim();
            return last.Length == 0 || last is "." or ".." ? "document" : AhnSharp.Documents.PlainName.Of(last);
        }
    }
}
