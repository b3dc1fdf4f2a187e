using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using AhnSharp.Sessions;

namespace AhnSharp.Evaluation;

/// <summary>Digits given back, by how many tokens ago their sentence began when they were asked for.</summary>
public sealed class RecallDistances
{
    private readonly SortedDictionary<int, (long DistanceSum, RecallTotal Total)> _byOctave = [];

    /// <summary>Digits of distances from a power of two to the next, nearest first.</summary>
    public IEnumerable<RecallAtDistance> ByDistance => _byOctave.Select(octave => new RecallAtDistance(
        1 << octave.Key, 2 << octave.Key, (double)octave.Value.DistanceSum / octave.Value.Total.Digits, octave.Value.Total));

    /// <summary>
    /// Reads a made chat with a fresh session (teacher forcing, greedy), counts its digits, and returns how many were right.
    /// </summary>
    public int Read(LanguageModel model, RecallDialogue dialogue, SessionOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(dialogue);
        bool[] hits = RecallScorer.Hits(model, dialogue.Chat, options, cancellation);
        for (int fact = 0; fact < dialogue.Facts.Length; fact++)
        {
            for (int digit = 0; digit < RecallFact.Digits; digit++)
            {
                int i = fact * RecallFact.Digits + digit;
                Add(dialogue.Chat.AnswerPositions[i] - dialogue.SentencePositions[fact], hits[i]);
            }
        }
        return hits.AsSpan().Count(true);
    }

    /// <summary>Counts one digit.</summary>
    /// <param name="distance">Tokens from the beginning of its sentence to where it is predicted, 1 or more.</param>
    /// <param name="hit">Whether it was right.</param>
    public void Add(int distance, bool hit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(distance, 1);
        int octave = int.Log2(distance);
        _byOctave.TryGetValue(octave, out (long DistanceSum, RecallTotal Total) before);
        _byOctave[octave] = (before.DistanceSum + distance, new RecallTotal(
            before.Total.Chats, before.Total.Digits + 1, before.Total.Hits + (hit ? 1 : 0)));
    }
}

/// <summary>Digits whose sentences began between two distances.</summary>
/// <param name="From">Nearest distance, tokens.</param>
/// <param name="To">The distance at which the next begins.</param>
/// <param name="MeanDistance">Mean of the digits counted, tokens.</param>
/// <param name="Total">Digits and hits; chats are not counted here.</param>
public sealed record RecallAtDistance(int From, int To, double MeanDistance, RecallTotal Total);
