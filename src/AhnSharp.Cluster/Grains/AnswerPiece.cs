using Orleans;

namespace AhnSharp.Cluster.Grains;

/// <summary>The next of an answer.</summary>
[GenerateSerializer, Alias("ahn.AnswerPiece")]
internal sealed class AnswerPiece
{
    /// <summary>What it says.</summary>
    [Id(0)] public string Text { get; set; } = "";

    /// <summary>Why it ended, in the last piece; null: it goes on.</summary>
    [Id(1)] public string? End { get; set; }
}
