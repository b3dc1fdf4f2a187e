using System;
using System.Threading;

namespace AhnSharp.Sessions;

/// <summary>The next tokens of one session, in a batch.</summary>
/// <param name="Session">The text they continue.</param>
/// <param name="Ids">The tokens, at least one.</param>
/// <param name="EveryRow">Receives the logits behind every token; null: only those behind the last are computed.</param>
/// <param name="WantsLogits">Whether <see cref="LanguageSession.LastLogits"/> are asked for behind the last token; a reading
/// that goes on needs none.</param>
/// <param name="Phase">Whether the tokens ask the session's archive.</param>
/// <param name="Cancellation">Takes this sequence out of the pass; the others go on.</param>
public readonly record struct SequenceSlice(
    LanguageSession Session, ReadOnlyMemory<int> Ids, LogitsReader? EveryRow = null, bool WantsLogits = true,
    TokenPhase Phase = TokenPhase.Asking, CancellationToken Cancellation = default)
{
    /// <summary>
    /// Receives the hidden row behind the last token; null: nobody asks. Without <see cref="WantsLogits"/> no product with the vocabulary
    /// is computed, which is much of the time of a small model.
    /// </summary>
    public HiddenReader? Hidden { get; init; }

    /// <summary>Whether <see cref="Hidden"/> receives the row behind every token.</summary>
    public bool EveryHidden { get; init; }
}
