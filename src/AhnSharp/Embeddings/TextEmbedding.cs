using System;

namespace AhnSharp.Embeddings;

/// <summary>A text as a vector.</summary>
/// <param name="Vector">As many numbers as the model's hidden rows have, or as were asked for.</param>
/// <param name="Tokens">Tokens that were read for it, instruction and end token included.</param>
public readonly record struct TextEmbedding(ReadOnlyMemory<float> Vector, int Tokens);
