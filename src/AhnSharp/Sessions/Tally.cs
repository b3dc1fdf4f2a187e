namespace AhnSharp.Sessions;

/// <summary>Where the tokens of a text are.</summary>
/// <param name="Seen">All of them.</param>
/// <param name="Exact">
/// Their keys and values are in memory, and every query sees them: sinks, window, and with an archive what left and waits for its block to
/// be full.
/// </param>
/// <param name="Archived">They left the window, and a question can bring their keys and values back.</param>
/// <param name="Compressed">They left the window and were folded into the compressed memory, archived or not: gist, not words.</param>
/// <param name="Dropped">Nothing is kept of them: neither exactly, nor in the archive, nor in the memory.</param>
public readonly record struct Tally(long Seen, long Exact, long Archived, long Compressed, long Dropped)
{
    /// <summary>Of two texts together.</summary>
    public static Tally operator +(Tally left, Tally right) => new(left.Seen + right.Seen, left.Exact + right.Exact,
        left.Archived + right.Archived, left.Compressed + right.Compressed, left.Dropped + right.Dropped);

    /// <summary>Tokens whose keys and values can still be read as they were.</summary>
    public long ExactlyReadable => Exact + Archived;
}
