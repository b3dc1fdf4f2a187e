using System;

namespace AhnSharp.Constraints;

/// <summary>Where a text stands in a grammar: every reading of it so far, as a state that waits for a byte and the calls below
/// it.</summary>
internal sealed class Config : IEquatable<Config>
{
    private readonly int _hash;

    public Config(Reading[] readings, bool mayEnd)
    {
        (Readings, MayEnd) = (readings, mayEnd);
        HashCode hash = default;
        hash.Add(mayEnd);
        foreach (Reading reading in readings)
        {
            hash.Add(reading.State);
            hash.Add(reading.Stack?.Id ?? 0);
            Depth = Math.Max(Depth, reading.Stack?.Depth ?? 0);
        }
        _hash = hash.ToHashCode();
    }

    /// <summary>One way to read the text: it stands before a byte of State; Stack are the calls around it.</summary>
    internal readonly record struct Reading(int State, Frame? Stack);

    /// <summary>In ascending order of states, then of frames.</summary>
    public Reading[] Readings { get; }

    /// <summary>Whether the text so far is whole (or, in a table of cut stacks, goes on below the cut).</summary>
    public bool MayEnd { get; }

    public int Depth { get; }

    /// <summary>Its number in its table.</summary>
    public int Id { get; set; }

    /// <summary>Bytes of the shortest end of the text; −1: not known yet (<see cref="Closing"/>).</summary>
    public long BytesToEnd { get; set; } = -1;

    public bool Equals(Config? other)
    {
        if (other is null || MayEnd != other.MayEnd || Readings.Length != other.Readings.Length) return false;
        for (int i = 0; i < Readings.Length; i++)
        {
            if (Readings[i].State != other.Readings[i].State || !ReferenceEquals(Readings[i].Stack, other.Readings[i].Stack)) return false;
        }
        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as Config);

    public override int GetHashCode() => _hash;
}
