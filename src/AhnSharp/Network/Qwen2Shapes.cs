using System.Collections.Immutable;

namespace AhnSharp.Network;

/// <summary>The seven published sizes of Qwen2.5-Instruct.</summary>
/// <remarks>
/// Source: config.json of Qwen/Qwen2.5-{0.5B … 72B}-Instruct. All: D = E/H; up to 3B the embedding is the head too; from 7B
/// on it is padded to 152064 rows.
/// </remarks>
internal static class Qwen2Shapes
{
    public static ImmutableArray<PublishedShape> All { get; } =
    [
        new("0.5B", 896, 4864, 24, 14, 2, 64, 151936, true),
        new("1.5B", 1536, 8960, 28, 12, 2, 128, 151936, true),
        new("3B", 2048, 11008, 36, 16, 2, 128, 151936, true),
        new("7B", 3584, 18944, 28, 28, 4, 128, 152064, false),
        new("14B", 5120, 13824, 48, 40, 8, 128, 152064, false),
        new("32B", 5120, 27648, 64, 40, 8, 128, 152064, false),
        new("72B", 8192, 29568, 80, 64, 8, 128, 152064, false),
    ];
}
