using System;

namespace AhnSharp.Model;

/// <summary>The next tokens of one session, in a batch.</summary>
/// <param name="Session">The text they continue.</param>
/// <param name="Ids">The tokens, at least one.</param>
/// <param name="EveryRow">Receives the logits behind every token; null: only those behind the last are computed.</param>
public readonly record struct Slice(ILanguageSession Session, ReadOnlyMemory<int> Ids, LogitsReader? EveryRow = null);
