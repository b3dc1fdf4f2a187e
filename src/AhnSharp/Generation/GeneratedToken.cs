using System.Collections.Immutable;

namespace AhnSharp.Generation;

/// <summary>A token of an answer, and how likely the model found it there.</summary>
/// <param name="Id">The token that was chosen.</param>
/// <param name="LogProbability">
/// Natural logarithm of its probability as the model gave it: before bias, penalties, filters, temperature and constraint.
/// </param>
/// <param name="Top">The likeliest tokens at its place, likeliest first, of equals the lowest id; as many as were asked for.</param>
public sealed record GeneratedToken(int Id, double LogProbability, ImmutableArray<TokenLogProbability> Top);
