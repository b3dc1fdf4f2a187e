using System.Collections.Generic;
using AhnSharp.Server.Documents;

namespace AhnSharp.Server.Answers;

/// <summary>How an answer ended.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Took">What it took.</param>
/// <param name="Sources">What was looked up for it.</param>
internal sealed record AnswerEnd(FinishReason Reason, GenerationStatistics Took, IReadOnlyList<AnswerPassage> Sources)
{
    /// <summary>Tokens of the prompt, read now or before.</summary>
    public long PromptTokens => Took.PromptTokens + Took.ReusedTokens;
}
