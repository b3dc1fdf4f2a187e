using System.Threading.Tasks;
using Orleans;
using Orleans.Concurrency;

namespace AhnSharp.Cluster.Grains;

/// <summary>The library: the order of its documents, and which of them are read next.</summary>
[Alias("ahn.ILibraryGrain")]
internal interface ILibraryGrain : IGrainWithIntegerKey
{
    /// <summary>The key of the library of a cluster.</summary>
    const long Only = 0;

    /// <summary>Takes a document in, whose bytes lie in the library already; it is read when its turn comes.</summary>
    /// <param name="record">Its record, without its number.</param>
    [Alias("Add")]
    Task<DocumentStanding> AddAsync(byte[] record);

    /// <summary>A further document of the same text.</summary>
    [Alias("Fork")]
    Task<DocumentStanding> ForkAsync(string of, string id, string? name);

    /// <summary>Deletes a document.</summary>
    [Alias("Delete")]
    Task DeleteAsync(string id);

    /// <summary>Ids, newest first or oldest first.</summary>
    /// <param name="limit">Most that are given.</param>
    /// <param name="after">The last one of the page before; null: from the beginning.</param>
    /// <param name="isAscending">Oldest first.</param>
    /// <param name="purpose">Those of this purpose alone; null: all.</param>
    [Alias("List")]
    Task<string[]> ListAsync(int limit, string? after, bool isAscending, string? purpose);

    /// <summary>How many documents there are, and how they stand.</summary>
    [Alias("Describe")]
    Task<LibraryStanding> DescribeAsync();

    /// <summary>Tells what a silo can do and does; keeps the library at work.</summary>
    /// <returns>What all silos have told lately.</returns>
    [Alias("Report")]
    Task<SiloLoad[]> ReportAsync(SiloLoad load);

    /// <summary>A document is no longer being read.</summary>
    [Alias("Settled"), OneWay]
    Task SettledAsync(string id);
}
