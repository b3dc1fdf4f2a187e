namespace AhnSharp.Extensions.AI;

/// <summary>Where a model stands.</summary>
public enum AhnModelState
{
    /// <summary>Nobody has asked for it yet, or everybody who had has left.</summary>
    Waiting,

    /// <summary>It is being read and packed.</summary>
    Loading,

    /// <summary>It answers.</summary>
    Ready,

    /// <summary>It could not be loaded; the sentence says why.</summary>
    Failed,

    /// <summary>It was freed.</summary>
    Disposed,
}

/// <summary>Where a model stands, for people and for health checks.</summary>
/// <param name="State">In a word.</param>
/// <param name="Sentence">In a sentence.</param>
/// <param name="Failure">Why it failed; null where it did not.</param>
public sealed record AhnModelStatus(AhnModelState State, string Sentence, System.Exception? Failure = null);
