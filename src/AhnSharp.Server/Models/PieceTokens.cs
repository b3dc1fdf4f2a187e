using System;
using System.Diagnostics;
using System.Linq;
using AhnSharp.Sessions;

namespace AhnSharp.Server.Models;

/// <summary>How long a piece of a prompt may be, so that running answers do not wait for it longer than they may.</summary>
internal static class PieceTokens
{
    private const int Least = 16, Measured = 64;

    /// <summary>
    /// Measures the loaded model once: cuts then depend on nothing that runs beside, and answers stay what they are alone.
    /// </summary>
    /// <param name="model">Loaded, and nobody's yet.</param>
    /// <param name="longestPause">How long.</param>
    /// <returns>A power of two of at least 16; null: a whole chunk is fast enough.</returns>
    public static int? For(TextModel model, TimeSpan longestPause)
    {
        int count = Math.Min(Measured, model.Model.ChunkTokens);
        int[] ids = [.. Enumerable.Repeat(0, count)];
        using LanguageSession session = model.Model.CreateSession(
            new SessionOptions { Mode = MemoryMode.Window, Window = Measured, Sinks = 0 });
        model.Model.Forward(session, ids); // the first pass touches every page of the weights
        long started = Stopwatch.GetTimestamp();
        model.Model.Forward(session, ids);
        double secondsPerToken = Stopwatch.GetElapsedTime(started).TotalSeconds / count;
        double fits = longestPause.TotalSeconds / secondsPerToken;
        if (fits >= model.Model.ChunkTokens) return null;
        int piece = Math.Min(Least, model.Model.ChunkTokens);
        while (2 * piece <= fits && 2 * piece <= model.Model.ChunkTokens) piece *= 2;
        return piece;
    }
}
