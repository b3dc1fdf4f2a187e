using System;
using System.Diagnostics;
using System.Linq;
using AhnSharp.Sessions;

namespace AhnSharp.Server.Models;

/// <summary>How long a piece of a prompt may be, so that running answers do not wait for it longer than they may.</summary>
/// <param name="Tokens">A power of two of at least 8; null: a whole chunk is fast enough.</param>
/// <param name="Pass">What a pass took that had such a piece, and a row of every answer that may run beside it.</param>
internal readonly record struct PieceTokens(int? Tokens, TimeSpan Pass)
{
    // Matrices take rows 8 at a time. Of 1.5B Q4_K_M on two cores a pass of 1 row takes 60 ms, of 8 140, of 16 225, of 24 320: with fewer
    // rows than 8 of its own, a prompt would be read at a tenth of its speed.
    private const int Least = 8;

    /// <summary>
    /// Measures the loaded model once: cuts then depend on nothing that runs beside, and answers stay what they are alone.
    /// </summary>
    /// <param name="model">Loaded, and nobody's yet.</param>
    /// <param name="answers">That may run at the same time.</param>
    /// <param name="longestPause">How long one of them may wait for its next token.</param>
    public static PieceTokens For(TextModel model, int answers, TimeSpan longestPause)
    {
        int chunk = model.Model.ChunkTokens, least = Math.Min(Least, chunk);
        using LanguageSession session = model.Model.CreateSession(
            new SessionOptions { Mode = MemoryMode.Window, Window = chunk, Sinks = 0 });
        Pass(least); // the first touches every page of the weights
        int piece = least;
        TimeSpan taken = Pass(piece + answers - 1);
        // From the shortest on: of a slow model few passes fit, and none longer is waited for.
        while (piece < chunk && taken < longestPause)
        {
            int next = Math.Min(2 * piece, chunk);
            TimeSpan longer = Pass(next + answers - 1);
            if (longer > longestPause) break;
            (piece, taken) = (next, longer);
        }
        return new PieceTokens(piece < chunk ? piece : null, taken);

        // The faster of two: what else the machine does is no part of it.
        TimeSpan Pass(int rows)
        {
            int[] ids = [.. Enumerable.Repeat(0, Math.Min(rows, chunk))];
            TimeSpan[] passes = new TimeSpan[2];
            foreach (ref TimeSpan pass in passes.AsSpan())
            {
                long started = Stopwatch.GetTimestamp();
                model.Model.Forward(session, ids);
                pass = Stopwatch.GetElapsedTime(started);
            }
            return passes.Min();
        }
    }
}
