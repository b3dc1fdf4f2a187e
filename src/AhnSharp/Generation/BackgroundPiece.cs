using System;

namespace AhnSharp.Generation;

/// <summary>How what is read in the background is cut: into any pieces that change no bit of what whole chunks would give.</summary>
/// <remarks>
/// A memory folds 32 tokens at a time from where a pass begins, and attention and memory go another way for a pass of a few rows. So a
/// piece ends at a multiple of <see cref="Grain"/> from the beginning of its chunk, or at the chunk's end, and the last one of a chunk is
/// no shorter than that, unless the chunk is. Matrices take rows of a pass 8 at a time, and round a rest of fewer otherwise: the piece
/// stands first in its pass, and one of no whole eights alone. Measured on the demo model: the snapshots of 2,151 tokens, read so and in
/// whole chunks, are the same bytes with full attention, with a window, and with the memory; cut at multiples of 16, a million of three
/// differ, and behind one row of another text every ring and memory.
/// </remarks>
internal static class BackgroundPiece
{
    /// <summary>Tokens that a memory folds together.</summary>
    public const int Grain = 32;

    private const int MatrixRows = 8;

    /// <summary>Whether rows of other texts may stand behind a piece, in one pass with it.</summary>
    public static bool MayShare(int count) => count % MatrixRows == 0;

    /// <summary>How many tokens come next; 0: what is left is too little.</summary>
    /// <param name="offset">Tokens since the reading began; whole chunks count from there.</param>
    /// <param name="chunk">C, the most tokens of a pass.</param>
    /// <param name="waiting">Tokens that wait.</param>
    /// <param name="wanted">So many are to be taken at most, unless that would leave fewer than a grain of the chunk.</param>
    /// <param name="room">Rows that the pass has left.</param>
    public static int Of(long offset, int chunk, int waiting, int wanted, int room)
    {
        int rest = (int)Math.Min(chunk - offset % chunk, waiting);
        if (chunk % Grain != 0) return wanted > 0 && rest <= room ? rest : 0;
        if (wanted < Math.Min(Grain, rest)) return 0;
        if (rest <= wanted) return rest;
        int count = wanted / Grain * Grain;
        if (rest - count >= Grain) return count;
        // The end would be too short by itself: it comes with this piece, or with the one before it.
        if (rest < 2 * Grain) return rest <= room ? rest : 0;
        return count - Grain;
    }
}
