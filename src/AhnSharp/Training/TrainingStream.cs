using System;
using System.Collections.Generic;

namespace AhnSharp.Training;

/// <summary>Texts one behind the other: their token ids, and what the prediction behind each counts.</summary>
internal sealed class TrainingStream
{
    private readonly List<int> _ids = [];
    private readonly List<float> _weights = [];

    /// <summary>Nothing yet.</summary>
    public TrainingStream()
    {
    }

    /// <summary>One text.</summary>
    public TrainingStream(ReadOnlySpan<int> ids) => Add(ids, [], null);

    /// <summary>Tokens.</summary>
    public int Count => _ids.Count;

    /// <summary>All ids.</summary>
    public int[] Ids => [.. _ids];

    /// <summary>Adds a text.</summary>
    /// <param name="ids">Its tokens; none: it is left out.</param>
    /// <param name="weights">What the prediction behind each counts; none: all count 1.</param>
    /// <param name="mark">Stands between two texts; null: nothing does.</param>
    public void Add(ReadOnlySpan<int> ids, ReadOnlySpan<float> weights, int? mark)
    {
        if (ids.IsEmpty) return;
        if (_ids.Count > 0 && mark is { } between)
        {
            _ids.Add(between);
            _weights.Add(1);
        }
        for (int i = 0; i < ids.Length; i++)
        {
            _ids.Add(ids[i]);
            _weights.Add(weights.IsEmpty ? 1 : weights[i]);
        }
    }

    /// <summary>A piece, to learn from.</summary>
    public TrainingSequence Cut(int start, int length, int window, int sinks) => new(
        [.. _ids.GetRange(start, length)], window, sinks, [.. _weights.GetRange(start, length)]);
}
