using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cluster.Storage;
using AhnSharp.Server.Documents;
using AhnSharp.Server.Http;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace AhnSharp.Cluster.Grains;

/// <inheritdoc cref="ILibraryGrain"/>
/// <remarks>
/// It holds nothing that is not in the records: activated anew, after its silo was killed, it reads them all. Documents that are not read
/// yet are sent to silos a few at a time, oldest first, and each is asked every second how it stands; so one whose silo was killed is
/// activated on another, and goes on from its checkpoint.
/// </remarks>
[Reentrant]
internal sealed class LibraryGrain(SiloDocuments silo) : Grain, ILibraryGrain
{
    /// <summary>Documents of one silo that are being read or wait there: enough that its model never waits for the next.</summary>
    private const int SentPerSilo = 4;

    // What its index holds in memory, some 200 bytes of each.
    private const int MaxDocuments = 1_000_000;

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1), s_recent = TimeSpan.FromSeconds(15);
    private readonly LibraryIndex _index = new();
    private readonly HashSet<string> _sent = new(StringComparer.Ordinal);
    private readonly Dictionary<SiloAddress, (SiloLoad Load, long Told)> _loads = [];
    private bool _isSending;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        List<DocumentRecord> records = await Task.Run(ReadAll, cancellationToken);
        foreach (DocumentRecord record in records) _index.Put(record);
        this.RegisterGrainTimer(SendAsync, new GrainTimerCreationOptions(s_look, s_look) { Interleave = true, KeepAlive = true });
    }

    public async Task<DocumentStanding> AddAsync(byte[] record)
    {
        DocumentRecord added = DocumentRecord.Parse(record);
        int found = _index.Count;
        if (found >= MaxDocuments) throw new RefusedException(DocumentRefusals.TooMany(found, MaxDocuments));
        added = added with { Number = _index.NextNumber() };
        DocumentStanding standing = await DocumentOf(added.Id).CreateAsync(JsonReply.BytesOf(added.Write));
        _index.Put(standing.ToView().Record);
        return standing;
    }

    public async Task<DocumentStanding> ForkAsync(string of, string id, string? name)
    {
        DocumentStanding standing = await DocumentOf(of).ForkAsync(id, _index.NextNumber(), name);
        _index.Put(standing.ToView().Record);
        return standing;
    }

    public async Task DeleteAsync(string id)
    {
        await DocumentOf(id).DeleteAsync();
        _index.Remove(id);
        _sent.Remove(id);
    }

    public Task<string[]> ListAsync(int limit, string? after, bool isAscending, string? purpose)
    {
        if (after is not null && !_index.Contains(after)) throw new RefusedException(DocumentRefusals.Unknown("after"));
        return Task.FromResult<string[]>([.. _index.Behind(after, isAscending, purpose).Take(limit)]);
    }

    public Task<LibraryStanding> DescribeAsync() => Task.FromResult(new LibraryStanding
    {
        Documents = _index.Count,
        Ready = _index.CountOf(DocumentState.Ready),
        Failed = _index.CountOf(DocumentState.Failed),
        Sent = _sent.Count,
        Silos = Recent().Count(),
    });

    public Task<SiloLoad[]> ReportAsync(SiloLoad load)
    {
        _loads[load.Silo] = (load, Environment.TickCount64);
        return Task.FromResult<SiloLoad[]>([.. Recent()]);
    }

    public async Task SettledAsync(string id)
    {
        await AskAsync(id);
        await SendAsync(CancellationToken.None);
    }

    private static Task<DocumentStanding> WithinAsync(Task<DocumentStanding> call) => call.WaitAsync(TimeSpan.FromSeconds(10));

    private async Task SendAsync(CancellationToken cancellation)
    {
        if (_isSending) return;
        _isSending = true;
        try
        {
            int most = SentPerSilo * Math.Max(1, Recent().Count());
            foreach (string id in _index.Unsettled(_sent).Take(most - _sent.Count).ToList()) _sent.Add(id);
            await Task.WhenAll(_sent.ToList().Select(AskAsync));
        }
        finally
        {
            _isSending = false;
        }
    }

    // Lets a document be read, and learns how it stands.
    private async Task AskAsync(string id)
    {
#pragma warning disable CA1031 // It is asked again in a second, and until then counts as sent.
        try
        {
            DocumentRecord record = (await WithinAsync(DocumentOf(id).ReadAsync())).ToView().Record;
            _index.Put(record);
            if (record.IsSettled) _sent.Remove(id);
        }
        catch (RefusedException gone) when (gone.Status == 404)
        {
            _sent.Remove(id);
            _index.Remove(id);
        }
        catch (Exception failure)
        {
            ClusterLog.NoAnswer(silo.Log, failure);
        }
#pragma warning restore CA1031
    }

    private IEnumerable<SiloLoad> Recent() => _loads.Values.Where(
        static one => Environment.TickCount64 - one.Told < s_recent.TotalMilliseconds).Select(static one => one.Load);

    private IDocumentGrain DocumentOf(string id) => LibraryFolder.IsId(id) ? GrainFactory.GetGrain<IDocumentGrain>(id)
        : throw new RefusedException(DocumentRefusals.Unknown(null));

    private List<DocumentRecord> ReadAll()
    {
        List<DocumentRecord> records = [];
        foreach (string id in silo.Library.Ids())
        {
            try
            {
                if (silo.Library.Read(id).Record is { } record) records.Add(record);
            }
            catch (Exception strange) when (strange is InvalidDataException or FormatException)
            {
                ClusterLog.Strange(silo.Log, strange.Message);
            }
        }
        return records;
    }
}
