using AhnSharp.Server.Documents;
using AhnSharp.Sessions;
using Orleans;

namespace AhnSharp.Cluster.Grains;

/// <summary>A document as it stands, on its way between servers.</summary>
[GenerateSerializer, Alias("ahn.DocumentStanding")]
internal sealed class DocumentStanding
{
    /// <summary>The record, as <see cref="DocumentRecord.Write"/> writes it.</summary>
    [Id(0)] public byte[] Record { get; set; } = [];

    /// <summary>The version of the record in the library.</summary>
    [Id(1)] public long Version { get; set; }

    /// <summary>Whether it is being read; then the rest says how far.</summary>
    [Id(2)] public bool IsRead { get; set; }
    [Id(3)] public long TokensRead { get; set; }
    [Id(4)] public long TokensTotal { get; set; }
    [Id(5)] public double TokensPerSecond { get; set; }
    [Id(6)] public double? SecondsLeft { get; set; }
    [Id(7)] public long StateBytes { get; set; }

    /// <summary>Seen, exact, archived, compressed, dropped.</summary>
    [Id(8)] public long[] Tokens { get; set; } = [];
    [Id(9)] public string Document { get; set; } = "";
    [Id(10)] public int? Page { get; set; }

    public static DocumentStanding Of(DocumentRecord record, long version, ReadingStatus? reading)
    {
        DocumentStanding standing = new() { Record = Server.Http.JsonReply.BytesOf(record.Write), Version = version };
        if (reading is null) return standing;
        (standing.IsRead, standing.TokensRead, standing.TokensTotal) = (true, reading.TokensRead, reading.TokensTotal);
        (standing.TokensPerSecond, standing.SecondsLeft) = (reading.TokensPerSecond, reading.SecondsLeft);
        (standing.StateBytes, standing.Document, standing.Page) = (reading.StateBytes, reading.Document, reading.Page);
        Tally tokens = reading.Tokens;
        standing.Tokens = [tokens.Seen, tokens.Exact, tokens.Archived, tokens.Compressed, tokens.Dropped];
        return standing;
    }

    public DocumentView ToView() => new(DocumentRecord.Parse(Record), IsRead
        ? new ReadingStatus(TokensRead, TokensTotal, TokensPerSecond, SecondsLeft, StateBytes,
            new Tally(Tokens[0], Tokens[1], Tokens[2], Tokens[3], Tokens[4]), Document, Page)
        : null);
}
