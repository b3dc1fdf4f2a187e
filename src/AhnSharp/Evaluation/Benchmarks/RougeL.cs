using System;
using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Evaluation.Benchmarks;

/// <summary>ROUGE-L of a summary as LongBench's authors compute it: the F of different words on common subsequences of sentences.</summary>
/// <remarks>
/// The measure of the Python package rouge (c1b90a78, rouge_l_summary_level with its default exclusive = True): sentences end at full
/// stops; for every pair of a sentence of the truth and one of the answer the words of their longest common subsequence are collected;
/// how many different words that makes, over the different words of the answer (P) and of the truth (R); F = 2PR/(P + R + 1e-8). An
/// answer without a sentence is worth 0. Of several longest subsequences the one counts that leaves out words of the answer before those
/// of the truth, seen from the end.
/// </remarks>
internal static class RougeL
{
    internal static double F(string answer, string truth)
    {
        string[][] answers = Sentences(answer), truths = Sentences(truth);
        if (answers.Length == 0 || truths.Length == 0) return 0;
        var common = new HashSet<string>();
        foreach (string[] sentence in truths)
        {
            foreach (string[] other in answers) CollectCommon(sentence, other, common);
        }
        double recall = (double)common.Count / truths.SelectMany(words => words).Distinct().Count();
        double precision = (double)common.Count / answers.SelectMany(words => words).Distinct().Count();
        return 2 * (precision * recall / (precision + recall + 1e-8));
    }

    // A sentence of nothing but white space is one of one empty word, as in the package.
    private static string[][] Sentences(string text) =>
        [.. text.Split('.').Where(sentence => sentence.Length > 0).Select(
            sentence => AnswerText.Split(sentence) is { Length: > 0 } words ? words : [""])];

    private static void CollectCommon(string[] truth, string[] answer, HashSet<string> common)
    {
        var length = new int[truth.Length + 1, answer.Length + 1];
        for (int i = 1; i <= truth.Length; i++)
        {
            for (int j = 1; j <= answer.Length; j++)
                length[i, j] = truth[i - 1] == answer[j - 1] ? length[i - 1, j - 1] + 1 : Math.Max(length[i - 1, j], length[i, j - 1]);
        }
        for (int i = truth.Length, j = answer.Length; i > 0 && j > 0;)
        {
            if (truth[i - 1] == answer[j - 1])
            {
                common.Add(truth[--i]);
                j--;
            }
            else if (length[i - 1, j] > length[i, j - 1])
            {
                i--;
            }
            else
            {
                j--;
            }
        }
    }
}
