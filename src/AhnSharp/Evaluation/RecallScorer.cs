using System;
using System.Threading;
using AhnSharp.Generation;
using AhnSharp.Sessions;

namespace AhnSharp.Evaluation;

/// <summary>Counts the digits a model gets right when it reads a chat with the right answers in it (teacher forcing, greedy).</summary>
/// <remarks>The text before an answer is read in one prefill; logits are computed at the answer positions alone.</remarks>
public static class RecallScorer
{
    /// <summary>How many of <see cref="Hits"/> are true.</summary>
    public static int CountHits(
        LanguageModel model, RecallChat chat, SessionOptions? options = null, CancellationToken cancellation = default) =>
            Hits(model, chat, options, cancellation).AsSpan().Count(true);

    /// <summary>
    /// For each answer position p of <paramref name="chat"/>, whether the likeliest token after <c>Ids[..p]</c> is <c>Ids[p]</c>.
    /// </summary>
    /// <exception cref="System.IO.InvalidDataException">An id is outside the model's vocabulary.</exception>
    public static bool[] Hits(
        LanguageModel model, RecallChat chat, SessionOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(chat);
        TokenIds.ThrowUnlessIn(chat.Ids, model.Config.VocabularySize, "the chat");

        using LanguageSession session = model.CreateSession(options);
        var hits = new bool[chat.AnswerPositions.Length];
        int read = 0;
        if (session.Plan.Archive is not null && hits.Length > 0)
        {
            // As a person's chat: a text, then questions.
            read = Math.Max(0, chat.AnswerPositions[0] - Sequence.AskedTokens);
            if (read > 0) model.Forward(session, chat.Ids.AsSpan(0, read), TokenPhase.Reading, null, cancellation);
        }
        for (int i = 0; i < hits.Length; i++)
        {
            int position = chat.AnswerPositions[i];
            model.Forward(session, chat.Ids.AsSpan(read, position - read), cancellation);
            read = position;
            hits[i] = session.Logits.ArgMax() == chat.Ids[position];
        }
        return hits;
    }
}
