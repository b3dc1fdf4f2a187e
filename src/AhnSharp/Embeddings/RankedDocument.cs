namespace AhnSharp.Embeddings;

/// <summary>A document and how well it fits a query.</summary>
/// <param name="Index">Its place in the list that was ranked.</param>
/// <param name="Score">The probability of yes where the answer is yes or no, 0 to 1.</param>
/// <param name="Tokens">Tokens of its whole prompt.</param>
/// <param name="ReadTokens">Of these, those that were read for it alone: the others, up to the query's end, all documents share.</param>
public readonly record struct RankedDocument(int Index, double Score, int Tokens, int ReadTokens);
