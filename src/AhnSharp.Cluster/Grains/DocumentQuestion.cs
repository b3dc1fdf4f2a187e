using Orleans;

namespace AhnSharp.Cluster.Grains;

/// <summary>What a document is asked.</summary>
[GenerateSerializer, Alias("ahn.DocumentQuestion")]
internal sealed class DocumentQuestion
{
    /// <summary>The question.</summary>
    [Id(0)] public required string Text { get; set; }

    /// <summary>Most tokens of the answer; null: as the server has it.</summary>
    [Id(1)] public int? MaxTokens { get; set; }

    /// <summary>Who asks: clients have their turns one after the other.</summary>
    [Id(2)] public required string Client { get; set; }
}
