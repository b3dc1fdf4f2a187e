namespace AhnSharp.Sessions;

/// <summary>What tokens do with the archive of their session; without one nothing depends on it.</summary>
public enum TokenPhase
{
    /// <summary>A question, and everything generated after it: what was archived is looked through.</summary>
    Asking,

    /// <summary>A document, the history of a chat: archived for later, nothing is looked up.</summary>
    Reading,
}
