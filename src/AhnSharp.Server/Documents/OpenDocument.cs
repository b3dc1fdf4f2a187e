using System;
using System.Threading;
using AhnSharp.Generation;

namespace AhnSharp.Server.Documents;

/// <summary>A document that can be asked, for as long as this is not disposed.</summary>
internal sealed class OpenDocument(DocumentRecord record, IDocumentModelLease lease, DocumentContext context, Action leave) : IDisposable
{
    private int _left;

    /// <summary>What is remembered of it.</summary>
    public DocumentRecord Record => record;

    /// <summary>What was read; shared with others.</summary>
    public DocumentContext Context => context;

    /// <summary>What answers about it.</summary>
    public TextEngine Engine => lease.Engine;

    /// <summary>The model that read it and answers.</summary>
    public string ModelId => lease.ModelId;

    /// <summary>Gives it back, when no answer about it is under way any more.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _left, 1) == 0) leave();
    }
}
