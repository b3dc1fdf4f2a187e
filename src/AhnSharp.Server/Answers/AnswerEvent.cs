using System.Collections.Generic;
using AhnSharp.Generation;

namespace AhnSharp.Server.Answers;

/// <summary>The next of an answer.</summary>
/// <param name="Index">Which answer, from 0.</param>
/// <param name="Parts">What it says.</param>
/// <param name="Tokens">Its tokens with their probabilities, where they were asked for.</param>
/// <param name="End">How it ended; null: it goes on.</param>
internal sealed record AnswerEvent(
    int Index, IReadOnlyList<AnswerPart> Parts, IReadOnlyList<GeneratedToken> Tokens, AnswerEnd? End = null);
