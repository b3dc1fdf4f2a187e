using System;

namespace AhnSharp.Training;

/// <summary>One text to learn from: what is read, and how much of it stays exact.</summary>
/// <param name="Ids">Token ids.</param>
/// <param name="Window">W.</param>
/// <param name="Sinks">S.</param>
/// <param name="Weights">[tokens]: what the prediction behind each token counts; null: all count 1.</param>
internal sealed record TrainingSequence(int[] Ids, int Window, int Sinks, float[]? Weights = null)
{
    /// <summary>The first position that reads the memory.</summary>
    public int First => Window + Sinks;

    /// <summary>Positions that read it.</summary>
    public int Count => Ids.Length - First;

    /// <summary>What the prediction behind a position counts.</summary>
    public float WeightOf(int position) => Weights is null ? 1 : Weights[position];

    /// <summary>Sum over the positions that read.</summary>
    public double WeightSum
    {
        get
        {
            double sum = 0;
            for (int t = First; t < Ids.Length; t++) sum += WeightOf(t);
            return sum;
        }
    }

    /// <summary>Throws unless somebody reads.</summary>
    public void Check()
    {
        if (Window < 1 || Sinks < 0 || Count < 1)
        {
            throw new ArgumentException(
                $"A text of {Ids.Length} tokens has none behind a window of {Window} and {Sinks} sinks: nothing would be learned.");
        }
    }
}
