namespace AhnSharp.Documents.Markup;

/// <summary>What a <see cref="MarkupReader"/> stands at.</summary>
internal enum MarkupToken
{
    /// <summary>Nothing is left.</summary>
    End,

    /// <summary>Text between tags, its entities resolved.</summary>
    Text,

    /// <summary>A tag that opens an element.</summary>
    Open,

    /// <summary>A tag that closes one.</summary>
    Close,
}
