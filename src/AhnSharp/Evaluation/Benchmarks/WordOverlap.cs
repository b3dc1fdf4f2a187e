using System.Collections.Generic;

namespace AhnSharp.Evaluation.Benchmarks;

/// <summary>Words that two answers share, each as often as it is in both.</summary>
internal static class WordOverlap
{
    /// <summary>How often each shared word is shared.</summary>
    internal static Dictionary<string, int> Shared(IEnumerable<string> answer, IEnumerable<string> truth)
    {
        var left = new Dictionary<string, int>();
        foreach (string word in truth) left[word] = left.GetValueOrDefault(word) + 1;
        var shared = new Dictionary<string, int>();
        foreach (string word in answer)
        {
            int more = left.GetValueOrDefault(word);
            if (more == 0) continue;
            left[word] = more - 1;
            shared[word] = shared.GetValueOrDefault(word) + 1;
        }
        return shared;
    }

    /// <summary>2·P·R/(P + R) with precision and recall over words; 0 where nothing is shared.</summary>
    internal static double F1(IReadOnlyCollection<string> answer, IReadOnlyCollection<string> truth)
    {
        int shared = 0;
        foreach (int count in Shared(answer, truth).Values) shared += count;
        if (shared == 0) return 0;
        double precision = (double)shared / answer.Count, recall = (double)shared / truth.Count;
        return 2 * precision * recall / (precision + recall);
    }
}
