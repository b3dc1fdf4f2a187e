using System;
using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Tests.Generation;

/// <summary>
/// The filters written down plainly, in doubles, with sorts and dictionaries: the probabilities a sampler must draw from.
/// </summary>
internal static class ReferenceSampler
{
    public static Dictionary<int, double> Probabilities(float[] logits, SamplingOptions options, int[] recent, HashSet<int> unused)
    {
        var tokens = logits.Select((logit, id) => (Id: id, Logit: (double)logit)).ToArray();
        int[] window = recent.TakeLast(options.PenaltyTokens).ToArray();
        for (int i = 0; i < tokens.Length; i++)
        {
            tokens[i].Logit = (float)(tokens[i].Logit + (options.LogitBias?.GetValueOrDefault(tokens[i].Id) ?? 0));
            int times = window.Count(id => id == tokens[i].Id);
            if (times == 0) continue;
            double logit = tokens[i].Logit;
            logit = logit > 0 ? logit / options.RepeatPenalty : logit * options.RepeatPenalty;
            tokens[i].Logit = (float)(logit - times * options.FrequencyPenalty - options.PresencePenalty);
        }
        var kept = tokens.Where(t => !unused.Contains(t.Id)).OrderByDescending(t => t.Logit).ThenBy(t => t.Id).ToList();
        if (options.Temperature == 0) return new() { [kept[0].Id] = 1 };
        if (options.TopK > 0) kept = kept.Take(options.TopK).ToList();
        if (options.TopP < 1)
        {
            Dictionary<int, double> at1 = Softmax(kept, 1);
            double reached = 0;
            int count = 0;
            while (count < kept.Count && (count == 0 || reached < options.TopP)) reached += at1[kept[count++].Id];
            kept = kept.Take(count).ToList();
        }
        if (options.MinP > 0)
        {
            Dictionary<int, double> at1 = Softmax(kept, 1);
            double most = at1.Values.Max();
            kept = kept.Where(t => at1[t.Id] >= options.MinP * most).ToList();
        }
        return Softmax(kept, options.Temperature);
    }

    private static Dictionary<int, double> Softmax(List<(int Id, double Logit)> tokens, double temperature)
    {
        double max = tokens.Max(t => t.Logit), sum = tokens.Sum(t => Math.Exp((t.Logit - max) / temperature));
        return tokens.ToDictionary(t => t.Id, t => Math.Exp((t.Logit - max) / temperature) / sum);
    }
}
