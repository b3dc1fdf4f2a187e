using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Orleans;
using Orleans.Concurrency;

namespace AhnSharp.Cluster.Grains;

/// <summary>A document of a library, by its id: the one place that changes it.</summary>
/// <remarks>Whatever is refused is a <see cref="RefusedException"/>. Every call may be made again: it is then done once.</remarks>
[Alias("ahn.IDocumentGrain")]
internal interface IDocumentGrain : IGrainWithStringKey
{
    /// <summary>Remembers a document whose bytes lie in the library; one that is there already stays as it is.</summary>
    /// <param name="record">Its record.</param>
    [Alias("Create")]
    Task<DocumentStanding> CreateAsync(byte[] record);

    /// <summary>Reads it, where it is not read yet, in the background and from its last checkpoint on.</summary>
    [Alias("Read"), AlwaysInterleave]
    Task<DocumentStanding> ReadAsync();

    /// <summary>How it stands, and how far its reading is.</summary>
    [Alias("Describe"), AlwaysInterleave]
    Task<DocumentStanding> DescribeAsync();

    /// <summary>Answers a question about it, as it comes.</summary>
    [Alias("Ask"), AlwaysInterleave]
    IAsyncEnumerable<AnswerPiece> AskAsync(DocumentQuestion question, CancellationToken cancellation = default);

    /// <summary>A further document of the same text.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="number">Its place among all.</param>
    /// <param name="name">Its name; null: the same.</param>
    [Alias("Fork")]
    Task<DocumentStanding> ForkAsync(string id, long number, string? name);

    /// <summary>Ends its reading and deletes all that lies of it.</summary>
    [Alias("Delete")]
    Task DeleteAsync();
}
