namespace AhnSharp.Sessions;

/// <summary>Where the tokens of a text are: every token that was seen is counted once.</summary>
/// <param name="Exact">Their keys and values are in memory, and every query sees them.</param>
/// <param name="Archived">They left the window, and a question can bring their keys and values back.</param>
/// <param name="Compressed">They live on in the compressed memory alone: its gist, not their words.</param>
/// <param name="Dropped">They left a session that keeps nothing of them.</param>
public readonly record struct Tally(long Exact, long Archived, long Compressed, long Dropped)
{
    /// <summary>All tokens of the text.</summary>
    public long Seen => Exact + Archived + Compressed + Dropped;
}
