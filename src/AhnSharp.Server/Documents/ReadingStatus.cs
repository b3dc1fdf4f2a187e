using AhnSharp.Sessions;

namespace AhnSharp.Server.Documents;

/// <summary>How far the reading of a document has come just now.</summary>
/// <param name="TokensRead">Of the whole text, those read before a restart included.</param>
/// <param name="TokensTotal">Of the whole text.</param>
/// <param name="TokensPerSecond">Since this reading began or went on.</param>
/// <param name="SecondsLeft">At that speed; null while it is not known.</param>
/// <param name="StateBytes">Bytes that its session occupies.</param>
/// <param name="Tokens">Where the tokens that were read are.</param>
/// <param name="Document">The file that is being read.</param>
/// <param name="Page">Its page, where it has pages.</param>
internal sealed record ReadingStatus(
    long TokensRead, long TokensTotal, double TokensPerSecond, double? SecondsLeft, long StateBytes, Tally Tokens, string Document,
    int? Page);
