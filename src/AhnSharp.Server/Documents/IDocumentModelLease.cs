using System;

namespace AhnSharp.Server.Documents;

/// <summary>A loaded model, for as long as this is not disposed.</summary>
internal interface IDocumentModelLease : IAsyncDisposable
{
    /// <summary>What answers with it.</summary>
    TextEngine Engine { get; }

    /// <summary>The name under which it is always found.</summary>
    string ModelId { get; }
}
