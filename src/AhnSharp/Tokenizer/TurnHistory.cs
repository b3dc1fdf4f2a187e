namespace AhnSharp.Tokenizer;

/// <summary>What a chat template does to the turns before the last one.</summary>
public enum TurnHistory
{
    /// <summary>It writes them as they were: what was read and said stays, and a new turn stands behind it.</summary>
    Appends,

    /// <summary>It writes an answer otherwise once a turn follows, mostly without what the model thought: that answer is read
    /// anew.</summary>
    Rewrites,

    /// <summary>It leaves earlier turns out, or writes them in another place: each question is answered without the earlier ones.</summary>
    Forgets,
}
