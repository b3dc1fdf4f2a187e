using System.Collections.Generic;
using System.Collections.Immutable;

namespace AhnSharp.Evaluation.Benchmarks;

/// <summary>
/// The prompts of LV-Eval's English tasks, the longest answers, and the words that do not count as keywords: word for word, because another
/// prompt would be another benchmark.
/// </summary>
/// <remarks>
/// Data of github.com/infinigence/LVEval at 63e7ae93, config.py and metrics.py (ABANDON_WORDS_EN), © 2024 Infinigence AI, MIT licence.
/// </remarks>
internal static class LvEvalTasks
{
    private const string OnePassage =
        "Please answer the following question based on the given passages. Questions and answers are only relevant to one passage. "
        + "Only give me the answer and do not output any other explanation and evidence.\n\nArticle: {context}\n\n"
        + "Please answer the following question based on the above passages. Questions and answers are only relevant to one passage. "
        + "Only give me the answer and do not output any other explanation and evidence.\n\nQuestion: {input}\nAnswer:";

    internal static IReadOnlyDictionary<string, (string Prompt, int MaxNewTokens)> English { get; } =
        new Dictionary<string, (string Prompt, int MaxNewTokens)>
        {
            ["hotpotwikiqa_mixup"] = (
                "Answer the question based on the given passages. Questions and answers are only relevant to some passages. Only give me "
                    + "the answer and do not output any other explanation and evidence.\n\nArticle: {context}\n\nPlease answer the "
                    + "following question based on the above passages. Questions and answers are only relevant to some passages. "
                    + "Only give me the answer and do not output any other explanation and evidence.\n\nQuestion: {input}\nAnswer:",
                64),
            ["loogle_SD_mixup"] = (OnePassage, 64),
            ["loogle_CR_mixup"] = (OnePassage, 64),
            ["loogle_MIR_mixup"] = (OnePassage, 64),
            ["multifieldqa_en_mixup"] = (OnePassage, 64),
            ["factrecall_en"] = (
                "Please answer the following questions based on the given article.\n\nArticle: {context}\n\n"
                    + "Please answer the following questions based on the above article.\n\nQuestion: {input}\nAnswer:",
                16),
        };

    internal static ImmutableHashSet<string> NoKeywords { get; } =
    [
        "and", "to", "of", "in", "her", "was", "with", "for", "it", "from", "is", "that", "his", "he", "by", "she", "they", "or",
        "at", "because",
        "be", "on", "are", "their", "what", "as", "had", "were", "about", "being", "this", "who", "but", "have", "has", "when",
        "which", "does",
    ];
}
