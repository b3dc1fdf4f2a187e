using System.Collections.Immutable;

namespace AhnSharp.Network;

/// <summary>The six published sizes of Qwen3 without experts.</summary>
/// <remarks>
/// Source: config.json of Qwen/Qwen3-{0.6B … 32B}. All: D = 128, so that H·D is not E but for 8B; up to 4B the embedding is the head too.
/// </remarks>
internal static class Qwen3Shapes
{
    public static ImmutableArray<PublishedShape> All { get; } =
    [
        new("Qwen3-0.6B", 1024, 3072, 28, 16, 8, 128, 151936, true),
        new("Qwen3-1.7B", 2048, 6144, 28, 16, 8, 128, 151936, true),
        new("Qwen3-4B", 2560, 9728, 36, 32, 8, 128, 151936, true),
        new("Qwen3-8B", 4096, 12288, 36, 32, 8, 128, 151936, false),
        new("Qwen3-14B", 5120, 17408, 40, 40, 8, 128, 151936, false),
        new("Qwen3-32B", 5120, 25600, 64, 64, 8, 128, 151936, false),
    ];
}
