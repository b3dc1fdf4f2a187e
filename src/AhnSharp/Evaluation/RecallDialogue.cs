using System.Collections.Immutable;

namespace AhnSharp.Evaluation;

/// <summary>A made chat: what is read, what is asked in which order, and the whole with right answers.</summary>
/// <param name="Reading">The token ids up to the first question: opening and text with its sentences.</param>
/// <param name="Facts">The facts in the order of the questions.</param>
/// <param name="SentencePositions">Where in <paramref name="Reading"/> the sentence of each fact begins, in the order of
/// <paramref name="Facts"/>.</param>
/// <param name="Chat">The whole, to be scored with teacher forcing; <paramref name="Reading"/> is its beginning.</param>
public sealed record RecallDialogue(
    int[] Reading, ImmutableArray<RecallFact> Facts, ImmutableArray<int> SentencePositions, RecallChat Chat);
