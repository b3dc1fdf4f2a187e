using System;
using AhnSharp.Sessions;

namespace AhnSharp.Cpu;

/// <summary>Which blocks of its archive one token read in one layer and key/value head.</summary>
/// <param name="session">Whose.</param>
/// <param name="layer">Which layer.</param>
/// <param name="kvHead">Which key/value head.</param>
/// <param name="position">Of the token.</param>
/// <param name="blocks">R, best first.</param>
/// <param name="blockShares">The share of each in the softmax, mean over the query heads.</param>
/// <param name="headShares">ρ of the query heads.</param>
internal readonly ref struct RetrievedBlocks(
    LanguageSession session, int layer, int kvHead, long position, ReadOnlySpan<int> blocks, ReadOnlySpan<float> blockShares,
    ReadOnlySpan<float> headShares)
{
    public LanguageSession Session { get; } = session;
    public int Layer { get; } = layer;
    public int KvHead { get; } = kvHead;
    public long Position { get; } = position;
    public ReadOnlySpan<int> Blocks { get; } = blocks;
    public ReadOnlySpan<float> BlockShares { get; } = blockShares;
    public ReadOnlySpan<float> HeadShares { get; } = headShares;
}
