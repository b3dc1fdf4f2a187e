using System.Collections.Generic;

namespace AhnSharp.Generation;

/// <summary>The next part of an answer, as it is written.</summary>
/// <param name="Text">What can be shown now; never half a character. Empty where the last tokens show nothing.</param>
/// <param name="Tokens">
/// The tokens chosen since the piece before, where <see cref="GenerationOptions.TopLogProbabilities"/> asks for them; else none. An end
/// token is not among them. Text that may be the beginning of a stop string is held back, so it may come with a later piece than its token.
/// </param>
public sealed record AnswerPiece(string Text, IReadOnlyList<GeneratedToken> Tokens);
